//! Pauses while the mail server cannot be used.

use std::time::Duration;

use tokio::time::Instant;

/// The pause after the first failure.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause after failures of the server.
pub(super) const LONGEST: Duration = Duration::from_mins(2);

/// A circuit breaker: after a failure of the server, nothing is sent for a while, and then one mail
/// tries whether it is back. Each failure doubles the pause, and a success ends it.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    until: Option<Instant>,
}

impl Breaker {
    /// Records a failure, and returns what is left of the pause, which is not longer than `longest`.
    /// Deliveries that fail together count as one.
    pub(super) fn failed(&mut self, now: Instant, longest: Duration) -> Duration {
        if let Some(left) = self.pause(now) {
            return left;
        }
        let pause = FIRST
            .saturating_mul(2_u32.saturating_pow(self.failures))
            .min(longest);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + pause);
        pause
    }

    /// Records that the server can be used.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// What is left of the pause.
    pub(super) fn pause(&self, now: Instant) -> Option<Duration> {
        self.until?
            .checked_duration_since(now)
            .filter(|left| !left.is_zero())
    }

    /// The end of the last pause, if the last that is known of the server is a failure.
    pub(super) const fn paused_until(&self) -> Option<Instant> {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_two_minutes_and_end_with_a_success() {
        let mut breaker = Breaker::default();
        let mut now = Instant::now();
        for seconds in [1, 2, 4, 8, 16, 32, 64, 120, 120] {
            assert_eq!(breaker.pause(now), None);
            assert_eq!(breaker.failed(now, LONGEST), Duration::from_secs(seconds));
            assert!(breaker.paused_until().is_some());
            now += Duration::from_secs(seconds);
        }
        breaker.succeeded();
        assert_eq!(breaker.paused_until(), None);
        assert_eq!(breaker.failed(now, LONGEST), FIRST);
    }

    #[test]
    fn failures_during_a_pause_do_not_prolong_it() {
        let mut breaker = Breaker::default();
        let now = Instant::now();
        breaker.failed(now, LONGEST);
        let later = now + FIRST / 2;
        assert_eq!(breaker.failed(later, LONGEST), FIRST / 2);
        assert_eq!(breaker.pause(now + FIRST), None);
    }
}
