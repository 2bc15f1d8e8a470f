//! Requests that a client may repeat: a key names a request, and whoever sends it again is given the
//! first answer.
//!
//! A request is carried out in the transaction that [`claim`]s its key, and its answer is stored
//! there too ([`remember`]). So it is carried out once: after a crash there are both or neither, a
//! failed one leaves nothing, and one that comes while the first is under way waits for it.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::actors::Customer;
use crate::environment::Environment;
use crate::files::Sha256Digest;
use crate::ids::{OrganizationId, UserId};
use crate::operation::Operation;
use crate::scope::TenantScope;
use crate::storage_error::StorageError;
use crate::store::{Store, TenantReader};

/// How long the first answer is given again.
pub const REPEATABLE_FOR: TimeDelta = TimeDelta::hours(24);

/// A user's name for a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// The text is not an [`IdempotencyKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to {} visible ASCII characters, as they are or in quotes",
    IdempotencyKey::MAX_LENGTH
)]
pub struct InvalidKey;

impl IdempotencyKey {
    /// How many characters a key may have.
    pub const MAX_LENGTH: usize = 255;

    /// The key itself, without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A string of a structured field (RFC 8941, section 3.3.3), or the key as it is if it has no quote,
/// backslash, comma or semicolon.
impl FromStr for IdempotencyKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim_matches([' ', '\t']);
        let key = match text.strip_prefix('"') {
            Some(rest) => unquoted(rest).ok_or(InvalidKey)?,
            None if text.contains(['"', '\\', ',', ';']) => return Err(InvalidKey),
            None => text.to_owned(),
        };
        let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_empty() || key.len() > Self::MAX_LENGTH || !is_visible {
            return Err(InvalidKey);
        }
        Ok(Self(key))
    }
}

/// The string whose opening quote was taken off; its closing quote has to be the end.
fn unquoted(text: &str) -> Option<String> {
    let mut key = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return chars.as_str().is_empty().then_some(key),
            '\\' => key.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            other => key.push(other),
        }
    }
}

/// A request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Its key.
    pub key: IdempotencyKey,
    /// The hash of what it asks for.
    pub fingerprint: Sha256Digest,
}

impl KeyedRequest {
    /// A request that asks for what these parts say together.
    pub fn new(key: IdempotencyKey, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // So that nothing moves from one part to the next unnoticed.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let fingerprint = Sha256Digest(hash.finalize().into());
        Self { key, fingerprint }
    }
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Why a request is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ClaimKeyError {
    /// The user has sent another request with this key.
    #[error("the key belongs to another request")]
    Reused,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Claims the key of a customer's request, before anything else is written. If the request was
/// carried out within [`REPEATABLE_FOR`], returns its answer; nothing may be changed then.
///
/// # Errors
///
/// [`ClaimKeyError`].
pub async fn claim(
    op: &Operation<'_, Customer>,
    request: &KeyedRequest,
) -> Result<Option<Answer>, ClaimKeyError> {
    let (user, now) = (op.by.account.user.id, op.now());
    if op.tx.claim_key(user, request, now, earliest(now)).await? {
        return Ok(None);
    }
    // Claiming it has locked the row.
    let first = op.tx.answered_request(user, &request.key).await?;
    let (fingerprint, answer) = first.ok_or(StorageError::Missing("idempotency_keys"))?;
    if fingerprint == request.fingerprint {
        Ok(Some(answer))
    } else {
        Err(ClaimKeyError::Reused)
    }
}

/// Stores the answer to a customer's request whose key was [`claim`]ed in this transaction.
///
/// # Errors
///
/// Those of storage.
pub async fn remember(
    op: &Operation<'_, Customer>,
    key: &IdempotencyKey,
    answer: &Answer,
) -> Result<(), StorageError> {
    let user = op.by.account.user.id;
    op.tx.store_answer(user, key, answer).await
}

/// Whether a request of this user with this key was answered, and so changes nothing if it comes
/// again.
///
/// # Errors
///
/// Those of storage.
pub async fn is_answered(
    reader: &dyn TenantReader,
    user: UserId,
    key: &IdempotencyKey,
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    reader.has_answered(user, key, earliest(now)).await
}

fn earliest(now: DateTime<Utc>) -> DateTime<Utc> {
    now - REPEATABLE_FOR
}

/// Deletes the answers that are no longer given again.
///
/// # Errors
///
/// Those of storage.
pub async fn forget_expired(store: &dyn Store, env: &dyn Environment) -> Result<(), StorageError> {
    let before = earliest(env.now());
    let organizations = {
        let system = store.system_reader().await?;
        system.organizations_with_keys(before).await?
    };
    for organization in organizations {
        let tx = store.begin(TenantScope::of(organization)).await?;
        tx.delete_keys(before).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Reads the keys of requests.
#[async_trait]
pub trait KeyReader: Send + Sync {
    /// The fingerprint and the answer of a user's request.
    async fn answered_request(
        &self,
        user: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<(Sha256Digest, Answer)>, StorageError>;

    /// Whether a user's request has been answered since an instant.
    async fn has_answered(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        since: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
}

/// Writes the keys of requests.
#[async_trait]
pub trait KeyWriter: Send + Sync {
    /// Claims a user's key for a request; `false` if it was claimed since `since`. Waits for a
    /// transaction that has claimed it.
    async fn claim_key(
        &self,
        user: UserId,
        request: &KeyedRequest,
        at: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Result<bool, StorageError>;

    /// Stores the answer to the request that has claimed a key.
    async fn store_answer(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<(), StorageError>;

    /// Deletes keys that were claimed before an instant.
    async fn delete_keys(&self, before: DateTime<Utc>) -> Result<(), StorageError>;
}

/// Finds organizations with keys of requests.
#[async_trait]
pub trait KeySweepReader: Send + Sync {
    /// Those with keys that were claimed before an instant.
    async fn organizations_with_keys(
        &self,
        before: DateTime<Utc>,
    ) -> Result<Vec<OrganizationId>, StorageError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        let key: Option<IdempotencyKey> = text.parse().ok();
        key.map(|key| key.as_str().to_owned())
    }

    #[test]
    fn a_key_is_a_string_of_a_structured_field_or_stands_as_it_is() {
        for (text, expected) in [
            ("8e03978e-40d5", "8e03978e-40d5"),
            ("\"8e03978e-40d5\"", "8e03978e-40d5"),
            (" \t\"a\" ", "a"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            ("\"a,b;c\"", "a,b;c"),
            ("a=b/c+d:e", "a=b/c+d:e"),
        ] {
            assert_eq!(key(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            " ",
            "\"\"",
            "\"",
            "\"a",
            "a\"",
            "\"a\"b",
            "\"a\";b=1",
            "\"a\", \"b\"",
            "a,b",
            "a;b",
            "a b",
            "\"a b\"",
            r#""a\b""#,
            r#""a\"#,
            "ä",
            "\"ä\"",
            "a\u{7f}",
        ] {
            assert_eq!(key(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_has_at_most_255_characters() {
        assert!(key(&"a".repeat(255)).is_some());
        assert!(key(&format!("\"{}\"", "\\\\".repeat(255))).is_some());
        assert!(key(&"a".repeat(256)).is_none());
    }

    #[test]
    fn requests_that_differ_in_any_part_have_other_fingerprints() {
        let fingerprint = |parts: &[&[u8]]| {
            let key = IdempotencyKey("a".to_owned());
            KeyedRequest::new(key, parts).fingerprint
        };
        assert_eq!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"ab", b"c"]));
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
        assert_ne!(fingerprint(&[b"ab"]), fingerprint(&[b"ab", b""]));
    }
}
