//! Resetting a password.

use chrono::TimeDelta;
use futures_util::future::{join_all, ready};
use futures_util::stream::{self, StreamExt as _};
use portal_auth::accounts::ResetPasswordError;
use portal_domain::audit::AuditAction;
use portal_domain::branding::BrandingChanges;
use portal_domain::notifications::MailKind;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::profiles::OneTimeTokenPurpose;
use portal_test_support::PASSWORD;

use crate::world::{NEW_PASSWORD, World, anywhere, client};

const RESET: OneTimeTokenPurpose = OneTimeTokenPurpose::PasswordReset;

fn switched(on: bool) -> BrandingChanges {
    BrandingChanges {
        enable_password_reset: Some(on),
        ..BrandingChanges::default()
    }
}

#[tokio::test]
async fn a_reset_token_works_once_and_ends_every_session() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let signed_in = world.sign_in(&ada.email, PASSWORD, anywhere()).await;
    let signed_in = signed_in.unwrap();
    let version = world.user(ada).await.session_version;
    let token = world.mint(ada, RESET).await;
    let found = world.auth.resettable(&client(), &token).await.unwrap();
    assert_eq!(found.user.id, ada.id);

    world.reset(&token).await.unwrap();
    assert_eq!(world.user(ada).await.session_version, version + 1);
    assert!(!world.is_kept(&signed_in).await);
    assert!(world.opens(ada, NEW_PASSWORD).await);
    assert!(!world.opens(ada, PASSWORD).await);
    let user_id = ada.id;
    assert_eq!(
        world.outbox(world.acme.id).await,
        [MailKind::PasswordChanged { user_id }]
    );

    let again = world.reset(&token).await;
    assert!(
        matches!(again, Err(ResetPasswordError::InvalidToken)),
        "{again:?}"
    );
    let opened = world.auth.resettable(&client(), &token).await;
    assert!(
        matches!(opened, Err(ResetPasswordError::InvalidToken)),
        "{opened:?}"
    );
    let log = world.audit_log(world.acme.id).await;
    let resets = log
        .iter()
        .filter(|entry| entry.action == AuditAction::PortalAuthPasswordReset);
    assert_eq!(resets.count(), 1);
    assert!(!format!("{log:?}").contains(&token));
}

#[tokio::test]
async fn of_concurrent_resets_with_one_token_one_succeeds() {
    let world = World::create().await;
    let token = world.mint(&world.acme.ada, RESET).await;
    let all = join_all((0..8).map(|_| world.reset(&token))).await;
    let (done, rejected): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), rejected.len()), (1, 7));
    for rejected in rejected {
        assert!(
            matches!(rejected, Err(ResetPasswordError::InvalidToken)),
            "{rejected:?}"
        );
    }
}

#[tokio::test]
async fn of_hundreds_who_use_one_link_at_a_time_one_sets_the_password() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let version = world.user(ada).await.session_version;
    let token = world.mint(ada, RESET).await;
    // Most of them are refused by the limit on the link itself.
    let all = (0..200).map(|_| async { world.reset(&token).await.is_ok() });
    let done = stream::iter(all).buffer_unordered(20);
    assert_eq!(done.filter(|done| ready(*done)).count().await, 1);
    assert_eq!(world.user(ada).await.session_version, version + 1);
    let action = AuditAction::PortalAuthPasswordReset;
    assert_eq!(world.audited(world.acme.id, action).await.len(), 1);
    assert_eq!(world.outbox(world.acme.id).await.len(), 1);
}

#[tokio::test]
async fn a_reset_token_is_expired_after_an_hour() {
    for (age, is_valid) in [
        (TimeDelta::hours(1) - TimeDelta::milliseconds(1), true),
        (TimeDelta::hours(1), false),
    ] {
        let world = World::create().await;
        let token = world.mint(&world.acme.ada, RESET).await;
        world.env.advance(age);
        assert_eq!(
            world.auth.resettable(&client(), &token).await.is_ok(),
            is_valid
        );
        assert_eq!(world.reset(&token).await.is_ok(), is_valid, "{age}");
    }
}

#[tokio::test]
async fn a_newer_token_or_a_changed_password_voids_a_reset_token() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let older = world.mint(ada, RESET).await;
    world.env.advance(TimeDelta::seconds(1));
    let newer = world.mint(ada, RESET).await;
    let voided = world.reset(&older).await;
    assert!(
        matches!(voided, Err(ResetPasswordError::InvalidToken)),
        "{voided:?}"
    );
    let claims = world.claims(ada).await;
    world.change(&claims, PASSWORD).await.unwrap();
    let voided = world.reset(&newer).await;
    assert!(
        matches!(voided, Err(ResetPasswordError::InvalidToken)),
        "{voided:?}"
    );
}

#[tokio::test]
async fn the_copies_of_a_mail_have_tokens_of_which_one_can_be_used() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    // minted for the same request
    let (first, second) = (world.mint(ada, RESET).await, world.mint(ada, RESET).await);
    world.reset(&first).await.unwrap();
    let voided = world.reset(&second).await;
    assert!(
        matches!(voided, Err(ResetPasswordError::InvalidToken)),
        "{voided:?}"
    );
}

#[tokio::test]
async fn a_reset_of_one_user_leaves_the_token_of_another_alone() {
    let world = World::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let adas = world.mint(ada, RESET).await;
    let bobs = world.mint(bob, RESET).await;
    world.reset(&bobs).await.unwrap();
    assert!(world.opens(ada, PASSWORD).await);
    world.reset(&adas).await.unwrap();
    assert!(world.opens(ada, NEW_PASSWORD).await);
}

#[tokio::test]
async fn tokens_that_are_not_reset_tokens_are_invalid_and_not_used_up() {
    let world = World::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let invitation = world.mint(&new, OneTimeTokenPurpose::Invitation).await;
    let unknown = "x".repeat(43);
    for token in [
        "",
        "short",
        "with space",
        "\u{e4}",
        unknown.as_str(),
        &invitation,
    ] {
        let rejected = world.reset(token).await;
        assert!(
            matches!(rejected, Err(ResetPasswordError::InvalidToken)),
            "{token:?}: {rejected:?}"
        );
    }
    world.accept(&invitation).await.unwrap();
}

#[tokio::test]
async fn a_reset_is_rejected_once_switched_off_and_its_token_not_used_up() {
    let world = World::create().await;
    let token = world.mint(&world.acme.ada, RESET).await;
    world.change_branding(&world.acme, switched(false)).await;
    let rejected = world.reset(&token).await;
    assert!(
        matches!(rejected, Err(ResetPasswordError::Disabled)),
        "{rejected:?}"
    );
    world.change_branding(&world.acme, switched(true)).await;
    world.reset(&token).await.unwrap();
}

#[tokio::test]
async fn the_password_of_a_disabled_account_is_not_reset() {
    let world = World::create().await;
    let token = world.mint(&world.acme.ada, RESET).await;
    world.disable_user(&world.acme.ada).await;
    let rejected = world.reset(&token).await;
    assert!(
        matches!(rejected, Err(ResetPasswordError::InvalidToken)),
        "{rejected:?}"
    );
    let token = world.mint(&world.globex.ada, RESET).await;
    world
        .set_organization_status(world.globex.id, OrganizationStatus::Disabled)
        .await;
    let rejected = world.reset(&token).await;
    assert!(
        matches!(rejected, Err(ResetPasswordError::InvalidToken)),
        "{rejected:?}"
    );
}
