//! A database for each test.

use std::path::PathBuf;

use portal_persistence::{Database, DatabaseConfig, Target};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// A migrated file that is copied for each test, which takes a fraction of migrating anew.
static TEMPLATE: OnceCell<(TempDir, PathBuf)> = OnceCell::const_new();

/// A migrated, empty SQLite database in a folder of its own.
pub struct TestDatabase {
    /// The database as the portal has it.
    pub database: Database,
    /// The database as an operator has it: with the right to create and change organizations.
    pub operator: Database,
    /// Where its file is.
    pub path: PathBuf,
    _folder: TempDir,
}

impl TestDatabase {
    /// A new one.
    pub async fn create() -> Self {
        let (_, template) = TEMPLATE.get_or_init(template).await;
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("portal.db");
        std::fs::copy(template, &path).expect("a copy of the template");
        let database = open(path.clone());
        Self {
            operator: database.clone(),
            database,
            path,
            _folder: folder,
        }
    }
}

fn open(path: PathBuf) -> Database {
    Database::open(DatabaseConfig::new(Target::Sqlite(path))).expect("a database")
}

async fn template() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("template.db");
    // Migrating uses a connection of its own and closes it, so that all is in this one file.
    open(path.clone()).migrate().await.expect("migrations");
    (folder, path)
}
