//! The attempts and failures counted under one key.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::rate_limits::{AccountDigest, Limit, SprayingRule};
use crate::state::Attempt;

/// The attempts and failed accounts of one key, and its blocks.
#[derive(Default)]
pub(super) struct Counter {
    /// When attempts were allowed, oldest first; at most the limit's number.
    attempts: VecDeque<DateTime<Utc>>,
    blocked_until: Option<DateTime<Utc>>,
    /// Each account with its last failure; fewer than the rule's number.
    failures: Vec<(AccountDigest, DateTime<Utc>)>,
    sprayed_until: Option<DateTime<Utc>>,
}

impl Counter {
    /// See [`StateStore::attempt`](crate::StateStore::attempt).
    pub(super) fn attempt(&mut self, limit: &Limit, now: DateTime<Utc>) -> Attempt {
        let blocked = remaining(self.blocked_until.max(self.sprayed_until), now);
        if let Some(retry_after) = blocked {
            return Attempt::Blocked { retry_after };
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
        Attempt::Blocked {
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

/// The time until then, unless it has passed.
fn remaining(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Duration> {
    let left = until?.signed_duration_since(now).to_std().ok()?;
    (!left.is_zero()).then_some(left)
}
