//! Where SQLite runs: on the blocking threads of the runtime that opened the database.

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
pub(crate) struct Blocking(Handle);

impl Blocking {
    /// Runs SQLite on the blocking threads of `runtime`.
    pub(crate) const fn on(runtime: Handle) -> Self {
        Self(runtime)
    }
}

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
        drop(self.ended.recv());
    }
}
