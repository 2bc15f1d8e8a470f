//! What a pool with too few connections does, on SQLite.

use std::time::Duration;

use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::OrganizationId;
use portal_domain::store::{SharedStore as _, StorageError, TenantScope, TenantStore as _};
use portal_persistence::{Database, DatabaseConfig, Logins, MigrationError, Target};

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::Sqlite(folder.path().join("portal.db"));
    let timeout = Duration::from_secs(1);
    let config = DatabaseConfig {
        pool_size: 1,
        timeout,
        ..DatabaseConfig::new(target)
    };
    let database = Database::open(config).unwrap();
    database.migrate().await.unwrap();
    let scope = TenantScope::of(OrganizationId::generate(&SystemEnvironment));

    let first = database.begin(scope).await.unwrap();
    assert_eq!(
        (
            database.pool_status().size,
            database.pool_status().available
        ),
        (1, 0)
    );
    assert!(matches!(
        database.reader(scope).await,
        Err(StorageError::Unavailable(_))
    ));
    assert!(matches!(
        database.ping().await,
        Err(StorageError::Unavailable(_))
    ));
    first.rollback().await.unwrap();
    assert_eq!(database.pool_status().available, 1);
    database.ping().await.unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable() {
    // a port that was free a moment ago
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("postgres://portal@127.0.0.1:{port}/portal");
    let database =
        Database::open(DatabaseConfig::new(Target::Postgres(Logins::single(url)))).unwrap();
    assert!(matches!(
        database.ping().await,
        Err(StorageError::Unavailable(_))
    ));
    assert!(matches!(
        database.migrate().await,
        Err(MigrationError::Storage(StorageError::Unavailable(_)))
    ));
}
