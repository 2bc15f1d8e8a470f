//! The clock and the source of randomness, as a port.

use chrono::{DateTime, SubsecRound as _, Utc};
use rand::RngExt as _;

/// What the outside world lends to the rules.
///
/// Every use case takes it as `&dyn Environment`, so that a test can move the clock and repeat the
/// same ids, and so that nothing else in this crate depends on where it runs.
pub trait Environment: Send + Sync {
    /// The present instant, to the microsecond: finer than any database here keeps.
    fn now(&self) -> DateTime<Utc>;

    /// Sixteen bytes that nobody can predict.
    fn random(&self) -> [u8; 16];
}

/// The real clock, and a generator seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEnvironment;

impl Environment for SystemEnvironment {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the clock is read"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn random(&self) -> [u8; 16] {
        rand::rng().random()
    }
}
