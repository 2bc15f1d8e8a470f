//! A connection to either database, chosen at run time.
//!
//! A query is written once, against [`schema`](crate::schema), and run with [`RunQuery`]: its
//! bounds hold for both databases, so the compiler checks every query against both where it is
//! run. What diesel ties to one backend (`into_boxed`) goes into
//! [`load_on_backend!`], which compiles it for each.
//!
//! A connection is used through a shared reference. On PostgreSQL queries that are joined travel
//! together; on SQLite they take turns.

use diesel::connection::AnsiTransactionManager as SyncTransactionManager;
use diesel::pg::Pg;
use diesel::result::Error;
use diesel::{QueryResult, Selectable, SqliteConnection};
use diesel_async::methods::{ExecuteDsl, LoadQuery};
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, SimpleAsyncConnection as _, TransactionManager as _};
use futures_util::future::join;
use portal_domain::store::StorageError;
use tokio::sync::Mutex;

use crate::blocking::Blocking;
use crate::errors::{failed, is_taken};
use crate::postgres::{PgConn, Session};

/// A connection to SQLite.
pub(crate) type SqliteConn = SyncConnectionWrapper<SqliteConnection, Blocking>;

/// A connection on loan from a pool.
pub(crate) enum Conn {
    /// To PostgreSQL.
    Pg(Session),
    /// To SQLite, for one query at a time.
    Sqlite(Mutex<Object<SqliteConn>>),
    /// No longer on loan, because the transaction has ended.
    Ended,
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Read, all from one moment.
    Read,
    /// Read and write.
    Write,
}

impl Mode {
    /// What begins such a transaction on PostgreSQL.
    pub(crate) const fn begin_on_postgres(self) -> &'static str {
        match self {
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }

    /// What begins such a transaction on SQLite. One that writes takes the only write lock at
    /// once: taking it later could fail with no way to wait for it.
    const fn begin_on_sqlite(self) -> &'static str {
        match self {
            Self::Read => "BEGIN DEFERRED",
            Self::Write => "BEGIN IMMEDIATE",
        }
    }
}

/// Begins a transaction on SQLite.
pub(crate) async fn begin_on_sqlite(
    conn: &Mutex<Object<SqliteConn>>,
    mode: Mode,
) -> QueryResult<()> {
    let begin = mode.begin_on_sqlite();
    let run = move |conn: &mut _| SyncTransactionManager::begin_transaction_sql(conn, begin);
    conn.lock().await.spawn_blocking(run).await
}

impl Conn {
    /// Makes what was done in the transaction permanent.
    pub(crate) async fn commit(&self) -> Result<(), StorageError> {
        async fn commit<C: AsyncConnection>(conn: &mut C) -> QueryResult<()> {
            C::TransactionManager::commit_transaction(conn).await
        }
        match self {
            Self::Pg(session) => session.commit().await,
            Self::Sqlite(conn) => commit(&mut **conn.lock().await).await.map_err(failed),
            Self::Ended => Err(failed(Error::NotInTransaction)),
        }
    }

    /// Undoes what was done in the transaction.
    pub(crate) async fn rollback(&self) -> Result<(), StorageError> {
        async fn rollback<C: AsyncConnection>(conn: &mut C) -> QueryResult<()> {
            C::TransactionManager::rollback_transaction(conn).await
        }
        match self {
            Self::Pg(session) => session.rollback().await,
            Self::Sqlite(conn) => rollback(&mut **conn.lock().await).await.map_err(failed),
            Self::Ended => Err(failed(Error::NotInTransaction)),
        }
    }

    /// Runs statements without parameters.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), StorageError> {
        match self {
            Self::Pg(session) => session.batch(sql).await,
            Self::Sqlite(conn) => conn.lock().await.batch_execute(sql).await.map_err(failed),
            Self::Ended => Err(failed(Error::NotInTransaction)),
        }
    }
}

/// The columns of a row type, as `as_select()` names them but tied to no backend: diesel's derive
/// gives the same ones for each.
pub(crate) trait Columns: Selectable<Pg> {
    /// Selects them.
    fn columns() -> Self::SelectExpression {
        Self::construct_selection()
    }
}

impl<T: Selectable<Pg>> Columns for T {}

/// Runs a query on a [`Conn`].
pub(crate) trait RunQuery: Sized {
    /// All rows.
    fn load_all<'c, 'q, U>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Vec<U>, StorageError>> + Send
    where
        U: Send + 'static,
        Self: LoadQuery<'q, &'c PgConn, U> + LoadQuery<'q, SqliteConn, U> + Send + 'q,
    {
        async move {
            match conn {
                Conn::Pg(session) => {
                    let mut conn: &'c PgConn = session.conn();
                    let rows = diesel_async::RunQueryDsl::load(self, &mut conn);
                    session.run(rows).await
                }
                Conn::Sqlite(conn) => {
                    let mut conn = conn.lock().await;
                    let rows = diesel_async::RunQueryDsl::load(self, &mut **conn).await;
                    rows.map_err(failed)
                }
                Conn::Ended => Err(failed(Error::NotInTransaction)),
            }
        }
    }

