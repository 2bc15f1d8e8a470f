//! A connection's input and output, done by whoever waits for an answer on it.
//!
//! The driver's future could run as a task of its own. On a web server that is a task on another
//! thread than the worker that waits, so each query would wake a thread to be sent, and another to
//! be answered.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_postgres::Connection;
use tokio_postgres::tls::TlsStream;

use super::socket::Socket;

/// The input and output of one connection.
pub(super) struct Driver {
    /// Ends with the connection.
    io: Mutex<Option<BoxFuture<'static, ()>>>,
    waiting: Arc<Waiting>,
}

impl Driver {
    pub(super) fn new<T>(connection: Connection<Socket, T>) -> Self
    where
        T: TlsStream + Unpin + Send + 'static,
    {
        let io = async {
            if let Err(error) = connection.await {
                let cause: &dyn std::error::Error = &error;
                tracing::info!(error = cause, "a connection to the database has ended");
            }
        };
        Self {
            io: Mutex::new(Some(io.boxed())),
            waiting: Arc::default(),
        }
    }

    /// The input and output until the connection ends, for a task of its own.
    pub(super) async fn run(self) {
        let io = lock(&self.io).take();
        if let Some(io) = io {
            io.await;
        }
    }

    /// Waits for an answer. Queries that are joined with it are sent in one write.
    pub(super) async fn drive<T>(&self, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        let mut is_asked = false;
        poll_fn(|cx| {
            if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                return Poll::Ready(answer);
            }
            if !mem::replace(&mut is_asked, true) {
                // Those joined with it are polled, and thereby asked, before it is polled again.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.waiting.add(cx.waker());
            self.is_open();
            answer.as_mut().poll(cx)
        })
        .await
    }

    /// Does what input and output is possible now. Whether the connection is open then.
    pub(super) fn is_open(&self) -> bool {
        let mut io = lock(&self.io);
        // Should it panic, it is gone, and so is the connection.
        let Some(mut open) = io.take() else {
            return false;
        };
        let waker = Waker::from(Arc::clone(&self.waiting));
        let is_over = open.as_mut().poll(&mut Context::from_waker(&waker));
        if is_over.is_pending() {
            *io = Some(open);
        }
        io.is_some()
    }
}

/// All who wait for answers on a connection, each of whom goes on with its input and output.
#[derive(Default)]
struct Waiting(Mutex<Vec<Waker>>);

impl Waiting {
    fn add(&self, waker: &Waker) {
        let mut wakers = lock(&self.0);
        // Joined queries are polled by one task.
        if !wakers.iter().any(|known| known.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let wakers = mem::take(&mut *lock(&self.0));
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Locks, poisoned or not: no panic leaves an inconsistent state behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn all_tasks_that_wait_are_woken_once_each() {
        let waiting = Arc::new(Waiting::default());
        let tasks = [(); 2].map(|()| Arc::new(Count::default()));
        for task in &tasks {
            // Two joined queries of each.
            waiting.add(&Waker::from(Arc::clone(task)));
            waiting.add(&Waker::from(Arc::clone(task)));
        }
        for _ in 0..2 {
            waiting.wake_by_ref();
            let woken = tasks.each_ref().map(|task| task.0.load(Ordering::Relaxed));
            assert_eq!(woken, [1, 1]);
        }
    }
}
