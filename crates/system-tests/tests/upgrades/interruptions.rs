//! Upgrades that are interrupted: by a failure in each of the migrations, and by the end of the
//! program that migrates.

use std::path::Path;

use portal_domain::store::StorageError;
use portal_persistence::{Database, DatabaseConfig, MigrationError, Target};
use portal_test_support::program::Launch;
use portal_test_support::releases::{Contents, Fixture, Inspect, SqliteFile};
use tempfile::tempdir;

use crate::eventually;
use crate::postgres::Postgres;
use portal_system_tests::build::portal_server;

/// Where upgrades start: every fixture, and an empty database, to which every migration is new.
fn starts(fixtures: &[Fixture]) -> impl Iterator<Item = Option<&Fixture>> {
    fixtures.iter().map(Some).chain([None])
}

fn on_postgres(start: Option<&Fixture>) -> Postgres {
    if let Some(fixture) = start {
        return Postgres::with(fixture);
    }
    let database = Postgres::empty();
    // as the first step of migrating does
    database.sql(
        "CREATE TABLE __diesel_schema_migrations (
            version varchar(50) PRIMARY KEY NOT NULL,
            run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
         );
         ALTER TABLE __diesel_schema_migrations OWNER TO portal_owner",
    );
    database
}

/// Has a statement run on PostgreSQL when a migration is done and not yet noted.
fn interrupt_on_postgres(database: &Postgres, migration: &str, statement: &str) {
    database.sql(&format!(
        "CREATE SCHEMA test;
         CREATE FUNCTION test.interrupt() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {statement}; RETURN NEW; END
         $$;
         CREATE TRIGGER interruption BEFORE INSERT ON __diesel_schema_migrations
            FOR EACH ROW WHEN (NEW.version = '{}') EXECUTE FUNCTION test.interrupt()",
        version(migration)
    ));
}

fn interrupt_no_more_on_postgres(database: &Postgres) {
    database.sql(
        "DROP TRIGGER interruption ON __diesel_schema_migrations;
         DROP FUNCTION test.interrupt();
         DROP SCHEMA test",
    );
}

fn version(migration: &str) -> &str {
    migration.split('_').next().unwrap_or_default()
}

async fn new_schema_on_postgres() -> String {
    let new = Postgres::empty();
    new.open().migrate().await.unwrap();
    new.schema()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_on_postgres_can_be_tried_again() {
    let new = new_schema_on_postgres().await;
    let fixtures = Fixture::all();
    for start in starts(&fixtures) {
        let pending = on_postgres(start).open().pending_migrations().await;
        let pending = pending.unwrap();
        for migration in &pending {
            let file = on_postgres(start);
            let contents = Contents::of(&file);
            interrupt_on_postgres(&file, migration, "RAISE EXCEPTION 'interrupted'");
            let database = file.open();
            let failure = database.migrate().await;
            assert!(
                matches!(
                    failure,
                    Err(MigrationError::Storage(StorageError::Query(_)))
                ),
                "{migration}"
            );
            interrupt_no_more_on_postgres(&file);

            let left = database.pending_migrations().await.unwrap();
            assert_eq!(
                left, pending,
                "{migration}: those before it are undone as well"
            );
            contents.assert_kept_in(&file);
            assert_eq!(database.migrate().await.unwrap(), left);
            contents.assert_kept_in(&file);
            assert!(file.schema() == new, "{migration}: another schema");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_it_migrates_postgres_leaves_what_can_be_upgraded() {
    let new = new_schema_on_postgres().await;
    let fixtures = Fixture::all();
    for start in starts(&fixtures) {
        let file = on_postgres(start);
        let pending = file.open().pending_migrations().await.unwrap();
        let Some(migration) = pending.last() else {
            continue;
        };
        let contents = Contents::of(&file);
        interrupt_on_postgres(&file, migration, "PERFORM pg_sleep(600)");
        let folder = tempdir().unwrap();
        let launch = Launch::new(portal_server(), folder.path())
            .set("DATABASE_URL", file.url_as("portal_app"))
            .set("DATABASE_SYSTEM_URL", file.url_as("portal_system"))
            .set("DATABASE_OWNER_URL", file.url_as("portal_owner"))
            .set("DATABASE_TIMEOUT_MS", "600000");
        let killed = launch.spawn();
        let asleep = "SELECT pid FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event = 'PgSleep'";
        let session = eventually("a migration under way", || file.query(asleep).pop());
        drop(killed);
        // as keepalives do once the machine is gone
        file.sql(&format!("SELECT pg_terminate_backend({session})"));
        eventually("the end of the session", || {
            file.query(asleep).is_empty().then_some(())
        });
        interrupt_no_more_on_postgres(&file);

        contents.assert_kept_in(&file);
        let left = file.open().pending_migrations().await.unwrap();
        assert_eq!(left.last(), Some(migration));
        assert_eq!(file.open().migrate().await.unwrap(), left);
        contents.assert_kept_in(&file);
        assert!(file.schema() == new, "another schema");
        let server = launch.start().await;
        let ready = server.client().get("//readyz").await.unwrap();
        assert_eq!(ready.status, 200);
    }
}

fn on_sqlite(start: Option<&Fixture>, folder: &Path) -> SqliteFile {
    let path = folder.join("portal.db");
    if let Some(fixture) = start {
        return fixture.sqlite(&path);
    }
    let template = Fixture::of_previous_release().sqlite(&folder.join("template.db"));
    let file = SqliteFile::at(path);
    let table = "SELECT sql FROM sqlite_master WHERE name = '__diesel_schema_migrations'";
    file.execute(&template.query(table).concat());
    file
}

/// On SQLite, a failure in each of the migrations is tested in `crates/persistence`.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_it_migrates_sqlite_leaves_what_can_be_upgraded() {
    let fixtures = Fixture::all();
    for start in starts(&fixtures) {
        let folder = tempdir().unwrap();
        let file = on_sqlite(start, folder.path());
        let launch =
            Launch::new(portal_server(), folder.path()).set("DATABASE_URL", "sqlite://portal.db");
        let (schema, contents) = (file.schema(), Contents::of(&file));
        let target = Target::Sqlite(file.path().to_owned());
        let database = Database::open(DatabaseConfig::new(target)).unwrap();
        let pending = database.pending_migrations().await.unwrap();
        let Some(migration) = pending.last() else {
            continue;
        };
        // This counts for years.
        let tables = ('a'..'m').map(|name| format!("sqlite_master AS {name}"));
        let tables = tables.collect::<Vec<_>>().join(", ");
        file.execute(&format!(
            "CREATE TRIGGER interruption BEFORE INSERT ON __diesel_schema_migrations
             WHEN NEW.version = '{}' BEGIN SELECT count(*) FROM {tables}; END",
            version(migration)
        ));
        let killed = launch.spawn();
        eventually("a migration under way", || file.is_locked().then_some(()));
        drop(killed);
        file.execute("DROP TRIGGER interruption");
        assert_eq!(file.schema(), schema);
        assert_eq!(Contents::of(&file), contents);

        assert_eq!(database.migrate().await.unwrap(), pending);
        contents.assert_kept_in(&file);
        let server = launch.start().await;
        let ready = server.client().get("//readyz").await.unwrap();
        assert_eq!(ready.status, 200);
    }
}
