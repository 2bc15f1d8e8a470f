//! How a schema comes about, on SQLite.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use futures_util::future::join_all;
use portal_persistence::{Database, DatabaseConfig, OpenError, Target};

fn database(path: &Path) -> Database {
    Database::open(DatabaseConfig::new(Target::Sqlite(path.to_owned()))).unwrap()
}

#[tokio::test]
async fn migrating_again_finds_nothing_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(&folder.path().join("new/folder/portal.db"));
    let pending = database.pending_migrations().await.unwrap();
    assert_eq!(pending.first().map(String::as_str), Some("0001_initial"));
    assert_eq!(database.migrate().await.unwrap(), pending);
    assert_eq!(database.pending_migrations().await.unwrap(), [""; 0]);
    assert_eq!(database.migrate().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_start_at_once_one_migrates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    let databases: Vec<_> = (0..8).map(|_| database(&path)).collect();
    let migrated = join_all(databases.iter().map(Database::migrate)).await;
    let working = migrated
        .into_iter()
        .map(Result::unwrap)
        .filter(|names| !names.is_empty());
    assert_eq!(working.count(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_reported_when_opening() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let config = DatabaseConfig::new(Target::Sqlite(file.path().join("portal.db")));
    assert!(matches!(Database::open(config), Err(OpenError::Folder(_))));
}

#[test]
fn outside_of_a_runtime_nothing_is_opened() {
    let config = DatabaseConfig::new(Target::Sqlite("portal.db".into()));
    assert!(matches!(
        Database::open(config),
        Err(OpenError::NoRuntime(_))
    ));
}
