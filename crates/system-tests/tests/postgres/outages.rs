//! Servers that die, and come back.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use portal_domain::access::Claims;
use portal_domain::devices;
use portal_domain::devices::{DeviceRecord, DeviceStatus, OsType};
use portal_domain::environment::SystemEnvironment;
use portal_domain::operation::Operation;
use portal_domain::store::{SharedStore as _, StorageError, Store as _, TenantStore as _};
use portal_persistence::{Access, Database, Logins};
use portal_system_tests::postgres::PostgresServer;
use portal_test_support::operator;
use tokio::task::JoinSet;

use crate::proxy::Proxy;
use crate::world::{open, signed_in, submit};

/// How long anybody waits to be told that the database is gone.
const TIMEOUT: Duration = Duration::from_secs(2);

/// A server with one organization, which the test may end.
struct Mortal {
    server: PostgresServer,
    claims: Claims,
}

impl Mortal {
    async fn create() -> Self {
        let server = PostgresServer::start();
        server.address().sql("postgres", "CREATE DATABASE portal");
        let logins = Logins::single(server.address().url("portal"));
        open(logins.clone(), Access::Operate)
            .migrate()
            .await
            .unwrap();
        Self {
            claims: signed_in(logins, "Acme").await,
            server,
        }
    }

    fn database(&self) -> Database {
        open(
            Logins::single(self.server.address().url("portal")),
            Access::Serve,
        )
    }

    /// A database that is reached on a way that the test may cut.
    async fn database_behind_proxy(&self) -> (Database, Proxy) {
        let proxy = Proxy::to(self.server.port()).await;
        let url = self.server.address().url("portal");
        let ports = [self.server.port(), proxy.port()].map(|port| format!(":{port}/"));
        let url = url.replacen(&ports[0], &ports[1], 1);
        (open(Logins::single(url), Access::Serve), proxy)
    }
}

async fn read(database: &Database, claims: &Claims) -> Result<usize, StorageError> {
    let reader = database.reader(claims.scope()).await?;
    Ok(reader.users().await?.len())
}

/// Opens several connections of each kind, and leaves them idle.
async fn warm_up(database: &Database, claims: &Claims) {
    let (scope, email) = (claims.scope(), "ada@acme.example".parse().unwrap());
    let readers = join_all((0..4).map(async |_| {
        let reader = database.reader(scope).await.unwrap();
        reader.users().await.unwrap();
        reader
    }));
    let lookers = join_all((0..2).map(async |_| {
        let system = database.system_reader().await.unwrap();
        system.sign_in_candidates(&email, None).await.unwrap();
        system
    }));
    drop((readers.await, lookers.await));
    while database.pool_status().available < 4 {
        tokio::task::yield_now().await;
    }
}

fn is_unavailable<T>(result: &Result<T, StorageError>) -> bool {
    matches!(result, Err(StorageError::Unavailable(_)))
}

/// Fails unless all that can be asked for is refused in time.
async fn assert_gone(database: &Database, claims: &Claims) {
    let asked = Instant::now();
    assert!(is_unavailable(&database.ping().await));
    assert!(asked.elapsed() < TIMEOUT);

    let asked = Instant::now();
    assert!(is_unavailable(&read(database, claims).await));
    assert!(asked.elapsed() < TIMEOUT);

    let asked = Instant::now();
    assert!(submit(database, claims).await.is_err());
    assert!(asked.elapsed() < TIMEOUT);

    let asked = Instant::now();
    let email = "ada@acme.example".parse().unwrap();
    let found = match database.system_reader().await {
        Ok(system) => system.sign_in_candidates(&email, None).await.map(drop),
        Err(error) => Err(error),
    };
    assert!(is_unavailable(&found));
    assert!(asked.elapsed() < TIMEOUT);
}

