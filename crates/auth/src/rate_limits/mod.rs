//! Rate limits on attempts to authenticate, and on changes by signed-in users.
//!
//! Attempts are counted per client address and per account, changes per user and per organization.
//! Each decision is one atomic operation of the store, before any other work.

mod key;
mod writes;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::ids::UserId;

pub(crate) use self::key::Subject;
pub use self::key::{AccountDigest, LimitKey};
pub use self::writes::{WriteLimits, Writer};
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

/// Signing in to an account from a browser or client that has done so before, counted by its device
/// token instead of the account, which strangers can block.
pub const KNOWN_DEVICE: Limit = Limit {
    name: "login-device",
    ..LOGIN
};

/// Sign-ins that are given back because they fit several accounts. More of them count like failures,
/// so that they are no endless source of work.
pub const AMBIGUOUS: Limit = Limit {
    name: "login-ambiguous",
    block: LOGIN.window,
    ..LOGIN
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
pub const ALL: [&Limit; 8] = [
    &LOGIN,
    &KNOWN_DEVICE,
    &AMBIGUOUS,
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
        limit: &Limit,
        client: IpAddr,
        account: &str,
    ) -> Result<Permit, LimitError> {
        let address = LimitKey::for_client(limit, client);
        let account = LimitKey::for_account(limit, account);
        self.attempt_all(vec![address, account]).await
    }

    /// Counts a change, unless its user or their organization has made too many. It stays counted,
    /// whatever comes of it. Without limits the store is not asked.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub async fn write(&self, writer: &Writer, limits: &WriteLimits) -> Result<(), LimitError> {
        if limits.are_none() {
            return Ok(());
        }
        decided(self.store.count_write(writer, limits).await?)
    }

    /// Counts an attempt to sign in from an address with device tokens of these ids, unless one of
    /// them is blocked. The account is not counted: strangers can block it.
    pub async fn attempt_known(
        &self,
        client: IpAddr,
        devices: impl IntoIterator<Item = String>,
    ) -> Result<Permit, LimitError> {
        let address = LimitKey::for_client(&LOGIN, client);
        let devices = devices.into_iter();
        let devices = devices.map(|device| LimitKey::for_account(&KNOWN_DEVICE, &device));
        self.attempt_all([address].into_iter().chain(devices).collect())
            .await
    }

    /// Counts an attempt of a signed-in user, wherever they are.
    ///
    /// # Errors
    ///
    /// [`LimitError`].
    pub async fn attempt_of_user(&self, limit: &Limit, user: UserId) -> Result<(), LimitError> {
        let key = LimitKey::for_account(limit, &user.to_string());
        decided(self.store.attempt(&key).await?)
    }

    /// Counts an attempt on an account alone, whose address is counted already.
    pub async fn attempt_account(
        &self,
        limit: &Limit,
        account: &str,
    ) -> Result<Permit, LimitError> {
        let account = LimitKey::for_account(limit, account);
        self.attempt_all(vec![account]).await
    }

    /// Counts an attempt under each key in turn. If one is blocked, it counts for none.
    async fn attempt_all(&self, keys: Vec<LimitKey>) -> Result<Permit, LimitError> {
        let mut permit = Permit {
            store: Arc::clone(&self.store),
            keys: Vec::with_capacity(keys.len()),
        };
        for key in keys {
            if let Err(error) = decided(self.store.attempt(&key).await?) {
                permit.give_back().await?;
                return Err(error);
            }
            permit.keys.push(key);
        }
        Ok(permit)
    }

    /// Counts a failed sign-in for [`SPRAYING`], which may block the address for [`LOGIN`].
    pub async fn login_failed(&self, client: IpAddr, account: &str) -> StateResult<()> {
        let address = LimitKey::for_client(&LOGIN, client);
        self.store
            .record_failure(&address, &AccountDigest::of(account), &SPRAYING)
            .await
    }
}

fn decided(attempt: Attempt) -> Result<(), LimitError> {
    match attempt {
        Attempt::Allowed => Ok(()),
        Attempt::Blocked { retry_after } => Err(LimitError::Exceeded {
            retry_after: whole_seconds(retry_after),
        }),
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
    keys: Vec<LimitKey>,
}

impl Permit {
    /// Resets the counts that decided the attempt, after a success.
    pub async fn succeeded(self) -> StateResult<()> {
        for key in &self.keys {
            self.store.clear(key).await?;
        }
        Ok(())
    }

    /// The same attempt, counted under the keys of both.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.keys.extend(other.keys);
        self
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
                ("login-device", 5, 10, 15),
                ("login-ambiguous", 5, 10, 5),
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
