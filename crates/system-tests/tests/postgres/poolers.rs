//! Connection poolers between the portal and the server.

use futures_util::future::try_join_all;
use portal_domain::access::{self, Claims};
use portal_domain::store::{SharedStore as _, Store as _};
use portal_persistence::{Access, Logins, PoolerError};
use portal_system_tests::pgbouncer::PgBouncer;
use portal_system_tests::postgres::PostgresServer;
use portal_test_support::postgres::PostgresAddress;

use crate::logins::{THREE, logins, prepared};
use crate::world::{Failure, open, signed_in, submit};

/// A server with a database that is up to date.
async fn migrated() -> PostgresServer {
    let server = prepared();
    let direct = logins(server.address(), THREE);
    open(direct, Access::Serve).migrate().await.unwrap();
    server
}

async fn check(address: &PostgresAddress, names: [&str; 3]) -> Result<(), PoolerError> {
    let database = open(logins(address, names), Access::Serve);
    database.check_pooler().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_mixes_up_statements_is_refused() {
    let server = migrated().await;
    for settings in [
        "pool_mode = transaction",
        "pool_mode = transaction\ndefault_pool_size = 1",
        "pool_mode = transaction\nserver_round_robin = 1\nmin_pool_size = 5",
    ] {
        let pooler = PgBouncer::start(&server, settings);
        for _ in 0..2 {
            let found = check(pooler.address(), THREE).await;
            assert!(
                matches!(found, Err(PoolerError::PreparedStatements)),
                "{settings}: {found:?}"
            );
        }
        let operator = Logins::single(pooler.address().url_as("portal_owner", "portal"));
        let found = open(operator, Access::Operate).check_pooler().await;
        assert!(
            matches!(found, Err(PoolerError::PreparedStatements)),
            "{settings}: {found:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_pooler_and_in_session_mode_one_login_may_do() {
    let server = migrated().await;
    let pooler = PgBouncer::start(&server, "pool_mode = session");
    for address in [server.address(), pooler.address()] {
        check(address, THREE).await.unwrap();
        check(address, ["postgres"; 3]).await.unwrap();
    }
}

async fn work(logins: &Logins, claims: &Claims) -> Result<usize, Failure> {
    let database = open(logins.clone(), Access::Serve);
    for _ in 0..10 {
        submit(&database, claims).await?;
        let email = "ada@acme.example".parse()?;
        let system = database.system_reader().await?;
        assert_eq!(system.sign_in_candidates(&email, None).await?.len(), 1);
    }
    let users = access::read(&database, claims, None, async |reader| {
        reader.users().await.map_err(Failure::from)
    });
    Ok(users.await?.1.len())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "Debian's PgBouncer may be older than 1.21: `just pooler PROGRAM`"]
async fn a_pooler_that_keeps_statements_apart_does_all_the_work() {
    for settings in [
        "pool_mode = transaction\nmax_prepared_statements = 200",
        "pool_mode = transaction\nmax_prepared_statements = 200\ndefault_pool_size = 2",
    ] {
        let server = prepared();
        let pooler = PgBouncer::newer(&server, settings);
        let through = logins(pooler.address(), THREE);
        let first = open(through.clone(), Access::Serve);
        first.check_pooler().await.unwrap();
        let pending = first.pending_migrations().await.unwrap();
        assert_eq!(first.migrate().await.unwrap(), pending);
        first.check_isolation(true).await.unwrap();
        first.ping().await.unwrap();
        // The lock did not stay behind.
        let direct = open(logins(server.address(), THREE), Access::Serve);
        assert_eq!(direct.migrate().await.unwrap(), [""; 0]);

        let claims = signed_in(through.clone(), "Acme").await;
        let portals = (0..3).map(|_| work(&through, &claims));
        assert_eq!(try_join_all(portals).await.unwrap(), [1, 1, 1]);

        let shared = check(pooler.address(), ["postgres"; 3]).await;
        assert!(
            matches!(&shared, Err(PoolerError::SharedLogin(login)) if login == "postgres"),
            "{shared:?}"
        );
        let off = "pool_mode = transaction\nmax_prepared_statements = 0";
        let off = PgBouncer::newer(&server, off);
        let found = check(off.address(), THREE).await;
        assert!(
            matches!(found, Err(PoolerError::PreparedStatements)),
            "{found:?}"
        );
    }
}
