//! A connection to either database, chosen at run time.
//!
//! A query is written once, against [`schema`](crate::schema), and run with [`RunQuery`], whose
//! bounds make the compiler check it against both databases. What diesel ties to one backend
//! (`into_boxed`, locks) goes into [`load_on_backend!`], which compiles it for each.
//!
//! A connection is used through a shared reference. On PostgreSQL joined queries are pipelined; on
//! SQLite they take turns.

use diesel::connection::SimpleConnection as _;
use diesel::pg::Pg;
use diesel::query_dsl::LoadQuery as SyncLoadQuery;
use diesel::query_dsl::methods::ExecuteDsl as SyncExecuteDsl;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{QueryResult, Selectable, SqliteConnection};
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::methods::{ExecuteDsl, LoadQuery};
use futures_util::future::join;
use portal_domain::store::StorageError;

use crate::errors::{failed, written};
use crate::postgres::{PgConn, Session};
use crate::rows::entities;
use crate::sqlite::SqliteSession;

/// A connection from a pool.
pub(crate) enum Conn {
    Pg(Session),
    Sqlite(SqliteSession),
    /// Returned to the pool, because the transaction has ended.
    Ended,
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Reads one snapshot.
    Read,
    Write,
}

impl Mode {
    pub(crate) const fn begin_on_postgres(self) -> &'static str {
        match self {
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }
}

impl Conn {
    /// Begins a transaction on SQLite; on PostgreSQL its first query does so.
    pub(crate) async fn begin(&self, mode: Mode) -> Result<(), StorageError> {
        match (self, mode) {
            (Self::Sqlite(session), Mode::Read) => session.begin_read().await.map_err(failed),
            (Self::Sqlite(session), Mode::Write) => session.begin_write().await.map_err(failed),
            (Self::Pg(_) | Self::Ended, _) => Ok(()),
        }
    }

    pub(crate) async fn commit(&self, mode: Mode) -> Result<(), StorageError> {
        match (self, mode) {
            (Self::Pg(session), _) => session.commit().await,
            (Self::Sqlite(session), Mode::Write) => session.commit().await.map_err(failed),
            (Self::Sqlite(_), Mode::Read) => self.rollback().await,
            (Self::Ended, _) => Err(failed(Error::NotInTransaction)),
        }
    }

    pub(crate) async fn rollback(&self) -> Result<(), StorageError> {
        match self {
            Self::Pg(session) => session.rollback().await,
            Self::Sqlite(session) => session.rollback().await.map_err(failed),
            Self::Ended => Err(failed(Error::NotInTransaction)),
        }
    }

    /// Runs statements without parameters.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), StorageError> {
        match self {
            Self::Pg(session) => session.batch(sql).await,
            Self::Sqlite(session) => {
                let run = |conn: &mut SqliteConnection| conn.batch_execute(sql);
                session.run(run).await.map_err(failed)
            }
            Self::Ended => Err(failed(Error::NotInTransaction)),
        }
    }
}

/// Loads rows by a query that is compiled for each backend, for what diesel ties to one
/// (`into_boxed`, locks). The part in brackets is for PostgreSQL only.
macro_rules! load_on_backend {
    ($conn:expr, $query:expr) => {
        $crate::conn::load_on_backend!($conn, $query, [])
    };
    ($conn:expr, $query:expr, [$($lock:ident),*]) => {
        $crate::conn::load_on_backend!(@by run, $conn, $query$(.$lock())*, $query)
    };
    (@by $run:ident, $conn:expr, $on_postgres:expr, $on_sqlite:expr) => {
        match $conn {
            $crate::conn::Conn::Pg(session) => {
                let query = $on_postgres;
                let mut conn: &$crate::postgres::PgConn = session.conn();
                let rows = ::diesel_async::RunQueryDsl::load(query, &mut conn);
                session.$run(rows).await
            }
            $crate::conn::Conn::Sqlite(session) => {
                let query = $on_sqlite;
                let load = move |conn: &mut ::diesel::SqliteConnection| {
                    ::diesel::query_dsl::LoadQuery::internal_load(query, conn)?.collect()
                };
                session.$run(load).await.map_err($crate::errors::failed)
            }
            $crate::conn::Conn::Ended => Err($crate::errors::failed(
                ::diesel::result::Error::NotInTransaction,
            )),
        }
    };
}
pub(crate) use load_on_backend;

/// The number in the only row of a query that is compiled for each backend, such as a count.
macro_rules! load_number_on_backend {
    ($conn:expr, $query:expr) => {
        $crate::conn::only($crate::conn::load_on_backend!($conn, $query))
    };
}
pub(crate) use load_number_on_backend;

/// The number in the only row.
pub(crate) fn only(rows: Result<Vec<i64>, StorageError>) -> Result<i64, StorageError> {
    rows?.pop().ok_or_else(|| failed(Error::NotFound))
}

/// Loads what a search finds, as [`load_on_backend!`] does. `$search` narrows `$rows`, all of which
/// are looked at. It ends when nobody waits for it.
macro_rules! search_on_backend {
    ($conn:expr, $rows:expr, |$query:pat_param| $search:expr) => {
        $crate::conn::load_on_backend!(
            @by run_long,
            $conn,
            {
                let $query = $rows;
                $search
            },
            {
                // It needs no column, so SQLite checks it before what needs the row; and for each
                // row, since its result may change.
                let $query = ::diesel::QueryDsl::filter($rows, $crate::sqlite::is_awaited());
                $search
            }
        )
    };
}
pub(crate) use search_on_backend;

