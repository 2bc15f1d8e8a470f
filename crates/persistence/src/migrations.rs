//! Migrations: the steps by which the schema came about, embedded in the program.

use std::error::Error as StdError;
use std::path::Path;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection as _;
use diesel::migration::MigrationSource;
use diesel::{Connection as _, SqliteConnection};
use diesel_async::{AsyncConnection as _, AsyncMigrationHarness, SimpleAsyncConnection as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use portal_domain::store::StorageError;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::config::{DatabaseConfig, Target};
use crate::conn::PgConn;
use crate::errors::{failed, unavailable};
use crate::pool::sqlite_setup;

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Takes the lock under which PostgreSQL is migrated. Its number is `portal` in ASCII; any that
/// nobody else uses would do.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_lock(123623963910508)";

type Failure = Box<dyn StdError + Send + Sync>;

/// Runs the migrations that are missing, and gives their names.
pub(crate) async fn run(config: &DatabaseConfig) -> Result<Vec<String>, StorageError> {
    match &config.target {
        Target::Sqlite(path) => {
            blocking(with_sqlite(config, path, |conn| {
                conn.exclusive_transaction(|conn| run_missing(conn, SQLITE).map_err(Undone))
                    .map_err(|Undone(failure)| failure)
            }))
            .await
        }
        Target::Postgres(url) => {
            let mut conn = postgres(config, url).await?;
            conn.batch_execute(POSTGRES_LOCK).await.map_err(failed)?;
            blocking(move || run_missing(&mut AsyncMigrationHarness::new(conn), POSTGRES)).await
        }
    }
}

/// The names of the migrations that are missing.
pub(crate) async fn pending(config: &DatabaseConfig) -> Result<Vec<String>, StorageError> {
    match &config.target {
        Target::Sqlite(path) => {
            blocking(with_sqlite(config, path, |conn| missing(conn, SQLITE))).await
        }
        Target::Postgres(url) => {
            let conn = postgres(config, url).await?;
            blocking(move || missing(&mut AsyncMigrationHarness::new(conn), POSTGRES)).await
        }
    }
}

fn missing<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: impl MigrationSource<DB>,
) -> Result<Vec<String>, Failure> {
    let missing = conn.pending_migrations(migrations)?;
    Ok(missing
        .iter()
        .map(|migration| migration.name().to_string())
        .collect())
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

/// The failure of a migration, and of those before it in the same transaction.
struct Undone(Failure);

impl From<diesel::result::Error> for Undone {
    fn from(error: diesel::result::Error) -> Self {
        Self(Box::new(error))
    }
}

/// Some work on a connection of its own to a file of SQLite's.
fn with_sqlite<T>(
    config: &DatabaseConfig,
    path: &Path,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
) -> impl FnOnce() -> Result<T, Failure> + Send + 'static {
    let path = path.to_string_lossy().into_owned();
    let setup = sqlite_setup(config.busy_timeout());
    move || {
        let mut conn = SqliteConnection::establish(&path)?;
        conn.batch_execute(&setup)?;
        work(&mut conn)
    }
}

/// A connection of its own to a server of PostgreSQL's.
async fn postgres(config: &DatabaseConfig, url: &str) -> Result<PgConn, StorageError> {
    let conn = timeout(config.timeout, PgConn::establish(url)).await;
    conn.map_err(unavailable)?.map_err(unavailable)
}

/// Runs what blocks, which migrations do on both databases, on a thread made for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, StorageError> {
    let done = spawn_blocking(work)
        .await
        .unwrap_or_else(|panicked| Err(panicked.into()));
    done.map_err(
        |failure| match failure.downcast::<diesel::result::Error>() {
            Ok(error) => failed(*error),
            Err(failure) if failure.is::<diesel::ConnectionError>() => unavailable(failure),
            Err(failure) => StorageError::Query(failure),
        },
    )
}
