//! Runs the embedded schema migrations.

use std::error::Error as StdError;
use std::path::Path;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::backend::Backend;
use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_types::Bool;
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, RunQueryDsl as _, SimpleAsyncConnection as _,
    TransactionManager as _,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use portal_domain::store::StorageError;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};
use tokio_postgres::Client;

use crate::config::DatabaseConfig;
use crate::errors::{failed, in_time, unavailable};
use crate::postgres::{Address, PgConn, Role, connect_plainly};
use crate::sqlite::{OpenError, connect, is_busy};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

type PgTransaction = <PgConn as AsyncConnection>::TransactionManager;

/// Takes the lock of the transaction that migrates, if it is free. A lock of the session would stay
/// with the connection of a pooler. Its number is `portal` in ASCII; any that nobody else uses would
/// do.
const POSTGRES_LOCK: &str = "pg_try_advisory_xact_lock(123623963910508)";

/// How often a lock that another process has is asked for.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// How long SQLite waits for a lock before the log says so.
const QUIET_WAIT: Duration = Duration::from_millis(500);

const WAITS: &str = "waiting for another process that migrates, or writes to, the database";

type Failure = Box<dyn StdError + Send + Sync>;

/// Why the schema could not be read or brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database has another encoding than UTF-8.
    #[error(
        "the database has the encoding {0} and the portal needs UTF8: create it with \
         TEMPLATE template0 ENCODING 'UTF8'"
    )]
    Encoding(String),
    /// Another process has kept the lock.
    #[error(
        "another process has held the database's lock for migrations for {} seconds; on PostgreSQL, \
         pg_locks has it as an advisory lock",
        .0.as_secs()
    )]
    Locked(Duration),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

pub(crate) async fn run_on_sqlite(
    config: &DatabaseConfig,
    path: &Path,
) -> Result<Vec<String>, MigrationError> {
    let patience = config.migration_patience;
    let work = with_sqlite(config, path, move |conn| {
        set_busy_timeout(conn, QUIET_WAIT.min(patience))?;
        let migrate = |conn: &mut SqliteConnection| {
            conn.exclusive_transaction(|conn| run_missing(conn, SQLITE))
        };
        match migrate(conn) {
            Err(failure) if is_locked(&failure) => {
                tracing::warn!("{WAITS}");
                set_busy_timeout(conn, patience)?;
                migrate(conn).map_err(|failure| {
                    if is_locked(&failure) {
                        MigrationError::Locked(patience).into()
                    } else {
                        failure
                    }
                })
            }
            outcome => outcome,
        }
    });
    blocking(work).await
}

fn set_busy_timeout(conn: &mut SqliteConnection, timeout: Duration) -> diesel::QueryResult<()> {
    conn.batch_execute(&format!("PRAGMA busy_timeout = {}", timeout.as_millis()))
}

fn is_locked(failure: &Failure) -> bool {
    let error = failure.downcast_ref::<diesel::result::Error>();
    error.is_some_and(is_busy)
}

pub(crate) async fn pending_on_sqlite(
    config: &DatabaseConfig,
    path: &Path,
) -> Result<Vec<String>, MigrationError> {
    let work = with_sqlite(config, path, |conn| {
        let missing = conn.pending_migrations(SQLITE)?;
        let names = missing.iter().map(|migration| migration.name().to_string());
        Ok(names.collect())
    });
    blocking(work).await
}

/// All that is missing is one transaction.
pub(crate) async fn run_on_postgres(
    config: &DatabaseConfig,
    owner: &Address,
) -> Result<Vec<String>, MigrationError> {
    let (client, driver) = in_time(config.timeout, connect_plainly(owner)).await?;
    in_time(config.timeout, encoding(&client)).await??;
    let mut conn = in_time(config.timeout, PgConn::try_from(client)).await?;
    begin_locked(&mut conn, config.migration_patience).await?;
    let (mut conn, names) = blocking(move || {
        let mut harness = AsyncMigrationHarness::new(conn);
        let names = run_missing(&mut harness, POSTGRES)?;
        Ok((harness.into_inner(), names))
    })
    .await?;
    PgTransaction::commit_transaction(&mut conn)
        .await
        .map_err(failed)?;
    // Nobody is connected any more when this is done. A connection that ends late is no failure.
    drop(conn);
    drop(in_time(config.timeout, driver).await);
    Ok(names)
}

