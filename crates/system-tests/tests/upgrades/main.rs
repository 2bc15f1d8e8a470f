//! Upgrades from earlier releases: nothing is lost on PostgreSQL, an upgrade may be interrupted, and
//! the release before runs on the new schema, beside this one, on both databases. That nothing is
//! lost on SQLite is tested in `crates/persistence/tests/upgrades.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod client;
mod data;
mod interruptions;
mod mails;
mod postgres;
mod program;
mod releases;
mod side_by_side;
mod walk;

use std::time::{Duration, Instant};

/// How long [`eventually`] waits.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Waits until `probe` returns something.
fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(start.elapsed() < TIMEOUT, "{what}: not in time");
        std::thread::sleep(Duration::from_millis(10));
    }
}
