//! A pooled connection with at most one transaction.
//!
//! The first query begins the transaction: `BEGIN` and the tenant's name are one message, pipelined
//! with it and with all that are joined with it. The message needs no preparation, so it comes first
//! on a fresh connection too, where queries wait to be prepared. An answer counts only once the
//! transaction is known to have begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use deadpool::managed::Object;
use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, OptionFuture, Shared, join};
use portal_domain::store::StorageError;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::connection::PgConn;
use super::pool::{PgPool, Pooled};
use crate::errors::{in_time, unavailable};

/// What a replica says to `BEGIN … READ WRITE`, for which diesel has no kind.
const IN_RECOVERY: &str = "cannot set transaction read-write mode during recovery";

/// The answer to `BEGIN`, shared by all queries that wait for it.
type Beginning = Shared<BoxFuture<'static, Result<(), Arc<Error>>>>;

pub(crate) struct Session {
    connection: Arc<Pooled>,
    beginning: Option<Beginning>,
    opened: Instant,
    limit: Duration,
    answered: AtomicBool,
    lost: AtomicBool,
    /// Queries that may take long and are not answered.
    long: AtomicUsize,
}

#[derive(Debug, thiserror::Error)]
#[error("the connection was lost")]
struct Lost;

impl Session {
    /// Takes a connection from the pool. `begin` begins a transaction; without it, each query is
    /// one. `limit` holds for the connection and the first answer together, then for each answer.
    pub(crate) async fn open(
        pool: &PgPool,
        begin: Option<String>,
        limit: Duration,
    ) -> Result<Self, StorageError> {
        let opened = Instant::now();
        let connection = Arc::new(in_time(limit, pool.get()).await?);
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
            long: AtomicUsize::new(0),
        })
    }

    pub(crate) fn conn(&self) -> &PgConn {
        self.connection.conn()
    }

    pub(crate) async fn batch(&self, sql: &str) -> Result<(), StorageError> {
        self.run(self.connection.batch(sql)).await
    }

    /// Waits for a query, in the transaction if there is to be one.
    pub(crate) async fn run<T>(
        &self,
        query: impl Future<Output = QueryResult<T>> + Send,
    ) -> Result<T, StorageError> {
        let since = if self.answered.load(Ordering::Acquire) {
            Instant::now()
        } else {
            self.opened
        };
        self.answer(since, async {
            self.connection.begin();
            // In this order: what is polled first is sent first.
            let begun = OptionFuture::from(self.beginning.clone());
            let (begun, answer) = join(begun, query).await;
            self.connection.end();
            self.answered.store(true, Ordering::Release);
            begun.transpose()?;
            answer.map_err(Arc::new)
        })
        .await
    }

    /// Runs a query that may take long. If it is dropped or late, the server is asked to cancel it.
    pub(crate) async fn run_long<T>(
        &self,
        query: impl Future<Output = QueryResult<T>> + Send,
    ) -> Result<T, StorageError> {
        self.run(async {
            self.long.fetch_add(1, Ordering::AcqRel);
            let answer = query.await;
            self.long.fetch_sub(1, Ordering::AcqRel);
            answer
        })
        .await
    }

    pub(crate) async fn commit(&self) -> Result<(), StorageError> {
        // PostgreSQL takes COMMIT for ROLLBACK, and calls it a success, when an earlier statement
        // has failed. The SELECT fails then, and the COMMIT is not reached.
        self.finish("SELECT 1; COMMIT").await
    }

    pub(crate) async fn rollback(&self) -> Result<(), StorageError> {
        self.finish("ROLLBACK").await
    }

    async fn finish(&self, sql: &str) -> Result<(), StorageError> {
        if self.connection.is_settled() {
            return Ok(());
        }
        self.answer(Instant::now(), async {
            self.connection.batch(sql).await?;
            self.connection.settle();
            Ok(())
        })
        .await
    }

    /// Waits for an answer until `limit` after `since`, unless the connection is lost.
    async fn answer<T>(
        &self,
        since: Instant,
        answer: impl Future<Output = Result<T, Arc<Error>>>,
    ) -> Result<T, StorageError> {
        if self.is_lost() {
            return Err(unavailable(Lost));
        }
        let started = Instant::now();
        let deadline = since + self.limit;
        let error = match timeout_at(deadline, self.connection.drive(answer)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) if self.is_alive_after(&error, deadline).await => {
                return Err(StorageError::Query(error.into()));
            }
            Ok(Err(error)) => unavailable(error),
            Err(late) => {
                self.close_silent_since(started);
                unavailable(late)
            }
        };
        self.lost.store(true, Ordering::Release);
        Err(error)
    }

    /// Whether the connection still works after an error.
    ///
    /// A server that shuts down says so in an error like any other, and diesel does not keep its
    /// code. But it then closes the connection, whereas after any other error it goes on to answer.
    /// One that takes no writes, such as a replica, is of no more use: a new connection may lead to
    /// another.
    async fn is_alive_after(&self, error: &Error, deadline: Instant) -> bool {
        match error {
            Error::DatabaseError(
                DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::ReadOnlyTransaction,
                _,
            ) => false,
            Error::DatabaseError(_, information) if information.message() == IN_RECOVERY => false,
            Error::DatabaseError(DatabaseErrorKind::Unknown, _) => {
                let ask = self.connection.drive(self.connection.batch(""));
                let sign_of_life = timeout_at(deadline, ask).await;
                matches!(sign_of_life, Ok(Ok(())))
            }
            _ => true,
        }
    }

    /// Closes the idle connections that the server has not answered on since then: whatever
    /// happened to this one may have happened to all of them.
    fn close_silent_since(&self, since: Instant) {
        if let Some(pool) = Object::pool(&self.connection) {
            pool.retain(|connection, _| *connection.last_answer() >= since);
        }
    }

    /// Ends the transaction in the background and returns the connection to the pool; closes it when
    /// this fails, or when something was to be cancelled, lest the request to cancel be late and meet
    /// the next query.
    pub(crate) fn give_back(self, runtime: &Handle) {
        let is_working = self.long.load(Ordering::Acquire) > 0;
        match self.is_lost() {
            true if !is_working => return self.discard(),
            false if self.connection.is_settled() => return,
            _ => {}
        }
        let here = Handle::try_current();
        here.as_ref().unwrap_or(runtime).spawn(async move {
            // The answer to either comes after those to all that was sent before.
            let end = match self.beginning {
                Some(_) => "ROLLBACK",
                None => "",
            };
            if is_working {
                self.cancel().await;
            }
            if self.finish(end).await.is_err() || is_working {
                self.discard();
            }
        });
    }

    async fn cancel(&self) {
        if let Some(pool) = Object::pool(&self.connection) {
            let canceller = self.connection.canceller();
            let cancelling = canceller.cancel(&pool.manager().address);
            if let Err(error) = in_time(self.limit, cancelling).await {
                let error: &dyn std::error::Error = &error;
                tracing::info!(error, "a query could not be cancelled");
            }
        }
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
}
