//! `portal-admin audit …`

use chrono::{DateTime, Utc};
use clap::{Subcommand, value_parser};
use portal_domain::audit::{AuditAction, AuditFilter};
use portal_domain::timestamp;

use crate::context::Context;
use crate::output::Output;
use crate::values::OrganizationArg;
use crate::views::audit::AuditEntryView;

/// Commands on the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List the entries of an organization's audit log, newest first
    List {
        #[command(flatten)]
        of: OrganizationArg,
        /// Only this action, such as portal.ticket.create
        #[arg(long)]
        action: Option<AuditAction>,
        /// Only entries from this moment on, in RFC 3339
        #[arg(long, value_name = "TIME", value_parser = timestamp::parse)]
        since: Option<DateTime<Utc>>,
        /// The maximum number of entries
        #[arg(long, default_value_t = 50, value_parser = value_parser!(u32).range(1..))]
        limit: u32,
    },
}

impl AuditCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        let Self::List {
            of,
            action,
            since,
            limit,
        } = self;
        let filter = AuditFilter { action, since };
        let reader = context.reader(&of).await?;
        let entries = reader.audit_entries(&filter, limit).await?.into_iter();
        Output::list(AuditEntryView::COLUMNS, entries.map(AuditEntryView::from))
    }
}
