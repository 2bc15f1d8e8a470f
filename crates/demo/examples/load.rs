//! Loads the demo data into a temporary folder, and shows who is there.
//!
//! Try `cargo run -p portal-demo --example load`.
#![expect(clippy::print_stdout, reason = "printing is all it does")]

use std::error::Error;
use std::sync::Arc;

use portal_domain::environment::SystemEnvironment;
use portal_domain::files::{FileDepot, FileLimits};
use portal_files::ObjectFiles;
use portal_persistence::{Database, DatabaseConfig, Target};

/// No password has this hash, so nobody can sign in; `portal-auth` makes real ones.
const NO_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let target = Target::Sqlite(folder.path().join("portal.db"));
    let database = Database::open(DatabaseConfig::new(target))?;
    database.migrate().await?;

    let files = FileDepot {
        store: Arc::new(ObjectFiles::in_folder(&folder.path().join("files"))?),
        scanner: None,
        limits: FileLimits::DEFAULT,
    };
    let report = portal_demo::load(&database, &files, &SystemEnvironment, NO_PASSWORD).await?;
    println!("loaded: {}", report.loaded);
    for sign_in in &report.sign_ins {
        println!("{sign_in}");
    }
    Ok(())
}
