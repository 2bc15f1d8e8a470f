//! Rate limits on attempts to authenticate.
//!
//! Attempts are counted per client address and per account. Each decision is one atomic operation
//! of the store, before any other work.

mod key;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::ids::UserId;

pub use self::key::{AccountDigest, LimitKey};
use crate::state::{Attempt, StateResult, StateStore, StateUnavailable};

/// A limit on one kind of attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// Its name in the store; unique.
    pub name: &'static str,
    /// The sliding window in which attempts are counted.
    pub window: Duration,
    /// The number of attempts allowed in a window.
    pub attempts: usize,
    /// How long further attempts are blocked.
    pub block: Duration,
}

/// Signing in.
pub const LOGIN: Limit = Limit {
    name: "login",
    window: Duration::from_mins(5),
    attempts: 10,
    block: Duration::from_mins(15),
};

/// Requesting a reset link.
pub const FORGOT_PASSWORD: Limit = Limit {
    name: "forgot-password",
    window: Duration::from_mins(15),
    attempts: 5,
    block: Duration::from_mins(30),
};

/// Using a reset link.
pub const RESET_PASSWORD: Limit = Limit {
    name: "reset-password",
    window: Duration::from_mins(15),
    attempts: 10,
    block: Duration::from_mins(30),
};

/// Accepting an invitation.
pub const ACCEPT_INVITE: Limit = Limit {
    name: "accept-invite",
    window: Duration::from_mins(15),
    attempts: 10,
    block: Duration::from_mins(30),
};

/// Changing the password of a signed-in user.
pub const CHANGE_PASSWORD: Limit = Limit {
    name: "change-password",
    window: Duration::from_mins(5),
    attempts: 10,
    block: Duration::from_mins(15),
};

/// Uploading files, counted per user.
pub const UPLOAD: Limit = Limit {
    name: "upload",
    window: Duration::from_hours(1),
    attempts: 100,
    block: Duration::from_mins(10),
};

/// All limits.
pub const ALL: [&Limit; 6] = [
    &LOGIN,
    &FORGOT_PASSWORD,
    &RESET_PASSWORD,
    &ACCEPT_INVITE,
    &CHANGE_PASSWORD,
    &UPLOAD,
];

/// A limit on password spraying: guessing the passwords of many accounts from one address. The
/// owner of a valid account could otherwise sign in now and then to reset the address's count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SprayingRule {
    /// The number of different accounts with failed attempts.
    pub accounts: usize,
    /// The sliding window in which they are counted.
    pub window: Duration,
    /// How long the address is blocked, even if sign-ins succeed.
    pub block: Duration,
}

/// The limit on password spraying when signing in.
pub const SPRAYING: SprayingRule = SprayingRule {
    accounts: 30,
    window: Duration::from_hours(1),
    block: Duration::from_hours(1),
};

/// Why an attempt is not allowed.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// There were too many attempts.
    #[error("too many attempts; the next is possible in {} seconds", .retry_after.as_secs())]
    Exceeded {
        /// When to retry: whole seconds, rounded up, at least one.
        retry_after: Duration,
    },
    /// The state backend failed.
    #[error(transparent)]
    Unavailable(#[from] StateUnavailable),
}

/// Counts and limits attempts. Cheap to clone.
#[derive(Clone)]
pub struct RateLimiter {
    store: Arc<dyn StateStore>,
}

impl RateLimiter {
    /// A limiter that counts in `store`.
    pub fn new(store: Arc<dyn StateStore>) -> Self {
        Self { store }
    }

    /// Counts an attempt from an address on an account, unless one of them is blocked.
    ///
    /// `account` is what an attacker guesses for: a normalized address, a token, a user's id. If
    /// the account is blocked, the attempt does not count for the address either.
    pub async fn attempt(
        &self,
        limit: &'static Limit,
        client: IpAddr,
        account: &str,
    ) -> Result<Permit, LimitError> {
        let address = LimitKey::for_client(limit, client);
        let account = LimitKey::for_account(limit, account);
        self.attempt_one(&address).await?;
        if let Err(error) = self.attempt_one(&account).await {
            self.store.give_back(&address).await?;
            return Err(error);
        }
        Ok(Permit {
            store: Arc::clone(&self.store),
            keys: [address, account],
        })
    }

