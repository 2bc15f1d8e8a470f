//! A clock that only the test moves.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use portal_domain::environment::{Environment, SystemEnvironment};

/// A manual clock, and real randomness.
#[derive(Debug)]
pub struct ManualEnvironment {
    clock: Mutex<Clock>,
}

#[derive(Debug)]
enum Clock {
    /// It stands still.
    Stopped(DateTime<Utc>),
    /// It runs, with this offset to the real one.
    Running(TimeDelta),
}

impl ManualEnvironment {
    /// A clock that stands at 2026-01-31T09:00:00Z.
    pub fn new() -> Self {
        Self::at("2026-01-31T09:00:00Z")
    }

    /// A clock that stands at an instant, written as in RFC 3339.
    pub fn at(start: &str) -> Self {
        let start = start.parse().expect("an instant");
        Self {
            clock: Mutex::new(Clock::Stopped(start)),
        }
    }

    /// From now on the clock runs, for tests with another program that has a clock, such as a
    /// browser.
    pub fn run(&self) {
        *self.clock.lock().unwrap() = Clock::Running(TimeDelta::zero());
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        match &mut *self.clock.lock().unwrap() {
            Clock::Stopped(now) => *now += by,
            Clock::Running(ahead) => *ahead += by,
        }
    }

    /// Stops the clock at an instant.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.clock.lock().unwrap() = Clock::Stopped(to);
    }
}

impl Default for ManualEnvironment {
    fn default() -> Self {
        Self::new()
    }
}

impl Environment for ManualEnvironment {
    fn now(&self) -> DateTime<Utc> {
        match &*self.clock.lock().unwrap() {
            Clock::Stopped(now) => *now,
            Clock::Running(ahead) => SystemEnvironment.now() + *ahead,
        }
    }

    fn random(&self) -> [u8; 16] {
        SystemEnvironment.random()
    }
}
