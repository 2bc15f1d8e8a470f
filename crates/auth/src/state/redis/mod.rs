//! State in Redis.

mod connections;
mod index;
mod keys;
mod scripts;

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_redis::redis::{AsyncCommands as _, ExistenceCheck, Expiry, SetExpiry, SetOptions};
use futures_util::future::try_join;
use portal_domain::ids::UserId;
use secrecy::SecretString;

use self::connections::Connections;
use self::keys::Keys;
use self::scripts::{ATTEMPT, RECORD_FAILURE};
use super::{Attempt, StateStore, StateUnavailable};
use crate::rate_limits::{AccountDigest, LimitKey, SprayingRule};
use crate::sessions::{SESSION_TTL, SessionRecord};
use crate::tokens::SessionId;

/// How to reach Redis, and what to write there.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// `redis://user:password@host:port/database`, of which only the host is needed; `rediss://` for
    /// TLS. A certificate is trusted when the system trusts its authority, or when that stands in
    /// the file that the environment variable `SSL_CERT_FILE` names.
    pub url: SecretString,
    /// Whether the address is that of a cluster. A name that leads to several of its nodes serves
    /// best, as one has to answer whenever an instance of the portal starts.
    pub cluster: bool,
    /// How long a command may take, connecting included.
    pub timeout: Duration,
    /// What all keys begin with; it has no braces.
    pub key_prefix: String,
}

/// A [`RedisConfig`] that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum RedisConfigError {
    /// The address is none, or wants what this version cannot do.
    #[error("the address of Redis cannot be used")]
    Address(#[source] Box<dyn Error + Send + Sync>),
    /// Braces in the prefix would decide the slot of every key.
    #[error("the prefix of the keys in Redis must have no braces")]
    KeyPrefix,
    /// The pool of connections refuses its configuration.
    #[error("connections to Redis cannot be pooled")]
    Pool(#[source] Box<dyn Error + Send + Sync>),
}

impl RedisConfigError {
    fn address(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Address(error.into())
    }
}

/// Sessions and counts in a Redis server, or a cluster of them, of version 7 or later: for as many
/// instances of the portal as share it.
///
/// Time is the server's. Everything expires by itself. Tokens and mail addresses are stored as
/// hashes only; a client's address stands in the keys of its counts, for an hour at most after its
/// last attempt.
///
/// # Round trips
///
/// Connections are multiplexed, kept open and never checked before use, so a method waits for one
/// round trip; the decisions of the rate limits too, as the server knows their scripts by hash after
/// the first time. Two methods wait for more. [`StateStore::insert_session`] looks after the index
/// of the user's sessions, at a time when a password has been hashed anyway; and
/// [`StateStore::remove_sessions_of`] goes from the index to the sessions, in three.
///
/// # When Redis is gone
///
/// A command fails after the configured timeout at the latest, and at once while connections are
/// refused. A command that finds no connection tries to make one, and a few at most do so at a time;
/// so service resumes with the first command after Redis is back. A connection that was closed, or
/// that has left a command without an answer, is not used again.
///
/// # Clusters
///
/// The keys of a command or a script are of one slot. A session and the index of its user's sessions
/// are not, and are written at the same time but not as one step. Should the index miss a session,
/// because a connection broke just then, its token was given to nobody. Should a session be written
/// just after [`StateStore::remove_sessions_of`] has gone by, the version in the user's row, raised
/// before that, has ended it already.
///
/// A node that is lost is replaced by the cluster; until then, commands for its slots fail.
pub struct RedisState {
    connections: Connections,
    keys: Keys,
}

impl RedisState {
    /// What all keys of a portal begin with, unless several share a Redis.
    pub const KEY_PREFIX: &str = "portal:";

    /// A state in the server or cluster that `config` names, which need not be there yet.
    ///
    /// Connections are driven by the Tokio runtime that this is called in.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn open(config: RedisConfig) -> Result<Self, RedisConfigError> {
        Ok(Self {
            connections: Connections::open(&config)?,
            keys: Keys::new(config.key_prefix).ok_or(RedisConfigError::KeyPrefix)?,
        })
    }
}

fn to_json(record: &SessionRecord) -> Result<Vec<u8>, StateUnavailable> {
    serde_json::to_vec(record).map_err(StateUnavailable::new)
}

