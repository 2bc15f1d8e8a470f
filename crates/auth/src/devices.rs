//! Tokens of browsers and clients that have signed in to an account before, after OWASP's device
//! cookies ("Slow Down Online Guessing Attacks with Device Cookies").
//!
//! Whoever has one is no stranger to its account: their attempts have a count of their own, so that
//! strangers who guess at the account do not lock its owner out. The token opens nothing; the password
//! is asked for as ever. It is signed, not stored, and void once the user's session version is
//! raised, which a new password does.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use portal_domain::ids::UserId;
use portal_domain::profiles::PortalUser;
use portal_domain::values::EmailAddress;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::keys::{Purpose, SecretKey};
use crate::random;
use crate::signed_payload::PayloadSigner;

/// The length of a token's random part, by which its attempts are counted.
const NONCE_BYTES: usize = 12;

/// How much of the address's hash a token has.
const EMAIL_BYTES: usize = 12;

/// A token, as a client presents it or is given it. Redacted by `Debug`.
#[derive(Debug, Clone)]
pub struct DeviceToken(SecretString);

impl DeviceToken {
    /// How long a token is valid after the sign-in that it was issued at, and so how long a browser
    /// need keep it: browsers keep no cookie for longer than 400 days.
    pub const LIFETIME: TimeDelta = TimeDelta::days(400);

    /// The longest text that can be a token.
    pub const MAX_LENGTH: usize = 200;

    /// The token itself, for its client only: never log or store it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What a client sends, whatever it is: only [`DeviceTokens`] tell tokens from other texts.
impl From<String> for DeviceToken {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// What a token says, which is true only while the user still has the session version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownDevice {
    pub(crate) user_id: UserId,
    session_version: i64,
    nonce: [u8; NONCE_BYTES],
}

impl KnownDevice {
    /// Whether this is a device of the user.
    pub(crate) fn is_of(&self, user: &PortalUser) -> bool {
        (self.user_id, self.session_version) == (user.id, user.session_version)
    }

    /// The name that its attempts are counted by.
    pub(crate) fn counted_as(&self) -> String {
        BASE64URL_NOPAD.encode(&self.nonce)
    }
}

/// Issues and opens the tokens.
#[derive(Clone)]
pub struct DeviceTokens(PayloadSigner);

impl fmt::Debug for DeviceTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceTokens").finish_non_exhaustive()
    }
}

impl DeviceTokens {
    /// Tokens with the key that `secret` yields for them.
    pub fn new(secret: &SecretKey) -> Self {
        Self(PayloadSigner::new(secret, Purpose::Device))
    }

    /// A token for a user who has just signed in; its alphabet is that of a cookie.
    pub(crate) fn issue(&self, user: &PortalUser, now: DateTime<Utc>) -> DeviceToken {
        let id = Uuid::from(user.id);
        let parts: [&[u8]; 5] = [
            id.as_bytes(),
            &user.session_version.to_be_bytes(),
            &now.timestamp().to_be_bytes(),
            &digest(&user.email),
            &random::bytes::<NONCE_BYTES>(),
        ];
        DeviceToken(self.0.sign(&[], &parts.concat()).into())
    }

    /// What a token says, if it was issued here for this address and has not expired.
    pub(crate) fn open(
        &self,
        token: &DeviceToken,
        email: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Option<KnownDevice> {
        let (device, issued_for) = self.read(token, now)?;
        (issued_for == digest(email)).then_some(device)
    }

    /// The user of a token that was issued here and has not expired. Whether it is still good is in
    /// the user's row.
    pub fn user(&self, token: &DeviceToken, now: DateTime<Utc>) -> Option<UserId> {
        let (device, _) = self.read(token, now)?;
        Some(device.user_id)
    }

    fn read(
        &self,
        token: &DeviceToken,
        now: DateTime<Utc>,
    ) -> Option<(KnownDevice, [u8; EMAIL_BYTES])> {
        let text = Some(token.expose()).filter(|text| text.len() <= DeviceToken::MAX_LENGTH)?;
        let payload = self.0.open(&[], text)?;
        let (user, rest) = payload.split_first_chunk::<16>()?;
        let (version, rest) = rest.split_first_chunk::<8>()?;
        let (issued_at, rest) = rest.split_first_chunk::<8>()?;
        let (issued_for, nonce) = rest.split_first_chunk::<EMAIL_BYTES>()?;
        let issued_at = DateTime::from_timestamp(i64::from_be_bytes(*issued_at), 0)?;
        let device = KnownDevice {
            user_id: Uuid::from_bytes(*user).into(),
            session_version: i64::from_be_bytes(*version),
            nonce: nonce.try_into().ok()?,
        };
        let expires_at = issued_at.checked_add_signed(DeviceToken::LIFETIME)?;
        (now < expires_at).then_some((device, *issued_for))
    }
}

/// A part of the address's hash: no token tells whose it is.
fn digest(email: &EmailAddress) -> [u8; EMAIL_BYTES] {
    let mut part = [0; EMAIL_BYTES];
    let digest = Sha256::digest(email.as_str());
    for (byte, of_digest) in part.iter_mut().zip(digest) {
        *byte = of_digest;
    }
    part
}
