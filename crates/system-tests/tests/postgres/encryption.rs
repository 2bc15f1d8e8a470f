//! Encrypted connections.

use portal_domain::store::{SharedStore as _, StorageError};
use portal_persistence::{Access, Logins};
use portal_system_tests::postgres::PostgresServer;

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
