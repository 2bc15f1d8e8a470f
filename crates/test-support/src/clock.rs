//! A clock that only the test moves.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use portal_domain::environment::{Environment, SystemEnvironment};

/// Time as the test says, and real randomness.
#[derive(Debug)]
pub struct ManualEnvironment {
    now: Mutex<DateTime<Utc>>,
}

impl ManualEnvironment {
    /// A clock that stands at 2026-01-31T09:00:00Z.
    pub fn new() -> Self {
        Self {
            now: Mutex::new("2026-01-31T09:00:00Z".parse().unwrap()),
        }
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        *self.now.lock().unwrap() += by;
    }
}

impl Default for ManualEnvironment {
    fn default() -> Self {
        Self::new()
    }
}

impl Environment for ManualEnvironment {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    fn random(&self) -> [u8; 16] {
        SystemEnvironment.random()
    }
}