/// The columns of a row type, as `as_select()` names them but tied to no backend: diesel's derive
/// gives the same ones for each.
pub(crate) trait Columns: Selectable<Pg> {
    fn columns() -> Self::SelectExpression {
        Self::construct_selection()
    }
}

impl<T: Selectable<Pg>> Columns for T {}

/// Runs a query on a [`Conn`].
pub(crate) trait RunQuery: Sized {
    fn load_all<'c, 'q, U>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Vec<U>, StorageError>> + Send
    where
        U: Send + 'static,
        Self: LoadQuery<'q, &'c PgConn, U> + SyncLoadQuery<'q, SqliteConnection, U> + Send + 'q,
    {
        async move { load_on_backend!(conn, self) }
    }

    /// The first row, if there is any.
    fn load_optional<'c, 'q, U>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Option<U>, StorageError>> + Send
    where
        U: Send + 'static,
        Self: LoadQuery<'q, &'c PgConn, U> + SyncLoadQuery<'q, SqliteConnection, U> + Send + 'q,
    {
        async move { Ok(self.load_all(conn).await?.into_iter().next()) }
    }

    /// The number in the only row, such as a count.
    fn load_number<'c, 'q>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<i64, StorageError>> + Send
    where
        Self: LoadQuery<'q, &'c PgConn, i64> + SyncLoadQuery<'q, SqliteConnection, i64> + Send + 'q,
    {
        async move { only(self.load_all(conn).await) }
    }

    /// All rows, as entities.
    fn entities<'c, 'q, U, E>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Vec<E>, StorageError>> + Send
    where
        U: Send + 'static,
        E: TryFrom<U, Error = StorageError>,
        Self: LoadQuery<'q, &'c PgConn, U> + SyncLoadQuery<'q, SqliteConnection, U> + Send + 'q,
    {
        async move { entities(self.load_all(conn).await?) }
    }

    /// The first row, as an entity, if there is any.
    fn entity<'c, 'q, U, E>(
        self,
        conn: &'c Conn,
    ) -> impl Future<Output = Result<Option<E>, StorageError>> + Send
    where
        U: Send + 'static,
        E: TryFrom<U, Error = StorageError>,
        Self: LoadQuery<'q, &'c PgConn, U> + SyncLoadQuery<'q, SqliteConnection, U> + Send + 'q,
    {
        async move { self.load_optional(conn).await?.map(E::try_from).transpose() }
    }

    /// Writes, and returns whether a row was written.
    fn execute<'c>(self, conn: &'c Conn) -> impl Future<Output = Result<bool, StorageError>> + Send
    where
        Self: ExecuteDsl<&'c PgConn> + SyncExecuteDsl<SqliteConnection> + Send,
    {
        async move {
            let rows = match conn {
                Conn::Pg(session) => {
                    let mut conn: &'c PgConn = session.conn();
                    let rows = diesel_async::RunQueryDsl::execute(self, &mut conn);
                    session.run(rows).await
                }
                Conn::Sqlite(session) => execute_on_sqlite(self, session).await.map_err(failed),
                Conn::Ended => Err(failed(Error::NotInTransaction)),
            };
            Ok(rows? > 0)
        }
    }

    /// Writes a row of `table`, which has to exist; `false` on a conflict with a unique value, in
    /// which case nothing was written and the transaction goes on.
    fn execute_or_conflict<'c>(
        self,
        conn: &'c Conn,
        table: &'static str,
    ) -> impl Future<Output = Result<bool, StorageError>> + Send
    where
        Self: ExecuteDsl<&'c PgConn> + SyncExecuteDsl<SqliteConnection> + Send,
    {
        async move {
            let rows = match conn {
                Conn::Pg(session) => {
                    let mut conn: &'c PgConn = session.conn();
                    let rows = diesel_async::RunQueryDsl::execute(self, &mut conn);
                    session.run(in_savepoint(session.conn(), rows)).await
                }
                Conn::Sqlite(session) => {
                    none_on_conflict(execute_on_sqlite(self, session).await).map_err(failed)
                }
                Conn::Ended => Err(failed(Error::NotInTransaction)),
            };
            match rows? {
                Some(rows) => written(table, rows > 0).map(|()| true),
                None => Ok(false),
            }
        }
    }
}

impl<Q> RunQuery for Q {}

async fn execute_on_sqlite<Q>(query: Q, session: &SqliteSession) -> QueryResult<usize>
where
    Q: SyncExecuteDsl<SqliteConnection> + Send,
{
    session
        .run(|conn| SyncExecuteDsl::execute(query, conn))
        .await
}

/// Keeps the transaction alive after a conflict: on PostgreSQL an error undoes everything since the
/// last savepoint, on SQLite only its own statement. The savepoint is set in the query's round trip
/// and ends with the transaction.
async fn in_savepoint(
    mut conn: &PgConn,
    query: impl Future<Output = QueryResult<usize>> + Send,
) -> QueryResult<Option<usize>> {
    let (saved, rows) = join(conn.batch_execute("SAVEPOINT attempt"), query).await;
    saved?;
    let rows = none_on_conflict(rows)?;
    if rows.is_none() {
        conn.batch_execute("ROLLBACK TO SAVEPOINT attempt").await?;
    }
    Ok(rows)
}

fn none_on_conflict(rows: QueryResult<usize>) -> QueryResult<Option<usize>> {
    match rows {
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        rows => rows.map(Some),
    }
}
