//! A connection carries no state from one use to the next, however the use ended.

use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel_async::SimpleAsyncConnection as _;
use futures_util::future::try_join;
use futures_util::poll;
use portal_domain::store::StorageError;
use portal_test_support::postgres::PostgresDatabase;
use tokio::runtime::{Builder, Handle, Runtime};

use super::connect::connect;
use super::connection::ConnectError;
use super::pool::{self, PgPool};
use super::{Address, Role, Session};
use crate::conn::{Conn, Mode, RunQuery as _};
use crate::transaction::Transaction;

const LIMIT: Duration = Duration::from_secs(10);
const ACME: &str = "00000000-0000-7000-8000-00000000000a";

/// What can be seen on a connection.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct View {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    tenant: String,
    #[diesel(sql_type = BigInt)]
    devices: i64,
    #[diesel(sql_type = Integer)]
    process: i32,
}

const VIEW: &str = "
    SELECT
        current_user::text AS role,
        coalesce(current_setting('app.org_id', true), '') AS tenant,
        (SELECT count(*) FROM devices) AS devices,
        pg_backend_pid() AS process";

/// A database in which an organization has a device, and a pool of one connection to it.
struct World {
    pool: PgPool,
    database: PostgresDatabase,
}

impl World {
    async fn create() -> Self {
        let database = PostgresDatabase::create().await;
        database.sql(&format!(
            "INSERT INTO organizations (id, name, slug, timezone, status, created_at, updated_at)
                VALUES ('{ACME}', 'Acme', 'acme', 'UTC', 'active', now(), now());
             INSERT INTO devices (id, org_id, hostname, hostname_key, os_type, os_version, status,
                    is_ephemeral, created_at, updated_at)
                VALUES ('{ACME}', '{ACME}', 'printer', 'printer', 'linux', '6', 'online', false,
                    now(), now())"
        ));
        let address = Address::parse(&database.url()).unwrap();
        Self {
            pool: pool::open(address, Role::App, 1, LIMIT).unwrap(),
            database,
        }
    }

    async fn transaction(&self, mode: Mode) -> Result<Transaction, StorageError> {
        let begin = format!(
            "{}; SET LOCAL app.org_id = '{ACME}'",
            mode.begin_on_postgres()
        );
        self.begin(Some(begin), LIMIT).await
    }

    async fn begin(
        &self,
        sql: Option<String>,
        limit: Duration,
    ) -> Result<Transaction, StorageError> {
        let conn = Conn::Pg(Session::open(&self.pool, sql, limit).await?);
        Transaction::begin(conn, Mode::Read, Handle::current(), None).await
    }

    /// Fails if the next one to use the connection sees anything of a tenant's, or is in somebody
    /// else's transaction. Gives the server's process that the connection is to.
    async fn assert_clean(&self) -> i32 {
        let transaction = self.begin(None, LIMIT).await.unwrap();
        let view = view(&transaction).await.unwrap();
        // what only works in a transaction
        transaction
            .conn()
            .batch("SAVEPOINT here")
            .await
            .unwrap_err();
        let expected = View {
            role: "portal_app".to_owned(),
            tenant: String::new(),
            devices: 0,
            process: view.process,
        };
        assert_eq!(view, expected);
        view.process
    }
}

