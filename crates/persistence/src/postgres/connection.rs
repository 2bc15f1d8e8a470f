//! Opens connections and tracks their state.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio::time::error::Elapsed;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::address::Address;
use super::connect::{Canceller, Connected, connect};
use super::driver::Driver;
use super::roles::Role;

pub(crate) type PgConn = AsyncPgConnection;

/// How long a transaction may be idle before the server rolls it back, should the portal be gone.
const IDLE_IN_TRANSACTION_LIMIT: Duration = Duration::from_mins(1);

static ROLE_SWITCH_LOGGED: Once = Once::new();

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the address of the database names no server")]
    NoServer,
    #[error("there is no connection to the database")]
    Unreachable(#[from] io::Error),
    #[error("the certificate of the database cannot be checked")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
    #[error("there is no connection to the database")]
    Refused(#[from] tokio_postgres::Error),
    #[error("the database takes no writes")]
    ReadOnly,
    #[error("the database takes writes")]
    Writable,
    #[error("a connection to the database could not be prepared")]
    Setup(#[from] diesel::ConnectionError),
    #[error("the database did not answer in time")]
    Late(#[from] Elapsed),
}

/// A connection that knows whether everything sent on it has ended; otherwise it is never reused.
pub(crate) struct Connection {
    conn: PgConn,
    driver: Driver,
    /// Boxed, since a connection is moved through the future of every request.
    canceller: Box<Canceller>,
    /// Queries and transactions that have not ended.
    unsettled: AtomicUsize,
    last_answer: Mutex<Instant>,
}

impl Connection {
    /// Connects and takes a role. The server cancels statements after twice the `limit` that the
    /// portal waits for an answer.
    pub(crate) async fn establish(
        address: &Address,
        role: Role,
        limit: Duration,
    ) -> Result<Self, ConnectError> {
        let Connected {
            client,
            driver,
            canceller,
        } = connect(address).await?;
        let role = role.as_str();
        let setup = format!(
            "SET statement_timeout = {};
             SET idle_in_transaction_session_timeout = {};
             SELECT set_config('role', '{role}', false) WHERE session_user <> '{role}';",
            limit.as_millis() * 2,
            IDLE_IN_TRANSACTION_LIMIT.max(limit * 2).as_millis(),
        );
        let answer = driver.drive(client.simple_query(&setup)).await?;
        let took_role = |message| matches!(message, &SimpleQueryMessage::Row(_));
        if answer.iter().any(took_role) {
            ROLE_SWITCH_LOGGED.call_once(|| {
                tracing::info!(
                    "the database login switches to the portal's roles and can leave them, so \
                     row-level security does not bind it; use a login per role in production"
                );
            });
        }
        Ok(Self {
            conn: driver.drive(PgConn::try_from(client)).await?,
            driver,
            canceller: Box::new(canceller),
            unsettled: AtomicUsize::new(0),
            last_answer: Mutex::new(Instant::now()),
        })
    }

    pub(crate) const fn conn(&self) -> &PgConn {
        &self.conn
    }

    /// Asks the server to cancel what it does on this connection.
    pub(super) fn canceller(&self) -> &Canceller {
        &self.canceller
    }

    /// Waits for an answer on this connection.
    pub(crate) async fn drive<T>(&self, answer: impl Future<Output = T>) -> T {
        self.driver.drive(answer).await
    }

    /// Runs statements without parameters, in one message, while the connection is
    /// [driven](Self::drive).
    pub(crate) async fn batch(&self, sql: &str) -> QueryResult<()> {
        (&mut &self.conn).batch_execute(sql).await
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.is_settled() && self.driver.is_open()
    }

    /// Whether all that was sent has ended.
    pub(crate) fn is_settled(&self) -> bool {
        self.unsettled.load(Ordering::Acquire) == 0
    }

    /// A query, or a transaction, is about to be sent.
    pub(crate) fn begin(&self) {
        self.unsettled.fetch_add(1, Ordering::AcqRel);
    }

    /// One of them is answered.
    pub(crate) fn end(&self) {
        self.unsettled.fetch_sub(1, Ordering::AcqRel);
        *self.last_answer() = Instant::now();
    }

    /// Everything that was sent has ended, and no transaction is open.
    pub(crate) fn settle(&self) {
        self.unsettled.store(0, Ordering::Release);
        *self.last_answer() = Instant::now();
    }

    /// When the server last answered on it.
    pub(crate) fn last_answer(&self) -> MutexGuard<'_, Instant> {
        self.last_answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connects under the login's own role. A task drives the connection.
pub(crate) async fn connect_plainly(
    address: &Address,
) -> Result<(Client, JoinHandle<()>), ConnectError> {
    let connected = Box::pin(connect(address)).await?;
    Ok((connected.client, tokio::spawn(connected.driver.run())))
}
