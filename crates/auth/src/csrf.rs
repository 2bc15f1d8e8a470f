//! CSRF tokens, bound to a session.
//!
//! The signed double-submit cookie of OWASP's CSRF Prevention Cheat Sheet: a request must repeat
//! the token of its cookie or page. The MAC covers the session's id, so that an attacker cannot
//! plant a token in the browser. Nothing is stored.

use crate::keys::{Purpose, SecretKey};
use crate::random;
use crate::signed_payload::PayloadSigner;
use crate::tokens::SessionId;

/// Makes each token of a session different, so that the size of a compressed page does not reveal
/// it (BREACH).
const NONCE_BYTES: usize = 16;

/// Issues and checks CSRF tokens.
#[derive(Clone)]
pub struct CsrfTokens(PayloadSigner);

impl CsrfTokens {
    /// Tokens under the key that `secret` yields for [`Purpose::Csrf`].
    pub fn new(secret: &SecretKey) -> Self {
        Self(PayloadSigner::new(secret, Purpose::Csrf))
    }

    /// A new token, valid as long as its session:
    /// `base64url(nonce) "." base64url(HMAC-SHA256(key, session id || nonce))`.
    pub fn issue(&self, session: &SessionId) -> String {
        let nonce = random::bytes::<NONCE_BYTES>();
        self.0.sign_bytes(session.as_bytes(), &nonce)
    }

    /// Whether the token was issued for this session under the current secret key, and so outlives
    /// the previous one.
    pub fn is_current(&self, session: &SessionId, token: &str) -> bool {
        is_nonce(self.0.open_current(session.as_bytes(), token))
    }

    /// Whether the token was issued for this session. Compares in constant time.
    pub fn verify(&self, session: &SessionId, token: &str) -> bool {
        is_nonce(self.0.open_bytes(|_| session.as_bytes(), token))
    }
}

fn is_nonce(payload: Option<Vec<u8>>) -> bool {
    payload.is_some_and(|nonce| nonce.len() == NONCE_BYTES)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;
    use crate::tokens::SessionToken;

    #[test]
    fn every_csrf_token_issued_for_a_session_is_valid_for_it() {
        let csrf = CsrfTokens::new(&SecretKey::random());
        let session = SessionToken::generate().id();
        let tokens = [csrf.issue(&session), csrf.issue(&session)];
        assert_ne!(tokens[0], tokens[1]);
        for token in tokens {
            assert!(csrf.verify(&session, &token));
        }
    }

    #[test]
    fn instances_with_the_same_secret_accept_each_others_csrf_tokens() {
        let secret = SecretKey::random();
        let session = SessionToken::generate().id();
        let token = CsrfTokens::new(&secret).issue(&session);
        assert!(CsrfTokens::new(&secret).verify(&session, &token));
        assert!(!CsrfTokens::new(&SecretKey::random()).verify(&session, &token));
    }

    #[test]
    fn a_csrf_token_of_the_previous_secret_is_valid_but_not_current() {
        let [old, new] = [SecretKey::random(), SecretKey::random()];
        let session = SessionToken::generate().id();
        let both = CsrfTokens::new(&new.with_previous(&old));
        let token = CsrfTokens::new(&old).issue(&session);
        assert!(both.verify(&session, &token) && !both.is_current(&session, &token));
        let token = both.issue(&session);
        assert!(both.verify(&session, &token) && both.is_current(&session, &token));
    }

    #[test]
    fn a_csrf_token_of_another_session_is_rejected() {
        let csrf = CsrfTokens::new(&SecretKey::random());
        let token = csrf.issue(&SessionToken::generate().id());
        assert!(!csrf.verify(&SessionToken::generate().id(), &token));
    }

    #[test]
    fn a_tampered_csrf_token_is_rejected() {
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
