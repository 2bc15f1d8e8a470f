//! When failures are answered.
//!
//! An address with ten accounts costs ten hashes, and one without any costs one. So a failure is
//! answered at the next of the instants that are whole steps after its beginning, and a step is twice
//! as long as the most that can be asked for takes on a core of its own. Only when a core is so busy
//! that a step is not enough may the answer to many accounts come a step later than that to few.

use std::time::Duration;

use secrecy::SecretString;
use tokio::time::{Instant, sleep_until};

use super::AuthService;

/// How much longer a step is than the work takes on a core of its own, as others work too.
const ROOM: u32 = 2;

/// The instants at which one attempt may be answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    begun: Instant,
    step: Duration,
}

impl Schedule {
    fn begin(work: Duration) -> Self {
        Self {
            begun: Instant::now(),
            step: (work * ROOM).max(Duration::from_millis(1)),
        }
    }

    /// Answers at once, unless the outcome is a failure that the schedule is for.
    pub(super) async fn answer<T, E>(
        self,
        outcome: Result<T, E>,
        is_scheduled: impl FnOnce(&E) -> bool,
    ) -> Result<T, E> {
        if outcome.as_ref().is_err_and(is_scheduled) {
            self.wait().await;
        }
        outcome
    }

    /// Waits for the next instant.
    pub(super) async fn wait(self) {
        sleep_until(self.begun + self.next(self.begun.elapsed())).await;
    }

    /// How long after its beginning an attempt is answered that took this long.
    fn next(self, worked: Duration) -> Duration {
        let passed = worked.as_nanos() / self.step.as_nanos();
        let next = u32::try_from(passed).unwrap_or(u32::MAX).saturating_add(1);
        self.step.saturating_mul(next)
    }
}

impl AuthService {
    /// The schedule of an attempt that begins now, and hashes one password at most.
    pub(super) fn schedule(&self) -> Schedule {
        Schedule::begin(self.passwords.time_of_one())
    }

    /// The schedule of an attempt that begins now, and verifies a password against so many hashes at
    /// most. It depends on what the client has sent alone.
    pub(super) fn schedule_of(&self, password: &SecretString, hashes: u32) -> Schedule {
        Schedule::begin(self.passwords.time_to_verify(password, hashes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_answered_at_the_next_step() {
        let schedule = Schedule::begin(Duration::from_millis(50));
        for (worked, answered) in [(0, 100), (1, 100), (99, 100), (100, 200), (250, 300)] {
            let answer = schedule.next(Duration::from_millis(worked));
            assert_eq!(answer, Duration::from_millis(answered), "{worked}");
        }
        assert!(Schedule::begin(Duration::ZERO).next(Duration::ZERO) > Duration::ZERO);
    }
}
