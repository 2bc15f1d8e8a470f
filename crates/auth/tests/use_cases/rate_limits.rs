//! Rate limits of the use cases.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_auth::accounts::{
    AcceptInvitationError, AttemptError, ChangePasswordError, NewPasswordError, ResetPasswordError,
    SignInError,
};
use portal_auth::rate_limits::{
    ACCEPT_INVITE, AMBIGUOUS, CHANGE_PASSWORD, FORGOT_PASSWORD, LOGIN, Limit, RESET_PASSWORD,
};
use portal_domain::access::Claims;
use portal_domain::audit::AuditAction;
use portal_domain::profiles::OneTimeTokenPurpose;
use portal_test_support::PASSWORD;

use crate::world::{NEW_PASSWORD, World, anywhere, client, client_at, named};

const WRONG: &str = "Wrong-Horse-7";

/// A failing attempt of each kind.
#[derive(Debug, Clone, Copy)]
enum Attempt {
    SignIn,
    ForgotPassword,
    ResetPassword,
    AcceptInvitation,
    ChangePassword,
}

impl Attempt {
    const ALL: [(Self, &Limit); 5] = [
        (Self::SignIn, &LOGIN),
        (Self::ForgotPassword, &FORGOT_PASSWORD),
        (Self::ResetPassword, &RESET_PASSWORD),
        (Self::AcceptInvitation, &ACCEPT_INVITE),
        (Self::ChangePassword, &CHANGE_PASSWORD),
    ];

