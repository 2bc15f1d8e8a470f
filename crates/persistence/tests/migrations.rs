//! How a schema comes about, on SQLite.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use futures_util::future::join_all;
use portal_domain::store::{SharedStore as _, StorageError};
use portal_persistence::{Database, DatabaseConfig, MigrationError, OpenError, Target};

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

/// Another process, which has begun to write.
fn writer(path: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(&path.display().to_string()).unwrap();
    conn.batch_execute("BEGIN IMMEDIATE").unwrap();
    conn
}

#[tokio::test]
async fn a_file_that_stays_locked_is_waited_for_only_so_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    let patience = Duration::from_millis(50);
    let database = Database::open(DatabaseConfig {
        migration_patience: patience,
        ..DatabaseConfig::new(Target::Sqlite(path.clone()))
    })
    .unwrap();
    // Makes the file, with its write-ahead log.
    assert_ne!(database.pending_migrations().await.unwrap(), [""; 0]);
    let other = writer(&path);
    let error = database.migrate().await.unwrap_err();
    assert!(matches!(error, MigrationError::Locked(_)), "{error}");
    drop(other);
    assert_ne!(database.migrate().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_can_write_to_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    let database = database(&path);
    database.migrate().await.unwrap();
    database.ping().await.unwrap();
    let other = writer(&path);
    let error = database.ping().await.unwrap_err();
    assert!(matches!(error, StorageError::Unavailable(_)), "{error}");
    drop(other);
    database.ping().await.unwrap();
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
