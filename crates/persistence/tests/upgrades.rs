//! Databases that earlier releases made, brought up to date by this one, on SQLite. The same on
//! PostgreSQL, and the release before on the new schema, are in `crates/system-tests`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use portal_domain::store::StorageError;
use portal_persistence::{Database, DatabaseConfig, MigrationError, Target};
use portal_test_support::releases::{Contents, Fixture, Inspect, SqliteFile, assert_readable};
use tempfile::TempDir;

fn database(file: &SqliteFile) -> Database {
    let target = Target::Sqlite(file.path().to_owned());
    Database::open(DatabaseConfig::new(target)).unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The schema of a database that this release made from nothing.
async fn new_schema() -> Vec<String> {
    let folder = folder();
    let file = SqliteFile::at(folder.path().join("new.db"));
    database(&file).migrate().await.unwrap();
    file.schema()
}

fn assert_consistent(file: &SqliteFile) {
    let broken = file.query("SELECT \"table\" FROM pragma_foreign_key_check");
    assert_eq!(broken, [""; 0], "foreign keys");
    let problems = file.query("SELECT integrity_check FROM pragma_integrity_check");
    assert_eq!(problems, ["ok"]);
}

#[test]
fn fixtures_are_full_of_data() {
    for fixture in Fixture::all() {
        let folder = folder();
        let file = fixture.sqlite(&folder.path().join("portal.db"));
        let gaps = (&file as &dyn Inspect).gaps();
        assert_eq!(gaps, [""; 0], "the fixture {} lacks", fixture.release());
        assert_consistent(&file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_loses_nothing() {
    for fixture in Fixture::all() {
        let folder = folder();
        let before = fixture.sqlite(&folder.path().join("before.db"));
        let file = fixture.sqlite(&folder.path().join("portal.db"));
        let database = database(&file);
        let pending = database.pending_migrations().await.unwrap();
        assert_eq!(database.migrate().await.unwrap(), pending);

        Contents::of(&before).assert_kept_in(&file);
        assert_consistent(&file);
        assert_readable(&database, &before).await;
    }
}

#[tokio::test]
async fn an_upgraded_database_is_like_a_new_one() {
    let new = new_schema().await;
    for fixture in Fixture::all() {
        let folder = folder();
        let file = fixture.sqlite(&folder.path().join("portal.db"));
        database(&file).migrate().await.unwrap();
        assert_eq!(file.schema(), new, "since {}", fixture.release());
    }
}

#[tokio::test]
async fn upgrading_again_changes_nothing() {
    for fixture in Fixture::all() {
        let folder = folder();
        let file = fixture.sqlite(&folder.path().join("portal.db"));
        let database = database(&file);
        database.migrate().await.unwrap();
        let (schema, contents) = (file.schema(), Contents::of(&file));
        assert_eq!(database.migrate().await.unwrap(), [""; 0]);
        assert_eq!(file.schema(), schema);
        assert_eq!(Contents::of(&file), contents);
    }
}

/// A database to be upgraded: a fixture, or an empty one, to which every migration is new.
fn start(fixture: Option<&Fixture>, folder: &Path) -> SqliteFile {
    let path = folder.join("portal.db");
    if let Some(fixture) = fixture {
        return fixture.sqlite(&path);
    }
    let template = Fixture::of_previous_release().sqlite(&folder.join("template.db"));
    let file = SqliteFile::at(path);
    // as the first step of migrating does
    let table = "SELECT sql FROM sqlite_master WHERE name = '__diesel_schema_migrations'";
    file.execute(&template.query(table).concat());
    file
}

#[tokio::test]
async fn an_upgrade_that_is_interrupted_has_never_happened_and_can_be_tried_again() {
    let new = new_schema().await;
    let fixtures = Fixture::all();
    for fixture in fixtures.iter().map(Some).chain([None]) {
        let empty = folder();
        let probe = database(&start(fixture, empty.path()));
        let pending = probe.pending_migrations().await.unwrap();
        for name in &pending {
            let folder = folder();
            let file = start(fixture, folder.path());
            let (schema, contents) = (file.schema(), Contents::of(&file));
            let database = database(&file);
            let (version, _) = name.split_once('_').unwrap();
            file.execute(&format!(
                "CREATE TRIGGER interruption BEFORE INSERT ON __diesel_schema_migrations
                 WHEN NEW.version = '{version}'
                 BEGIN SELECT RAISE(ABORT, 'interrupted'); END"
            ));
            let interrupted = database.migrate().await;
            assert!(
                matches!(
                    interrupted,
                    Err(MigrationError::Storage(StorageError::Query(_)))
                ),
                "{name}"
            );
            file.execute("DROP TRIGGER interruption");
            assert_eq!(file.schema(), schema, "{name}");
            assert_eq!(Contents::of(&file), contents, "{name}");

            assert_eq!(database.migrate().await.unwrap(), pending, "{name}");
            assert_eq!(file.schema(), new, "{name}");
            contents.assert_kept_in(&file);
        }
    }
}
