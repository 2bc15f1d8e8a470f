//! The store: connection pools and the handles opened on them.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool::Status as PoolStatus;
use deadpool::managed::BuildError;
use portal_domain::store::{
    Asker, RequestStore, SharedStore, StorageError, Store, SystemReader, SystemTransaction,
    TenantReader, TenantScope, TenantStore, TenantTransaction,
};
use tokio::runtime::{Handle, TryCurrentError};
use tokio::sync::Semaphore;

use crate::config::{Access, DatabaseConfig, Target};
use crate::conn::{Conn, Mode};
use crate::errors::in_time;
use crate::handles::{System, Tenant};
use crate::migrations::{self, MigrationError};
use crate::postgres::{AddressError, IsolationError, PoolerError, Postgres};
use crate::shares::{DatabaseShares, OnBehalf};
use crate::sqlite::{SqlitePool, SqliteSession, open_sqlite};
use crate::transaction::Transaction;

/// How long a check of readiness waits while another process writes to an SQLite file.
const SQLITE_PROBE_LIMIT: Duration = Duration::from_secs(1);

/// A write that changes nothing.
const HARMLESS_WRITE: &str = "UPDATE portal_users SET updated_at = updated_at WHERE false";

/// A database of the portal. Clones share its connections.
#[derive(Clone)]
pub struct Database {
    config: Arc<DatabaseConfig>,
    backend: Backend,
    /// What each organization, user and address uses of the connections and of SQLite's turn to write.
    pub(crate) shares: DatabaseShares,
    runtime: Handle,
}

#[derive(Clone)]
enum Backend {
    Postgres(Arc<Postgres>),
    Sqlite {
        path: PathBuf,
        pool: SqlitePool,
        /// One connection for checks of readiness alone.
        probe: SqlitePool,
        /// SQLite has one writer at a time; who waits for the turn holds neither a connection nor
        /// a thread.
        turns: Arc<Semaphore>,
    },
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no Tokio runtime.
    #[error("a database can only be opened inside a Tokio runtime")]
    NoRuntime(#[from] TryCurrentError),
    /// The folder for the database's file could not be created.
    #[error("the folder for the database's file could not be created")]
    Folder(#[source] io::Error),
    /// An address is not valid.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A pool could not be set up.
    #[error("the pool of connections could not be set up")]
    Pool(#[from] BuildError),
}

impl Database {
    /// Opens a database, without connecting to it yet.
    ///
    /// The runtime that this is called in has to outlive the database: it rolls back transactions
    /// that are dropped elsewhere, and has the blocking threads on which SQLite does slow work.
    pub fn open(config: DatabaseConfig) -> Result<Self, OpenError> {
        let runtime = Handle::try_current()?;
        let backend = match &config.target {
            Target::Postgres(logins) => {
                Backend::Postgres(Arc::new(Postgres::open(logins, &config)?))
            }
            Target::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(OpenError::Folder)?;
                }
                let busy = config.busy_timeout();
                Backend::Sqlite {
                    path: path.clone(),
                    pool: open_sqlite(path, config.pool_size, busy, runtime.clone())?,
                    probe: open_sqlite(path, 1, SQLITE_PROBE_LIMIT, runtime.clone())?,
                    turns: Arc::new(Semaphore::new(1)),
                }
            }
        };
        let system = match (&backend, config.access) {
            (Backend::Postgres(_), Access::Serve) => Some(config.system_pool_size()),
            _ => None,
        };
        Ok(Self {
            shares: DatabaseShares::new(config.pool_size, system, config.busy_timeout()),
            config: Arc::new(config),
            backend,
            runtime,
        })
    }

    /// Brings the schema up to date, and returns the names of the migrations that were missing.
    ///
    /// Several processes may do so at once: one works, the others wait and find nothing to do. All
    /// migrations are one transaction, which is rolled back if one of them fails.
    ///
    /// # Errors
    ///
    /// [`MigrationError`], also for a PostgreSQL database that is not UTF-8.
    pub async fn migrate(&self) -> Result<Vec<String>, MigrationError> {
        match &self.backend {
            Backend::Postgres(postgres) => {
                migrations::run_on_postgres(&self.config, &postgres.owner).await
            }
            Backend::Sqlite { path, .. } => migrations::run_on_sqlite(&self.config, path).await,
        }
    }

    /// The names of the migrations that the schema lacks, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, MigrationError> {
        match &self.backend {
            Backend::Postgres(postgres) => {
                migrations::pending_on_postgres(&self.config, &postgres.owner).await
            }
            Backend::Sqlite { path, .. } => migrations::pending_on_sqlite(&self.config, path).await,
        }
    }