    /// Makes the attempt. `None` if it was allowed, otherwise how long to wait.
    async fn make(self, world: &World, claims: &Claims) -> Option<Duration> {
        let email = world.acme.ada.email.as_str();
        let token = "x".repeat(43);
        let failure = match self {
            Self::SignIn => match world.sign_in(email, WRONG, anywhere()).await {
                Err(SignInError::Attempt(failure)) => failure,
                _ => return None,
            },
            Self::ForgotPassword => match world.forgot(email, anywhere()).await {
                Err(failure) => failure,
                Ok(()) => return None,
            },
            Self::ResetPassword => match world.reset(&token).await {
                Err(ResetPasswordError::Attempt(failure)) => failure,
                _ => return None,
            },
            Self::AcceptInvitation => match world.accept(&token).await {
                Err(AcceptInvitationError::Attempt(failure)) => failure,
                _ => return None,
            },
            Self::ChangePassword => match world.change(claims, WRONG).await {
                Err(ChangePasswordError::Attempt(failure)) => failure,
                _ => return None,
            },
        };
        match failure {
            AttemptError::RateLimited { retry_after } => Some(retry_after),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn attempts_beyond_the_rate_limit_are_blocked_until_the_block_ends() {
    for (attempt, limit) in Attempt::ALL {
        let world = World::create().await;
        let claims = world.claims(&world.acme.ada).await;
        for number in 1..=limit.attempts {
            let rejected = attempt.make(&world, &claims).await;
            assert_eq!(rejected, None, "{attempt:?} {number}");
        }
        for _ in 0..2 {
            let rejected = attempt.make(&world, &claims).await;
            assert_eq!(rejected, Some(limit.block), "{attempt:?}");
        }
        world.env.advance(TimeDelta::from_std(limit.block).unwrap());
        assert_eq!(attempt.make(&world, &claims).await, None, "{attempt:?}");
    }
}

#[tokio::test]
async fn concurrent_attempts_do_not_exceed_the_rate_limit() {
    let world = World::create().await;
    let claims = world.claims(&world.acme.ada).await;
    let all = join_all((0..25).map(|_| Attempt::SignIn.make(&world, &claims))).await;
    let made = all.iter().filter(|rejected| rejected.is_none());
    assert_eq!(made.count(), LOGIN.attempts);
    let mut log = world.audit_log(world.acme.id).await;
    log.retain(|entry| entry.action == AuditAction::PortalAuthLoginFailed);
    assert_eq!(log.len(), LOGIN.attempts, "a rejected attempt is none");
}

#[tokio::test]
async fn a_success_resets_the_rate_limit() {
    let world = World::create().await;
    let claims = world.claims(&world.acme.ada).await;
    for _ in 0..2 {
        for _ in 1..LOGIN.attempts {
            assert_eq!(Attempt::SignIn.make(&world, &claims).await, None);
        }
        assert!(world.opens(&world.acme.ada, PASSWORD).await);
    }
}

#[tokio::test]
async fn every_forgotten_password_counts_against_the_rate_limit() {
    let world = World::create().await;
    let claims = world.claims(&world.acme.ada).await;
    for _ in 0..FORGOT_PASSWORD.attempts {
        let attempt = Attempt::ForgotPassword;
        assert_eq!(attempt.make(&world, &claims).await, None);
    }
    let before = world.outbox(world.acme.id).await;
    assert_eq!(before.len(), FORGOT_PASSWORD.attempts);
    let rejected = Attempt::ForgotPassword.make(&world, &claims).await;
    assert!(rejected.is_some());
    assert_eq!(world.outbox(world.acme.id).await, before);
}

#[tokio::test]
async fn the_right_password_does_not_end_a_block() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let claims = world.claims(ada).await;
    for _ in 0..LOGIN.attempts {
        assert_eq!(Attempt::SignIn.make(&world, &claims).await, None);
    }
    for client in [client(), client_at("198.51.100.1")] {
        let blocked = world
            .sign_in_from(client, &ada.email, PASSWORD, anywhere())
            .await;
        assert!(
            matches!(
                blocked,
                Err(SignInError::Attempt(AttemptError::RateLimited { .. }))
            ),
            "{blocked:?}"
        );
    }
}

#[tokio::test]
async fn an_ambiguous_sign_in_does_not_count_against_the_rate_limit() {
    let world = World::create().await;
    for organization in [world.acme.id, world.globex.id] {
        world.person(organization, "sam@example.org").await;
    }
    let attempt = async || world.sign_in("sam@example.org", PASSWORD, anywhere()).await;
    for _ in 0..AMBIGUOUS.attempts {
        let ambiguous = attempt().await;
        assert!(
            matches!(ambiguous, Err(SignInError::Ambiguous(_))),
            "{ambiguous:?}"
        );
    }
    // But it is no endless source of work: more of them count.
    for _ in 0..LOGIN.attempts {
        let ambiguous = attempt().await;
        assert!(
            matches!(ambiguous, Err(SignInError::Ambiguous(_))),
            "{ambiguous:?}"
        );
    }
    let blocked = attempt().await;
    assert!(
        matches!(
            blocked,
            Err(SignInError::Attempt(AttemptError::RateLimited { .. }))
        ),
        "{blocked:?}"
    );
}

#[tokio::test]
async fn a_new_password_of_a_signed_in_user_counts_before_it_is_hashed() {
    let world = World::create().await;
    let scope = named(world.acme.id);
    let signed_in = world.sign_in(&world.acme.ada.email, PASSWORD, scope).await;
    let session = signed_in.unwrap().session.record;
    let hash = async |address: &str| {
        let password = NEW_PASSWORD.parse().unwrap();
        let client = client_at(address);
        world
            .auth
            .hash_new_password(&client, &session, &password)
            .await
    };
    for number in 0..CHANGE_PASSWORD.attempts {
        hash(&format!("198.51.100.{number}")).await.unwrap();
    }
    let blocked = hash("203.0.113.9").await;
    assert!(
        matches!(
            blocked,
            Err(NewPasswordError::Attempt(AttemptError::RateLimited { .. }))
        ),
        "{blocked:?}"
    );
    world.env.advance(TimeDelta::minutes(16));
    let late = hash("203.0.113.9").await;
    assert!(
        matches!(late, Err(NewPasswordError::SignInNotRecent)),
        "{late:?}"
    );
}

#[tokio::test]
async fn a_valid_token_is_rejected_but_not_used_up_while_its_client_is_blocked() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let claims = world.claims(ada).await;
    let token = world.mint(ada, OneTimeTokenPurpose::PasswordReset).await;
    for _ in 0..RESET_PASSWORD.attempts {
        assert_eq!(Attempt::ResetPassword.make(&world, &claims).await, None);
    }
    let blocked = world.reset(&token).await;
    assert!(
        matches!(
            blocked,
            Err(ResetPasswordError::Attempt(
                AttemptError::RateLimited { .. }
            ))
        ),
        "{blocked:?}"
    );
    let block = TimeDelta::from_std(RESET_PASSWORD.block).unwrap();
    world.env.advance(block);
    world.reset(&token).await.unwrap();
    assert!(world.opens(ada, NEW_PASSWORD).await);
}
