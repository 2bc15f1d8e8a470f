//! Connections to SQLite, and their pool.
//!
//! A query takes SQLite some tens of microseconds, less than handing it to another thread and
//! waiting for its end. So it runs in the thread that asks, but for what may take long: waiting for
//! the turn to write, making a commit survive a power cut, and searches. Those run on the blocking
//! threads of the runtime that opened the database.

use std::path::Path;
use std::time::Duration;

use deadpool::managed::{self, BuildError, RecycleError, RecycleResult};
use diesel::connection::{SimpleConnection as _, TransactionManager as _};
use diesel::result::Error;
use diesel::{Connection, ConnectionError, QueryResult, SqliteConnection};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinError;

type Transactions = <SqliteConnection as Connection>::TransactionManager;

pub(crate) type SqlitePool = managed::Pool<Manager>;

/// A pool of connections to a file.
pub(crate) fn open_sqlite(
    path: &Path,
    size: usize,
    busy_timeout: Duration,
    runtime: Handle,
) -> Result<SqlitePool, BuildError> {
    let manager = Manager {
        path: path.to_string_lossy().into_owned(),
        setup: sqlite_setup(busy_timeout),
        runtime,
    };
    SqlitePool::builder(manager).max_size(size).build()
}

/// What every connection to SQLite begins with.
///
/// With a write-ahead log readers and the writer do not wait for each other; `FULL` makes a commit
/// survive a power cut.
pub(crate) fn sqlite_setup(busy_timeout: Duration) -> String {
    format!(
        "PRAGMA busy_timeout = {};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;",
        busy_timeout.as_millis()
    )
}

