//! A connection that is PostgreSQL's or SQLite's at run time.
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
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncPgConnection, SimpleAsyncConnection as _,
    TransactionManager as _,
};
use portal_domain::store::StorageError;
use tokio::sync::Mutex;

use crate::blocking::Blocking;
use crate::errors::{failed, is_taken};

/// A connection to PostgreSQL.
pub(crate) type PgConn = AsyncPgConnection;
/// A connection to SQLite.
pub(crate) type SqliteConn = SyncConnectionWrapper<SqliteConnection, Blocking>;

/// A connection on loan from a pool.
#[expect(
    clippy::large_enum_variant,
    reason = "moved twice or so; a box would be allocated as often"
)]
pub(crate) enum Conn {
    /// To PostgreSQL.
    Pg(Object<PgConn>),
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

impl Conn {
    /// Begins a transaction. One that writes takes SQLite's only write lock at once: taking it
    /// later could fail with no way to wait for it.
    pub(crate) async fn begin(&mut self, mode: Mode) -> QueryResult<()> {
        match self {
            Self::Pg(conn) => {
                let begin = match mode {
                    Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                    Mode::Write => "BEGIN",
                };
                AnsiTransactionManager::begin_transaction_sql(&mut **conn, begin).await
            }
            Self::Sqlite(conn) => {
                let begin = match mode {
                    Mode::Read => "BEGIN DEFERRED",
                    Mode::Write => "BEGIN IMMEDIATE",
                };
                let run = |conn: &mut _| SyncTransactionManager::begin_transaction_sql(conn, begin);
                conn.get_mut().spawn_blocking(run).await
            }
            Self::Ended => Err(Error::NotInTransaction),
        }
    }

    /// Makes what was done in the transaction permanent.
    pub(crate) async fn commit(&mut self) -> QueryResult<()> {
        async fn commit<C: AsyncConnection>(conn: &mut C) -> QueryResult<()> {
            C::TransactionManager::commit_transaction(conn).await
        }
        match self {
            Self::Pg(conn) => commit(&mut **conn).await,
            Self::Sqlite(conn) => commit(&mut **conn.get_mut()).await,
            Self::Ended => Err(Error::NotInTransaction),
        }
    }

    /// Undoes what was done in the transaction.
    pub(crate) async fn rollback(&mut self) -> QueryResult<()> {
        async fn rollback<C: AsyncConnection>(conn: &mut C) -> QueryResult<()> {
            C::TransactionManager::rollback_transaction(conn).await
        }
        match self {
            Self::Pg(conn) => rollback(&mut **conn).await,
            Self::Sqlite(conn) => rollback(&mut **conn.get_mut()).await,
            Self::Ended => Err(Error::NotInTransaction),
        }
    }

    /// Closes the connection instead of giving it back.
    pub(crate) fn discard(self) {
        match self {
            Self::Pg(conn) => drop(Object::take(conn)),
            Self::Sqlite(conn) => drop(Object::take(conn.into_inner())),
            Self::Ended => {}
        }
    }

    /// Runs statements without parameters.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), StorageError> {
        let done = match self {
            Self::Pg(conn) => (&mut &**conn).batch_execute(sql).await,
            Self::Sqlite(conn) => conn.lock().await.batch_execute(sql).await,
            Self::Ended => Err(Error::NotInTransaction),
        };
        done.map_err(failed)
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
            let rows = match conn {
                Conn::Pg(conn) => {
                    let mut conn: &'c PgConn = conn;
                    diesel_async::RunQueryDsl::load(self, &mut conn).await
                }
                Conn::Sqlite(conn) => {
                    let mut conn = conn.lock().await;
                    diesel_async::RunQueryDsl::load(self, &mut **conn).await
                }
                Conn::Ended => Err(Error::NotInTransaction),
            };
            rows.map_err(failed)
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
        async move { execute(self, conn).await.map_err(failed) }
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
            // On PostgreSQL an error undoes all since the last savepoint; on SQLite only itself.
            let savepoints = matches!(conn, Conn::Pg(_));
            if savepoints {
                conn.batch("SAVEPOINT attempt").await?;
            }
            match execute(self, conn).await {
                Ok(rows) => {
                    if savepoints {
                        conn.batch("RELEASE SAVEPOINT attempt").await?;
                    }
                    Ok(Some(rows))
                }
                Err(error) if is_taken(&error) => {
                    if savepoints {
                        conn.batch("ROLLBACK TO SAVEPOINT attempt").await?;
                    }
                    Ok(None)
                }
                Err(error) => Err(failed(error)),
            }
        }
    }
}

impl<Q> RunQuery for Q {}

async fn execute<'c, Q>(query: Q, conn: &'c Conn) -> QueryResult<usize>
where
    Q: ExecuteDsl<&'c PgConn> + ExecuteDsl<SqliteConn> + Send,
{
    match conn {
        Conn::Pg(conn) => {
            let mut conn: &'c PgConn = conn;
            diesel_async::RunQueryDsl::execute(query, &mut conn).await
        }
        Conn::Sqlite(conn) => {
            let mut conn = conn.lock().await;
            diesel_async::RunQueryDsl::execute(query, &mut **conn).await
        }
        Conn::Ended => Err(Error::NotInTransaction),
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
            $crate::conn::Conn::Pg(conn) => {
                let query = $query$(.$lock())*;
                let mut conn: &$crate::conn::PgConn = conn;
                ::diesel_async::RunQueryDsl::load(query, &mut conn).await
            }
            $crate::conn::Conn::Sqlite(conn) => {
                let query = $query;
                ::diesel_async::RunQueryDsl::load(query, &mut **conn.lock().await).await
            }
            $crate::conn::Conn::Ended => Err(::diesel::result::Error::NotInTransaction),
        }
        .map_err($crate::errors::failed)
    };
}
pub(crate) use load_on_backend;
