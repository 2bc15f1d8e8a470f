//! Tokens and signed payloads that anybody may send: none makes a parser panic, and only what was
//! signed here opens.

use portal_auth::{
    CsrfTokens, OneTimeToken, PayloadSigner, Purpose, SecretKey, SessionId, SessionToken,
    Subscription, UnsubscribeTokens,
};
use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::{OrganizationId, UserId};
use portal_domain::profiles::NotificationKind;
use portal_test_support::properties::proptest::collection::vec;
use portal_test_support::properties::proptest::prelude::any;
use portal_test_support::properties::{for_all, text_with};

fn secret() -> SecretKey {
    SecretKey::new(&[7; 32]).unwrap()
}

/// The text with one character replaced.
fn forged(text: &str, at: usize, by: char) -> String {
    let mut all: Vec<char> = text.chars().collect();
    let at = at % all.len();
    if let Some(one) = all.get_mut(at) {
        *one = by;
    }
    all.into_iter().collect()
}

#[test]
fn a_payload_opens_as_it_was_signed_and_no_other_does() {
    let signer = PayloadSigner::new(&secret(), Purpose::SignInChoice);
    let others = [
        PayloadSigner::new(&secret(), Purpose::FormIdempotency),
        PayloadSigner::new(&SecretKey::new(&[8; 32]).unwrap(), Purpose::SignInChoice),
    ];
    let values = (
        vec(any::<u8>(), 0..40),
        vec(any::<String>(), 0..3),
        vec(any::<String>(), 0..3),
        any::<usize>(),
        any::<char>(),
    );
    for_all(1_000, values, |(payload, context, other, at, by)| {
        let context: Vec<&str> = context.iter().map(String::as_str).collect();
        let other: Vec<&str> = other.iter().map(String::as_str).collect();
        let token = signer.sign(&context, &payload);
        assert_eq!(signer.open(&context, &token).as_ref(), Some(&payload));
        if other != context {
            assert_eq!(signer.open(&other, &token), None);
        }
        let forged = forged(&token, at, by);
        if forged != token {
            assert_eq!(signer.open(&context, &forged), None, "{forged}");
        }
        for other in &others {
            assert_eq!(other.open(&context, &token), None);
        }
    });
}

#[test]
fn nothing_that_was_not_issued_here_is_a_token() {
    let csrf = CsrfTokens::new(&secret());
    let unsubscribe = UnsubscribeTokens::new(&secret());
    let session = SessionToken::generate().id();
    let subscription = Subscription {
        organization_id: OrganizationId::generate(&SystemEnvironment),
        user_id: UserId::generate(&SystemEnvironment),
        kind: NotificationKind::Loans,
    };
    let (of_csrf, of_mail) = (csrf.issue(&session), unsubscribe.issue(subscription));
    assert!(csrf.verify(&session, &of_csrf));
    assert_eq!(unsubscribe.open(&of_mail), Some(subscription));
    // Neither is good for the other.
    assert!(!csrf.verify(&session, &of_mail));
    assert_eq!(unsubscribe.open(&of_csrf), None);
    for_all(1_000, (any::<usize>(), any::<char>()), |(at, by)| {
        let forgery = forged(&of_csrf, at, by);
        assert_eq!(csrf.verify(&session, &forgery), forgery == of_csrf);
        let forgery = forged(&of_mail, at, by);
        let expected = (forgery == of_mail).then_some(subscription);
        assert_eq!(unsubscribe.open(&forgery), expected);
    });
    let text = text_with(&[
        ".",
        "..",
        "=",
        "AAAA",
        "-_",
        "kJ0nSLbT4mYc2H8qWvXzR1pE6uF3dA9gN7tB5iKoCsM",
    ]);
    for_all(2_000, text, |text| {
        assert!(!csrf.verify(&session, &text), "{text}");
        assert_eq!(unsubscribe.open(&text), None, "{text}");
        if let Ok(token) = text.parse::<SessionToken>() {
            assert_eq!(token.expose(), text);
        }
        if let Ok(token) = text.parse::<OneTimeToken>() {
            assert_eq!(token.expose(), text);
        }
        if let Ok(id) = text.parse::<SessionId>() {
            assert_eq!(id.to_string(), text);
        }
    });
}
