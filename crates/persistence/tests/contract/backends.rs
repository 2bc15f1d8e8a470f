//! A new database for each case.

use portal_persistence::{Database, DatabaseConfig, Target};
use tempfile::TempDir;

/// A migrated database that goes with this value.
pub(crate) struct TestDatabase {
    pub(crate) store: Database,
    _folder: Option<TempDir>,
}

/// With fewer connections than the cases use one after another, so that none gets lost unnoticed.
const POOL_SIZE: usize = 3;

async fn migrated(target: Target, folder: Option<TempDir>) -> TestDatabase {
    let config = DatabaseConfig {
        pool_size: POOL_SIZE,
        ..DatabaseConfig::new(target)
    };
    let store = Database::open(config).unwrap();
    store.migrate().await.unwrap();
    TestDatabase {
        store,
        _folder: folder,
    }
}

/// SQLite in a temporary file.
pub(crate) async fn on_sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().unwrap();
    migrated(
        Target::Sqlite(folder.path().join("portal.db")),
        Some(folder),
    )
    .await
}
