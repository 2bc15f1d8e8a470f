//! Authentication: passwords, sessions, one-time tokens, CSRF tokens and rate limits.
//!
//! The crate knows nothing of HTTP or SQL. It stores sessions and counts behind [`StateStore`], and
//! everything else through the ports of `portal-domain`.
//!
//! | module | contents |
//! |---|---|
//! | [`keys`] | the secret key, and the keys derived from it for each purpose |
//! | [`tokens`] | session tokens and one-time tokens, and the hashes that are stored |
//! | [`passwords`] | Argon2id hashes, computed on a bounded number of threads |
//! | [`csrf`] | CSRF tokens bound to a session |
//! | [`signed_payload`] | signed form values |
//! | [`devices`] | tokens of browsers and clients that have signed in to an account before |
//! | [`unsubscribe`] | signed tokens that switch a kind of mails off |
//! | [`sessions`] | sessions of signed-in users |
//! | [`rate_limits`] | limits on attempts to authenticate, and on changes |
//! | [`state`] | the state backends, in memory and in Redis |
//! | [`accounts`] | use cases: signing in, setting and changing passwords |
//!
//! # Adding a state backend
//!
//! Implement [`StateStore`], whose documentation says what must be atomic, in a module beside
//! [`state::MemoryState`] and [`state::RedisState`]. Run the tests in `tests/state` on it.
//!
//! # Adding a rate limit
//!
//! Add a [`Limit`] with a unique name beside [`rate_limits::LOGIN`], list it in
//! [`rate_limits::ALL`], and pass it to [`RateLimiter::attempt`].

pub mod accounts;
pub mod csrf;
pub mod devices;
pub mod keys;
pub mod passwords;
pub mod rate_limits;
pub mod sessions;
pub mod signed_payload;
pub mod state;
pub mod tokens;
pub mod unsubscribe;

mod random;

pub use csrf::CsrfTokens;
pub use devices::{DeviceToken, DeviceTokens};
pub use keys::{Purpose, SecretKey};
pub use passwords::{Argon2Params, Match, PasswordHashError, PasswordHasher};
pub use rate_limits::{Limit, LimitError, Permit, RateLimiter, WriteLimits, Writer};
pub use sessions::{
    LiveSession, NewSession, OpenSession, SESSION_TTL, SESSIONS_PER_USER, SessionRecord, Sessions,
};
pub use signed_payload::PayloadSigner;
pub use state::{StateResult, StateStore, StateUnavailable, StoredSession};
pub use tokens::{OneTimeToken, SessionId, SessionToken};
pub use unsubscribe::{Subscription, UnsubscribeTokens};

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
