//! Accepting an invitation.

use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_auth::accounts::{AcceptInvitation, AcceptInvitationError};
use portal_domain::audit::AuditAction;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::profiles::{OneTimeTokenPurpose, UserStatus};

use crate::world::{NEW_PASSWORD, World, client};

const INVITATION: OneTimeTokenPurpose = OneTimeTokenPurpose::Invitation;

#[tokio::test]
async fn an_accepted_invitation_sets_up_the_account_and_signs_in() {
    let world = World::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let token = world.mint(&new, INVITATION).await;
    let found = world.auth.invited(&client(), &token).await.unwrap();
    assert_eq!(found.user.id, new.id);
    let accept = AcceptInvitation {
        token: token.clone(),
        password: NEW_PASSWORD.parse().unwrap(),
        name: "Grace".parse().ok(),
    };
    let signed_in = world.auth.accept_invitation(&client(), accept).await;
    let signed_in = signed_in.unwrap();
    let user = &signed_in.account.user;
    assert_eq!((user.id, user.status), (new.id, UserStatus::Active));
    assert_eq!(user.name, "Grace".parse().ok());
    assert!(world.is_kept(&signed_in).await);
    let session = world.sessions.load(&signed_in.session.token).await;
    let record = session.unwrap().unwrap().record;
    assert_eq!(record.version, world.user(&new).await.session_version);
    assert!(world.opens(&new, NEW_PASSWORD).await);

    let log = world.audit_log(world.acme.id).await;
    let accepted = log.iter().filter(|entry| {
        entry.action == AuditAction::PortalAuthInviteAccept && entry.actor_id == Some(new.id)
    });
    assert_eq!(accepted.count(), 1);
    assert!(!format!("{log:?}").contains(&token));
}

#[tokio::test]
async fn of_concurrent_acceptances_of_one_invitation_one_succeeds() {
    let world = World::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let token = world.mint(&new, INVITATION).await;
    let all = join_all((0..5).map(|_| world.accept(&token))).await;
    assert_eq!(all.iter().filter(|accepted| accepted.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_used_invitation_always_says_that_the_account_is_set_up() {
    let world = World::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let token = world.mint(&new, INVITATION).await;
    world.accept(&token).await.unwrap();
    for _ in 0..2 {
        let again = world.accept(&token).await;
        assert!(
            matches!(again, Err(AcceptInvitationError::AlreadySetUp)),
            "{again:?}"
        );
        let opened = world.auth.invited(&client(), &token).await;
        assert!(
            matches!(opened, Err(AcceptInvitationError::AlreadySetUp)),
            "{opened:?}"
        );
        world.env.advance(TimeDelta::days(30));
    }
}

#[tokio::test]
async fn an_invitation_to_a_disabled_account_is_rejected_and_not_used_up() {
    let world = World::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let token = world.mint(&new, INVITATION).await;
    world.disable_user(&new).await;
    let rejected = world.accept(&token).await;
    assert!(
        matches!(rejected, Err(AcceptInvitationError::Disabled)),
        "{rejected:?}"
    );

    let globex = world.globex.id;
    let new = world.invited(&world.globex, "new@globex.example").await;
    let token = world.mint(&new, INVITATION).await;
    world
        .set_organization_status(globex, OrganizationStatus::Disabled)
        .await;
    let rejected = world.accept(&token).await;
    assert!(
        matches!(rejected, Err(AcceptInvitationError::Disabled)),
        "{rejected:?}"
    );
    world
        .set_organization_status(globex, OrganizationStatus::Active)
        .await;
    world.accept(&token).await.unwrap();
}

#[tokio::test]
async fn an_invitation_is_expired_after_seven_days() {
    for (age, is_valid) in [
        (TimeDelta::days(7) - TimeDelta::milliseconds(1), true),
        (TimeDelta::days(7), false),
    ] {
        let world = World::create().await;
        let new = world.invited(&world.acme, "new@acme.example").await;
        let token = world.mint(&new, INVITATION).await;
        world.env.advance(age);
        let accepted = world.accept(&token).await;
        assert_eq!(accepted.is_ok(), is_valid, "{age}: {accepted:?}");
        if let Err(error) = accepted {
            assert!(matches!(error, AcceptInvitationError::InvalidToken));
        }
    }
}

#[tokio::test]
async fn a_newer_invitation_voids_the_older() {
    let world = World::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let older = world.mint(&new, INVITATION).await;
    world.env.advance(TimeDelta::seconds(1));
    let newer = world.mint(&new, INVITATION).await;
    let voided = world.accept(&older).await;
    assert!(
        matches!(voided, Err(AcceptInvitationError::InvalidToken)),
        "{voided:?}"
    );
    world.accept(&newer).await.unwrap();
}

#[tokio::test]
async fn tokens_that_are_not_invitations_are_invalid_and_not_used_up() {
    let world = World::create().await;
    let purpose = OneTimeTokenPurpose::PasswordReset;
    let reset = world.mint(&world.acme.ada, purpose).await;
    let unknown = "x".repeat(43);
    for token in [
        "",
        "short",
        "with space",
        "\u{e4}",
        unknown.as_str(),
        &reset,
    ] {
        let rejected = world.accept(token).await;
        assert!(
            matches!(rejected, Err(AcceptInvitationError::InvalidToken)),
            "{token:?}: {rejected:?}"
        );
    }
    world.reset(&reset).await.unwrap();
}
