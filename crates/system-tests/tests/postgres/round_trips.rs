//! How often a request waits for the server.
//!
//! All on one thread: what is asked for at once then reaches the proxy at once.

use std::time::Duration;

use portal_domain::access::{self, Claims};
use portal_domain::branding::Feature;
use portal_domain::pagination::PageRequest;
use portal_domain::store::Store as _;
use portal_domain::tickets::TicketFilter;
use portal_persistence::{Database, DatabaseConfig, Logins, Target};
use portal_system_tests::postgres;
use portal_test_support::postgres::PostgresDatabase;

use crate::proxy::Proxy;
use crate::world::{Failure, signed_in, submit};

/// A signed-in user with a ticket, and a database of one connection whose way is watched.
struct Watched {
    proxy: Proxy,
    database: Database,
    config: DatabaseConfig,
    claims: Claims,
    _files: PostgresDatabase,
}

impl Watched {
    async fn create() -> Self {
        let files = postgres::database().await;
        let claims = signed_in(Logins::single(files.url()), "Acme").await;
        let port = port_of(&files.url());
        let proxy = Proxy::to(port).await;
        let url = files
            .url()
            .replacen(&format!(":{port}/"), &format!(":{}/", proxy.port()), 1);
        let config = DatabaseConfig {
            pool_size: 1,
            timeout: Duration::from_secs(10),
            ..DatabaseConfig::new(Target::Postgres(Logins::single(url)))
        };
        Self {
            proxy,
            database: Database::open(config.clone()).unwrap(),
            config,
            claims,
            _files: files,
        }
    }

    /// How often something waited for the server, once everything before it is over.
    async fn waits<T>(&self, request: impl AsyncFnOnce() -> T) -> (usize, T) {
        let is_idle = || {
            let all = [
                Some(self.database.pool_status()),
                self.database.system_pool_status(),
            ];
            all.iter()
                .flatten()
                .all(|pool| pool.available == pool.size && pool.waiting == 0)
        };
        while !is_idle() {
            tokio::task::yield_now().await;
        }
        let before = self.proxy.round_trips();
        let response = request().await;
        (self.proxy.round_trips() - before, response)
    }

    /// The first page of tickets, their number and the account, as a signed-in GET asks for them.
    async fn tickets(&self) -> i64 {
        let (account, page) = access::read(
            &self.database,
            &self.claims,
            Some(Feature::Tickets),
            async |reader| {
                let filter = TicketFilter::default();
                let page = reader.tickets(&filter, PageRequest::default());
                page.await.map_err(Failure::from)
            },
        )
        .await
        .unwrap();
        assert_eq!(account.user.id, self.claims.user_id);
        assert_eq!(page.items.len(), usize::try_from(page.total).unwrap());
        page.total
    }
}

fn port_of(url: &str) -> u16 {
    let after_host = url.rsplit_once(':').unwrap().1;
    after_host.split('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_signed_in_read_waits_once() {
    let watched = Watched::create().await;
    submit(&watched.database, &watched.claims).await.unwrap();

    let (cold, tickets) = watched.waits(async || watched.tickets().await).await;
    assert_eq!(tickets, 1);
    assert!(cold > 1, "statements have to be prepared once");
    for _ in 0..5 {
        let (warm, tickets) = watched.waits(async || watched.tickets().await).await;
        assert_eq!((warm, tickets), (1, 1));
    }
}

#[tokio::test]
async fn a_read_on_a_fresh_connection_sees_its_tenant() {
    let mut watched = Watched::create().await;
    submit(&watched.database, &watched.claims).await.unwrap();
    for _ in 0..5 {
        watched.database = Database::open(watched.config.clone()).unwrap();
        assert_eq!(watched.tickets().await, 1);
    }
}

#[tokio::test]
async fn a_look_up_before_sign_in_waits_once() {
    let watched = Watched::create().await;
    let look_up = async || {
        let system = watched.database.system_reader().await.unwrap();
        let email = "ada@acme.example".parse().unwrap();
        system.sign_in_candidates(&email, None).await.unwrap().len()
    };
    watched.waits(look_up).await;
    assert_eq!(watched.waits(look_up).await, (1, 1));
}

#[tokio::test]
async fn a_write_waits_for_each_step_and_for_the_commit() {
    let watched = Watched::create().await;
    let write = async || submit(&watched.database, &watched.claims).await.unwrap();
    watched.waits(write).await;
    // what begins the transaction with the account, the ticket, the audit entry, two mails, the
    // commit; every statement is prepared by now
    assert_eq!(watched.waits(write).await.0, 6);
    assert_eq!(watched.tickets().await, 2);
}