/// Begins a transaction that has the lock, which it waits for until `patience` is over. No statement
/// in it waits longer for a table either.
async fn begin_locked(conn: &mut PgConn, patience: Duration) -> Result<(), MigrationError> {
    let start = Instant::now();
    let mut is_told = false;
    loop {
        PgTransaction::begin_transaction(conn)
            .await
            .map_err(failed)?;
        let lock = diesel::select(sql::<Bool>(POSTGRES_LOCK));
        if lock.get_result(conn).await.map_err(failed)? {
            let limit = format!("SET LOCAL lock_timeout = {}", patience.as_millis());
            return Ok(conn.batch_execute(&limit).await.map_err(failed)?);
        }
        PgTransaction::rollback_transaction(conn)
            .await
            .map_err(failed)?;
        if start.elapsed() >= patience {
            return Err(MigrationError::Locked(patience));
        }
        if !is_told {
            tracing::warn!("{WAITS}");
            is_told = true;
        }
        sleep(RETRY_AFTER.min(patience)).await;
    }
}

/// Makes sure that the database can hold every text. Others fail at the first foreign letter, or
/// (`SQL_ASCII`) hold bytes that are no text.
async fn encoding(client: &Client) -> Result<Result<(), MigrationError>, tokio_postgres::Error> {
    let row = client.query_one("SHOW server_encoding", &[]).await?;
    let encoding: String = row.try_get(0)?;
    Ok(match encoding.as_str() {
        "UTF8" => Ok(()),
        _ => Err(MigrationError::Encoding(encoding)),
    })
}

/// Diesel's own `pending_migrations` would create a table, which most logins may not.
pub(crate) async fn pending_on_postgres(
    config: &DatabaseConfig,
    login: &Address,
) -> Result<Vec<String>, MigrationError> {
    let (client, _) = in_time(config.timeout, connect_plainly(login)).await?;
    in_time(config.timeout, encoding(&client)).await??;
    let applied = in_time(config.timeout, applied(&client)).await?;
    let all = MigrationSource::<Pg>::migrations(&POSTGRES).map_err(StorageError::Query)?;
    let names = all.iter().map(|migration| migration.name());
    let missing = names.filter(|name| !applied.contains(&name.version().to_string()));
    let mut missing: Vec<_> = missing.map(ToString::to_string).collect();
    missing.sort_unstable();
    Ok(missing)
}

async fn applied(client: &Client) -> Result<Vec<String>, tokio_postgres::Error> {
    let table = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL";
    if !client.query_one(table, &[]).await?.try_get::<_, bool>(0)? {
        return Ok(Vec::new());
    }
    let versions = "SELECT version FROM __diesel_schema_migrations";
    let rows = client.query(versions, &[]).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Whether a login may change the schema: as the owner of the tables, or while there is none, as
/// one who may create them.
pub(crate) async fn may_run_on_postgres(
    config: &DatabaseConfig,
    login: &Address,
) -> Result<bool, StorageError> {
    let (client, _) = in_time(config.timeout, connect_plainly(login)).await?;
    let rights = "SELECT coalesce(
        pg_has_role(session_user, to_regrole($1)::oid, 'MEMBER'),
        has_schema_privilege(session_user, current_schema(), 'CREATE')
    )";
    let owner = Role::Owner.as_str();
    let answer = in_time(config.timeout, client.query_one(rights, &[&owner])).await?;
    answer.try_get(0).map_err(unavailable)
}

fn run_missing<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: impl MigrationSource<DB>,
) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for migration in conn.pending_migrations(migrations)? {
        conn.run_migration(&migration)?;
        names.push(migration.name().to_string());
    }
    Ok(names)
}

fn with_sqlite<T>(
    config: &DatabaseConfig,
    path: &Path,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
) -> impl FnOnce() -> Result<T, Failure> + Send + 'static {
    let path = path.to_string_lossy().into_owned();
    let busy_timeout = config.busy_timeout();
    move || {
        let mut conn = connect(&path, busy_timeout)?;
        work(&mut conn)
    }
}

/// Migrations block on both databases.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, MigrationError> {
    let done = spawn_blocking(work)
        .await
        .unwrap_or_else(|panicked| Err(panicked.into()));
    done.map_err(|failure| match failure.downcast::<MigrationError>() {
        Ok(error) => *error,
        Err(failure) => storage_error(failure).into(),
    })
}

fn storage_error(failure: Failure) -> StorageError {
    match failure.downcast::<diesel::result::Error>() {
        Ok(error) => failed(*error),
        Err(failure) => match failure.downcast::<OpenError>().map(|error| *error) {
            Ok(OpenError::Setup(error)) => failed(error),
            Ok(error) => unavailable(error),
            Err(failure) => StorageError::Query(failure),
        },
    }
}