    /// Counts an attempt of a signed-in user, wherever they are.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub async fn attempt_of_user(
        &self,
        limit: &'static Limit,
        user: UserId,
    ) -> Result<(), LimitError> {
        let key = LimitKey::for_account(limit, &user.to_string());
        self.attempt_one(&key).await
    }

    async fn attempt_one(&self, key: &LimitKey) -> Result<(), LimitError> {
        match self.store.attempt(key).await? {
            Attempt::Allowed => Ok(()),
            Attempt::Blocked { retry_after } => Err(LimitError::Exceeded {
                retry_after: whole_seconds(retry_after),
            }),
        }
    }

    /// Counts a failed sign-in for [`SPRAYING`], which may block the address for [`LOGIN`].
    pub async fn login_failed(&self, client: IpAddr, account: &str) -> StateResult<()> {
        let address = LimitKey::for_client(&LOGIN, client);
        self.store
            .record_failure(&address, &AccountDigest::of(account), &SPRAYING)
            .await
    }
}

/// The duration in seconds for `Retry-After` (RFC 9110, section 10.2.3): rounded up, at least one.
fn whole_seconds(duration: Duration) -> Duration {
    let started = u64::from(duration.subsec_nanos() > 0);
    Duration::from_secs(duration.as_secs().saturating_add(started).max(1))
}

/// A counted attempt. If dropped, as after a failure, it stays counted.
pub struct Permit {
    store: Arc<dyn StateStore>,
    keys: [LimitKey; 2],
}

impl Permit {
    /// Resets the counts of the address and the account, after a success.
    pub async fn succeeded(self) -> StateResult<()> {
        for key in &self.keys {
            self.store.clear(key).await?;
        }
        Ok(())
    }

    /// Takes the attempt back, after an undecided outcome.
    pub async fn give_back(self) -> StateResult<()> {
        for key in &self.keys {
            self.store.give_back(key).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use portal_test_support::ManualEnvironment;

    use super::*;
    use crate::state::MemoryState;

    const CLIENT: &str = "192.0.2.1";

    struct Fixture {
        env: Arc<ManualEnvironment>,
        limiter: RateLimiter,
    }

    impl Fixture {
        fn new() -> Self {
            let env = Arc::new(ManualEnvironment::new());
            let limiter = RateLimiter::new(Arc::new(MemoryState::new(env.clone())));
            Self { env, limiter }
        }

        async fn login(&self, client: &str, account: &str) -> Result<Permit, LimitError> {
            self.limiter
                .attempt(&LOGIN, client.parse().unwrap(), account)
                .await
        }

        /// How long a sign-in has to wait, in seconds.
        async fn blocked(&self, client: &str, account: &str) -> u64 {
            match self.login(client, account).await {
                Err(LimitError::Exceeded { retry_after }) => retry_after.as_secs(),
                Err(error) => panic!("{error}"),
                Ok(_) => panic!("allowed"),
            }
        }
    }

    #[test]
    fn rate_limits_are_those_of_the_contract_with_unique_names() {
        let minutes = |duration: Duration| duration.as_secs() / 60;
        let table = ALL.map(|limit| {
            (
                limit.name,
                minutes(limit.window),
                limit.attempts,
                minutes(limit.block),
            )
        });
        assert_eq!(
            table,
            [
                ("login", 5, 10, 15),
                ("forgot-password", 15, 5, 30),
                ("reset-password", 15, 10, 30),
                ("accept-invite", 15, 10, 30),
                ("change-password", 5, 10, 15),
                ("upload", 60, 100, 10),
            ]
        );
    }

    #[tokio::test]
    async fn retry_after_is_in_whole_seconds_rounded_up() {
        let fixture = Fixture::new();
        for _ in 0..10 {
            fixture.login(CLIENT, "ada").await.unwrap();
        }
        assert_eq!(fixture.blocked(CLIENT, "ada").await, 900);
        fixture.env.advance(TimeDelta::milliseconds(1));
        assert_eq!(fixture.blocked(CLIENT, "ada").await, 900);
        fixture.env.advance(TimeDelta::seconds(899));
        assert_eq!(fixture.blocked(CLIENT, "ada").await, 1);
        fixture.env.advance(TimeDelta::milliseconds(999));
        fixture.login(CLIENT, "ada").await.unwrap();
    }

    #[test]
    fn retry_after_is_at_least_a_second() {
        for (duration, seconds) in [
            (Duration::ZERO, 1),
            (Duration::from_nanos(1), 1),
            (Duration::from_secs(1), 1),
            (Duration::from_millis(1001), 2),
            (Duration::MAX, u64::MAX),
        ] {
            assert_eq!(whole_seconds(duration), Duration::from_secs(seconds));
        }
    }
}
