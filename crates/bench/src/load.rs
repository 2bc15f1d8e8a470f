//! The load on a server, by `rlt`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use clap::Parser as _;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rlt::cli::BenchCli;
use rlt::{BenchSuite, IterInfo, IterReport, Status};
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::client::{Call, Connection};

/// How much load, and for how long: whatever bound comes first.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// Connections, each with one request at a time.
    pub connections: u32,
    /// The longest time.
    pub time: Duration,
    /// The most iterations.
    pub iterations: u64,
    /// Iterations per second, if they are paced.
    pub rate: Option<u32>,
}

/// The requests of each connection. A connection has the lane of its number, and begins it again
/// when it is through; that is one iteration.
#[derive(Debug, Clone)]
pub struct Lanes(Arc<[Vec<Call>]>);

impl Lanes {
    /// The same requests on all connections.
    pub fn same(calls: Vec<Call>) -> Self {
        Self([calls].into())
    }

    /// Requests of its own for each connection.
    pub fn own(lanes: Vec<Vec<Call>>) -> Self {
        Self(lanes.into())
    }

    /// The lanes.
    pub fn all(&self) -> &[Vec<Call>] {
        &self.0
    }

    fn of(&self, connection: u32) -> &[Call] {
        let number = usize::try_from(connection).unwrap_or_default() % self.0.len().max(1);
        self.0.get(number).map_or(&[], Vec::as_slice)
    }
}

/// What a load has shown.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// Iterations that succeeded and failed within the time.
    pub iterations: u64,
    /// All that were carried out, those too that were under way when the time was over.
    pub completed: u64,
    /// Iterations per second.
    pub rate: f64,
    /// The median time of an iteration, in milliseconds.
    pub p50: f64,
    /// The time that 99 of 100 iterations did not exceed, in milliseconds.
    pub p99: f64,
    /// What failed, and how often.
    pub failures: Vec<String>,
}

/// Sends requests to servers, which the connections share evenly.
pub async fn run(ports: &[u16], lanes: &Lanes, amount: Amount) -> anyhow::Result<Measured> {
    let file = NamedTempFile::new()?;
    let mut options: Vec<String> = [
        "load",
        "--quiet",
        "--output",
        "json",
        "--concurrency",
        &amount.connections.to_string(),
        "--duration",
        &format!("{}ms", amount.time.as_millis()),
        "--iterations",
        &amount.iterations.max(1).to_string(),
        "--output-file",
        &file.path().display().to_string(),
    ]
    .map(str::to_owned)
    .into();
    if let Some(rate) = amount.rate {
        options.extend(["--rate".to_owned(), rate.max(1).to_string()]);
    }
    let under_way = TaskTracker::new();
    let completed = Arc::new(AtomicU64::new(0));
    let suite = Suite {
        ports: ports.into(),
        lanes: lanes.clone(),
        under_way: under_way.clone(),
        completed: Arc::clone(&completed),
    };
    rlt::cli::run(BenchCli::try_parse_from(options)?, suite).await?;
    under_way.close();
    under_way.wait().await;
    let report: Value = serde_json::from_str(&std::fs::read_to_string(file.path())?)?;
    measured(&report, completed.load(Ordering::Relaxed))
}

fn measured(report: &Value, completed: u64) -> anyhow::Result<Measured> {
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_f64);
    let mut failures = Vec::new();
    for kind in ["errors", "status"] {
        for (what, count) in report
            .get(kind)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if !what.starts_with("Success") {
                failures.push(format!("{count} × {what}"));
            }
        }
    }
    Ok(Measured {
        iterations: report
            .pointer("/summary/iters/total")
            .and_then(Value::as_u64)
            .context("a report without a number of iterations")?,
        completed,
        rate: number("/summary/iters/rate").unwrap_or_default(),
        p50: number("/latency/percentiles/p50").unwrap_or_default() * 1e3,
        p99: number("/latency/percentiles/p99").unwrap_or_default() * 1e3,
        failures,
    })
}

