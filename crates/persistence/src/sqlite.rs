//! Connections to SQLite, and their pool.
//!
//! Most queries take SQLite 10 to 200 microseconds, less than handing each to another thread and
//! waiting for its end. So a query runs in the thread that asks. Four things run on the blocking
//! threads of the runtime that opened the database, as they may take long: opening a connection,
//! waiting for the turn to write, commits of what was written, and searches.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use deadpool::managed::{self, BuildError, RecycleError, RecycleResult};
use diesel::connection::{Connection as _, SimpleConnection as _, TransactionManager as _};
use diesel::result::Error;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;
use diesel::{ConnectionError, QueryResult, SqliteConnection};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinError;

type Transactions = <SqliteConnection as diesel::Connection>::TransactionManager;

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
        busy_timeout,
        runtime,
    };
    SqlitePool::builder(manager).max_size(size).build()
}

/// How often a connection that others keep from being set up is tried again.
const SETUP_RETRIED_AFTER: Duration = Duration::from_millis(10);

/// Opens a connection to a file, and prepares it as every connection is.
pub(crate) fn connect(path: &str, busy_timeout: Duration) -> Result<SqliteConnection, OpenError> {
    let mut conn = SqliteConnection::establish(path)?;
    let (setup, start) = (setup(busy_timeout), Instant::now());
    // Of several that open a new file at the same moment, SQLite refuses some at once instead of
    // letting them wait.
    while let Err(error) = conn.batch_execute(&setup) {
        if !is_busy(&error) || start.elapsed() >= busy_timeout {
            return Err(error.into());
        }
        thread::sleep(SETUP_RETRIED_AFTER);
    }
    Ok(conn)
}

/// Whether another connection has the lock.
pub(crate) fn is_busy(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, information)
        if information.message() == "database is locked")
}

/// With a write-ahead log readers and the writer do not wait for each other; `FULL` makes a commit
/// survive a power cut.
fn setup(busy_timeout: Duration) -> String {
    format!(
        "PRAGMA busy_timeout = {};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;",
        busy_timeout.as_millis()
    )
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// True while somebody waits for the query. Once nobody does, it fails, and the query with it.
    fn is_awaited() -> Bool;
}

/// The result of [`is_awaited()`].
#[derive(Debug)]
struct IsAwaited(bool);

#[derive(Debug, thiserror::Error)]
#[error("nobody waits for the query")]
struct Abandoned;

impl ToSql<Bool, Sqlite> for IsAwaited {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        if self.0 {
            out.set_value(1);
            Ok(IsNull::No)
        } else {
            Err(Abandoned.into())
        }
    }
}

/// A connection that knows whether somebody waits for it.
pub(crate) struct Connection {
    conn: SqliteConnection,
    is_awaited: Arc<AtomicBool>,
}

impl Connection {
    fn open(path: &str, busy_timeout: Duration) -> Result<Self, OpenError> {
        let conn = connect(path, busy_timeout)?;
        let is_awaited = Arc::new(AtomicBool::new(false));
        let answer = Arc::clone(&is_awaited);
        is_awaited_utils::register_nondeterministic_impl(&conn, move || {
            IsAwaited(answer.load(Ordering::Relaxed))
        })?;
        Ok(Self { conn, is_awaited })
    }
}

/// Somebody who waits for a connection.
struct Waiting(Arc<AtomicBool>);

impl Waiting {
    fn on(conn: &Connection) -> Self {
        conn.is_awaited.store(true, Ordering::Relaxed);
        Self(Arc::clone(&conn.is_awaited))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Opens connections.
pub(crate) struct Manager {
    path: String,
    busy_timeout: Duration,
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
    type Type = Connection;
    type Error = OpenError;

    async fn create(&self) -> Result<Connection, OpenError> {
        let (path, busy_timeout) = (self.path.clone(), self.busy_timeout);
        let opening = self
            .runtime
            .spawn_blocking(move || Connection::open(&path, busy_timeout));
        opening.await?
    }

    async fn recycle(
        &self,
        conn: &mut Connection,
        _: &managed::Metrics,
    ) -> RecycleResult<OpenError> {
        if Transactions::is_broken_transaction_manager(&mut conn.conn) {
            return Err(RecycleError::message("a transaction is open"));
        }
        Ok(())
    }
}

type Pooled = managed::Object<Manager>;

/// A connection that works on another thread. Unless it is taken back it is closed, since it may be
/// in a transaction.
struct Lent(Option<Pooled>);

impl Lent {
    fn conn(&mut self) -> QueryResult<&mut SqliteConnection> {
        let conn = self.0.as_mut().ok_or(Error::NotInTransaction)?;
        Ok(&mut conn.conn)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(conn) = self.0.take() {
            drop(Pooled::take(conn));
        }
    }
}

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
        let conn = conn.as_mut().ok_or(Error::NotInTransaction)?;
        query(&mut conn.conn)
    }

