//! Runs SQLite on the blocking threads of the runtime that opened the database.

use std::error::Error;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll};

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Runs SQLite on the blocking threads of one runtime.
///
/// diesel-async's own choice panics when a query is dropped in an actix worker: it waits with
/// `block_in_place`, which a current-thread runtime does not have. This one waits too, since the
/// connection is in use until then, for the milliseconds that the query has left to run.
pub(crate) struct Blocking(pub(crate) Handle);

impl SpawnBlocking for Blocking {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync>>>
    where
        R: Send + 'static,
    {
        let (send, result) = oneshot::channel();
        let (running, ended) = mpsc::channel::<()>();
        self.0.spawn_blocking(move || {
            let result = task();
            drop(running);
            // Nobody waits for the result of a query that was dropped.
            drop(send.send(result));
        });
        Box::pin(Task { result, ended })
    }

    fn get_runtime() -> Self {
        Self(Handle::current())
    }
}

struct Task<R> {
    result: oneshot::Receiver<R>,
    ended: mpsc::Receiver<()>,
}

impl<R> Future for Task<R> {
    type Output = Result<R, Box<dyn Error + Send + Sync>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.result).poll(cx).map_err(Into::into)
    }
}

impl<R> Drop for Task<R> {
    fn drop(&mut self) {
        // Fails as soon as `running` is gone, which is what is waited for.
        let _ = self.ended.recv();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;
    use tokio::runtime::{Builder, Handle, Runtime};
    use tokio::sync::Mutex;

    use crate::conn::{Conn, RunQuery as _};
    use crate::pool::{SqlitePool, open_sqlite};

    /// Counts to a million, which takes longer than to drop it.
    const SLOW: &str = "WITH RECURSIVE counter(n) AS \
        (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 1000000) \
        SELECT count(*) FROM counter";

    async fn connection(pool: &SqlitePool) -> Conn {
        Conn::Sqlite(Mutex::new(pool.get().await.unwrap()))
    }

    async fn drop_a_running_query(pool: &SqlitePool) {
        let conn = connection(pool).await;
        assert!(
            diesel::sql_query(SLOW)
                .execute(&conn)
                .now_or_never()
                .is_none()
        );
        drop(conn);
        connection(pool).await.batch("SELECT 1").await.unwrap();
    }

    fn pool(folder: &tempfile::TempDir) -> SqlitePool {
        let path = folder.path().join("portal.db");
        open_sqlite(&path, 1, Duration::from_secs(5), Handle::current()).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_dropped_query_leaves_the_connection_in_order() {
        let folder = tempfile::tempdir().unwrap();
        drop_a_running_query(&pool(&folder)).await;
    }

    #[test]
    fn a_dropped_query_does_no_harm_in_a_current_thread_runtime() {
        let folder = tempfile::tempdir().unwrap();
        let main = Runtime::new().unwrap();
        let pool = main.block_on(async { pool(&folder) });
        let worker = Builder::new_current_thread().enable_all().build().unwrap();
        worker.block_on(drop_a_running_query(&pool));
    }
}
