//! The installation's secret key, and the keys derived from it.

use hkdf::Hkdf;
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::Sha256;

use crate::random;

/// The most that HKDF-SHA256 can expand to, in bytes (RFC 5869, section 2.3).
const MAX_DERIVED_BYTES: usize = 255 * 32;

/// The key has fewer than [`SecretKey::MIN_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at least {} bytes long", SecretKey::MIN_BYTES)]
pub struct SecretKeyTooShort;

/// The use of a derived key. A signature or token made for one is invalid for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signs the cookie that holds the session token.
    SessionCookie,
    /// Signs CSRF tokens.
    Csrf,
    /// Signs the idempotency keys of forms.
    FormIdempotency,
    /// Signs proof of a password, from the sign-in page to the choice of an organization.
    SignInChoice,
    /// Signs the links by which a mail's reader switches its kind off.
    Unsubscribe,
    /// Signs the tokens of browsers and clients that have signed in to an account before.
    Device,
    /// Makes entity tags.
    EntityTag,
}

impl Purpose {
    /// HKDF's `info`. Changing a label invalidates all cookies or tokens of that purpose.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::SessionCookie => b"portal/v1/session-cookie",
            Self::Csrf => b"portal/v1/csrf",
            Self::FormIdempotency => b"portal/v1/form-idempotency",
            Self::SignInChoice => b"portal/v1/sign-in-choice",
            Self::Unsubscribe => b"portal/v1/unsubscribe",
            Self::Device => b"portal/v1/device",
            Self::EntityTag => b"portal/v1/entity-tag",
        }
    }
}

/// The secret shared by all instances of an installation, which only serves to
/// [`derive`](SecretKey::derive) keys. Redacted by `Debug`, and overwritten when dropped.
///
/// While it is being replaced, a second one is accepted beside it: what was signed under that is
/// still good, but nothing is signed under it any more.
#[derive(Debug, Clone)]
pub struct SecretKey {
    current: SecretSlice<u8>,
    previous: Option<SecretSlice<u8>>,
}

impl SecretKey {
    /// The minimum length: that of SHA-256's output.
    pub const MIN_BYTES: usize = 32;

    /// A key of at least [`Self::MIN_BYTES`].
    pub fn new(bytes: &[u8]) -> Result<Self, SecretKeyTooShort> {
        if bytes.len() < Self::MIN_BYTES {
            return Err(SecretKeyTooShort);
        }
        Ok(Self {
            current: bytes.to_vec().into(),
            previous: None,
        })
    }

    /// The same key, beside which `previous` is accepted.
    #[must_use]
    pub fn with_previous(self, previous: &Self) -> Self {
        Self {
            previous: Some(previous.current.clone()),
            ..self
        }
    }

    /// A random key, for development: sessions end with the process.
    pub fn random() -> Self {
        Self {
            current: random::bytes::<{ Self::MIN_BYTES }>().to_vec().into(),
            previous: None,
        }
    }

    /// The key of `N` bytes for one purpose, by HKDF-SHA256 (RFC 5869) without a salt.
    pub fn derive<const N: usize>(&self, purpose: Purpose) -> [u8; N] {
        derive(&self.current, purpose)
    }

    /// The key for the same purpose that is accepted beside it, if there is one.
    pub fn derive_previous<const N: usize>(&self, purpose: Purpose) -> Option<[u8; N]> {
        self.previous.as_ref().map(|key| derive(key, purpose))
    }
}

#[expect(
    clippy::expect_used,
    reason = "only the length can be wrong, and the compiler has checked it"
)]
fn derive<const N: usize>(secret: &SecretSlice<u8>, purpose: Purpose) -> [u8; N] {
    const { assert!(N <= MAX_DERIVED_BYTES, "too long for HKDF-SHA256") };
    let mut key = [0; N];
    Hkdf::<Sha256>::new(None, secret.expose_secret())
        .expand(purpose.label(), &mut key)
        .expect("a length that HKDF-SHA256 can expand to");
    key
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn a_key_has_at_least_32_bytes() {
        assert_eq!(SecretKey::new(&[7; 31]).unwrap_err(), SecretKeyTooShort);
        assert_eq!(
            SecretKeyTooShort.to_string(),
            "must be at least 32 bytes long"
        );
        SecretKey::new(&[7; 32]).unwrap();
    }

    #[test]
    fn derived_keys_match_another_implementation_of_hkdf() {
        // computed with HMAC-SHA256 of Python's standard library, by the steps of RFC 5869
        let key = SecretKey::new(b"0123456789abcdef0123456789abcdef").unwrap();
        for (purpose, expected) in [
            (
                Purpose::SessionCookie,
                "e20fee5c8951faa7af036a8967ce5378c2290abef348e740bec83fe1b41a3d60\
                 a969cf7c5b7c8aef181939d39298cd93ee274afa73b6401fe8eb622ee197263c",
            ),
            (
                Purpose::Csrf,
                "a1edec4771e9c8b3c515cae4ebc1c5570e25df97c4ff04cf78a8e40798fa66b4\
                 c60656419407b24299dbdf7c85faa5c2d552a3d8201f3cbb2d0e34ecd6e706d3",
            ),
            (
                Purpose::FormIdempotency,
                "77ab572b4da3d917d5742c5e7e23cb0b4b4fa2774eac140c88820a8b8fc82b3b\
                 a18277807c9da897e0d0152954d361601ee77f2f785c55cd9c82f953b5405274",
            ),
        ] {
            assert_eq!(
                HEXLOWER.encode(&key.derive::<64>(purpose)),
                expected,
                "{purpose:?}"
            );
        }
    }

    #[test]
    fn purposes_and_secrets_have_keys_of_their_own() {
        let purposes = [
            Purpose::SessionCookie,
            Purpose::Csrf,
            Purpose::FormIdempotency,
            Purpose::SignInChoice,
            Purpose::Unsubscribe,
            Purpose::Device,
            Purpose::EntityTag,
        ];
        let secrets = [SecretKey::random(), SecretKey::random()];
        let keys: HashSet<[u8; 32]> = secrets
            .iter()
            .flat_map(|secret| purposes.map(|purpose| secret.derive(purpose)))
            .collect();
        assert_eq!(keys.len(), secrets.len() * purposes.len());
    }

    #[test]
    fn a_previous_key_yields_what_it_did_as_the_current_one() {
        let [old, new] = [SecretKey::random(), SecretKey::random()];
        let both = new.clone().with_previous(&old);
        let purpose = Purpose::Csrf;
        assert_eq!(both.derive::<32>(purpose), new.derive(purpose));
        assert_eq!(
            both.derive_previous::<32>(purpose),
            Some(old.derive(purpose))
        );
        assert_eq!(new.derive_previous::<32>(purpose), None);
    }

    #[test]
    fn debug_redacts_the_key() {
        let shown = [[0x41; 32], [0x42; 32]].map(|bytes| format!("{:?}", SecretKey::new(&bytes)));
        assert_eq!(shown[0], shown[1]);
    }
}