    /// Checks that a connection pooler between the portal and PostgreSQL, if there is one, keeps
    /// prepared statements and roles apart. SQLite has none.
    pub async fn check_pooler(&self) -> Result<(), PoolerError> {
        if let Backend::Postgres(postgres) = &self.backend {
            postgres.check_pooler(self.config.access).await?;
        }
        Ok(())
    }

    /// Whether the owner's login may [`migrate`](Self::migrate).
    pub async fn may_migrate(&self) -> Result<bool, StorageError> {
        match &self.backend {
            Backend::Postgres(postgres) => {
                migrations::may_run_on_postgres(&self.config, &postgres.owner).await
            }
            Backend::Sqlite { .. } => Ok(true),
        }
    }

    /// Checks that row-level security holds for the logins that serve requests: neither is a
    /// superuser, has BYPASSRLS or CREATEROLE, owns tables, or may take the owner's role or the
    /// other's. In `production` a failure is an error, otherwise a warning in the log. SQLite has
    /// no row-level security.
    pub async fn check_isolation(&self, production: bool) -> Result<(), IsolationError> {
        if let (Backend::Postgres(postgres), Access::Serve) = (&self.backend, self.config.access) {
            postgres.check_isolation(production).await?;
        }
        Ok(())
    }

    /// How full the pool of connections that work on one organization is.
    pub fn pool_status(&self) -> PoolStatus {
        match &self.backend {
            Backend::Postgres(postgres) => postgres.tenant_pool.status(),
            Backend::Sqlite { pool, .. } => pool.status(),
        }
    }

    /// How full the pool of connections that work across organizations is, where it is another.
    pub fn system_pool_status(&self) -> Option<PoolStatus> {
        match &self.backend {
            Backend::Postgres(postgres) => Some(postgres.system_pool.status()),
            Backend::Sqlite { .. } => None,
        }
    }

    /// A transaction on one organization's data, for a request of `asker` or for the portal itself.
    pub(crate) async fn tenant(
        &self,
        mode: Mode,
        scope: TenantScope,
        asker: Option<Asker>,
    ) -> Result<Tenant, StorageError> {
        let places = self.shares.within(scope, asker).await?;
        let transaction = self.transaction(mode, Some(scope)).await?;
        Ok(Tenant::new(transaction, scope).within(places))
    }

    pub(crate) async fn transaction(
        &self,
        mode: Mode,
        scope: Option<TenantScope>,
    ) -> Result<Transaction, StorageError> {
        let (conn, turn) = match &self.backend {
            Backend::Postgres(postgres) => (Conn::Pg(postgres.session(mode, scope).await?), None),
            Backend::Sqlite { pool, turns, .. } => {
                let turn = match mode {
                    Mode::Read => None,
                    Mode::Write => {
                        let turn = Arc::clone(turns).acquire_owned();
                        Some(in_time(self.config.busy_timeout(), turn).await?)
                    }
                };
                let conn = in_time(self.config.timeout, pool.get()).await?;
                (
                    Conn::Sqlite(SqliteSession::new(conn, self.runtime.clone())),
                    turn,
                )
            }
        };
        Transaction::begin(conn, mode, self.runtime.clone(), turn).await
    }
}

#[async_trait]
impl TenantStore for Database {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        Ok(Box::new(self.tenant(Mode::Read, scope, None).await?))
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        Ok(Box::new(self.tenant(Mode::Write, scope, None).await?))
    }
}

#[async_trait]
impl Store for Database {
    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError> {
        let transaction = self.transaction(Mode::Read, None).await?;
        Ok(Box::new(System::new(transaction, ())))
    }

    async fn begin_system(&self) -> Result<Box<dyn SystemTransaction>, StorageError> {
        let transaction = self.transaction(Mode::Write, None).await?;
        Ok(Box::new(System::new(transaction, ())))
    }
}

#[async_trait]
impl SharedStore for Database {
    fn on_behalf_of(&self, asker: Asker) -> Box<dyn RequestStore> {
        let database = self.clone();
        Box::new(OnBehalf { database, asker })
    }

    async fn ping(&self) -> Result<(), StorageError> {
        match &self.backend {
            Backend::Postgres(postgres) => postgres.ping().await,
            Backend::Sqlite { probe, turns, .. } => {
                // In its turn: a database that is merely busy is not gone.
                let turn = Arc::clone(turns).acquire_owned();
                let turn = in_time(self.config.busy_timeout(), turn).await?;
                let conn = in_time(self.config.timeout, probe.get()).await?;
                let runtime = self.runtime.clone();
                let conn = Conn::Sqlite(SqliteSession::new(conn, runtime.clone()));
                let transaction =
                    Transaction::begin(conn, Mode::Write, runtime, Some(turn)).await?;
                transaction.conn().batch(HARMLESS_WRITE).await?;
                transaction.rollback().await
            }
        }
    }
}
