//! State in Redis.

mod connections;
mod index;
mod keys;
mod scripts;

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_redis::redis::{
    AsyncCommands as _, ExistenceCheck, Expiry, RedisError, SetExpiry, SetOptions,
};
use futures_util::future::try_join;
use portal_domain::ids::UserId;
use secrecy::SecretString;

use self::connections::Connections;
use self::keys::Keys;
use self::scripts::{ATTEMPT, COUNT_WRITE, RECORD_FAILURE};
use super::{Attempt, StateResult, StateStore, StateUnavailable, StoredSession};
use crate::rate_limits::{AccountDigest, LimitKey, SprayingRule, WriteLimits, Writer};
use crate::sessions::{SESSION_TTL, SESSIONS_PER_USER, SessionRecord};
use crate::tokens::SessionId;

/// How long what a check of readiness writes is kept.
const READY_TTL: Duration = Duration::from_secs(10);

/// The configuration of [`RedisState`].
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// `redis://user:password@host:port/database`, of which only the host is required; `rediss://`
    /// for TLS. Trusts the system's certificate authorities, or those in the file that the
    /// environment variable `SSL_CERT_FILE` names.
    pub url: SecretString,
    /// Whether the URL is that of a cluster. Use a host name of several nodes, as one of them must
    /// be reachable when the portal starts.
    pub cluster: bool,
    /// The timeout of a command, including connecting.
    pub timeout: Duration,
    /// The prefix of all keys, without braces.
    pub key_prefix: String,
}

/// Why a [`RedisConfig`] is invalid.
#[derive(Debug, thiserror::Error)]
pub enum RedisConfigError {
    /// The URL is invalid or not supported.
    #[error("the address of Redis cannot be used")]
    Address(#[source] Box<dyn Error + Send + Sync>),
    /// The prefix has braces, which would decide the cluster slot of every key.
    #[error("the prefix of the keys in Redis must have no braces")]
    KeyPrefix,
}

impl RedisConfigError {
    fn address(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Address(error.into())
    }
}

/// Sessions and counts in a Redis server or cluster, version 7 or later, shared by all instances of
/// the portal.
///
/// Time is the server's, and all keys expire. Tokens and mail addresses are stored as hashes only.
/// A client's IP address is in the keys of its counts, until an hour after its last attempt.
///
/// # Round trips
///
/// A method takes one round trip, with three exceptions: [`StateStore::insert_session`] also
/// maintains the index of the user's sessions, and [`StateStore::sessions_of`] and
/// [`StateStore::remove_sessions_of`] read it first.
///
/// # Outages
///
/// A command fails at once if connections are refused, otherwise after the timeout. A command that
/// finds no connection opens one, so service resumes as soon as Redis is back. A connection that
/// was closed, or on which a command timed out, is not used again.
///
/// # Foreign records
///
/// What is in the place of a record and cannot be read ends nothing but that record: a session
/// counts as ended, and an index or a count begins anew.
///
/// # Clusters
///
/// A session and the index of its user's sessions are in different slots, so they are written
/// concurrently, not atomically. If the index misses a session because a connection broke, its
/// token was given to nobody. If a session is written just after
/// [`StateStore::remove_sessions_of`], the version in the user's row, which was raised before, has
/// invalidated it.
///
/// Until the cluster replaces a lost node, commands for its slots fail.
pub struct RedisState {
    connections: Connections,
    keys: Keys,
}

impl RedisState {
    /// The default prefix; portals that share a Redis need different ones.
    pub const KEY_PREFIX: &str = "portal:";

    /// A state in the server or cluster of `config`, without connecting yet. Each Tokio runtime in
    /// which it is used has a connection of its own.
    pub fn open(config: RedisConfig) -> Result<Self, RedisConfigError> {
        Ok(Self {
            connections: Connections::open(&config)?,
            keys: Keys::new(config.key_prefix).ok_or(RedisConfigError::KeyPrefix)?,
        })
    }
}

/// A session's record, unless something else is in its place, such as the record of another release.
/// Then there is no session: its owner has to sign in, which writes a new one.
fn readable(json: &[u8]) -> Option<SessionRecord> {
    let record = serde_json::from_slice(json);
    if record.is_err() {
        tracing::warn!("a session's record cannot be read, and counts as ended");
    }
    record.ok()
}

/// Whether a key holds another type than the command is for.
fn is_wrong_type(error: &RedisError) -> bool {
    let errors = error.clone().into_server_errors();
    errors.is_some_and(|errors| errors.iter().any(|(_, error)| error.code() == "WRONGTYPE"))
}

fn to_json(record: &SessionRecord) -> StateResult<Vec<u8>> {
    serde_json::to_vec(record).map_err(StateUnavailable::new)
}

/// What a script decided: 0, or how long attempts are blocked, in milliseconds.
const fn decision(blocked: u64) -> Attempt {
    match blocked {
        0 => Attempt::Allowed,
        milliseconds => Attempt::Blocked {
            retry_after: Duration::from_millis(milliseconds),
        },
    }
}

/// In milliseconds, at least one.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).map_or(u64::MAX, |milliseconds| milliseconds.max(1))
}

