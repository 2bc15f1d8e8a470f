//! Signed payloads, which a form carries from one page to the next, so that the server stores
//! nothing.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::keys::{Purpose, SecretKey};

/// Signs and opens payloads of one purpose. They are authenticated, not encrypted.
#[derive(Clone)]
pub struct PayloadSigner {
    /// Keyed once; each use clones it.
    mac: Hmac<Sha256>,
    /// The same under the previous secret key, while that is still accepted.
    previous: Option<Hmac<Sha256>>,
}

impl PayloadSigner {
    /// A signer with the key that `secret` yields for `purpose`.
    pub fn new(secret: &SecretKey, purpose: Purpose) -> Self {
        let mac = |key: [u8; 64]| Hmac::new(&key.into());
        Self {
            mac: mac(secret.derive(purpose)),
            previous: secret.derive_previous(purpose).map(mac),
        }
    }

    /// Signs `payload`, to be opened under the same `context`:
    /// `base64url(payload) "." base64url(HMAC-SHA256(key, context, payload))`, where each part of
    /// the context and the payload are preceded by their length.
    pub fn sign(&self, context: &[&str], payload: &[u8]) -> String {
        self.sign_bytes(&framed(context, payload), payload)
    }

    /// The payload, if it was signed under this context. Compares in constant time.
    pub fn open(&self, context: &[&str], signed: &str) -> Option<Vec<u8>> {
        self.open_bytes(|payload| framed(context, payload), signed)
    }

    /// Signs `payload`, with a MAC over `prefix` and `payload`.
    pub(crate) fn sign_bytes(&self, prefix: &[u8], payload: &[u8]) -> String {
        let tag = tag(&self.mac, prefix, payload).finalize().into_bytes();
        format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(payload),
            BASE64URL_NOPAD.encode(&tag)
        )
    }

    /// Opens a payload of [`sign_bytes`](Self::sign_bytes).
    pub(crate) fn open_bytes<P: AsRef<[u8]>>(
        &self,
        prefix: impl FnOnce(&[u8]) -> P,
        signed: &str,
    ) -> Option<Vec<u8>> {
        let signed = Signed::read(signed)?;
        let prefix = prefix(&signed.payload);
        let mut accepted = [Some(&self.mac), self.previous.as_ref()]
            .into_iter()
            .flatten();
        let is_ours = accepted.any(|mac| signed.is_by(mac, prefix.as_ref()));
        is_ours.then_some(signed.payload)
    }

    /// Opens a payload of [`sign_bytes`](Self::sign_bytes) that is signed under the current secret key.
    pub(crate) fn open_current(&self, prefix: &[u8], signed: &str) -> Option<Vec<u8>> {
        let signed = Signed::read(signed)?;
        let is_ours = signed.is_by(&self.mac, prefix);
        is_ours.then_some(signed.payload)
    }
}

/// A payload and what should be its tag.
struct Signed {
    payload: Vec<u8>,
    tag: Vec<u8>,
}

impl Signed {
    fn read(signed: &str) -> Option<Self> {
        let (payload, tag) = signed.split_once('.')?;
        Some(Self {
            payload: BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?,
            tag: BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?,
        })
    }

    fn is_by(&self, mac: &Hmac<Sha256>, prefix: &[u8]) -> bool {
        let mac = tag(mac, prefix, &self.payload);
        mac.verify_slice(&self.tag).is_ok()
    }
}

fn tag(mac: &Hmac<Sha256>, prefix: &[u8], payload: &[u8]) -> Hmac<Sha256> {
    mac.clone().chain_update(prefix).chain_update(payload)
}

/// The MAC's input before the payload: each part of the context preceded by its length, and the
/// length of the payload, so that no two contexts yield the same bytes.
fn framed(context: &[&str], payload: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| (bytes.len() as u64).to_be_bytes();
    let mut framed = Vec::new();
    for part in context {
        framed.extend(length(part.as_bytes()));
        framed.extend(part.as_bytes());
    }
    framed.extend(length(payload));
    framed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(purpose: Purpose) -> PayloadSigner {
        PayloadSigner::new(&SecretKey::new(&[7; 32]).unwrap(), purpose)
    }

    #[test]
    fn a_signed_payload_opens_under_its_context() {
        let signed = signer(Purpose::FormIdempotency).sign(&["ticket", "ada"], b"payload");
        let opened = signer(Purpose::FormIdempotency).open(&["ticket", "ada"], &signed);
        assert_eq!(opened.as_deref(), Some(&b"payload"[..]));
    }

    #[test]
    fn a_signed_payload_is_invalid_under_another_context_or_purpose() {
        let signed = signer(Purpose::FormIdempotency).sign(&["ticket", "ada"], b"payload");
        for context in [
            &["ticket", "bob"][..],
            &["comment", "ada"],
            &["ticketada"],
            &["ticket", "ada", ""],
            &[],
        ] {
            assert_eq!(
                signer(Purpose::FormIdempotency).open(context, &signed),
                None
            );
        }
        assert_eq!(
            signer(Purpose::SignInChoice).open(&["ticket", "ada"], &signed),
            None
        );
    }

    #[test]
    fn what_the_previous_key_signed_is_opened_but_nothing_is_signed_with_it() {
        let [old, new] = [SecretKey::random(), SecretKey::random()];
        let signer = |key: &SecretKey| PayloadSigner::new(key, Purpose::FormIdempotency);
        let both = signer(&new.clone().with_previous(&old));
        let (old, new) = (signer(&old), signer(&new));
        let text = old.sign(&["ticket"], b"payload");
        assert_eq!(
            both.open(&["ticket"], &text).as_deref(),
            Some(&b"payload"[..])
        );
        assert_eq!(both.open(&["comment"], &text), None);
        let text = both.sign(&["ticket"], b"payload");
        assert!(new.open(&["ticket"], &text).is_some());
        assert_eq!(old.open(&["ticket"], &text), None);
    }

    #[test]
    fn a_tampered_payload_is_rejected() {
        let forms = signer(Purpose::FormIdempotency);
        let signed = forms.sign(&[], b"payload");
        let (payload, tag) = signed.split_once('.').unwrap();
        for bad in [
            String::new(),
            payload.to_owned(),
            format!("{payload}."),
            format!("{}.{tag}", BASE64URL_NOPAD.encode(b"another")),
            format!("{payload}.{payload}"),
            format!("{signed}="),
        ] {
            assert_eq!(forms.open(&[], &bad), None, "{bad}");
        }
    }
}
