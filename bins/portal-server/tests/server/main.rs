//! Runs the real program: as somebody meets it at a terminal, as a supervisor stops it, behind a
//! proxy, and while what it depends on dies.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail"
)]

mod backends;
mod http;
mod load;
mod outages;
mod program;
mod proxy;
mod restarts;
mod start;
mod stop;
mod telemetry;

use std::time::{Duration, Instant};

/// How long something that has to happen may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until there is an answer.
async fn eventually<T>(what: &str, mut answer: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = answer().await {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{what}: not in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
