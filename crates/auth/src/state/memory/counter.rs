//! What is counted under one key.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::rate_limits::{AccountDigest, Limit, SprayingRule};
use crate::state::Attempt;

/// The attempts of one key, the accounts that failed under it, and the blocks these started.
#[derive(Default)]
pub(super) struct Counter {
    /// When attempts were allowed, oldest first; never more than the limit's number.
    attempts: VecDeque<DateTime<Utc>>,
    blocked_until: Option<DateTime<Utc>>,
    /// Each account once, with its last failure; fewer than the rule's number.
    failures: Vec<(AccountDigest, DateTime<Utc>)>,
    sprayed_until: Option<DateTime<Utc>>,
}

impl Counter {
    /// See [`StateStore::attempt`](crate::StateStore::attempt).
    pub(super) fn attempt(&mut self, limit: &Limit, now: DateTime<Utc>) -> Attempt {
        let blocked = remaining(self.blocked_until.max(self.sprayed_until), now);
        if let Some(retry_after) = blocked {
            return Attempt::Refused { retry_after };
        }
        while self
            .attempts
            .front()
            .is_some_and(|&at| at + limit.window <= now)
        {
            self.attempts.pop_front();
        }
        if self.attempts.len() < limit.attempts {
            self.attempts.push_back(now);
            return Attempt::Allowed;
        }
        self.attempts.clear();
        self.blocked_until = Some(now + limit.block);
        Attempt::Refused {
            retry_after: limit.block,
        }
    }

    /// See [`StateStore::give_back`](crate::StateStore::give_back).
    pub(super) fn give_back(&mut self) {
        self.attempts.pop_back();
    }

    /// See [`StateStore::clear`](crate::StateStore::clear).
    pub(super) fn clear(&mut self) {
        self.attempts.clear();
        self.blocked_until = None;
    }

    /// See [`StateStore::record_failure`](crate::StateStore::record_failure).
    pub(super) fn record_failure(
        &mut self,
        account: AccountDigest,
        rule: &SprayingRule,
        now: DateTime<Utc>,
    ) {
        if remaining(self.sprayed_until, now).is_some() {
            return;
        }
        self.failures
            .retain(|&(other, at)| other != account && at + rule.window > now);
        self.failures.push((account, now));
        if self.failures.len() >= rule.accounts {
            self.failures.clear();
            self.sprayed_until = Some(now + rule.block);
        }
    }
}

