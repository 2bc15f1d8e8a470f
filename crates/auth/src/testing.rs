//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use portal_domain::environment::Environment;

/// An environment whose time is moved by hand, and whose random bytes are a count.
pub(crate) struct ManualEnvironment {
    now: Mutex<DateTime<Utc>>,
    drawn: AtomicU64,
}

impl ManualEnvironment {
    pub(crate) fn new() -> Arc<Self> {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Arc::new(Self {
            now: Mutex::new(start),
            drawn: AtomicU64::new(0),
        })
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }
}

impl Environment for ManualEnvironment {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes
    }
}
