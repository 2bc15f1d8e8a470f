//! The port for storing sessions and counts, and its backends.

mod memory;
mod redis;

use std::time::Duration;

use async_trait::async_trait;
use portal_domain::ids::UserId;

pub use self::memory::MemoryState;
pub use self::redis::{RedisConfig, RedisConfigError, RedisState};
use crate::rate_limits::{AccountDigest, LimitKey, SprayingRule, WriteLimits, Writer};
use crate::sessions::SessionRecord;
use crate::tokens::SessionId;

/// The state backend did not respond, or its response was invalid.
#[derive(Debug, thiserror::Error)]
#[error("the state backend is unavailable")]
pub struct StateUnavailable(#[source] Box<dyn std::error::Error + Send + Sync>);

impl StateUnavailable {
    /// Unavailable because of `source`.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// The result of an operation of the state backend.
pub type StateResult<T> = Result<T, StateUnavailable>;

/// The decision on an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It was counted.
    Allowed,
    /// It was not counted.
    Blocked {
        /// How long the block lasts from now on; not zero.
        retry_after: Duration,
    },
}

/// A session in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSession {
    /// Its id.
    pub id: SessionId,
    /// Its record.
    pub record: SessionRecord,
    /// How long ago it was last used.
    pub idle: Duration,
}

/// A store for sessions and counts, shared by all instances of the portal.
///
/// It has its own clock. Each method is atomic for its key and takes one round trip. No method
/// depends on two of [`SessionId`], [`UserId`], [`LimitKey`] and [`Writer`], so that each can be in
/// its own slot of a cluster. The exceptions are [`Self::sessions_of`] and
/// [`Self::remove_sessions_of`], and the index that [`Self::insert_session`] maintains for them: they
/// need not be atomic, as a list is out of date as soon as it is read, and as the version in the
/// user's row has invalidated the sessions before.
///
/// If a method fails, it is unknown whether it took effect.
#[async_trait]
pub trait StateStore: Send + Sync {
    /// Checks that the backend takes writes.
    async fn ping(&self) -> StateResult<()>;

    /// Stores a new session for [`SESSION_TTL`](crate::sessions::SESSION_TTL). Where the user has
    /// more than [`SESSIONS_PER_USER`](crate::SESSIONS_PER_USER) then, those used least recently end.
    async fn insert_session(&self, id: &SessionId, record: &SessionRecord) -> StateResult<()>;

    /// Reads a session and extends it to [`SESSION_TTL`](crate::sessions::SESSION_TTL) from now. One
    /// whose record cannot be read has ended.
    async fn touch_session(&self, id: &SessionId) -> StateResult<Option<SessionRecord>>;

    /// Replaces the record of a session and extends it; `false`, storing nothing, if it has ended.
    async fn replace_session(&self, id: &SessionId, record: &SessionRecord) -> StateResult<bool>;

    /// The sessions of a user, in any order; does not extend them.
    async fn sessions_of(&self, user: UserId) -> StateResult<Vec<StoredSession>>;

    /// Removes a session.
    async fn remove_session(&self, id: &SessionId) -> StateResult<()>;

    /// Removes the sessions of a user, except for the one to keep.
    async fn remove_sessions_of(&self, user: UserId, keep: Option<&SessionId>) -> StateResult<()>;

    /// Counts an attempt, unless it exceeds the [`LimitKey::limit`].
    ///
    /// At most [`attempts`](crate::Limit::attempts) are allowed within any
    /// [`window`](crate::Limit::window); the next one starts a block. During a block, this one or
    /// that of [`Self::record_failure`], attempts change nothing. After it, the count starts at
    /// zero.
    async fn attempt(&self, key: &LimitKey) -> StateResult<Attempt>;

    /// Takes back the newest counted attempt. A block stays.
    async fn give_back(&self, key: &LimitKey) -> StateResult<()>;

    /// Resets the attempts and their block, but not the failures of [`Self::record_failure`].
    async fn clear(&self, key: &LimitKey) -> StateResult<()>;

    /// Records that an attempt on an account failed.
    ///
    /// Once [`accounts`](SprayingRule::accounts) different ones have failed within
    /// [`window`](SprayingRule::window), the key is blocked for [`block`](SprayingRule::block).
    /// Failures during the block change nothing. After it, the count starts at zero.
    async fn record_failure(
        &self,
        key: &LimitKey,
        account: &AccountDigest,
        rule: &SprayingRule,
    ) -> StateResult<()>;

    /// Counts a change by a user, for the user and for their organization, unless it exceeds one of
    /// the limits.
    ///
    /// At most as many are allowed within any [`WriteLimits::WINDOW`]. A change that is refused
    /// counts for neither, and the next one is possible once enough earlier ones have left the
    /// window. Where a limit is 0 nothing is counted for it.
    async fn count_write(&self, writer: &Writer, limits: &WriteLimits) -> StateResult<Attempt>;
}
