//! `portal-admin migrate`

use portal_settings::AdminSettings;
use serde::Serialize;

use crate::context::open;
use crate::output::Output;

/// The result of `migrate`.
#[derive(Debug, Serialize)]
struct Migrated {
    /// The names of the migrations, in order; none when nothing was missing.
    applied: Vec<String>,
}

/// Creates the database or brings its tables up to date.
pub(crate) async fn run(settings: &AdminSettings) -> anyhow::Result<Output> {
    let applied = open(&settings.database).await?.migrate().await?;
    let text = match applied.as_slice() {
        [] => "The database is up to date.\n".to_owned(),
        names => format!("applied {}\n", names.join("\napplied ")),
    };
    Output::prose(&Migrated { applied }, text)
}