    /// Runs a query that may take long on a blocking thread. If it is dropped, it runs to its end,
    /// or to the next row at which it asks [`is_awaited()`]. Then its connection is closed, which
    /// undoes its transaction; until then it takes its place in the pool.
    pub(crate) async fn run_long<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> QueryResult<T> {
        let mut place = self.conn.lock().await;
        let conn = place.take().ok_or(Error::NotInTransaction)?;
        let _waiting = Waiting::on(&conn);
        let mut lent = Lent(Some(conn));
        let (send, result) = oneshot::channel();
        self.runtime.spawn_blocking(move || {
            let result = lent.conn().and_then(query);
            // Nobody waits for the result of a query that was dropped.
            drop(send.send((result, lent)));
        });
        // It panicked, or the runtime is ending.
        let lost = |_| Error::BrokenTransactionManager;
        let (result, mut lent) = result.await.map_err(lost)?;
        *place = lent.0.take();
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
        self.run_long(|conn| Transactions::begin_transaction_sql(conn, "BEGIN IMMEDIATE"))
            .await
    }

    /// Commits a transaction that writes.
    pub(crate) async fn commit(&self) -> QueryResult<()> {
        self.run_long(Transactions::commit_transaction).await
    }

    pub(crate) async fn rollback(&self) -> QueryResult<()> {
        self.run(Transactions::rollback_transaction).await
    }

    /// Ends a transaction that only reads, and gives the connection back.
    pub(crate) fn give_back(self) {
        let Some(mut conn) = self.conn.into_inner() else {
            return;
        };
        if Transactions::rollback_transaction(&mut conn.conn).is_err() {
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

    /// Counts for minutes, unless nobody waits for it.
    const VERY_SLOW: &str = "WITH RECURSIVE counter(n) AS \
        (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 2000000000) \
        SELECT n FROM counter WHERE is_awaited() AND n < 0";

    fn pool_of(size: usize, folder: &tempfile::TempDir) -> SqlitePool {
        let path = folder.path().join("portal.db");
        open_sqlite(&path, size, Duration::from_secs(5), Handle::current()).unwrap()
    }

    fn pool(folder: &tempfile::TempDir) -> SqlitePool {
        pool_of(1, folder)
    }

    async fn session(pool: &SqlitePool, runtime: &Handle) -> SqliteSession {
        SqliteSession::new(pool.get().await.unwrap(), runtime.clone())
    }

    async fn drop_a_running_query(query: &'static str, pool: &SqlitePool, runtime: &Handle) {
        let first = session(pool, runtime).await;
        first.begin_write().await.unwrap();
        let insert = "CREATE TABLE notes (text TEXT)";
        let created = first.run(|conn| conn.batch_execute(insert)).await;
        created.unwrap();
        {
            let query = first.run_long(move |conn| sql_query(query).execute(conn));
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
        drop_a_running_query(SLOW, &pool(&folder), &Handle::current()).await;
    }

    #[test]
    fn a_dropped_query_does_no_harm_in_a_current_thread_runtime() {
        let folder = tempfile::tempdir().unwrap();
        let main = Runtime::new().unwrap();
        let pool = main.block_on(async { pool(&folder) });
        let worker = Builder::new_current_thread().enable_all().build().unwrap();
        worker.block_on(drop_a_running_query(SLOW, &pool, main.handle()));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_dropped_query_ends_where_it_asks_whether_it_is_awaited() {
        let folder = tempfile::tempdir().unwrap();
        let (pool, runtime) = (pool(&folder), Handle::current());
        let soon = Duration::from_secs(20);
        let dropping = drop_a_running_query(VERY_SLOW, &pool, &runtime);
        tokio::time::timeout(soon, dropping).await.unwrap();
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

    /// A session that writes; the next one from the pool has another connection.
    async fn writer(pool: &SqlitePool) -> SqliteSession {
        let runtime = Handle::current();
        let next = session(pool, &runtime).await;
        let writer = session(pool, &runtime).await;
        drop(next);
        writer.begin_write().await.unwrap();
        writer
    }

    async fn can_write(pool: &SqlitePool) -> bool {
        let next = session(pool, &Handle::current()).await;
        next.begin_write().await.is_ok()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_query_that_is_dropped_when_it_is_done_holds_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool_of(2, &folder);
        let writer = writer(&pool).await;
        {
            let (done, is_done) = std::sync::mpsc::channel::<()>();
            let (start, may_end) = std::sync::mpsc::channel::<()>();
            let query = writer.run_long(move |_| {
                let _ = may_end.recv();
                drop(done);
                Ok(())
            });
            let mut query = pin!(query);
            poll_fn(|cx| {
                assert!(query.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            drop(start);
            // Its result may be on its way; nobody takes it.
            assert!(is_done.recv().is_err());
        }
        drop(writer);
        assert!(can_write(&pool).await);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_query_that_panics_holds_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool_of(2, &folder);
        let writer = writer(&pool).await;
        let panicked = writer.run_long::<()>(|_| panic!("as it should")).await;
        assert!(matches!(panicked, Err(Error::BrokenTransactionManager)));
        assert!(can_write(&pool).await);
    }

    #[test]
    fn many_open_a_new_file_at_once_and_write() {
        const WRITE: &str = "BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS notes (text TEXT); COMMIT";
        // Now and then SQLite refuses one that meets another's first transaction.
        for _ in 0..50 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("portal.db").display().to_string();
            thread::scope(|scope| {
                let open = || {
                    let mut conn = connect(&path, Duration::from_secs(5)).unwrap();
                    conn.batch_execute(WRITE).unwrap();
                };
                for _ in 0..16 {
                    scope.spawn(open);
                }
            });
        }
    }
}