/// Fails unless all works at the first try.
async fn assert_back(database: &Database, claims: &Claims) {
    let responses = join_all((0..4).map(|_| read(database, claims))).await;
    for response in responses {
        assert_eq!(response.unwrap(), 1);
    }
    submit(database, claims).await.unwrap();
    database.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_is_missed_and_found_again() {
    let mut mortal = Mortal::create().await;
    let database = mortal.database();
    warm_up(&database, &mortal.claims).await;
    mortal.server.kill();
    assert_gone(&database, &mortal.claims).await;
    mortal.server.restart();
    assert_back(&database, &mortal.claims).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_between_requests_goes_unnoticed() {
    let mut mortal = Mortal::create().await;
    let database = mortal.database();
    warm_up(&database, &mortal.claims).await;
    mortal.server.stop();
    mortal.server.restart();
    assert_back(&database, &mortal.claims).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_in_the_middle_of_a_query_makes_it_unavailable() {
    let mut mortal = Mortal::create().await;
    let (database, claims) = (mortal.database(), mortal.claims.clone());
    let holder = database.begin(claims.scope()).await.unwrap();
    holder.lock_user(claims.user_id).await.unwrap().unwrap();
    let waiting = {
        let (database, claims) = (database.clone(), claims.clone());
        tokio::spawn(async move {
            let tx = database.begin(claims.scope()).await?;
            tx.lock_user(claims.user_id).await.map(drop)
        })
    };
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    while mortal.server.address().sql("portal", waits) == "0" {
        tokio::task::yield_now().await;
    }
    mortal.server.stop();
    let told = waiting.await.unwrap();
    assert!(is_unavailable(&told), "{told:?}");
    let told = holder.lock_user(claims.user_id).await;
    assert!(is_unavailable(&told), "{told:?}");
    assert!(is_unavailable(&holder.commit().await));
    mortal.server.restart();
    assert_back(&database, &claims).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_forgotten_cost_one_request() {
    let mortal = Mortal::create().await;
    let (database, proxy) = mortal.database_behind_proxy().await;
    warm_up(&database, &mortal.claims).await;
    proxy.forget_connections();
    let asked = Instant::now();
    assert!(is_unavailable(&read(&database, &mortal.claims).await));
    assert!(asked.elapsed() < TIMEOUT);
    assert_back(&database, &mortal.claims).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_given_up() {
    let mortal = Mortal::create().await;
    let (database, proxy) = mortal.database_behind_proxy().await;
    warm_up(&database, &mortal.claims).await;
    proxy.swallow_everything();
    assert_gone(&database, &mortal.claims).await;
    assert_gone(&database, &mortal.claims).await;
}

/// Adds a device, with its audit entry, and says under which name.
async fn add_device(
    database: &Database,
    claims: &Claims,
    hostname: String,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let record = DeviceRecord {
        hostname: hostname.parse()?,
        display_name: None,
        os_type: OsType::Linux,
        os_version: "6".parse()?,
        status: DeviceStatus::Online,
        last_seen_at: None,
        is_ephemeral: false,
        is_loanable: true,
    };
    let tx = database.begin(claims.scope()).await?;
    devices::create(
        &Operation::new(&*tx, &operator(), &SystemEnvironment),
        record,
    )
    .await?;
    tx.commit().await?;
    Ok(hostname)
}

/// What writers have done so far.
#[derive(Default)]
struct Tally {
    next: AtomicUsize,
    acknowledged: Mutex<Vec<String>>,
    refused: AtomicUsize,
    is_over: AtomicBool,
}

impl Tally {
    /// Adds one device after the other until it is over.
    async fn write(&self, database: &Database, claims: &Claims) {
        while !self.is_over.load(Ordering::SeqCst) {
            let name = format!("device-{}", self.next.fetch_add(1, Ordering::SeqCst));
            let asked = Instant::now();
            if let Ok(name) = add_device(database, claims, name).await {
                self.acknowledged.lock().unwrap().push(name);
            } else {
                assert!(asked.elapsed() < TIMEOUT);
                self.refused.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    }

    fn written(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_is_there_after_a_crash() {
    let mut mortal = Mortal::create().await;
    let (database, tally) = (mortal.database(), Arc::new(Tally::default()));
    let mut writers = JoinSet::new();
    for _ in 0..8 {
        let (database, tally) = (database.clone(), Arc::clone(&tally));
        let claims = mortal.claims.clone();
        writers.spawn(async move { tally.write(&database, &claims).await });
    }
    while tally.written() < 50 {
        tokio::task::yield_now().await;
    }
    tokio::task::block_in_place(|| mortal.server.kill());
    while tally.refused.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    tokio::task::block_in_place(|| mortal.server.restart());
    let before = tally.written();
    while tally.written() < before + 50 {
        tokio::task::yield_now().await;
    }
    tally.is_over.store(true, Ordering::SeqCst);
    writers.join_all().await;

    let stored = mortal.server.address().sql(
        "portal",
        "SELECT hostname FROM devices JOIN audit_logs ON resource_id = devices.id::text",
    );
    let stored: HashSet<_> = stored.lines().collect();
    for name in tally.acknowledged.lock().unwrap().iter() {
        assert!(stored.contains(name.as_str()), "{name} is lost");
    }
}