    /// The first row, if there is any.
    fn load_optional<'c, 'q, U>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Option<U>, StorageError>> + Send
    where
        U: Send + 'static,
        Self: LoadQuery<'q, &'c PgConn, U> + LoadQuery<'q, SqliteConn, U> + Send + 'q,
    {
        async move { Ok(self.load_all(conn).await?.into_iter().next()) }
    }

    /// The number in the only row, such as a count.
    fn load_number<'c, 'q>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<i64, StorageError>> + Send
    where
        Self: LoadQuery<'q, &'c PgConn, i64> + LoadQuery<'q, SqliteConn, i64> + Send + 'q,
    {
        async move {
            let number = self.load_optional(conn).await?;
            number.ok_or_else(|| failed(Error::NotFound))
        }
    }

    /// All rows, as entities.
    fn entities<'c, 'q, U, E>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Vec<E>, StorageError>> + Send
    where
        U: Send + 'static,
        E: TryFrom<U, Error = StorageError>,
        Self: LoadQuery<'q, &'c PgConn, U> + LoadQuery<'q, SqliteConn, U> + Send + 'q,
    {
        async move {
            self.load_all(conn)
                .await?
                .into_iter()
                .map(E::try_from)
                .collect()
        }
    }

    /// The first row, as an entity, if there is any.
    fn entity<'c, 'q, U, E>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Option<E>, StorageError>> + Send
    where
        U: Send + 'static,
        E: TryFrom<U, Error = StorageError>,
        Self: LoadQuery<'q, &'c PgConn, U> + LoadQuery<'q, SqliteConn, U> + Send + 'q,
    {
        async move { self.load_optional(conn).await?.map(E::try_from).transpose() }
    }

    /// Writes, and says how many rows.
    fn execute<'c>(self, conn: &'c Conn) -> impl Future<Output = Result<usize, StorageError>> + Send
    where
        Self: ExecuteDsl<&'c PgConn> + ExecuteDsl<SqliteConn> + Send,
    {
        async move {
            match conn {
                Conn::Pg(session) => {
                    let mut conn: &'c PgConn = session.conn();
                    let rows = diesel_async::RunQueryDsl::execute(self, &mut conn);
                    session.run(rows).await
                }
                Conn::Sqlite(conn) => execute_on_sqlite(self, conn).await.map_err(failed),
                Conn::Ended => Err(failed(Error::NotInTransaction)),
            }
        }
    }

    /// Writes, and says how many rows; `None` when a unique value is taken, in which case nothing
    /// was written and the transaction goes on.
    fn execute_unless_taken<'c>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Option<usize>, StorageError>> + Send
    where
        Self: ExecuteDsl<&'c PgConn> + ExecuteDsl<SqliteConn> + Send,
    {
        async move {
            match conn {
                Conn::Pg(session) => {
                    let mut conn: &'c PgConn = session.conn();
                    let rows = diesel_async::RunQueryDsl::execute(self, &mut conn);
                    session.run(unless_taken(session.conn(), rows)).await
                }
                Conn::Sqlite(conn) => match execute_on_sqlite(self, conn).await {
                    Ok(rows) => Ok(Some(rows)),
                    Err(error) if is_taken(&error) => Ok(None),
                    Err(error) => Err(failed(error)),
                },
                Conn::Ended => Err(failed(Error::NotInTransaction)),
            }
        }
    }
}

impl<Q> RunQuery for Q {}

async fn execute_on_sqlite<Q>(query: Q, conn: &Mutex<Object<SqliteConn>>) -> QueryResult<usize>
where
    Q: ExecuteDsl<SqliteConn> + Send,
{
    let mut conn = conn.lock().await;
    diesel_async::RunQueryDsl::execute(query, &mut **conn).await
}

/// On PostgreSQL an error undoes all since the last savepoint; on SQLite only itself. Setting the
/// savepoint travels with the query; it goes when the transaction does.
async fn unless_taken(
    mut conn: &PgConn,
    query: impl Future<Output = QueryResult<usize>> + Send,
) -> QueryResult<Option<usize>> {
    let (saved, rows) = join(conn.batch_execute("SAVEPOINT attempt"), query).await;
    saved?;
    match rows {
        Ok(rows) => Ok(Some(rows)),
        Err(error) if is_taken(&error) => {
            conn.batch_execute("ROLLBACK TO SAVEPOINT attempt").await?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Loads rows by a query that is compiled for each backend, for what diesel ties to one
/// (`into_boxed`, locks). The part in brackets is for PostgreSQL only.
macro_rules! load_on_backend {
    ($conn:expr, $query:expr) => {
        $crate::conn::load_on_backend!($conn, $query, [])
    };
    ($conn:expr, $query:expr, [$($lock:ident),*]) => {
        match $conn {
            $crate::conn::Conn::Pg(session) => {
                let query = $query$(.$lock())*;
                let mut conn: &$crate::postgres::PgConn = session.conn();
                let rows = ::diesel_async::RunQueryDsl::load(query, &mut conn);
                session.run(rows).await
            }
            $crate::conn::Conn::Sqlite(conn) => {
                let query = $query;
                let rows = ::diesel_async::RunQueryDsl::load(query, &mut **conn.lock().await).await;
                rows.map_err($crate::errors::failed)
            }
            $crate::conn::Conn::Ended => Err($crate::errors::failed(
                ::diesel::result::Error::NotInTransaction,
            )),
        }
    };
}
pub(crate) use load_on_backend;
