//! The store: a pool of connections, and what is opened on them.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use diesel_async::pooled_connection::deadpool::BuildError;
use portal_domain::store::{
    StorageError, Store, SystemReader, SystemWork, TenantReader, TenantScope, TenantWork,
};
use tokio::runtime::{Handle, TryCurrentError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::config::{DatabaseConfig, Target};
use crate::conn::Mode;
use crate::errors::unavailable;
use crate::handles::{System, Tenant};
use crate::migrations;
use crate::pool::{Pool, PoolStatus};
use crate::transaction::Transaction;

/// A database of the portal. Clones share one pool of connections.
#[derive(Clone)]
pub struct Database {
    config: Arc<DatabaseConfig>,
    pool: Pool,
    runtime: Handle,
    /// The turn to write. SQLite has one writer at a time; who waits here, in order, holds neither
    /// a connection nor a thread meanwhile.
    turns: Option<Arc<Semaphore>>,
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
    /// The pool could not be set up.
    #[error("the pool of connections could not be set up")]
    Pool(#[from] BuildError),
}

impl Database {
    /// Opens a database, without connecting to it yet.
    ///
    /// The work of SQLite is done on the blocking threads of the runtime that this is called in,
    /// which therefore has to outlive the database.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(config: DatabaseConfig) -> Result<Self, OpenError> {
        let runtime = Handle::try_current()?;
        let (pool, turns) = match &config.target {
            Target::Postgres(url) => (Pool::postgres(url, config.pool_size)?, None),
            Target::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(OpenError::Folder)?;
                }
                let busy = config.busy_timeout();
                let pool = Pool::sqlite(path, config.pool_size, busy, runtime.clone())?;
                (pool, Some(Arc::new(Semaphore::new(1))))
            }
        };
        Ok(Self {
            config: Arc::new(config),
            pool,
            runtime,
            turns,
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
        migrations::run(&self.config).await
    }

    /// The names of the migrations that the schema lacks, in order.
    ///
    /// # Errors
    ///
    /// As [`migrate`](Self::migrate).
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StorageError> {
        migrations::pending(&self.config).await
    }

    /// How full the pool of connections is.
    pub fn pool_status(&self) -> PoolStatus {
        self.pool.status()
    }

    async fn transaction(&self, mode: Mode) -> Result<Transaction, StorageError> {
        let turn = match mode {
            Mode::Read => None,
            Mode::Write => self.turn().await?,
        };
        let conn = self.pool.get(self.config.timeout).await?;
        Transaction::begin(conn, mode, self.runtime.clone(), turn).await
    }

    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, StorageError> {
        let Some(turns) = &self.turns else {
            return Ok(None);
        };
        let turn = timeout(
            self.config.busy_timeout(),
            Arc::clone(turns).acquire_owned(),
        )
        .await;
        turn.map_err(unavailable)?.map(Some).map_err(unavailable)
    }
}

#[async_trait]
impl Store for Database {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        Ok(Box::new(Tenant::new(
            self.transaction(Mode::Read).await?,
            scope,
        )))
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantWork>, StorageError> {
        Ok(Box::new(Tenant::new(
            self.transaction(Mode::Write).await?,
            scope,
        )))
    }

    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError> {
        Ok(Box::new(System::new(self.transaction(Mode::Read).await?)))
    }

    async fn begin_system(&self) -> Result<Box<dyn SystemWork>, StorageError> {
        Ok(Box::new(System::new(self.transaction(Mode::Write).await?)))
    }

    async fn ping(&self) -> Result<(), StorageError> {
        self.pool
            .get(self.config.timeout)
            .await?
            .batch("SELECT 1")
            .await
    }
}
