//! How long hashes take.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long one hash takes: on a core of its own, and of late, as others work too.
pub(super) struct Pace {
    alone: Duration,
    /// In nanoseconds.
    lately: AtomicU64,
}

impl Pace {
    /// By how much the machine may be slower than it was at the start before it is no longer followed.
    const SLOWEST: u32 = 4;

    pub(super) fn new(alone: Duration) -> Self {
        Self {
            alone,
            lately: AtomicU64::new(nanoseconds(alone)),
        }
    }

    /// Notes what a hash has just taken. Follows a slower machine at once, and a faster one slowly.
    pub(super) fn note(&self, one_hash: Duration) {
        let slowest = nanoseconds(self.alone * Self::SLOWEST);
        let new = nanoseconds(one_hash).clamp(nanoseconds(self.alone), slowest);
        // What another job notes at the same moment may be lost.
        let old = self.lately.load(Ordering::Relaxed);
        let next = new.max(old - old.saturating_sub(new) / 16);
        self.lately.store(next, Ordering::Relaxed);
    }

    pub(super) fn lately(&self) -> Duration {
        Duration::from_nanos(self.lately.load(Ordering::Relaxed))
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slower_machine_is_followed_at_once_and_a_faster_one_slowly() {
        let [one, two, four] = [1, 2, 4].map(Duration::from_millis);
        let pace = Pace::new(one);
        assert_eq!(pace.lately(), one);
        pace.note(two);
        assert_eq!(pace.lately(), two);
        pace.note(one);
        assert!(pace.lately() < two && pace.lately() > one);
        for _ in 0..200 {
            pace.note(Duration::ZERO);
        }
        assert!(pace.lately() < one + one / 100);
        pace.note(Duration::from_secs(9));
        assert_eq!(pace.lately(), four, "not everything is followed");
    }
}
