//! Migrations that wait, and databases that cannot be migrated.

use std::time::{Duration, Instant};

use portal_persistence::{Access, Database, DatabaseConfig, Logins, MigrationError, Target};
use portal_system_tests::postgres::PostgresServer;

use crate::world::open;

fn impatient(logins: Logins) -> Database {
    let config = DatabaseConfig {
        access: Access::Operate,
        migration_patience: Duration::from_millis(300),
        ..DatabaseConfig::new(Target::Postgres(logins))
    };
    Database::open(config).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_utf8_is_refused() {
    let server = PostgresServer::start();
    for encoding in ["WIN1252", "LATIN1", "SQL_ASCII"] {
        let name = encoding.to_lowercase();
        server.address().sql(
            "postgres",
            &format!(
                "CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'
                 ENCODING '{encoding}'"
            ),
        );
        let database = open(Logins::single(server.address().url(&name)), Access::Serve);
        for error in [
            database.pending_migrations().await.unwrap_err(),
            database.migrate().await.unwrap_err(),
        ] {
            assert!(
                matches!(&error, MigrationError::Encoding(found) if found == encoding),
                "{error}"
            );
            assert!(error.to_string().contains("UTF8"), "{error}");
        }
        let tables = "SELECT count(*) FROM pg_class WHERE relname LIKE '%portal%'";
        assert_eq!(server.address().sql(&name, tables), "0");
    }
}

const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted";

async fn locks_are(server: &PostgresServer, count: &str) {
    while server.address().sql("portal", LOCKS) != count {
        tokio::task::yield_now().await;
    }
}

/// As the release before takes it, for a session.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_stays_is_waited_for_only_so_long() {
    let server = PostgresServer::start();
    server.address().sql("postgres", "CREATE DATABASE portal");
    let address = server.address().clone();
    let holder = std::thread::spawn(move || {
        let hold = "SELECT pg_advisory_lock(123623963910508), pg_sleep(600)";
        address.try_sql("portal", hold)
    });
    locks_are(&server, "1").await;
    let database = impatient(Logins::single(server.address().url("portal")));
    let start = Instant::now();
    let error = database.migrate().await.unwrap_err();
    assert!(matches!(error, MigrationError::Locked(_)), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10));

    let end = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'";
    server.address().sql("portal", end);
    holder.join().unwrap().unwrap_err();
    locks_are(&server, "0").await;
    assert!(!database.migrate().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_leaves_no_lock_behind() {
    let server = PostgresServer::start();
    server.address().sql("postgres", "CREATE DATABASE portal");
    let database = open(
        Logins::single(server.address().url("portal")),
        Access::Operate,
    );
    database.migrate().await.unwrap();
    assert_eq!(server.address().sql("portal", LOCKS), "0");
}
