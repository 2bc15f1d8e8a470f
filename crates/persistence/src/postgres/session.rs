//! A pooled connection with at most one transaction.
//!
//! A transaction is begun by the first query, not before it: what begins it and names the tenant
//! travels in one message right before the query, and before all that are joined with it. The
//! message needs no answer to be followed by others, and no preparation, so that the order holds on
//! a fresh connection too, where queries wait to be prepared. An answer counts only once the
//! transaction is known to have begun.

use std::future::{Future, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool::managed::Object;
use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, Shared, join};
use portal_domain::store::StorageError;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::connection::PgConn;
use super::pool::{PgPool, Pooled};
use crate::errors::unavailable;

/// Whether the transaction has begun; the same answer for all who ask.
type Beginning = Shared<BoxFuture<'static, Result<(), Arc<Error>>>>;

/// A connection on loan, with one transaction or none.
pub(crate) struct Session {
    connection: Arc<Pooled>,
    beginning: Option<Beginning>,
    opened: Instant,
    limit: Duration,
    answered: AtomicBool,
    lost: AtomicBool,
}

/// The connection failed earlier.
#[derive(Debug, thiserror::Error)]
#[error("the connection was lost")]
struct Lost;

impl Session {
    /// Borrows a connection. `begin` is what begins a transaction; without it, each query is one.
    ///
    /// The connection and the answer to the first query have to come within `limit` together, each
    /// further answer within `limit` again.
    pub(crate) async fn open(
        pool: &PgPool,
        begin: Option<String>,
        limit: Duration,
    ) -> Result<Self, StorageError> {
        let opened = Instant::now();
        let connection = timeout_at(opened + limit, pool.get())
            .await
            .map_err(unavailable)?
            .map_err(unavailable)?;
        let connection = Arc::new(connection);
        let beginning = begin.map(|sql| {
            let connection = Arc::clone(&connection);
            let beginning = async move {
                connection.begin();
                connection.batch(&sql).await.map_err(Arc::new)
            };
            beginning.boxed().shared()
        });
        Ok(Self {
            connection,
            beginning,
            opened,
            limit,
            answered: AtomicBool::new(false),
            lost: AtomicBool::new(false),
        })
    }

    /// The connection, to make queries for [`run`](Self::run).
    pub(crate) fn conn(&self) -> &PgConn {
        self.connection.conn()
    }

    /// Runs statements without parameters, in one message.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), StorageError> {
        self.run(self.connection.batch(sql)).await
    }

    /// Waits for a query, in the transaction if there is to be one.
    pub(crate) async fn run<T>(
        &self,
        query: impl Future<Output = QueryResult<T>> + Send,
    ) -> Result<T, StorageError> {
        if self.is_lost() {
            return Err(unavailable(Lost));
        }
        let started = Instant::now();
        let deadline = if self.answered.load(Ordering::Acquire) {
            started + self.limit
        } else {
            self.opened + self.limit
        };
        self.connection.begin();
        // In this order: what is polled first is sent first.
        let answers = timeout_at(deadline, join(self.begun(), query)).await;
        let (begun, answer) = match answers {
            Ok(answers) => answers,
            Err(late) => {
                self.lose(started);
                return Err(unavailable(late));
            }
        };
        self.connection.end();
        self.answered.store(true, Ordering::Release);
        if let Err(error) = begun {
            return Err(self.judge(&error, deadline).await.wrap(error));
        }
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.judge(&error, deadline).await.wrap(error)),
        }
    }

    fn begun(&self) -> impl Future<Output = Result<(), Arc<Error>>> + use<> {
        match &self.beginning {
            Some(beginning) => Either::Left(beginning.clone()),
            None => Either::Right(ready(Ok(()))),
        }
    }

    /// Makes what was done permanent.
    pub(crate) async fn commit(&self) -> Result<(), StorageError> {
        // PostgreSQL takes COMMIT for ROLLBACK, and calls it a success, when an earlier statement
        // has failed. The SELECT fails then, and the COMMIT is not reached.
        self.finish("SELECT 1; COMMIT").await
    }

    /// Undoes what was done.
    pub(crate) async fn rollback(&self) -> Result<(), StorageError> {
        self.finish("ROLLBACK").await
    }

    async fn finish(&self, sql: &str) -> Result<(), StorageError> {
        if self.connection.is_settled() {
            return Ok(());
        }
        if self.is_lost() {
            return Err(unavailable(Lost));
        }
        let started = Instant::now();
        let deadline = started + self.limit;
        match timeout_at(deadline, self.connection.batch(sql)).await {
            Ok(Ok(())) => {
                self.connection.settle();
                Ok(())
            }
            Ok(Err(error)) => Err(self.judge(&error, deadline).await.wrap(error)),
            Err(late) => {
                self.lose(started);
                Err(unavailable(late))
            }
        }
    }

    /// Ends what is under way without anybody waiting for it, and gives the connection back; closes
    /// the connection when this fails.
    pub(crate) fn give_back(self, runtime: &Handle) {
        if self.is_lost() {
            return self.discard();
        }
        if self.connection.is_settled() {
            return;
        }
        let here = Handle::try_current();
        here.as_ref().unwrap_or(runtime).spawn(async move {
            // The answer to either comes after those to all that was sent before.
            let end = match self.beginning {
                Some(_) => "ROLLBACK",
                None => "",
            };
            if self.finish(end).await.is_err() {
                self.discard();
            }
        });
    }

    fn discard(self) {
        drop(self.beginning);
        if let Some(connection) = Arc::into_inner(self.connection) {
            drop(Object::take(connection));
        }
    }

    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// The server did not answer in time. Idle connections that it has not answered on since then
    /// are closed: whatever happened may have happened to all of them.
    fn lose(&self, since: Instant) {
        self.lost.store(true, Ordering::Release);
        if let Some(pool) = Object::pool(&self.connection) {
            pool.retain(|connection, _| connection.last_answer() >= since);
        }
    }

    /// Whether the connection or the query is at fault.
    ///
    /// A server that shuts down says so in an error like any other, and diesel does not keep its
    /// code. But it then closes the connection, whereas after any other error it goes on to answer.
    async fn judge(&self, error: &Error, deadline: Instant) -> Fault {
        let is_alive = match error {
            Error::DatabaseError(
                DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
                _,
            ) => false,
            Error::DatabaseError(DatabaseErrorKind::Unknown, _) => {
                let sign_of_life = timeout_at(deadline, self.connection.batch("")).await;
                matches!(sign_of_life, Ok(Ok(())))
            }
            _ => true,
        };
        if is_alive {
            return Fault::Query;
        }
        self.lost.store(true, Ordering::Release);
        Fault::Connection
    }
}

/// What is at fault.
enum Fault {
    Connection,
    Query,
}

impl Fault {
    fn wrap(self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StorageError {
        match self {
            Self::Connection => StorageError::Unavailable(error.into()),
            Self::Query => StorageError::Query(error.into()),
        }
    }
}
