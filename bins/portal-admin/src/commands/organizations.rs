//! `portal-admin org …`

use clap::Subcommand;
use portal_domain::organizations::{
    NewOrganization, OrganizationName, OrganizationStatus, Slug, create, set_status,
};
use portal_domain::values::TimeZone;

use crate::context::Context;
use crate::output::Output;
use crate::values::OrganizationArg;
use crate::views::organizations::OrganizationView;

/// Commands on organizations.
#[derive(Debug, Subcommand)]
pub(crate) enum OrganizationCommand {
    /// Create an organization
    Create {
        /// Its display name
        #[arg(long)]
        name: OrganizationName,
        /// Its unique name for commands [default: made from the name]
        #[arg(long)]
        slug: Option<Slug>,
        /// Its IANA time zone
        #[arg(long, default_value_t = TimeZone::UTC)]
        timezone: TimeZone,
    },
    /// List all organizations, by name
    List,
    /// Lock out an organization's users, including those who are signed in
    Disable(OrganizationArg),
    /// Let an organization's users sign in again
    Enable(OrganizationArg),
}

impl OrganizationCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        match self {
            Self::Create {
                name,
                slug,
                timezone,
            } => {
                let new = NewOrganization {
                    name,
                    slug,
                    time_zone: timezone,
                };
                let created = context
                    .transact_system(async |op| Ok(create(op, new).await?))
                    .await?;
                Output::record(&OrganizationView::from(created))
            }
            Self::List => {
                let reader = context.store().system_reader().await?;
                let views = reader.organizations().await?.into_iter();
                Output::list(OrganizationView::COLUMNS, views.map(OrganizationView::from))
            }
            Self::Disable(of) => set(context, &of, OrganizationStatus::Disabled).await,
            Self::Enable(of) => set(context, &of, OrganizationStatus::Active).await,
        }
    }
}

async fn set(
    context: &Context,
    of: &OrganizationArg,
    status: OrganizationStatus,
) -> anyhow::Result<Output> {
    let id = context.organization(of).await?.id;
    let changed = context
        .transact_system(async |op| Ok(set_status(op, id, status).await?))
        .await?;
    Output::record(&OrganizationView::from(changed))
}
