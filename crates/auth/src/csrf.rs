//! CSRF tokens, bound to a session.
//!
//! A signed double submit: the token stands in a cookie and must be repeated in a header. As it
//! carries a MAC over the session's id, a pair that somebody planted in the browser does not pass,
//! and as it carries nothing else, nothing has to be stored.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::keys::{Purpose, SecretKey};
use crate::random;
use crate::tokens::SessionId;

/// Makes each token of a session look different: compression of an answer that holds one then
/// tells nothing about it.
const NONCE_BYTES: usize = 16;

/// Issues and checks CSRF tokens.
#[derive(Clone)]
pub struct CsrfTokens {
    /// Keyed once; each use works on a copy.
    mac: Hmac<Sha256>,
}

impl CsrfTokens {
    /// Tokens under the key that `secret` yields for [`Purpose::Csrf`].
    pub fn new(secret: &SecretKey) -> Self {
        Self {
            mac: Hmac::new(&secret.derive(Purpose::Csrf).into()),
        }
    }

    /// A new token for a session, good for as long as the session lives:
    /// `base64url(nonce) "." base64url(HMAC-SHA256(key, session id || nonce))`.
    pub fn issue(&self, session: &SessionId) -> String {
        let nonce = random::bytes::<NONCE_BYTES>();
        let tag = self.tag(session, &nonce).finalize().into_bytes();
        format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(&nonce),
            BASE64URL_NOPAD.encode(&tag)
        )
    }

    /// Whether the token was issued for this session. Takes the same time wherever it is wrong.
    pub fn verify(&self, session: &SessionId, token: &str) -> bool {
        let Some((nonce, tag)) = token.split_once('.') else {
            return false;
        };
        let decoded = (
            BASE64URL_NOPAD.decode(nonce.as_bytes()),
            BASE64URL_NOPAD.decode(tag.as_bytes()),
        );
        let (Ok(nonce), Ok(tag)) = decoded else {
            return false;
        };
        nonce.len() == NONCE_BYTES && self.tag(session, &nonce).verify_slice(&tag).is_ok()
    }

    fn tag(&self, session: &SessionId, nonce: &[u8]) -> Hmac<Sha256> {
        self.mac
            .clone()
            .chain_update(session.as_bytes())
            .chain_update(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::SessionToken;

    #[test]
    fn every_token_issued_for_a_session_is_good_for_it() {
        let csrf = CsrfTokens::new(&SecretKey::random());
        let session = SessionToken::generate().id();
        let tokens = [csrf.issue(&session), csrf.issue(&session)];
        assert_ne!(tokens[0], tokens[1]);
        for token in tokens {
            assert!(csrf.verify(&session, &token));
        }
    }

    #[test]
    fn instances_with_the_same_secret_accept_each_others_tokens() {
        let secret = SecretKey::random();
        let session = SessionToken::generate().id();
        let token = CsrfTokens::new(&secret).issue(&session);
        assert!(CsrfTokens::new(&secret).verify(&session, &token));
        assert!(!CsrfTokens::new(&SecretKey::random()).verify(&session, &token));
    }

    #[test]
    fn a_token_of_another_session_is_refused() {
        let csrf = CsrfTokens::new(&SecretKey::random());
        let token = csrf.issue(&SessionToken::generate().id());
        assert!(!csrf.verify(&SessionToken::generate().id(), &token));
    }

    #[test]
    fn a_changed_or_cut_token_is_refused() {
        let csrf = CsrfTokens::new(&SecretKey::random());
        let session = SessionToken::generate().id();
        let token = csrf.issue(&session);
        let (nonce, tag) = token.split_once('.').unwrap();
        for bad in [
            String::new(),
            ".".to_owned(),
            nonce.to_owned(),
            format!("{nonce}."),
            format!(".{tag}"),
            token.replace(tag, nonce),
            format!("{nonce}.{tag}A"),
            format!("{nonce}.{tag}="),
            format!("{tag}.{nonce}"),
            format!("{}.{tag}", BASE64URL_NOPAD.encode(&[0; NONCE_BYTES])),
            format!("{nonce}.{}", BASE64URL_NOPAD.encode(&[0; 32])),
            format!("{token}.{tag}"),
        ] {
            assert!(!csrf.verify(&session, &bad), "{bad}");
        }
    }
}
