//! Rate limits on attempts to authenticate.
//!
//! Attempts are counted per client address and per account. Each of these decisions is one atomic
//! step of the store, taken before any other work.

mod key;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

pub use self::key::{AccountDigest, ClientAddress, LimitKey, Subject};
use crate::state::{Attempt, StateStore, StateUnavailable};

/// A rule for one kind of attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// Its name in the store, which keeps its counts apart from the others'.
    pub name: &'static str,
    /// The span in which attempts are counted. It slides.
    pub window: Duration,
    /// How many attempts it allows.
    pub attempts: usize,
    /// How long the next one blocks.
    pub block: Duration,
}

/// Signing in.
pub const LOGIN: Limit = Limit {
    name: "login",
    window: Duration::from_mins(5),
    attempts: 10,
    block: Duration::from_mins(15),
};

/// Asking for a link to reset a password.
pub const FORGOT_PASSWORD: Limit = Limit {
    name: "forgot-password",
    window: Duration::from_mins(15),
    attempts: 5,
    block: Duration::from_mins(30),
};

/// Using such a link.
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

/// Changing one's own password.
pub const CHANGE_PASSWORD: Limit = Limit {
    name: "change-password",
    window: Duration::from_mins(5),
    attempts: 10,
    block: Duration::from_mins(15),
};

/// Every limit.
pub const ALL: [&Limit; 5] = [
    &LOGIN,
    &FORGOT_PASSWORD,
    &RESET_PASSWORD,
    &ACCEPT_INVITE,
    &CHANGE_PASSWORD,
];

/// A rule against guessing the passwords of many accounts from one address: the owner of one valid
/// account could otherwise sign in now and then to reset the count of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SprayingRule {
    /// How many different accounts must have failed.
    pub accounts: usize,
    /// The span in which they are counted. It slides.
    pub window: Duration,
    /// How long the address is blocked then, whatever succeeds.
    pub block: Duration,
}

/// The rule for signing in.
pub const SPRAYING: SprayingRule = SprayingRule {
    accounts: 30,
    window: Duration::from_hours(1),
    block: Duration::from_hours(1),
};

/// An attempt may not go on.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// There were too many.
    #[error("too many attempts; the next is possible in {} seconds", .retry_after.as_secs())]
    Refused {
        /// When to try again: whole seconds, rounded up, one at least.
        retry_after: Duration,
    },
    /// Nobody can tell.
    #[error(transparent)]
    Unavailable(#[from] StateUnavailable),
}

/// Decides on attempts. Cheap to clone.
#[derive(Clone)]
pub struct RateLimiter {
    store: Arc<dyn StateStore>,
}

impl RateLimiter {
    /// A limiter that counts in `store`.
    pub fn new(store: Arc<dyn StateStore>) -> Self {
        Self { store }
    }

    /// Counts an attempt from an address on an account, or refuses it.
    ///
    /// `account` is whatever is attacked: the normalized e-mail, the hash of a token, a user's id.
    /// An attempt that the account's count refuses does not count for the address either.
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

    async fn attempt_one(&self, key: &LimitKey) -> Result<(), LimitError> {
        match self.store.attempt(key).await? {
            Attempt::Allowed => Ok(()),
            Attempt::Refused { retry_after } => Err(LimitError::Refused {
                retry_after: whole_seconds(retry_after),
            }),
        }
    }

    /// Notes a sign-in that failed, for [`SPRAYING`]. [`Self::attempt`] for [`LOGIN`] refuses the
    /// address once that rule blocks it.
    pub async fn login_failed(
        &self,
        client: IpAddr,
        account: &str,
    ) -> Result<(), StateUnavailable> {
        let address = LimitKey::for_client(&LOGIN, client);
        self.store
            .record_failure(&address, &AccountDigest::of(account), &SPRAYING)
            .await
    }
}

/// Rounded up, as a client that comes back early is refused again; one at least, as HTTP's
/// `Retry-After` has no use for less.
fn whole_seconds(duration: Duration) -> Duration {
    let started = u64::from(duration.subsec_nanos() > 0);
    Duration::from_secs(duration.as_secs().saturating_add(started).max(1))
}

/// An attempt that was counted. Dropped, it stays so, as it should when the attempt fails.
pub struct Permit {
    store: Arc<dyn StateStore>,
    keys: [LimitKey; 2],
}

impl Permit {
    /// The attempt succeeded: forgets all attempts from its address and on its account.
    pub async fn succeeded(self) -> Result<(), StateUnavailable> {
        for key in &self.keys {
            self.store.clear(key).await?;
        }
        Ok(())
    }

    /// The attempt shall not count, as it neither succeeded nor failed.
    pub async fn give_back(self) -> Result<(), StateUnavailable> {
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
        async fn refused(&self, client: &str, account: &str) -> u64 {
            match self.login(client, account).await {
                Err(LimitError::Refused { retry_after }) => retry_after.as_secs(),
                Err(error) => panic!("{error}"),
                Ok(_) => panic!("allowed"),
            }
        }
    }

    #[test]
    fn limits_are_the_contracts_and_have_names_of_their_own() {
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
            ]
        );
    }

    #[tokio::test]
    async fn the_wait_is_in_whole_seconds_rounded_up() {
        let fixture = Fixture::new();
        for _ in 0..10 {
            fixture.login(CLIENT, "ada").await.unwrap();
        }
        assert_eq!(fixture.refused(CLIENT, "ada").await, 900);
        fixture.env.advance(TimeDelta::milliseconds(1));
        assert_eq!(fixture.refused(CLIENT, "ada").await, 900);
        fixture.env.advance(TimeDelta::seconds(899));
        assert_eq!(fixture.refused(CLIENT, "ada").await, 1);
        fixture.env.advance(TimeDelta::milliseconds(999));
        fixture.login(CLIENT, "ada").await.unwrap();
    }

    #[test]
    fn waits_are_never_nothing() {
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
