//! The portal's rate limits, by address and by account.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portal_auth::rate_limits::{CHANGE_PASSWORD, LOGIN};
use portal_auth::{LimitError, Permit, RateLimiter};
use tokio::sync::Barrier;

use portal_test_support::TestState;

const CLIENT: &str = "192.0.2.1";

struct Fixture {
    limiter: RateLimiter,
}

impl Fixture {
    fn new(backend: &TestState) -> Self {
        let limiter = RateLimiter::new(Arc::clone(&backend.store));
        Self { limiter }
    }

    async fn login(&self, client: &str, account: &str) -> Result<Permit, LimitError> {
        let client = client.parse().unwrap();
        self.limiter.attempt(&LOGIN, client, account).await
    }

    async fn allowed(&self, client: &str, account: &str) -> Permit {
        let permit = self.login(client, account).await;
        permit.unwrap_or_else(|error| panic!("{client} for {account}: {error}"))
    }

    /// Signs in once, from an address and on an account without attempts.
    async fn succeeds(&self, client: &str, account: &str) {
        let permit = self.allowed(client, account).await;
        permit.succeeded().await.unwrap();
    }

    /// Asserts that an attempt is blocked for this many seconds, or slightly less.
    async fn blocked(&self, client: &str, account: &str, seconds: u64) {
        match self.login(client, account).await {
            Err(LimitError::Exceeded { retry_after }) => {
                let left = retry_after.as_secs();
                assert!(
                    (seconds.saturating_sub(20)..=seconds).contains(&left),
                    "{left}"
                );
            }
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("{client} for {account} is allowed"),
        }
    }
}

/// As many attempts as the limit allows, each on another account.
async fn use_up(fixture: &Fixture, client: &str) {
    for i in 0..LOGIN.attempts {
        fixture.allowed(client, &format!("user{i}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rate_limit_of_an_address_counts_all_accounts() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    use_up(&fixture, CLIENT).await;
    fixture.blocked(CLIENT, "another", 900).await;
    fixture.allowed("192.0.2.2", "another").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rate_limit_of_an_account_counts_all_addresses() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    for i in 0..10 {
        fixture.allowed(&format!("192.0.2.{i}"), "ada").await;
    }
    fixture.blocked("192.0.2.77", "ada", 900).await;
    fixture.allowed("192.0.2.77", "grace").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_blocked_for_the_account_does_not_count_for_the_address() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    for i in 0..10 {
        fixture
            .allowed(&format!("192.0.2.{}", 100 + i), "ada")
            .await;
    }
    for _ in 0..20 {
        fixture.blocked(CLIENT, "ada", 900).await;
    }
    use_up(&fixture, CLIENT).await;
    fixture.blocked(CLIENT, "another", 900).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_blocked_for_the_address_does_not_count_for_the_account() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    use_up(&fixture, CLIENT).await;
    for _ in 0..20 {
        fixture.blocked(CLIENT, "ada", 900).await;
    }
    fixture.allowed("192.0.2.2", "ada").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_success_clears_the_address_and_the_account() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    for _ in 0..9 {
        fixture.allowed(CLIENT, "ada").await;
    }
    fixture.succeeds(CLIENT, "ada").await;
    for _ in 0..10 {
        fixture.allowed(CLIENT, "ada").await;
    }
    fixture.blocked(CLIENT, "ada", 900).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_given_back_does_not_count() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    for _ in 0..50 {
        let permit = fixture.allowed(CLIENT, "ada").await;
        permit.give_back().await.unwrap();
    }
    for _ in 0..10 {
        fixture.allowed(CLIENT, "ada").await;
    }
    fixture.blocked(CLIENT, "ada", 900).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_limit_has_counts_of_its_own() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    for _ in 0..10 {
        fixture.allowed(CLIENT, "ada").await;
    }
    fixture.blocked(CLIENT, "ada", 900).await;
    let client = CLIENT.parse().unwrap();
    let other = fixture.limiter.attempt(&CHANGE_PASSWORD, client, "ada");
    assert!(other.await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spraying_thirty_accounts_blocks_the_address_despite_successes() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let client: IpAddr = CLIENT.parse().unwrap();
    for i in 0..30 {
        // The attacker's own account keeps the ordinary count low.
        fixture.succeeds(CLIENT, "own").await;
        let victim = format!("victim{i}");
        fixture.allowed(CLIENT, &victim).await;
        fixture.limiter.login_failed(client, &victim).await.unwrap();
    }
    fixture.blocked(CLIENT, "own", 3600).await;
    fixture.succeeds("192.0.2.2", "own").await;
    backend.advance(Duration::from_mins(59));
    fixture.blocked(CLIENT, "own", 60).await;
    backend.advance(Duration::from_mins(1));
    fixture.allowed(CLIENT, "own").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_often_on_few_accounts_is_not_spraying() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let client: IpAddr = CLIENT.parse().unwrap();
    for i in 0..290 {
        let victim = format!("victim{}", i % 29);
        fixture.limiter.login_failed(client, &victim).await.unwrap();
    }
    fixture.allowed(CLIENT, "own").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_concurrent_attempts_exactly_the_limit_is_allowed() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let start = Arc::new(Barrier::new(100));
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (limiter, start) = (fixture.limiter.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                let client = CLIENT.parse().unwrap();
                limiter.attempt(&LOGIN, client, "ada").await.is_ok()
            })
        })
        .collect();
    let mut allowed = 0;
    for task in tasks {
        allowed += usize::from(task.await.unwrap());
    }
    assert_eq!(allowed, LOGIN.attempts);
}
