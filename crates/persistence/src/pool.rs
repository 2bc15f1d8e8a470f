//! The pool of connections to either database.

use std::path::Path;
use std::time::Duration;

use diesel::{Connection as _, ConnectionError, SqliteConnection};
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool,
};
use diesel_async::sync_connection_wrapper::SpawnBlocking as _;
use futures_util::FutureExt as _;
use portal_domain::store::StorageError;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::blocking::Blocking;
use crate::conn::{Conn, PgConn, SqliteConn};
use crate::errors::unavailable;

/// How full a pool of connections is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// The most connections there may be.
    pub max_size: usize,
    /// The connections there are.
    pub size: usize,
    /// The connections that nobody uses.
    pub available: usize,
    /// Those who wait for a connection.
    pub waiting: usize,
}

/// A pool of connections.
#[derive(Clone)]
pub(crate) enum Pool {
    /// To PostgreSQL.
    Pg(deadpool::Pool<PgConn>),
    /// To SQLite.
    Sqlite(deadpool::Pool<SqliteConn>),
}

impl Pool {
    /// A pool of connections to a server. It connects when it has to.
    pub(crate) fn postgres(url: &str, size: usize) -> Result<Self, deadpool::BuildError> {
        let mut config = ManagerConfig::default();
        // The default asks the server for a sign of life before each use: a round trip.
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        Ok(Self::Pg(
            deadpool::Pool::builder(manager).max_size(size).build()?,
        ))
    }

    /// A pool of connections to a file, run on the blocking threads of `runtime`.
    pub(crate) fn sqlite(
        path: &Path,
        size: usize,
        busy_timeout: Duration,
        runtime: Handle,
    ) -> Result<Self, deadpool::BuildError> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let setup = sqlite_setup(busy_timeout);
        config.custom_setup = Box::new(move |path| {
            let (path, setup, runtime) = (path.to_owned(), setup.clone(), runtime.clone());
            async move {
                let mut blocking = Blocking::on(runtime.clone());
                let conn = blocking
                    .spawn_blocking(move || SqliteConnection::establish(&path))
                    .await
                    .map_err(|error| ConnectionError::BadConnection(error.to_string()))??;
                let mut conn = SqliteConn::with_runtime(conn, blocking);
                conn.batch_execute(&setup)
                    .await
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(conn)
            }
            .boxed()
        });
        let path = path.to_string_lossy();
        let manager = AsyncDieselConnectionManager::new_with_config(path, config);
        Ok(Self::Sqlite(
            deadpool::Pool::builder(manager).max_size(size).build()?,
        ))
    }

    /// A connection, within `limit`.
    pub(crate) async fn get(&self, limit: Duration) -> Result<Conn, StorageError> {
        let conn = async {
            match self {
                Self::Pg(pool) => pool.get().await.map(Conn::Pg),
                Self::Sqlite(pool) => pool.get().await.map(|conn| Conn::Sqlite(Mutex::new(conn))),
            }
        };
        timeout(limit, conn)
            .await
            .map_err(unavailable)?
            .map_err(unavailable)
    }

    /// How full it is.
    pub(crate) fn status(&self) -> PoolStatus {
        let status = match self {
            Self::Pg(pool) => pool.status(),
            Self::Sqlite(pool) => pool.status(),
        };
        PoolStatus {
            max_size: status.max_size,
            size: status.size,
            available: status.available,
            waiting: status.waiting,
        }
    }
}

/// What every connection to SQLite begins with.
///
/// With a write-ahead log readers and the writer do not wait for each other; `FULL` makes a commit
/// survive a power cut.
pub(crate) fn sqlite_setup(busy_timeout: Duration) -> String {
    format!(
        "PRAGMA busy_timeout = {};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;",
        busy_timeout.as_millis()
    )
}
