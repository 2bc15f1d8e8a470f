//! The port for time and randomness.

use chrono::{DateTime, SubsecRound as _, Utc};
use rand::RngExt as _;

/// The clock and the source of randomness.
///
/// The use cases' only access to both, so that tests control them.
pub trait Environment: Send + Sync {
    /// The current time, to the microsecond, which every database here can store.
    fn now(&self) -> DateTime<Utc>;

    /// Sixteen unpredictable bytes.
    fn random(&self) -> [u8; 16];
}

/// The system clock, and a cryptographic generator seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEnvironment;

impl Environment for SystemEnvironment {
    #[expect(
        clippy::disallowed_methods,
        reason = "the only place that reads the clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn random(&self) -> [u8; 16] {
        rand::rng().random()
    }
}
