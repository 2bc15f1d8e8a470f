//! When failures are answered.
//!
//! An address with ten accounts costs ten hashes, and one without any costs one. So a failure is
//! answered a step after its hashes began, where a step is twice as long as the most that can be asked
//! for takes, at the pace of the last hashes. The wait for a core before is the same for all, and the
//! look-up of the accounts disappears in the rounding. Only where a step is not enough, as the machine
//! has just become much slower, may the answer to many accounts come a step later than that to few.

use std::sync::OnceLock;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::{Instant, sleep_until};

use super::AuthService;

/// How much longer a step is than the work takes at its usual pace.
const ROOM: u32 = 2;

/// Durations are not cut into smaller parts than this.
const SHORTEST: Duration = Duration::from_millis(1);

/// The instants at which one attempt may be answered.
#[derive(Debug)]
pub(super) struct Schedule {
    begun: Instant,
    /// When the hashes began.
    work_began: OnceLock<Instant>,
    /// What the time before is rounded up to.
    grain: Duration,
    step: Duration,
}

impl Schedule {
    fn begin(work: Duration, one_hash: Duration) -> Self {
        Self {
            begun: Instant::now(),
            work_began: OnceLock::new(),
            grain: one_hash.max(SHORTEST),
            step: (work * ROOM).max(SHORTEST),
        }
    }

    /// Counts the steps from when the hashes began.
    pub(super) fn work_began(&self, at: std::time::Instant) {
        self.work_began.get_or_init(|| Instant::from_std(at));
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
        let waited = match self.work_began.get() {
            Some(at) => at.saturating_duration_since(self.begun),
            None => Duration::ZERO,
        };
        sleep_until(self.begun + self.next(waited, self.begun.elapsed())).await;
    }

    /// How long after its beginning an attempt is answered whose hashes began after `waited`, and that
    /// is decided after `decided`.
    fn next(&self, waited: Duration, decided: Duration) -> Duration {
        let grains = waited.as_nanos().div_ceil(self.grain.as_nanos());
        let origin = times(self.grain, grains);
        let steps = decided.saturating_sub(origin).as_nanos() / self.step.as_nanos();
        origin.saturating_add(times(self.step, steps.saturating_add(1)))
    }
}

fn times(duration: Duration, number: u128) -> Duration {
    duration.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX))
}

impl AuthService {
    /// The schedule of an attempt that begins now, and hashes one password at most.
    pub(super) fn schedule(&self) -> Schedule {
        let one_hash = self.passwords.time_of_one();
        Schedule::begin(one_hash, one_hash)
    }

    /// The schedule of an attempt that begins now, and verifies a password against so many hashes at
    /// most. It depends on what the client has sent alone.
    pub(super) fn schedule_of(&self, password: &SecretString, hashes: u32) -> Schedule {
        let work = self.passwords.time_to_verify(password, hashes);
        Schedule::begin(work, self.passwords.time_of_one())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_answered_a_step_after_its_hashes_began() {
        let ms = Duration::from_millis;
        let schedule = Schedule::begin(ms(50), ms(5));
        for (waited, decided, answered) in [
            (0, 0, 100),
            (0, 1, 100),
            (0, 99, 100),
            (0, 100, 200),
            (0, 250, 300),
            // However long it waited for a core, it has a whole step.
            (75, 80, 175),
            (71, 80, 175),
            (76, 170, 180),
            (75, 175, 275),
        ] {
            let answer = schedule.next(ms(waited), ms(decided));
            assert_eq!(answer, ms(answered), "{waited} {decided}");
        }
        let schedule = Schedule::begin(Duration::ZERO, Duration::ZERO);
        assert!(schedule.next(Duration::ZERO, Duration::ZERO) > Duration::ZERO);
    }
}
