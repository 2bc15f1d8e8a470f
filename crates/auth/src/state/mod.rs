//! The port to the store of sessions and counts.

mod memory;
mod redis;

use std::time::Duration;

use async_trait::async_trait;
use portal_domain::ids::UserId;

pub use self::memory::MemoryState;
pub use self::redis::{RedisConfig, RedisConfigError, RedisState};
use crate::rate_limits::{AccountDigest, LimitKey, SprayingRule};
use crate::sessions::SessionRecord;
use crate::tokens::SessionId;

/// The state backend did not answer, or not in a way that can be understood.
#[derive(Debug, thiserror::Error)]
#[error("the state backend is unavailable")]
pub struct StateUnavailable(#[source] Box<dyn std::error::Error + Send + Sync>);

impl StateUnavailable {
    /// Unavailable because of `source`.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// The decision on one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It was counted and may go on.
    Allowed,
    /// It was not counted and may not.
    Refused {
        /// How long the block lasts from now on; more than nothing.
        retry_after: Duration,
    },
}

/// A place for sessions and counts that every instance of the portal shares.
///
/// It keeps time by a clock of its own, one for all instances. Each method is atomic for the key it
/// names, and answers in one round trip. All that is kept under one [`SessionId`], one [`UserId`] or
/// one [`LimitKey`] can live in one slot of a cluster, as no method decides over two of them. Only
/// [`Self::remove_sessions_of`] has to follow the sessions of a user to slots of their own; as the
/// version in the user's row has ended them before, it need be neither atomic nor quick. Nor need
/// [`Self::insert_session`] be, as far as it keeps account of these.
///
/// Every method fails when the backend is out of reach, and then nothing is certain about whether it
/// took effect.
#[async_trait]
pub trait StateStore: Send + Sync {
    /// Whether the backend answers.
    async fn ping(&self) -> Result<(), StateUnavailable>;

    /// Keeps a new session for [`SESSION_TTL`](crate::sessions::SESSION_TTL).
    async fn insert_session(
        &self,
        id: &SessionId,
        record: &SessionRecord,
    ) -> Result<(), StateUnavailable>;

    /// What is stored of a session, which is kept for
    /// [`SESSION_TTL`](crate::sessions::SESSION_TTL) from now on.
    async fn touch_session(
        &self,
        id: &SessionId,
    ) -> Result<Option<SessionRecord>, StateUnavailable>;

    /// Replaces what is stored of a session and slides it. Whether it was still there; if not,
    /// nothing is stored.
    async fn replace_session(
        &self,
        id: &SessionId,
        record: &SessionRecord,
    ) -> Result<bool, StateUnavailable>;

    /// Forgets a session.
    async fn remove_session(&self, id: &SessionId) -> Result<(), StateUnavailable>;

    /// Forgets the sessions of a user, but for the one to keep.
    async fn remove_sessions_of(
        &self,
        user: UserId,
        keep: Option<&SessionId>,
    ) -> Result<(), StateUnavailable>;

    /// Counts an attempt, or refuses it, by [`LimitKey::limit`].
    ///
    /// At most [`attempts`](crate::Limit::attempts) are allowed within any
    /// [`window`](crate::Limit::window); the next one starts the block. While a block lasts, this one
    /// or that of [`Self::record_failure`], attempts are refused and change nothing; after it, the
    /// count starts afresh.
    async fn attempt(&self, key: &LimitKey) -> Result<Attempt, StateUnavailable>;

    /// Takes back one counted attempt, the newest. A block stays.
    async fn give_back(&self, key: &LimitKey) -> Result<(), StateUnavailable>;

    /// Forgets the counted attempts and their block; what [`Self::record_failure`] keeps stays.
    async fn clear(&self, key: &LimitKey) -> Result<(), StateUnavailable>;

    /// Notes that an attempt under this key failed for an account.
    ///
    /// Once [`accounts`](SprayingRule::accounts) different ones have failed within
    /// [`window`](SprayingRule::window), the key is blocked for [`block`](SprayingRule::block), and
    /// the count starts afresh after it. Failures during that block change nothing.
    async fn record_failure(
        &self,
        key: &LimitKey,
        account: &AccountDigest,
        rule: &SprayingRule,
    ) -> Result<(), StateUnavailable>;
}
