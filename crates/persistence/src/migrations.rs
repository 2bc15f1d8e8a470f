//! Runs the embedded schema migrations.

use std::error::Error as StdError;
use std::path::Path;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection as _;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::{Connection as _, SqliteConnection};
use diesel_async::{AsyncMigrationHarness, SimpleAsyncConnection as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use portal_domain::store::StorageError;
use tokio::task::spawn_blocking;
use tokio_postgres::Client;

use crate::config::DatabaseConfig;
use crate::errors::{failed, in_time, unavailable};
use crate::pool::sqlite_setup;
use crate::postgres::{Address, Role, connect_plainly, connect_to_migrate};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The lock's number is `portal` in ASCII; any that nobody else uses would do.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_lock(123623963910508)";

type Failure = Box<dyn StdError + Send + Sync>;

pub(crate) async fn run_on_sqlite(
    config: &DatabaseConfig,
    path: &Path,
) -> Result<Vec<String>, StorageError> {
    let work = with_sqlite(config, path, |conn| {
        conn.exclusive_transaction(|conn| run_missing(conn, SQLITE))
    });
    blocking(work).await
}

pub(crate) async fn pending_on_sqlite(
    config: &DatabaseConfig,
    path: &Path,
) -> Result<Vec<String>, StorageError> {
    let work = with_sqlite(config, path, |conn| {
        let missing = conn.pending_migrations(SQLITE)?;
        let names = missing.iter().map(|migration| migration.name().to_string());
        Ok(names.collect())
    });
    blocking(work).await
}

pub(crate) async fn run_on_postgres(
    config: &DatabaseConfig,
    owner: &Address,
) -> Result<Vec<String>, StorageError> {
    let mut conn = in_time(config.timeout, connect_to_migrate(owner)).await?;
    conn.batch_execute(POSTGRES_LOCK).await.map_err(failed)?;
    blocking(move || run_missing(&mut AsyncMigrationHarness::new(conn), POSTGRES)).await
}

/// Diesel's own `pending_migrations` would create a table, which most logins may not.
pub(crate) async fn pending_on_postgres(
    config: &DatabaseConfig,
    login: &Address,
) -> Result<Vec<String>, StorageError> {
    let (client, _) = in_time(config.timeout, connect_plainly(login)).await?;
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
    let setup = sqlite_setup(config.busy_timeout());
    move || {
        let mut conn = SqliteConnection::establish(&path)?;
        conn.batch_execute(&setup)?;
        work(&mut conn)
    }
}

/// Migrations block on both databases.
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
