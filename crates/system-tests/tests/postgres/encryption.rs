//! Encrypted connections.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::poll;
use portal_domain::devices::DeviceFilter;
use portal_domain::environment::SystemEnvironment;
use portal_domain::pagination::PageRequest;
use portal_domain::store::{SharedStore as _, StorageError, TenantScope, TenantStore as _};
use portal_persistence::{Access, Logins};
use portal_system_tests::postgres::PostgresServer;
use portal_test_support::fixtures;

use crate::world::open;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_shows_a_certificate_for_its_name_by_an_authority() {
    let server = PostgresServer::with_tls();
    server.address().sql("postgres", "CREATE DATABASE portal");
    let plain = server.address().url("portal");
    let authority = server.authority().unwrap().display().to_string();
    let by_name = plain.replace("127.0.0.1", "localhost");
    open(Logins::single(plain.clone()), Access::Serve)
        .migrate()
        .await
        .unwrap();

    for (address, is_fine) in [
        (
            format!("{plain}?sslmode=require&sslrootcert={authority}"),
            true,
        ),
        (
            format!("{plain}?sslmode=verify-full&sslrootcert={authority}"),
            true,
        ),
        (format!("{plain}?sslmode=require"), false),
        (
            format!("{by_name}?sslmode=require&sslrootcert={authority}"),
            false,
        ),
    ] {
        let database = open(Logins::single(address.clone()), Access::Serve);
        let found = database.ping().await;
        if is_fine {
            found.unwrap();
            let plain_connections = server.address().sql(
                "portal",
                "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                 WHERE NOT ssl AND application_name = 'portal'",
            );
            assert_eq!(plain_connections, "0", "{address}");
        } else {
            assert!(
                matches!(found, Err(StorageError::Unavailable(_))),
                "{address}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_cancelled_at_an_encrypted_server() {
    let server = PostgresServer::with_tls();
    let sql = |sql: &str| server.address().sql("portal", sql);
    server.address().sql("postgres", "CREATE DATABASE portal");
    let url = format!(
        "{}?sslmode=verify-full&sslrootcert={}",
        server.address().url("portal"),
        server.authority().unwrap().display()
    );
    let operator = open(Logins::single(url.clone()), Access::Operate);
    operator.migrate().await.unwrap();
    let env = SystemEnvironment;
    let organization = fixtures::organization(&operator, &env, "acme").await;
    let scope = TenantScope::of(organization.id);
    fixtures::device(&operator, &env, scope, fixtures::device_record("printer")).await;
    sql("CREATE POLICY slow ON devices AS RESTRICTIVE USING (pg_sleep(600) IS NOT NULL)");
    let is_searching = || {
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        sql(sleeping) != "0"
    };

    let database = open(Logins::single(url), Access::Serve);
    let reader = database.reader(scope).await.unwrap();
    {
        let words = "nowhere".parse().unwrap();
        let filter = DeviceFilter {
            words: Some(&words),
            ..DeviceFilter::default()
        };
        let mut search = pin!(reader.devices(filter, PageRequest::default()));
        while !is_searching() {
            assert!(poll!(&mut search).is_pending());
        }
    }
    drop(reader);
    let start = Instant::now();
    while is_searching() {
        // The server's own limit is 3 seconds.
        assert!(start.elapsed() < Duration::from_secs(2));
    }
}
