//! The delay before a failed mail is retried.

use chrono::TimeDelta;
use portal_domain::environment::Environment;

/// The upper bound after the first failure, in milliseconds.
const BASE_MILLIS: i64 = 30_000;

/// The upper bound after any failure, in milliseconds.
const CAP_MILLIS: i64 = 3_600_000;

/// The delay after the attempt number `attempts`, counted from 1.
///
/// Its upper bound doubles from 30 seconds to an hour. It is drawn from the upper half of that, so
/// that mails which failed together are not retried together.
pub(crate) fn delay(attempts: i32, env: &dyn Environment) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    let bound = 2_i64
        .checked_pow(doublings)
        .and_then(|factor| BASE_MILLIS.checked_mul(factor))
        .map_or(CAP_MILLIS, |millis| millis.min(CAP_MILLIS));
    let half = bound / 2;
    let [a, b, c, d, ..] = env.random();
    let jitter = i64::from(u32::from_le_bytes([a, b, c, d])) % (half + 1);
    TimeDelta::milliseconds(half + jitter)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    struct Fixed([u8; 16]);

    impl Environment for Fixed {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn random(&self) -> [u8; 16] {
            self.0
        }
    }

    #[test]
    fn the_bound_doubles_up_to_an_hour() {
        for (attempts, bound) in [
            (1, 30),
            (2, 60),
            (3, 120),
            (7, 1_920),
            (8, 3_600),
            (9, 3_600),
            (i32::MAX, 3_600),
        ] {
            for byte in 0..=u8::MAX {
                let millis = delay(attempts, &Fixed([byte; 16])).num_milliseconds();
                assert!(
                    (bound * 500..=bound * 1_000).contains(&millis),
                    "{attempts}: {millis}"
                );
            }
        }
    }

    #[test]
    fn the_wait_differs_from_mail_to_mail() {
        assert_ne!(delay(1, &Fixed([1; 16])), delay(1, &Fixed([2; 16])));
    }
}