/// How long it is until then, unless it is past.
fn remaining(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Duration> {
    let left = until?.signed_duration_since(now).to_std().ok()?;
    (!left.is_zero()).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        name: "test",
        window: Duration::from_secs(10),
        attempts: 3,
        block: Duration::from_mins(1),
    };

    const RULE: SprayingRule = SprayingRule {
        accounts: 3,
        window: Duration::from_secs(100),
        block: Duration::from_secs(100),
    };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn refused(seconds: u64) -> Attempt {
        Attempt::Refused {
            retry_after: Duration::from_secs(seconds),
        }
    }

    /// Attempts at these instants, with the decisions expected.
    fn assert_attempts(counter: &mut Counter, expected: &[(i64, Attempt)]) {
        for &(seconds, decision) in expected {
            assert_eq!(
                counter.attempt(&LIMIT, at(seconds)),
                decision,
                "at {seconds} s"
            );
        }
    }

    #[test]
    fn the_window_slides() {
        assert_attempts(
            &mut Counter::default(),
            &[
                (0, Attempt::Allowed),
                (5, Attempt::Allowed),
                (9, Attempt::Allowed),
                (10, Attempt::Allowed), // the one at 0 is out of the window
                (14, refused(60)),      // those at 5, 9 and 10 are not
            ],
        );
    }

    #[test]
    fn refused_attempts_neither_count_nor_extend_the_block() {
        assert_attempts(
            &mut Counter::default(),
            &[
                (0, Attempt::Allowed),
                (0, Attempt::Allowed),
                (0, Attempt::Allowed),
                (1, refused(60)),
                (2, refused(59)),
                (60, refused(1)),
                // afresh: all three again
                (61, Attempt::Allowed),
                (61, Attempt::Allowed),
                (61, Attempt::Allowed),
                (61, refused(60)),
            ],
        );
    }

    #[test]
    fn a_block_shorter_than_the_window_still_ends_with_a_fresh_count() {
        let short = Limit {
            block: Duration::from_secs(2),
            ..LIMIT
        };
        let mut counter = Counter::default();
        for _ in 0..3 {
            assert_eq!(counter.attempt(&short, at(0)), Attempt::Allowed);
        }
        assert_eq!(counter.attempt(&short, at(0)), refused(2));
        for _ in 0..3 {
            assert_eq!(counter.attempt(&short, at(2)), Attempt::Allowed);
        }
        assert_eq!(counter.attempt(&short, at(2)), refused(2));
    }

    #[test]
    fn an_attempt_given_back_can_be_made_again() {
        let mut counter = Counter::default();
        counter.give_back();
        assert_attempts(&mut counter, &[(0, Attempt::Allowed); 3]);
        counter.give_back();
        assert_attempts(&mut counter, &[(0, Attempt::Allowed), (0, refused(60))]);
        counter.give_back();
        assert_attempts(&mut counter, &[(1, refused(59))]);
    }

    #[test]
    fn clearing_forgets_attempts_and_block() {
        let mut counter = Counter::default();
        assert_attempts(&mut counter, &[(0, Attempt::Allowed); 3]);
        assert_attempts(&mut counter, &[(0, refused(60))]);
        counter.clear();
        assert_attempts(&mut counter, &[(1, Attempt::Allowed); 3]);
        counter.clear();
        assert_attempts(&mut counter, &[(2, Attempt::Allowed); 3]);
    }

    #[test]
    fn enough_different_accounts_block_and_no_clearing_helps() {
        let mut counter = Counter::default();
        for account in ["a", "b", "b", "a"] {
            counter.record_failure(AccountDigest::of(account), &RULE, at(0));
        }
        assert_attempts(&mut counter, &[(0, Attempt::Allowed)]);
        counter.record_failure(AccountDigest::of("c"), &RULE, at(1));
        counter.clear();
        assert_attempts(&mut counter, &[(1, refused(100)), (100, refused(1))]);
        assert_attempts(&mut counter, &[(101, Attempt::Allowed)]);
    }

    #[test]
    fn failures_leave_the_window_one_by_one() {
        let mut counter = Counter::default();
        counter.record_failure(AccountDigest::of("a"), &RULE, at(0));
        counter.record_failure(AccountDigest::of("b"), &RULE, at(50));
        counter.record_failure(AccountDigest::of("c"), &RULE, at(100));
        assert_attempts(&mut counter, &[(100, Attempt::Allowed)]);
        counter.record_failure(AccountDigest::of("d"), &RULE, at(149));
        assert_attempts(&mut counter, &[(149, refused(100))]);
    }

    #[test]
    fn an_account_counts_from_its_last_failure() {
        let mut counter = Counter::default();
        counter.record_failure(AccountDigest::of("a"), &RULE, at(0));
        counter.record_failure(AccountDigest::of("a"), &RULE, at(90));
        counter.record_failure(AccountDigest::of("b"), &RULE, at(150));
        counter.record_failure(AccountDigest::of("c"), &RULE, at(151));
        assert_attempts(&mut counter, &[(151, refused(100))]);
    }

    #[test]
    fn failures_during_the_block_neither_count_nor_extend_it() {
        let mut counter = Counter::default();
        for account in ["a", "b", "c", "d", "e"] {
            counter.record_failure(AccountDigest::of(account), &RULE, at(0));
        }
        assert_attempts(&mut counter, &[(0, refused(100)), (100, Attempt::Allowed)]);
        counter.record_failure(AccountDigest::of("f"), &RULE, at(100));
        assert_attempts(&mut counter, &[(100, Attempt::Allowed)]);
    }

    #[test]
    fn of_two_blocks_the_longer_counts() {
        let mut counter = Counter::default();
        assert_attempts(&mut counter, &[(0, Attempt::Allowed); 3]);
        assert_attempts(&mut counter, &[(0, refused(60))]);
        for account in ["a", "b", "c"] {
            counter.record_failure(AccountDigest::of(account), &RULE, at(10));
        }
        assert_attempts(&mut counter, &[(10, refused(100)), (60, refused(50))]);
    }
}
