//! `portal-admin migrate`

use portal_settings::AdminSettings;
use serde::Serialize;

use crate::answer::Answer;
use crate::context::open;

/// What was done.
#[derive(Debug, Serialize)]
struct Migrated {
    /// The names of the migrations, in order; none when nothing was missing.
    applied: Vec<String>,
}

/// Creates the database or brings its tables up to date.
pub(crate) async fn run(settings: &AdminSettings) -> anyhow::Result<Answer> {
    let applied = open(&settings.database)?.migrate().await?;
    let text = match applied.as_slice() {
        [] => "The database is up to date.\n".to_owned(),
        names => format!("applied {}\n", names.join("\napplied ")),
    };
    Ok(Answer::prose(Migrated { applied }, text))
}
