//! Signed payloads that a form carries from one page to the next.
//!
//! What a server has found out on one page and needs on the next could be kept on the server, for
//! every instance to find. Signed, the form itself can carry it: nothing has to be stored, and
//! every instance with the same secret can tell that it is unchanged.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::keys::{Purpose, SecretKey};

/// Signs and opens marks of one purpose. They are authentic, not secret.
#[derive(Clone)]
pub struct Marks {
    /// Keyed once; each use works on a copy.
    mac: Hmac<Sha256>,
}

impl Marks {
    /// Marks under the key that `secret` yields for `purpose`.
    pub fn new(secret: &SecretKey, purpose: Purpose) -> Self {
        Self {
            mac: Hmac::new(&secret.derive(purpose).into()),
        }
    }

    /// A mark that holds `payload`, good only where the same `context` is given again:
    /// `base64url(payload) "." base64url(HMAC-SHA256(key, context, payload))`.
    pub fn sign(&self, context: &[&str], payload: &[u8]) -> String {
        let tag = self.tag(context, payload).finalize().into_bytes();
        format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(payload),
            BASE64URL_NOPAD.encode(&tag)
        )
    }

    /// What a mark holds, if it was signed for this context. Takes the same time wherever the
    /// signature is wrong.
    pub fn open(&self, context: &[&str], mark: &str) -> Option<Vec<u8>> {
        let (payload, tag) = mark.split_once('.')?;
        let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
        let signed = self.tag(context, &payload).verify_slice(&tag).is_ok();
        signed.then_some(payload)
    }

    /// Each part goes in behind its length, so that no two contexts run into the same bytes.
    fn tag(&self, context: &[&str], payload: &[u8]) -> Hmac<Sha256> {
        let parts = context.iter().map(|part| part.as_bytes());
        parts.chain([payload]).fold(self.mac.clone(), |mac, part| {
            mac.chain_update((part.len() as u64).to_be_bytes())
                .chain_update(part)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(purpose: Purpose) -> Marks {
        Marks::new(&SecretKey::new(&[7; 32]).unwrap(), purpose)
    }

    #[test]
    fn a_mark_gives_back_what_was_signed() {
        let mark = marks(Purpose::FormIdempotency).sign(&["ticket", "ada"], b"payload");
        let opened = marks(Purpose::FormIdempotency).open(&["ticket", "ada"], &mark);
        assert_eq!(opened.as_deref(), Some(&b"payload"[..]));
    }

    #[test]
    fn a_mark_is_worth_nothing_elsewhere() {
        let mark = marks(Purpose::FormIdempotency).sign(&["ticket", "ada"], b"payload");
        for context in [
            &["ticket", "bob"][..],
            &["comment", "ada"],
            &["ticketada"],
            &["ticket", "ada", ""],
            &[],
        ] {
            assert_eq!(marks(Purpose::FormIdempotency).open(context, &mark), None);
        }
        assert_eq!(
            marks(Purpose::SignInChoice).open(&["ticket", "ada"], &mark),
            None
        );
    }

    #[test]
    fn a_changed_mark_is_refused() {
        let marks = marks(Purpose::FormIdempotency);
        let mark = marks.sign(&[], b"payload");
        let (payload, tag) = mark.split_once('.').unwrap();
        for bad in [
            String::new(),
            payload.to_owned(),
            format!("{payload}."),
            format!("{}.{tag}", BASE64URL_NOPAD.encode(b"another")),
            format!("{payload}.{payload}"),
            format!("{mark}="),
        ] {
            assert_eq!(marks.open(&[], &bad), None, "{bad}");
        }
    }
}
