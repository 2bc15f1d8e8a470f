//! Changing the password of a signed-in user.

use chrono::TimeDelta;
use portal_auth::accounts::ChangePasswordError;
use portal_domain::access::{AccessError, Claims};
use portal_domain::audit::AuditAction;
use portal_domain::notifications::MailKind;
use portal_test_support::PASSWORD;

use crate::world::{NEW_PASSWORD, World, anywhere};

#[tokio::test]
async fn a_changed_password_ends_all_sessions_of_its_owner_only() {
    let world = World::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let version = world.user(ada).await.session_version;
    let here = world.sign_in(&ada.email, PASSWORD, anywhere()).await;
    let elsewhere = world.sign_in(&ada.email, PASSWORD, anywhere()).await;
    let bobs = world.sign_in(&bob.email, PASSWORD, anywhere()).await;
    let claims = world.claims(ada).await;
    // However long ago the sign-in was, as the current password is verified.
    world.env.advance(TimeDelta::hours(3));
    world.change(&claims, PASSWORD).await.unwrap();

    assert_eq!(world.user(ada).await.session_version, version + 1);
    for ended in [here.unwrap(), elsewhere.unwrap()] {
        assert!(!world.is_kept(&ended).await);
    }
    assert!(world.is_kept(&bobs.unwrap()).await);
    assert!(world.opens(ada, NEW_PASSWORD).await);
    assert!(!world.opens(ada, PASSWORD).await);
    let user_id = ada.id;
    assert_eq!(
        world.outbox(world.acme.id).await,
        [MailKind::PasswordChanged { user_id }]
    );
    let log = world.audit_log(world.acme.id).await;
    let changes = log
        .iter()
        .filter(|entry| entry.action == AuditAction::PortalProfilePasswordChange);
    assert_eq!(changes.count(), 1);
}

#[tokio::test]
async fn a_wrong_current_password_changes_nothing() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let claims = world.claims(ada).await;
    let log = world.audit_log(world.acme.id).await;
    let rejected = world.change(&claims, "Wrong-Horse-7").await;
    assert!(
        matches!(rejected, Err(ChangePasswordError::WrongPassword)),
        "{rejected:?}"
    );
    assert_eq!(world.audit_log(world.acme.id).await, log);
    assert_eq!(world.outbox(world.acme.id).await, []);
    assert!(world.opens(ada, PASSWORD).await);
}

#[tokio::test]
async fn an_unauthorized_session_changes_no_password() {
    let world = World::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let claims = world.claims(ada).await;
    let ended = Claims {
        session_version: claims.session_version + 1,
        ..claims.clone()
    };
    let rejected = world.change(&ended, PASSWORD).await;
    assert!(
        matches!(
            rejected,
            Err(ChangePasswordError::Access(AccessError::SessionEnded))
        ),
        "{rejected:?}"
    );
    let bobs = world.claims(bob).await;
    world.disable_user(bob).await;
    let rejected = world.change(&bobs, PASSWORD).await;
    assert!(
        matches!(
            rejected,
            Err(ChangePasswordError::Access(AccessError::NotActive))
        ),
        "{rejected:?}"
    );
    assert!(world.opens(ada, PASSWORD).await);
}
