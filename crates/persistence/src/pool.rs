//! The pool of SQLite connections.

use std::path::Path;
use std::time::Duration;

use diesel::{Connection as _, ConnectionError, SqliteConnection};
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool as diesel_deadpool,
};
use diesel_async::sync_connection_wrapper::SpawnBlocking as _;
use futures_util::FutureExt as _;
use tokio::runtime::Handle;

use crate::blocking::Blocking;
use crate::conn::SqliteConn;

pub(crate) type SqlitePool = diesel_deadpool::Pool<SqliteConn>;

/// A pool of connections to a file, run on the blocking threads of `runtime`.
pub(crate) fn open_sqlite(
    path: &Path,
    size: usize,
    busy_timeout: Duration,
    runtime: Handle,
) -> Result<SqlitePool, diesel_deadpool::BuildError> {
    let mut config = ManagerConfig::default();
    // The default asks for a sign of life before each use.
    config.recycling_method = RecyclingMethod::Fast;
    let setup = sqlite_setup(busy_timeout);
    config.custom_setup = Box::new(move |path| {
        let (path, setup, runtime) = (path.to_owned(), setup.clone(), runtime.clone());
        async move {
            let mut blocking = Blocking(runtime.clone());
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
    SqlitePool::builder(manager).max_size(size).build()
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
