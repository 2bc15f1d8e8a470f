//! Session tokens and one-time tokens, and the hashes that are stored.
//!
//! Tokens are long and random, so a plain SHA-256 is enough to store them by.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use crate::random;

/// What is hashed before a session's id to make its public one.
const PUBLIC_ID: &[u8] = b"portal/v1/public-session-id";

/// The text is not a token of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a token issued by the portal")]
pub struct InvalidToken;

/// The text is not a session's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 64 hexadecimal digits")]
pub struct InvalidSessionId;

/// Whether the text has only `A-Za-z0-9_-`, the alphabet of all tokens.
fn is_url_safe(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// The secret that a signed-in client sends with each request: [`SessionToken::LENGTH`] characters
/// of `A-Za-z0-9_-`, 288 random bits.
///
/// Redacted by `Debug`. It has no `==`, as a session is looked up by its [`SessionId`].
#[derive(Debug, Clone)]
pub struct SessionToken(SecretString);

impl SessionToken {
    /// The length of a token.
    pub const LENGTH: usize = 48;

    /// A new token.
    pub fn generate() -> Self {
        // 36 bytes are 48 characters of Base64
        Self(BASE64URL_NOPAD.encode(&random::bytes::<36>()).into())
    }

    /// The token itself, for its owner only: never log or store it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The id that the session is stored under.
    pub fn id(&self) -> SessionId {
        SessionId(Sha256::digest(self.expose()).into())
    }
}

/// Checks the form of a token, so that an invalid one costs no look-up.
impl FromStr for SessionToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        if text.len() != Self::LENGTH || !is_url_safe(text) {
            return Err(InvalidToken);
        }
        Ok(Self(text.into()))
    }
}

/// A session's id: the SHA-256 of its token, as 64 lower-case hexadecimal digits. Not a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SessionId([u8; 32]);

impl SessionId {
    /// The hash itself.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl SessionId {
    /// The id by which the session's user ends it, and which others may see: one can be computed from
    /// a session's id, but not the reverse.
    pub fn public(&self) -> Uuid {
        let digest = Sha256::new()
            .chain_update(PUBLIC_ID)
            .chain_update(self.0)
            .finalize();
        let mut bytes = [0; 16];
        for (byte, of_digest) in bytes.iter_mut().zip(digest) {
            *byte = of_digest;
        }
        // A UUID of version 8 (RFC 9562, section 5.8), whose bits are our own.
        Builder::from_custom_bytes(bytes).into_uuid()
    }
}

impl From<&SessionToken> for SessionId {
    fn from(token: &SessionToken) -> Self {
        token.id()
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(InvalidSessionId)
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for SessionId {
    type Error = InvalidSessionId;

    fn try_from(text: String) -> Result<Self, InvalidSessionId> {
        text.parse()
    }
}

/// The secret in the link of an invitation or a password reset.
///
/// New tokens have 43 characters of `A-Za-z0-9_-`, 256 random bits. Tokens of 32 to 128 such
/// characters are accepted, so that other services may issue them. Redacted by `Debug`.
#[derive(Debug, Clone)]
pub struct OneTimeToken(SecretString);

impl OneTimeToken {
    /// The minimum length.
    pub const MIN_LENGTH: usize = 32;
    /// The maximum length.
    pub const MAX_LENGTH: usize = 128;

    /// A new token.
    pub fn generate() -> Self {
        Self(BASE64URL_NOPAD.encode(&random::bytes::<32>()).into())
    }

    /// The token itself, for the link in the mail only: never log or store it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The SHA-256 that is stored, as 64 lower-case hexadecimal digits.
    pub fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.expose()))
    }
}

/// Checks the form of a token, so that an invalid one costs no look-up.
impl FromStr for OneTimeToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let lengths = Self::MIN_LENGTH..=Self::MAX_LENGTH;
        if !lengths.contains(&text.len()) || !is_url_safe(text) {
            return Err(InvalidToken);
        }
        Ok(Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_tokens_are_48_url_safe_characters_and_unique() {
        let tokens = [SessionToken::generate(), SessionToken::generate()];
        for token in &tokens {
            assert_eq!(token.expose().len(), 48);
            assert_eq!(
                token.expose().parse::<SessionToken>().unwrap().id(),
                token.id()
            );
        }
        assert_ne!(tokens[0].expose(), tokens[1].expose());
        assert_ne!(tokens[0].id(), tokens[1].id());
    }

    #[test]
    fn an_invalid_session_token_is_rejected() {
        let good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST_-";
        good.parse::<SessionToken>().unwrap();
        for bad in [
            String::new(),
            "a".repeat(47),
            format!("{good}a"),
            good.replace('a', "+"),
            good.replace('a', " "),
            good.replace('a', "\0"),
            // as many bytes, but not as many characters
            good.replace("ab", "\u{e4}"),
        ] {
            assert_eq!(
                bad.parse::<SessionToken>().unwrap_err(),
                InvalidToken,
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_session_id_is_the_sha256_of_its_token() {
        // computed with `sha256sum`
        let token: SessionToken = "a".repeat(48).parse().unwrap();
        let hex = "97daac0ee9998dfcad6c9c0970da5ca411c86233a944c25b47566f6a7bc1ddd5";
        assert_eq!(token.id().to_string(), hex);
        assert_eq!(hex.parse::<SessionId>().unwrap(), token.id());
    }

    #[test]
    fn session_ids_survive_json_and_invalid_ones_are_rejected() {
        let id = SessionToken::generate().id();
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<SessionId>(&json).unwrap(), id);
        for bad in ["", "00", &"g".repeat(64), &"0".repeat(62), &"0".repeat(66)] {
            assert_eq!(
                bad.parse::<SessionId>().unwrap_err(),
                InvalidSessionId,
                "{bad:?}"
            );
        }
    }

    #[test]
    fn one_time_tokens_are_43_url_safe_characters_and_unique() {
        let tokens = [OneTimeToken::generate(), OneTimeToken::generate()];
        for token in &tokens {
            assert_eq!(token.expose().len(), 43);
            assert_eq!(
                token.expose().parse::<OneTimeToken>().unwrap().hash(),
                token.hash()
            );
        }
        assert_ne!(tokens[0].expose(), tokens[1].expose());
        assert_ne!(tokens[0].hash(), tokens[1].hash());
    }

    #[test]
    fn one_time_tokens_have_32_to_128_characters() {
        for (length, accepted) in [
            (31, false),
            (32, true),
            (43, true),
            (128, true),
            (129, false),
        ] {
            let text = "x".repeat(length);
            assert_eq!(text.parse::<OneTimeToken>().is_ok(), accepted, "{length}");
        }
        assert!(
            format!("{}=", "x".repeat(43))
                .parse::<OneTimeToken>()
                .is_err()
        );
        assert!(
            format!("{}\n", "x".repeat(43))
                .parse::<OneTimeToken>()
                .is_err()
        );
    }

    #[test]
    fn a_one_time_token_is_stored_by_its_sha256() {
        // computed with `sha256sum`
        let token: OneTimeToken = "a".repeat(43).parse().unwrap();
        assert_eq!(
            token.hash(),
            "66d34fba71f8f450f7e45598853e53bfc23bbd129027cbb131a2f4ffd7878cd0"
        );
    }

    #[test]
    fn debug_redacts_tokens() {
        let session = SessionToken::generate();
        assert!(!format!("{session:?}").contains(session.expose()));
        let one_time = OneTimeToken::generate();
        assert!(!format!("{one_time:?}").contains(one_time.expose()));
    }
}
