//! `portal-admin files …`

use clap::Subcommand;
use portal_domain::files::{check, repair};
use portal_domain::ids::{FileId, OrganizationId};
use serde::Serialize;

use crate::context::Context;
use crate::output::Output;

/// Commands on files.
#[derive(Debug, Subcommand)]
pub(crate) enum FilesCommand {
    /// Compare the files in the database with those in the store
    ///
    /// Lists for each organization how many files there are, those whose bytes are lost, and bytes
    /// that belong to no file. The server may run meanwhile.
    Check {
        /// Remove what belongs to no file, and no longer offer what is lost
        #[arg(long)]
        repair: bool,
    },
}

/// What was found in an organization.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckView {
    organization: String,
    org_id: OrganizationId,
    files: usize,
    lost: Vec<FileId>,
    orphans: Vec<FileId>,
    repaired: bool,
}

impl FilesCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        let Self::Check { repair: mends } = self;
        let depot = context.settings.files.open()?;
        let (store, files) = (context.store(), &*depot.store);
        let organizations = store.system_reader().await?.organizations().await?;
        let mut views = Vec::new();
        for organization in organizations {
            let id = organization.id;
            let found = check(store, files, context.env(), id).await?;
            let is_whole = found.lost.is_empty() && found.orphans.is_empty();
            if mends && !is_whole {
                repair(store, files, context.env(), id, &found).await?;
            }
            views.push(CheckView {
                organization: organization.slug.to_string(),
                org_id: id,
                files: found.files,
                lost: found.lost,
                orphans: found.orphans,
                repaired: mends && !is_whole,
            });
        }
        let columns = &["organization", "files", "lost", "orphans", "repaired"];
        Output::list(columns, views)
    }
}
