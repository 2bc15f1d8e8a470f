//! Requesting a password reset.

use chrono::TimeDelta;
use portal_auth::accounts::SignInScope;
use portal_domain::audit::{ActorType, AuditAction};
use portal_domain::branding::BrandingChanges;
use portal_domain::notifications::{MailKind, ResetAccount};
use portal_domain::organizations::OrganizationStatus;
use portal_test_support::Person;

use crate::world::{World, anywhere, client};

/// The mail with a link for each of these people.
fn reset_mail(people: &[&Person]) -> MailKind {
    let accounts = people.iter().map(|person| ResetAccount {
        organization_id: person.organization,
        user_id: person.id,
    });
    MailKind::PasswordReset {
        accounts: accounts.collect(),
    }
}

/// All mails in the outbox.
async fn mails(world: &World) -> Vec<MailKind> {
    let mut mails = world.outbox(world.acme.id).await;
    mails.extend(world.outbox(world.globex.id).await);
    mails
}

#[tokio::test]
async fn an_active_account_is_mailed_a_reset_link_ignoring_the_case_of_the_address() {
    let world = World::create().await;
    world
        .forgot(" ADA@Acme.example ", anywhere())
        .await
        .unwrap();
    assert_eq!(mails(&world).await, [reset_mail(&[&world.acme.ada])]);
}

#[tokio::test]
async fn an_address_in_several_organizations_gets_one_mail_with_a_link_for_each() {
    let world = World::create().await;
    let one = world.person(world.acme.id, "sam@example.org").await;
    // The links are in the order in which the accounts were created.
    world.env.advance(TimeDelta::milliseconds(1));
    let two = world.person(world.globex.id, "sam@example.org").await;
    world.forgot("sam@example.org", anywhere()).await.unwrap();
    assert_eq!(mails(&world).await, [reset_mail(&[&one, &two])]);
}

#[tokio::test]
async fn the_named_organization_or_the_domain_decides_which_reset_link_is_sent() {
    let (own, unverified) = ("support.acme.example", "support.globex.example");
    let (acme, globex) = (Some(0), Some(1));
    // The domain, the named organization, and whose account is sent a link.
    for (host, organization, expected) in [
        (None, acme, acme),
        (None, globex, globex),
        (Some(own), None, acme),
        (Some(own), acme, acme),
        (Some(own), globex, None),
        (Some(unverified), acme, acme),
    ] {
        let world = World::create().await;
        world.own_domain(&world.acme, own).await;
        world.claim_domain(&world.globex, unverified).await;
        let people = [
            world.person(world.acme.id, "sam@example.org").await,
            world.person(world.globex.id, "sam@example.org").await,
        ];
        let person = |index: Option<usize>| index.map(|index| &people[index]);
        let scope = SignInScope {
            organization: person(organization).map(|person| person.organization),
            host: host.map(|host| host.parse().unwrap()),
        };
        world.forgot("sam@example.org", scope).await.unwrap();
        let expected = person(expected).map(|person| reset_mail(&[person]));
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(mails(&world).await, expected, "{host:?} {organization:?}");
    }
}

#[tokio::test]
async fn an_account_that_may_not_reset_its_password_is_sent_no_mail() {
    let world = World::create().await;
    world.disable_user(&world.acme.ada).await;
    let off = BrandingChanges {
        enable_password_reset: Some(false),
        ..BrandingChanges::default()
    };
    world.change_branding(&world.acme, off).await;
    world.invited(&world.acme, "new@acme.example").await;
    world
        .set_organization_status(world.globex.id, OrganizationStatus::Disabled)
        .await;
    for (why, email) in [
        ("disabled user", world.acme.ada.email.as_str()),
        ("resets switched off", &world.acme.bob.email),
        ("invited where resets are switched off", "new@acme.example"),
        ("disabled organization", &world.globex.ada.email),
        ("unknown", "eve@evil.example"),
    ] {
        world.forgot(email, anywhere()).await.unwrap();
        assert_eq!(mails(&world).await, [], "{why}");
    }
}

#[tokio::test]
async fn a_user_who_never_set_up_the_account_is_invited_again() {
    let world = World::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    world.forgot(&new.email, anywhere()).await.unwrap();
    let user_id = new.id;
    assert_eq!(mails(&world).await, [MailKind::Invitation { user_id }]);

    // It was not the team that asked.
    let log = world.audit_log(world.acme.id).await;
    let asked = log
        .iter()
        .find(|entry| entry.action == AuditAction::UserInvite)
        .unwrap();
    assert_eq!(asked.actor_type, ActorType::User);
    assert_eq!(asked.actor_email.as_deref(), Some(new.email.as_str()));
    assert_eq!(asked.ip_address, client().info.ip_address);
}

#[tokio::test]
async fn a_link_asked_for_during_an_outage_is_sent_after_it() {
    let world = World::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    world.outage.begin();
    for email in [&world.acme.ada.email, &new.email] {
        world.forgot(email, anywhere()).await.unwrap();
    }
    world.outage.noticed().await;
    world.outage.end();
    let user_id = new.id;
    let expected = [
        reset_mail(&[&world.acme.ada]),
        MailKind::Invitation { user_id },
    ];
    let sent = mails(&world).await;
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(expected.iter().all(|mail| sent.contains(mail)), "{sent:?}");
}

#[tokio::test]
async fn a_link_that_waits_does_not_keep_the_process_from_ending() {
    let world = World::create().await;
    world.outage.begin();
    let ada = &world.acme.ada.email;
    world.forgot(ada, anywhere()).await.unwrap();
    world.outage.noticed().await;
    world.stopping.cancel();
    world.settle().await;
    // Nor does one that is asked for later.
    world.forgot(ada, anywhere()).await.unwrap();
    world.settle().await;
    world.outage.end();
    assert_eq!(mails(&world).await, []);
}
