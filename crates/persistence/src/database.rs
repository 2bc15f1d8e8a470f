//! The store: connection pools and the handles opened on them.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use deadpool::managed::BuildError;
use portal_domain::store::{
    StorageError, Store, SystemReader, SystemTransaction, TenantReader, TenantScope,
    TenantTransaction,
};
use tokio::runtime::{Handle, TryCurrentError};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::config::{Access, DatabaseConfig, Target};
use crate::conn::Mode;
use crate::errors::unavailable;
use crate::handles::{System, Tenant};
use crate::migrations;
use crate::pool::{PoolStatus, SqlitePool, open_sqlite};
use crate::postgres::{AddressError, IsolationError, Postgres};
use crate::transaction::Transaction;

/// A database of the portal. Clones share its connections.
#[derive(Clone)]
pub struct Database {
    config: Arc<DatabaseConfig>,
    backend: Backend,
    runtime: Handle,
}

/// Which database it is, and the connections to it.
#[derive(Clone)]
enum Backend {
    Postgres(Arc<Postgres>),
    Sqlite {
        path: PathBuf,
        pool: SqlitePool,
        /// The turn to write. SQLite has one writer at a time; who waits here, in order, holds
        /// neither a connection nor a thread meanwhile.
        turns: Arc<Semaphore>,
    },
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no Tokio runtime here, on whose threads the database could work.
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
    /// The connections live on the runtime that this is called in, which therefore has to outlive
    /// the database; so do the blocking threads on which SQLite works.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(config: DatabaseConfig) -> Result<Self, OpenError> {
        let runtime = Handle::try_current()?;
        let backend = match &config.target {
            Target::Postgres(logins) => {
                Backend::Postgres(Arc::new(Postgres::open(logins, &config, &runtime)?))
            }
            Target::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(OpenError::Folder)?;
                }
                let busy = config.busy_timeout();
                Backend::Sqlite {
                    path: path.clone(),
                    pool: open_sqlite(path, config.pool_size, busy, runtime.clone())?,
                    turns: Arc::new(Semaphore::new(1)),
                }
            }
        };
        Ok(Self {
            config: Arc::new(config),
            backend,
            runtime,
        })
    }

    /// Brings the schema up to date, and gives the names of the migrations that were missing.
    ///
    /// Several processes may do so at once: one works, the others wait and find nothing to do.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unavailable`] when the database cannot be reached, and
    /// [`StorageError::Query`] when a migration fails, which is undone.
    pub async fn migrate(&self) -> Result<Vec<String>, StorageError> {
        match &self.backend {
            Backend::Postgres(postgres) => {
                migrations::run_on_postgres(&self.config, postgres.owner()).await
            }
            Backend::Sqlite { path, .. } => migrations::run_on_sqlite(&self.config, path).await,
        }
    }

    /// The names of the migrations that the schema lacks, in order.
    ///
    /// # Errors
    ///
    /// As [`migrate`](Self::migrate).
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StorageError> {
        match &self.backend {
            Backend::Postgres(postgres) => {
                migrations::pending_on_postgres(&self.config, postgres.owner()).await
            }
            Backend::Sqlite { path, .. } => migrations::pending_on_sqlite(&self.config, path).await,
        }
    }

    /// Whether the owner's login may [`migrate`](Self::migrate).
    ///
    /// # Errors
    ///
    /// [`StorageError::Unavailable`] when the database cannot be reached.
    pub async fn may_migrate(&self) -> Result<bool, StorageError> {
        match &self.backend {
            Backend::Postgres(postgres) => {
                migrations::may_run_on_postgres(&self.config, postgres.owner()).await
            }
            Backend::Sqlite { .. } => Ok(true),
        }
    }

    /// Makes sure that PostgreSQL keeps organizations apart, whatever this program does: that
    /// neither login that serves requests is a superuser, has BYPASSRLS or CREATEROLE, owns tables,
    /// or may take the owner's role or the other's. In `production` one that does not comply is an
    /// error, otherwise a warning in the log. SQLite has nothing of the kind.
    ///
    /// # Errors
    ///
    /// See [`IsolationError`].
    pub async fn check_isolation(&self, production: bool) -> Result<(), IsolationError> {
        match (&self.backend, self.config.access) {
            (Backend::Postgres(postgres), Access::Serve) => {
                postgres.check_isolation(&self.config, production).await
            }
            (Backend::Postgres(_), Access::Operate) | (Backend::Sqlite { .. }, _) => Ok(()),
        }
    }

    /// How full the pool of connections that work on one organization is.
    pub fn pool_status(&self) -> PoolStatus {
        match &self.backend {
            Backend::Postgres(postgres) => postgres.status(),
            Backend::Sqlite { pool, .. } => pool.status().into(),
        }
    }

    /// How full the pool of connections that work across organizations is, where it is another.
    pub fn system_pool_status(&self) -> Option<PoolStatus> {
        match &self.backend {
            Backend::Postgres(postgres) => Some(postgres.system_status()),
            Backend::Sqlite { .. } => None,
        }
    }

    /// A transaction, on one organization's data or across all.
    async fn transaction(
        &self,
        mode: Mode,
        scope: Option<TenantScope>,
    ) -> Result<Transaction, StorageError> {
        let limit = self.config.timeout;
        match &self.backend {
            Backend::Postgres(postgres) => {
                let session = postgres.session(mode, scope).await?;
                Ok(Transaction::on_postgres(
                    session,
                    mode,
                    self.runtime.clone(),
                ))
            }
            Backend::Sqlite { pool, turns, .. } => {
                let turn = match mode {
                    Mode::Read => None,
                    Mode::Write => Some(self.turn(turns).await?),
                };
                let conn = timeout(limit, pool.get()).await;
                let conn = Mutex::new(conn.map_err(unavailable)?.map_err(unavailable)?);
                Transaction::on_sqlite(conn, mode, self.runtime.clone(), turn).await
            }
        }
    }

    async fn turn(&self, turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StorageError> {
        let turn = Arc::clone(turns).acquire_owned();
        timeout(self.config.busy_timeout(), turn)
            .await
            .map_err(unavailable)?
            .map_err(unavailable)
    }
}

#[async_trait]
impl Store for Database {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        let transaction = self.transaction(Mode::Read, Some(scope)).await?;
        Ok(Box::new(Tenant::new(transaction, scope)))
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        let transaction = self.transaction(Mode::Write, Some(scope)).await?;
        Ok(Box::new(Tenant::new(transaction, scope)))
    }

    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError> {
        let transaction = self.transaction(Mode::Read, None).await?;
        Ok(Box::new(System::new(transaction)))
    }

    async fn begin_system(&self) -> Result<Box<dyn SystemTransaction>, StorageError> {
        let transaction = self.transaction(Mode::Write, None).await?;
        Ok(Box::new(System::new(transaction)))
    }

    async fn ping(&self) -> Result<(), StorageError> {
        let transaction = match &self.backend {
            Backend::Postgres(postgres) => {
                let session = postgres.plain_session().await?;
                Transaction::on_postgres(session, Mode::Read, self.runtime.clone())
            }
            Backend::Sqlite { .. } => self.transaction(Mode::Read, None).await?,
        };
        transaction.conn().batch("SELECT 1").await
    }
}
