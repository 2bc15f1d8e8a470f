//! Attempts, failures and blocks, by the store's methods.
//!
//! A step is half a minute, as a server's clock goes on while a test runs.

use std::time::Duration;

use portal_auth::rate_limits::{AccountDigest, Limit, LimitKey, SprayingRule};
use portal_auth::state::Attempt;

use portal_test_support::TestState;

const fn steps(steps: u64) -> Duration {
    Duration::from_secs(30 * steps)
}

const LIMIT: Limit = Limit {
    name: "test",
    window: steps(10),
    attempts: 3,
    block: steps(60),
};

const BRIEF: Limit = Limit {
    block: steps(2),
    ..LIMIT
};

const RULE: SprayingRule = SprayingRule {
    accounts: 3,
    window: steps(100),
    block: steps(100),
};

/// How much time may pass in a test.
const TOLERANCE: Duration = Duration::from_secs(20);

/// The expected decision on an attempt.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Allowed,
    /// For this many steps.
    Blocked(u64),
}

use Expected::{Allowed, Blocked};

/// A count and its age in steps.
struct Count<'a> {
    backend: &'a TestState,
    key: LimitKey,
    now: u64,
}

impl<'a> Count<'a> {
    fn new(backend: &'a TestState) -> Self {
        Self::of(backend, &LIMIT)
    }

    fn of(backend: &'a TestState, limit: &'static Limit) -> Self {
        Self {
            backend,
            key: LimitKey::for_client(limit, "192.0.2.1".parse().unwrap()),
            now: 0,
        }
    }

    fn at(&mut self, step: u64) {
        if step > self.now {
            self.backend.advance(steps(step - self.now));
            self.now = step;
        }
    }

    /// Makes attempts at these steps, with the expected decisions.
    async fn attempts(&mut self, expected: &[(u64, Expected)]) {
        for &(step, expected) in expected {
            self.at(step);
            let decision = self.backend.store.attempt(&self.key).await.unwrap();
            let as_expected = match (decision, expected) {
                (Attempt::Allowed, Allowed) => true,
                (Attempt::Blocked { retry_after }, Blocked(left)) => {
                    retry_after <= steps(left) && retry_after + TOLERANCE > steps(left)
                }
                _ => false,
            };
            assert!(as_expected, "{decision:?} at {step}, not {expected:?}");
        }
    }

    async fn give_back(&self) {
        self.backend.store.give_back(&self.key).await.unwrap();
    }

    async fn clear(&self) {
        self.backend.store.clear(&self.key).await.unwrap();
    }

    /// Records failures of these accounts at a step.
    async fn failures(&mut self, step: u64, accounts: &[&str]) {
        self.at(step);
        for account in accounts {
            let account = AccountDigest::of(account);
            let store = &self.backend.store;
            let noted = store.record_failure(&self.key, &account, &RULE);
            noted.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_slides() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count
        .attempts(&[
            (0, Allowed),
            (5, Allowed),
            (9, Allowed),
            (10, Allowed),     // the one at 0 is out of the window
            (14, Blocked(60)), // those at 5, 9 and 10 are not
        ])
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocked_attempts_neither_count_nor_extend_the_block() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count.attempts(&[(0, Allowed); 3]).await;
    count
        .attempts(&[(1, Blocked(60)), (2, Blocked(59)), (60, Blocked(1))])
        .await;
    count.attempts(&[(61, Allowed); 3]).await; // afresh
    count.attempts(&[(61, Blocked(60))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_shorter_than_the_window_still_ends_with_a_fresh_count() {
    let backend = &TestState::create();
    let mut count = Count::of(backend, &BRIEF);
    count.attempts(&[(0, Allowed); 3]).await;
    count.attempts(&[(0, Blocked(2))]).await;
    count.attempts(&[(2, Allowed); 3]).await;
    count.attempts(&[(2, Blocked(2))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_given_back_can_be_made_again() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count.give_back().await;
    count.attempts(&[(0, Allowed); 3]).await;
    count.give_back().await;
    count.attempts(&[(0, Allowed), (0, Blocked(60))]).await;
    count.give_back().await;
    count.attempts(&[(1, Blocked(59))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clearing_resets_the_attempts_and_the_block() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count.clear().await;
    count.attempts(&[(0, Allowed); 3]).await;
    count.attempts(&[(0, Blocked(60))]).await;
    count.clear().await;
    count.attempts(&[(1, Allowed); 3]).await;
    count.clear().await;
    count.attempts(&[(2, Allowed); 3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_of_enough_accounts_block_and_clearing_does_not_end_it() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count.failures(0, &["a", "b", "b", "a"]).await;
    count.attempts(&[(0, Allowed)]).await;
    count.failures(1, &["c"]).await;
    count.clear().await;
    count
        .attempts(&[(1, Blocked(100)), (100, Blocked(1))])
        .await;
    count.attempts(&[(101, Allowed)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_expire_one_by_one() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count.failures(0, &["a"]).await;
    count.failures(50, &["b"]).await;
    count.failures(100, &["c"]).await;
    count.attempts(&[(100, Allowed)]).await;
    count.failures(149, &["d"]).await;
    count.attempts(&[(149, Blocked(100))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_counts_from_its_last_failure() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count.failures(0, &["a"]).await;
    count.failures(90, &["a"]).await;
    count.failures(150, &["b"]).await;
    count.failures(151, &["c"]).await;
    count.attempts(&[(151, Blocked(100))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_during_the_block_neither_count_nor_extend_it() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count.failures(0, &["a", "b", "c", "d", "e"]).await;
    count.attempts(&[(0, Blocked(100)), (100, Allowed)]).await;
    count.failures(100, &["f"]).await;
    count.attempts(&[(100, Allowed)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_blocks_the_longer_counts() {
    let backend = &TestState::create();
    let mut count = Count::new(backend);
    count.attempts(&[(0, Allowed); 3]).await;
    count.attempts(&[(0, Blocked(60))]).await;
    count.failures(10, &["a", "b", "c"]).await;
    count
        .attempts(&[(10, Blocked(100)), (60, Blocked(50))])
        .await;
}