/// Opens connections.
pub(crate) struct Manager {
    path: String,
    setup: String,
    runtime: Handle,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the database's file could not be opened")]
    Refused(#[from] ConnectionError),
    #[error("a connection to the database could not be prepared")]
    Setup(#[from] Error),
    #[error("the program is ending")]
    Ending(#[from] JoinError),
}

impl managed::Manager for Manager {
    type Type = SqliteConnection;
    type Error = OpenError;

    async fn create(&self) -> Result<SqliteConnection, OpenError> {
        let (path, setup) = (self.path.clone(), self.setup.clone());
        let opening = self.runtime.spawn_blocking(move || {
            let mut conn = SqliteConnection::establish(&path)?;
            conn.batch_execute(&setup)?;
            Ok(conn)
        });
        opening.await?
    }

    async fn recycle(
        &self,
        conn: &mut SqliteConnection,
        _: &managed::Metrics,
    ) -> RecycleResult<OpenError> {
        if Transactions::is_broken_transaction_manager(conn) {
            return Err(RecycleError::message("a transaction is open"));
        }
        Ok(())
    }
}

type Pooled = managed::Object<Manager>;

/// A connection from the pool, for one query at a time.
pub(crate) struct SqliteSession {
    /// Taken while a blocking thread works with it.
    conn: Mutex<Option<Pooled>>,
    runtime: Handle,
}

impl SqliteSession {
    pub(crate) fn new(conn: Pooled, runtime: Handle) -> Self {
        Self {
            conn: Mutex::new(Some(conn)),
            runtime,
        }
    }

    /// Runs a query that is quick in this thread.
    pub(crate) async fn run<T>(
        &self,
        query: impl FnOnce(&mut SqliteConnection) -> QueryResult<T>,
    ) -> QueryResult<T> {
        let mut conn = self.conn.lock().await;
        query(conn.as_mut().ok_or(Error::NotInTransaction)?)
    }

    /// Runs a query that may take long on a blocking thread. Nobody waits for one that is dropped:
    /// its connection is closed when it is done, which undoes its transaction, and takes its place
    /// in the pool until then.
    pub(crate) async fn run_aside<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> QueryResult<T> {
        let mut place = self.conn.lock().await;
        let mut conn = place.take().ok_or(Error::NotInTransaction)?;
        let (send, result) = oneshot::channel();
        self.runtime.spawn_blocking(move || {
            let result = query(&mut conn);
            if let Err((_, conn)) = send.send((result, conn)) {
                drop(Pooled::take(conn));
            }
        });
        // It panicked, or the runtime is ending.
        let lost = |_| Error::BrokenTransactionManager;
        let (result, conn) = result.await.map_err(lost)?;
        *place = Some(conn);
        result
    }

    /// Begins a transaction that reads one snapshot.
    pub(crate) async fn begin_read(&self) -> QueryResult<()> {
        self.run(|conn| Transactions::begin_transaction_sql(conn, "BEGIN DEFERRED"))
            .await
    }

    /// Begins a transaction that writes, once no other process does. Taking the lock later could
    /// fail with no way to wait for it.
    pub(crate) async fn begin_write(&self) -> QueryResult<()> {
        self.run_aside(|conn| Transactions::begin_transaction_sql(conn, "BEGIN IMMEDIATE"))
            .await
    }

    /// Commits a transaction that writes.
    pub(crate) async fn commit(&self) -> QueryResult<()> {
        self.run_aside(Transactions::commit_transaction).await
    }

    pub(crate) async fn rollback(&self) -> QueryResult<()> {
        self.run(Transactions::rollback_transaction).await
    }

    /// Ends a transaction that only reads, and gives the connection back.
    pub(crate) fn give_back(self) {
        let Some(mut conn) = self.conn.into_inner() else {
            return;
        };
        if Transactions::rollback_transaction(&mut *conn).is_err() {
            drop(Pooled::take(conn));
        }
    }

    /// Closes the connection, which undoes everything in whatever state it was.
    pub(crate) fn close(self) {
        if let Some(conn) = self.conn.into_inner() {
            drop(Pooled::take(conn));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use diesel::{RunQueryDsl as _, sql_query};
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    /// Counts to a million, which takes longer than to drop it.
    const SLOW: &str = "WITH RECURSIVE counter(n) AS \
        (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 1000000) \
        SELECT count(*) FROM counter";

    fn pool(folder: &tempfile::TempDir) -> SqlitePool {
        let path = folder.path().join("portal.db");
        open_sqlite(&path, 1, Duration::from_secs(5), Handle::current()).unwrap()
    }

    async fn session(pool: &SqlitePool, runtime: &Handle) -> SqliteSession {
        SqliteSession::new(pool.get().await.unwrap(), runtime.clone())
    }

    async fn drop_a_running_query(pool: &SqlitePool, runtime: &Handle) {
        let first = session(pool, runtime).await;
        first.begin_write().await.unwrap();
        let insert = "CREATE TABLE notes (text TEXT)";
        let created = first.run(|conn| conn.batch_execute(insert)).await;
        created.unwrap();
        {
            let query = first.run_aside(|conn| sql_query(SLOW).execute(conn));
            let mut query = pin!(query);
            poll_fn(|cx| {
                assert!(query.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        let gone = first.run(|conn| conn.batch_execute("SELECT 1")).await;
        assert!(matches!(gone, Err(Error::NotInTransaction)));
        first.close();
        // The pool has one place, which is free when the query is done and undone.
        let second = session(pool, runtime).await;
        second.begin_write().await.unwrap();
        let recreated = second.run(|conn| conn.batch_execute(insert)).await;
        recreated.unwrap();
        second.commit().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_dropped_query_is_undone() {
        let folder = tempfile::tempdir().unwrap();
        drop_a_running_query(&pool(&folder), &Handle::current()).await;
    }

    #[test]
    fn a_dropped_query_does_no_harm_in_a_current_thread_runtime() {
        let folder = tempfile::tempdir().unwrap();
        let main = Runtime::new().unwrap();
        let pool = main.block_on(async { pool(&folder) });
        let worker = Builder::new_current_thread().enable_all().build().unwrap();
        worker.block_on(drop_a_running_query(&pool, main.handle()));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_connection_in_a_transaction_is_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let (pool, runtime) = (pool(&folder), Handle::current());
        let left = session(&pool, &runtime).await;
        left.begin_read().await.unwrap();
        drop(left);
        session(&pool, &runtime).await.begin_read().await.unwrap();
    }
}
