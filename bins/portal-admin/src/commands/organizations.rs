//! `portal-admin org …`

use clap::Subcommand;
use portal_domain::organizations::{
    NewOrganization, OrganizationName, OrganizationStatus, Slug, create, set_status,
};
use portal_domain::values::TimeZone;

use crate::answer::Answer;
use crate::context::Context;
use crate::values::{OrganizationArg, OrganizationRef};
use crate::views::organizations::OrganizationView;

/// What is done with organizations.
#[derive(Debug, Subcommand)]
pub(crate) enum OrganizationCommand {
    /// Create an organization
    Create {
        /// Its name as people write it
        #[arg(long)]
        name: OrganizationName,
        /// Its name in commands, unique [default: made from the name]
        #[arg(long)]
        slug: Option<Slug>,
        /// Where its days begin and end: an IANA time zone
        #[arg(long, default_value_t = TimeZone::UTC)]
        timezone: TimeZone,
    },
    /// List all organizations, by name
    List,
    /// Keep an organization's people out, those who are signed in too, until it is enabled again
    Disable(OrganizationArg),
    /// Let an organization's people in again
    Enable(OrganizationArg),
}

impl OrganizationCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Answer> {
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
                    .transact_system(async |op| create(op, new).await)
                    .await?;
                Ok(Answer::record(OrganizationView::from(created)))
            }
            Self::List => {
                let organizations = context.system_reader().await?.organizations().await?;
                Ok(Answer::list(
                    organizations.into_iter().map(OrganizationView::from),
                ))
            }
            Self::Disable(OrganizationArg { organization }) => {
                set(context, &organization, OrganizationStatus::Disabled).await
            }
            Self::Enable(OrganizationArg { organization }) => {
                set(context, &organization, OrganizationStatus::Active).await
            }
        }
    }
}

async fn set(
    context: &Context,
    organization: &OrganizationRef,
    status: OrganizationStatus,
) -> anyhow::Result<Answer> {
    let id = context.organization(organization).await?.id;
    let changed = context
        .transact_system(async |op| set_status(op, id, status).await)
        .await?;
    Ok(Answer::record(OrganizationView::from(changed)))
}