async fn view(transaction: &Transaction) -> Result<View, StorageError> {
    let view = diesel::sql_query(VIEW).load_optional::<View>(transaction.conn());
    Ok(view.await?.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_used_again_and_carries_no_tenant() {
    let world = World::create().await;
    let first = world.assert_clean().await;
    for mode in [Mode::Read, Mode::Write] {
        let transaction = world.transaction(mode).await.unwrap();
        let seen = view(&transaction).await.unwrap();
        assert_eq!((seen.tenant.as_str(), seen.devices), (ACME, 1));
        drop(transaction);
        assert_eq!(world.assert_clean().await, first);

        let transaction = world.transaction(mode).await.unwrap();
        view(&transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(world.assert_clean().await, first);

        let transaction = world.transaction(mode).await.unwrap();
        view(&transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(world.assert_clean().await, first);

        drop(world.transaction(mode).await.unwrap());
        assert_eq!(world.assert_clean().await, first);
    }
}

#[test]
fn a_connection_outlives_the_worker_that_made_it() {
    let main = Runtime::new().unwrap();
    let world = main.block_on(World::create());
    let worker = || Builder::new_current_thread().enable_all().build().unwrap();
    let first = worker().block_on(world.assert_clean());
    assert_eq!(worker().block_on(world.assert_clean()), first);
}

#[test]
fn a_connection_that_the_server_ended_is_used_by_nobody() {
    let main = Runtime::new().unwrap();
    let world = main.block_on(World::create());
    let worker = || Builder::new_current_thread().enable_all().build().unwrap();
    let (one, other) = (worker(), worker());
    let mut last = one.block_on(world.assert_clean());
    for next in [&one, &other] {
        let end = format!("SELECT pg_terminate_backend({last}, 5000)");
        world.database.sql(&end);
        let new = next.block_on(async {
            // A runtime asks for news of its sockets when its tasks have nothing to do.
            tokio::task::yield_now().await;
            world.assert_clean().await
        });
        assert_ne!(new, last);
        last = new;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_query_leaves_nothing() {
    let world = World::create().await;
    let first = world.assert_clean().await;
    for commit in [false, true] {
        let transaction = world.transaction(Mode::Write).await.unwrap();
        let failed = transaction.conn().batch("SELECT 1 / 0").await;
        assert!(matches!(failed, Err(StorageError::Query(_))), "{failed:?}");
        if commit {
            let committed = transaction.commit().await;
            assert!(
                matches!(committed, Err(StorageError::Query(_))),
                "{committed:?}"
            );
        } else {
            drop(transaction);
        }
        assert_eq!(world.assert_clean().await, first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_fails_when_its_transaction_could_not_begin() {
    let world = World::create().await;
    for begin in [
        "BEGIN NONSENSE",
        "BEGIN; SET LOCAL transaction_isolation = 'none'",
    ] {
        let transaction = world.begin(Some(begin.to_owned()), LIMIT).await.unwrap();
        assert!(view(&transaction).await.is_err(), "{begin}");
        drop(transaction);
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_leaves_nothing() {
    let world = World::create().await;
    for mode in [Mode::Read, Mode::Write] {
        let transaction = world.transaction(mode).await.unwrap();
        let task = tokio::spawn(async move {
            view(&transaction).await.unwrap();
            panic!("as a handler might");
        });
        assert!(task.await.unwrap_err().is_panic());
        world.assert_clean().await;
    }
}

/// A request: two queries at once, another one, and the end.
async fn request(world: &World, mode: Mode) -> Result<(), StorageError> {
    let transaction = world.transaction(mode).await?;
    try_join(view(&transaction), view(&transaction)).await?;
    view(&transaction).await?;
    transaction.commit().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_cancelled_anywhere_leaves_nothing() {
    let world = World::create().await;
    let mut done = 0;
    for mode in [Mode::Read, Mode::Write] {
        for polls in 0..50 {
            if polls % 2 == 0 {
                // a fresh connection, on which every statement has to be prepared
                world.pool.retain(|_, _| false);
            }
            {
                let mut request = pin!(request(&world, mode));
                for _ in 0..polls {
                    if let Poll::Ready(result) = poll!(&mut request) {
                        result.unwrap();
                        done += 1;
                        break;
                    }
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
            }
            world.assert_clean().await;
        }
    }
    assert!(done > 0, "none was cancelled after its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_without_a_transaction_may_be_cancelled() {
    let world = World::create().await;
    let first = world.assert_clean().await;
    for polls in 0..10 {
        let transaction = world.begin(None, LIMIT).await.unwrap();
        {
            let mut query = pin!(view(&transaction));
            for _ in 0..polls {
                if poll!(&mut query).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        drop(transaction);
        assert_eq!(world.assert_clean().await, first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_late_costs_the_connection() {
    let world = World::create().await;
    let first = world.assert_clean().await;
    let limit = Duration::from_millis(100);
    let transaction = world.begin(None, limit).await.unwrap();
    let late = transaction.conn().batch("SELECT pg_sleep(20)").await;
    assert!(
        matches!(late, Err(StorageError::Unavailable(_))),
        "{late:?}"
    );
    let again = transaction.conn().batch("SELECT 1").await;
    assert!(
        matches!(again, Err(StorageError::Unavailable(_))),
        "{again:?}"
    );
    drop(transaction);
    assert_ne!(world.assert_clean().await, first);
}

/// Fails unless the server's process is gone soon.
fn assert_ends(world: &World, process: i32) {
    let running = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {process}");
    let start = Instant::now();
    while world.database.sql(&running) != "0" {
        assert!(start.elapsed() < LIMIT, "it still runs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_query_that_is_dropped_is_cancelled() {
    let world = World::create().await;
    let first = world.assert_clean().await;
    let sleeping =
        format!("SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = {first}");
    let transaction = world.transaction(Mode::Read).await.unwrap();
    let Conn::Pg(session) = transaction.conn() else {
        panic!("a session")
    };
    {
        let mut conn = session.conn();
        let mut query = pin!(session.run_long(conn.batch_execute("SELECT pg_sleep(600)")));
        while world.database.sql(&sleeping) != "t" {
            assert!(poll!(&mut query).is_pending());
        }
    }
    drop(transaction);
    // The pool has one place, which is free when the query has ended.
    assert_ne!(world.assert_clean().await, first);
    assert_ends(&world, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_query_that_is_late_is_cancelled() {
    let world = World::create().await;
    let first = world.assert_clean().await;
    let limit = Duration::from_millis(100);
    let transaction = world.begin(None, limit).await.unwrap();
    let Conn::Pg(session) = transaction.conn() else {
        panic!("a session")
    };
    let mut conn = session.conn();
    let late = session.run_long(conn.batch_execute("SELECT pg_sleep(600)"));
    assert!(matches!(late.await, Err(StorageError::Unavailable(_))));
    drop(transaction);
    assert_ne!(world.assert_clean().await, first);
    assert_ends(&world, first);
}

#[tokio::test]
async fn the_first_server_that_answers_and_is_of_the_wanted_kind_is_used() {
    let database = PostgresDatabase::create().await;
    let url = database.url();
    let (login, server) = url.split_once('@').unwrap();
    let connect = async |options: &str| {
        // Nobody listens at the first one's port.
        let address = format!("{login}@127.0.0.1:1,{server}{options}");
        connect(&Address::parse(&address).unwrap()).await
    };
    for options in [
        "",
        "?target_session_attrs=read-write",
        "?target_session_attrs=read-only&options=-c%20default_transaction_read_only%3Don",
        "?load_balance_hosts=random&connect_timeout=5&keepalives_idle=9&tcp_user_timeout=7",
    ] {
        connect(options).await.unwrap();
    }
    let refused = connect("?target_session_attrs=read-only").await;
    assert!(matches!(refused, Err(ConnectError::Writable)));
    let options =
        "?target_session_attrs=read-write&options=-c%20default_transaction_read_only%3Don";
    assert!(matches!(
        connect(options).await,
        Err(ConnectError::ReadOnly)
    ));
}