#[derive(Clone)]
struct Suite {
    ports: Arc<[u16]>,
    lanes: Lanes,
    /// Iterations that go on after the time.
    under_way: TaskTracker,
    completed: Arc<AtomicU64>,
}

/// An iteration that is carried out to the end, even when the time is over and it is dropped: a
/// server should not be busy with undoing what was cut off, what it has worked on should count, and
/// what is borrowed has to be returned.
struct Iteration {
    sending: Option<BoxFuture<'static, anyhow::Result<u64>>>,
    under_way: TaskTracker,
}

impl Future for Iteration {
    type Output = anyhow::Result<u64>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(sending) = &mut self.sending else {
            return Poll::Ready(Err(anyhow!("an iteration that is over")));
        };
        let result = ready!(sending.as_mut().poll(cx));
        self.sending = None;
        Poll::Ready(result)
    }
}

impl Drop for Iteration {
    fn drop(&mut self) {
        if let Some(sending) = self.sending.take() {
            self.under_way.spawn(sending);
        }
    }
}

struct Worker {
    connection: Connection,
    port: u16,
    is_broken: bool,
}

impl Worker {
    /// Sends the requests of a lane, and reports the bytes that came back.
    async fn send(&mut self, lanes: &Lanes, number: u32) -> anyhow::Result<u64> {
        if self.is_broken {
            self.connection = Connection::open(self.port).await?;
            self.is_broken = false;
        }
        let mut bytes = 0;
        for call in lanes.of(number) {
            let answer = self.connection.expect(call).await;
            self.is_broken = answer.is_err();
            bytes += u64::try_from(answer?.body.len())?;
        }
        Ok(bytes)
    }
}

#[async_trait]
impl BenchSuite for Suite {
    type WorkerState = Arc<Mutex<Worker>>;

    async fn state(&self, worker: u32) -> anyhow::Result<Arc<Mutex<Worker>>> {
        let number = usize::try_from(worker)? % self.ports.len().max(1);
        let port = *self.ports.get(number).context("no server to send to")?;
        Ok(Arc::new(Mutex::new(Worker {
            connection: Connection::open(port).await?,
            port,
            is_broken: false,
        })))
    }

    async fn bench(
        &mut self,
        worker: &mut Arc<Mutex<Worker>>,
        info: &IterInfo,
    ) -> anyhow::Result<IterReport> {
        let number = info.worker_id;
        let calls = self.lanes.of(number);
        let items = calls.len();
        let started = Instant::now();
        let (worker, lanes) = (Arc::clone(worker), self.lanes.clone());
        let completed = Arc::clone(&self.completed);
        let sending = async move {
            let bytes = worker.lock().await.send(&lanes, number).await;
            completed.fetch_add(1, Ordering::Relaxed);
            bytes
        };
        let iteration = Iteration {
            sending: Some(sending.boxed()),
            under_way: self.under_way.clone(),
        };
        let bytes = iteration.await?;
        Ok(IterReport {
            duration: started.elapsed(),
            status: Status::success(0),
            bytes,
            items: u64::try_from(items)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn an_iteration_is_carried_out_when_it_is_dropped() {
        let under_way = TaskTracker::new();
        let (answer, awaited) = oneshot::channel::<u64>();
        let (done, is_done) = oneshot::channel();
        let sending = async move {
            let bytes = awaited.await?;
            anyhow::ensure!(done.send(bytes).is_ok());
            Ok(bytes)
        };
        let mut iteration = Iteration {
            sending: Some(sending.boxed()),
            under_way: under_way.clone(),
        };
        assert!((&mut iteration).now_or_never().is_none());
        drop(iteration);
        answer.send(7).unwrap();
        under_way.close();
        under_way.wait().await;
        assert_eq!(is_done.await, Ok(7));
    }
}