#[async_trait]
impl StateStore for RedisState {
    /// Writes a key: a cluster that is down still answers `PING`, and a replica still reads, while
    /// finding a session is a write.
    async fn ping(&self) -> StateResult<()> {
        let (key, seconds) = (self.keys.ready(), READY_TTL.as_secs());
        self.connections
            .run(|mut connection| async move { connection.set_ex(key, "", seconds).await })
            .await
    }

    async fn insert_session(&self, id: &SessionId, record: &SessionRecord) -> StateResult<()> {
        let (key, json) = (self.keys.session(id), to_json(record)?);
        let user = record.user_id;
        self.connections
            .run(|mut connection| async move {
                let add = index::add(connection.clone(), &self.keys, user, id);
                let store = connection.set_ex(key, json, SESSION_TTL.as_secs());
                let ((), added) = try_join(store, add).await?;
                if added.entries > SESSIONS_PER_USER {
                    return index::keep_newest(connection, &self.keys, user, SESSIONS_PER_USER)
                        .await;
                }
                index::prune(connection, &self.keys, user, &added.sample).await
            })
            .await
    }

    async fn touch_session(&self, id: &SessionId) -> StateResult<Option<SessionRecord>> {
        let key = self.keys.session(id);
        let json: Option<Vec<u8>> = self
            .connections
            .run(|mut connection| async move {
                let slide = Expiry::EX(SESSION_TTL.as_secs());
                match connection.get_ex(key, slide).await {
                    Err(error) if is_wrong_type(&error) => Ok(Some(Vec::new())),
                    found => found,
                }
            })
            .await?;
        Ok(json.and_then(|json| readable(&json)))
    }

    async fn replace_session(&self, id: &SessionId, record: &SessionRecord) -> StateResult<bool> {
        let (key, json) = (self.keys.session(id), to_json(record)?);
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::XX)
            .with_expiration(SetExpiry::EX(SESSION_TTL.as_secs()));
        self.connections
            .run(|mut connection| async move { connection.set_options(key, json, options).await })
            .await
    }

    async fn sessions_of(&self, user: UserId) -> StateResult<Vec<StoredSession>> {
        let found = self
            .connections
            .run(|connection| index::sessions(connection, &self.keys, user))
            .await?;
        let session = |(id, json, left): (_, Vec<u8>, _)| {
            Some(StoredSession {
                id,
                record: readable(&json)?,
                idle: SESSION_TTL.saturating_sub(left),
            })
        };
        Ok(found.into_iter().filter_map(session).collect())
    }

    /// Leaves the entry in the index to be pruned by [`StateStore::insert_session`].
    async fn remove_session(&self, id: &SessionId) -> StateResult<()> {
        let key = self.keys.session(id);
        self.connections
            .run(|mut connection| async move { connection.del(key).await })
            .await
    }

    async fn remove_sessions_of(&self, user: UserId, keep: Option<&SessionId>) -> StateResult<()> {
        self.connections
            .run(|connection| index::remove_sessions(connection, &self.keys, user, keep))
            .await
    }

    async fn attempt(&self, key: &LimitKey) -> StateResult<Attempt> {
        let (keys, limit) = (self.keys.count(key), *key.limit());
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
        Ok(decision(blocked))
    }

    async fn give_back(&self, key: &LimitKey) -> StateResult<()> {
        let keys = self.keys.count(key);
        self.connections
            .run(|mut connection| async move { connection.rpop(keys.attempts, None).await })
            .await
    }

    async fn clear(&self, key: &LimitKey) -> StateResult<()> {
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
    ) -> StateResult<()> {
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

    async fn count_write(&self, writer: &Writer, limits: &WriteLimits) -> StateResult<Attempt> {
        let [of_user, of_organization] = self.keys.writes(writer);
        let blocked: u64 = self
            .connections
            .run(|mut connection| async move {
                COUNT_WRITE
                    .key(of_user)
                    .key(of_organization)
                    .arg(milliseconds(WriteLimits::WINDOW))
                    .arg(limits.per_user)
                    .arg(limits.per_organization)
                    .invoke_async(&mut connection)
                    .await
            })
            .await?;
        Ok(decision(blocked))
    }
}
