//! What keeps strangers out of the portal: passwords, sessions, one-time tokens, CSRF tokens and
//! rate limits.
//!
//! The crate knows no HTTP and no database. Of the other crates it depends on `portal-domain` only,
//! for ids and for the clock; what has to outlive a request is kept behind [`StateStore`].
//!
//! | module | holds |
//! |---|---|
//! | [`keys`] | the installation's secret key, and the keys derived from it per purpose |
//! | [`tokens`] | session tokens and one-time tokens, and the hashes of them that are stored |
//! | [`passwords`] | Argon2id off the request threads, bounded |
//! | [`csrf`] | CSRF tokens, bound to a session |
//! | [`signed_payload`] | signed values that a form carries from one page to the next |
//! | [`sessions`] | who is signed in |
//! | [`rate_limits`] | how often somebody may try |
//! | [`state`] | where sessions and counts are kept |
//! | [`accounts`] | signing in, setting and changing passwords |
//!
//! # One more state backend
//!
//! Implement [`StateStore`] in a module of its own beside [`state::MemoryState`] and
//! [`state::RedisState`]. Its documentation says what must be atomic; nothing in [`sessions`] or
//! [`rate_limits`] changes. Add it to `tests/state`, whose cases hold for every backend.
//!
//! # One more rate limit
//!
//! Add a [`Limit`] beside [`rate_limits::LOGIN`], with a name of its own (the name keeps its counts
//! apart from the others'), list it in [`rate_limits::ALL`], and pass it to [`RateLimiter::attempt`].

pub mod accounts;
pub mod csrf;
pub mod keys;
pub mod passwords;
pub mod rate_limits;
pub mod sessions;
pub mod signed_payload;
pub mod state;
pub mod tokens;

mod random;

pub use csrf::CsrfTokens;
pub use keys::{Purpose, SecretKey};
pub use passwords::{Argon2Params, PasswordHashError, PasswordHasher};
pub use rate_limits::{Limit, LimitError, Permit, RateLimiter};
pub use sessions::{LiveSession, NewSession, SESSION_TTL, SessionRecord, Sessions};
pub use signed_payload::PayloadSigner;
pub use state::{StateStore, StateUnavailable};
pub use tokens::{OneTimeToken, SessionId, SessionToken, TokenHash};

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