/// At least one, as no window and no block is shorter.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).map_or(u64::MAX, |milliseconds| milliseconds.max(1))
}

#[async_trait]
impl StateStore for RedisState {
    /// Asks for a key, as requests do: a cluster that is down still answers `PING`.
    async fn ping(&self) -> Result<(), StateUnavailable> {
        let key = self.keys.nothing();
        self.connections
            .run(|mut connection| async move { connection.exists(key).await })
            .await
    }

    async fn insert_session(
        &self,
        id: &SessionId,
        record: &SessionRecord,
    ) -> Result<(), StateUnavailable> {
        let (key, json) = (self.keys.session(id), to_json(record)?);
        let user = record.user_id;
        self.connections
            .run(|mut connection| async move {
                let enter = index::enter(connection.clone(), &self.keys, user, id);
                let store = connection.set_ex(key, json, SESSION_TTL.as_secs());
                let ((), sample) = try_join(store, enter).await?;
                index::prune(connection, &self.keys, user, &sample).await
            })
            .await
    }

    async fn touch_session(
        &self,
        id: &SessionId,
    ) -> Result<Option<SessionRecord>, StateUnavailable> {
        let key = self.keys.session(id);
        let json: Option<Vec<u8>> = self
            .connections
            .run(|mut connection| async move {
                let slide = Expiry::EX(SESSION_TTL.as_secs());
                connection.get_ex(key, slide).await
            })
            .await?;
        json.map(|json| serde_json::from_slice(&json))
            .transpose()
            .map_err(StateUnavailable::new)
    }

    async fn replace_session(
        &self,
        id: &SessionId,
        record: &SessionRecord,
    ) -> Result<bool, StateUnavailable> {
        let (key, json) = (self.keys.session(id), to_json(record)?);
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::XX)
            .with_expiration(SetExpiry::EX(SESSION_TTL.as_secs()));
        self.connections
            .run(|mut connection| async move { connection.set_options(key, json, options).await })
            .await
    }

    /// Leaves the entry in the index, which [`StateStore::insert_session`] looks after.
    async fn remove_session(&self, id: &SessionId) -> Result<(), StateUnavailable> {
        let key = self.keys.session(id);
        self.connections
            .run(|mut connection| async move { connection.del(key).await })
            .await
    }

    async fn remove_sessions_of(
        &self,
        user: UserId,
        keep: Option<&SessionId>,
    ) -> Result<(), StateUnavailable> {
        self.connections
            .run(|connection| index::remove_sessions(connection, &self.keys, user, keep))
            .await
    }

    async fn attempt(&self, key: &LimitKey) -> Result<Attempt, StateUnavailable> {
        let (keys, limit) = (self.keys.count(key), key.limit());
        let blocked: u64 = self
            .connections
            .run(|mut connection| async move {
                ATTEMPT
                    .key(keys.attempts)
                    .key(keys.block)
                    .key(keys.spraying)
                    .arg(milliseconds(limit.window))
                    .arg(limit.attempts)
                    .arg(milliseconds(limit.block))
                    .invoke_async(&mut connection)
                    .await
            })
            .await?;
        Ok(match blocked {
            0 => Attempt::Allowed,
            milliseconds => Attempt::Refused {
                retry_after: Duration::from_millis(milliseconds),
            },
        })
    }

    async fn give_back(&self, key: &LimitKey) -> Result<(), StateUnavailable> {
        let keys = self.keys.count(key);
        self.connections
            .run(|mut connection| async move { connection.rpop(keys.attempts, None).await })
            .await
    }

    async fn clear(&self, key: &LimitKey) -> Result<(), StateUnavailable> {
        let keys = self.keys.count(key);
        self.connections
            .run(|mut connection| async move { connection.del(&[keys.attempts, keys.block]).await })
            .await
    }

    async fn record_failure(
        &self,
        key: &LimitKey,
        account: &AccountDigest,
        rule: &SprayingRule,
    ) -> Result<(), StateUnavailable> {
        let keys = self.keys.count(key);
        self.connections
            .run(|mut connection| async move {
                RECORD_FAILURE
                    .key(keys.failures)
                    .key(keys.spraying)
                    .arg(account.to_string())
                    .arg(milliseconds(rule.window))
                    .arg(rule.accounts)
                    .arg(milliseconds(rule.block))
                    .invoke_async(&mut connection)
                    .await
            })
            .await
    }
}
