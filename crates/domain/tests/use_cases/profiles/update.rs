//! Users change their own profile.

use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::notifications::MailKind;
use portal_domain::profiles::{self, Locale, OneTimeTokenPurpose, PortalUser, ProfileChanges};
use portal_test_support::{Person, TestWorld};
use serde_json::{Value, json};

use super::{is_valid, mint, password_hash, user};

async fn update(world: &TestWorld, person: &Person, changes: ProfileChanges) -> PortalUser {
    let updated = world.act(person, async |op| {
        profiles::update_profile(op, changes).await
    });
    updated.await.unwrap()
}

/// The details of the changes in the audit log, oldest first.
async fn details(world: &TestWorld) -> Vec<Value> {
    let action = AuditAction::PortalProfileUpdate;
    let log = world.audited(world.acme.id, action).await;
    log.into_iter().rev().map(|entry| entry.details).collect()
}

#[tokio::test]
async fn given_fields_of_a_profile_change_and_others_stay() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let mut expected = user(&world, ada).await;
    let nothing = ProfileChanges::default;
    for changes in [
        ProfileChanges {
            name: "Ada Lovelace".parse().ok(),
            ..nothing()
        },
        ProfileChanges {
            receive_notifications: Some(false),
            ..nothing()
        },
        ProfileChanges {
            locale: Some(Some(Locale::German)),
            ..nothing()
        },
        ProfileChanges {
            name: "Ada M.".parse().ok(),
            receive_notifications: Some(true),
            locale: Some(None),
            ..nothing()
        },
    ] {
        world.env.advance(TimeDelta::minutes(1));
        if let Some(name) = changes.name.clone() {
            expected.name = Some(name);
        }
        if let Some(receive) = changes.receive_notifications {
            expected.notifications.enabled = receive;
        }
        if let Some(locale) = changes.locale {
            expected.locale = locale;
        }
        expected.updated_at = world.env.now();
        assert_eq!(update(&world, ada, changes).await, expected);
        assert_eq!(user(&world, ada).await, expected);
    }
    assert_eq!(
        details(&world).await,
        [
            &["name"][..],
            &["receiveNotifications"],
            &["locale"],
            &["name", "receiveNotifications", "locale"],
        ]
        .map(|fields| json!({ "updatedFields": fields, "passwordUpdated": false }))
    );
    assert_eq!(world.outbox(world.acme.id).await, []);
}

#[tokio::test]
async fn an_empty_change_or_one_to_the_present_values_changes_and_audits_nothing() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let before = user(&world, ada).await;
    world.env.advance(TimeDelta::minutes(1));
    let present = ProfileChanges {
        name: before.name.clone(),
        receive_notifications: Some(before.notifications.enabled),
        notify_own_tickets: Some(before.notifications.own_tickets),
        notify_shared_tickets: Some(before.notifications.shared_tickets),
        notify_loans: Some(before.notifications.loans),
        locale: Some(before.locale),
        password_hash: None,
    };
    for changes in [ProfileChanges::default(), present] {
        assert_eq!(update(&world, ada, changes).await, before);
        assert_eq!(user(&world, ada).await, before);
    }
    assert_eq!(details(&world).await, Vec::<Value>::new());
}

#[tokio::test]
async fn only_fields_whose_values_differ_are_audited() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let before = user(&world, ada).await;
    let changes = ProfileChanges {
        name: before.name.clone(),
        receive_notifications: Some(before.notifications.enabled),
        notify_own_tickets: Some(before.notifications.own_tickets),
        notify_shared_tickets: Some(before.notifications.shared_tickets),
        notify_loans: Some(before.notifications.loans),
        locale: Some(Some(Locale::German)),
        password_hash: None,
    };
    let updated = update(&world, ada, changes).await;
    assert_eq!(updated.locale, Some(Locale::German));
    let expected = json!({ "updatedFields": ["locale"], "passwordUpdated": false });
    assert_eq!(details(&world).await, [expected]);
}

#[tokio::test]
async fn a_new_password_raises_the_session_version_voids_tokens_and_mails_its_owner() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let before = user(&world, ada).await;
    let token = mint(&world, ada, OneTimeTokenPurpose::PasswordReset).await;
    let changes = ProfileChanges {
        password_hash: Some("new hash".to_owned()),
        ..ProfileChanges::default()
    };
    let updated = update(&world, ada, changes).await;
    assert_eq!(updated.session_version, before.session_version + 1);
    assert_eq!(user(&world, ada).await, updated);
    assert_eq!(password_hash(&world, ada).await.unwrap(), "new hash");
    assert!(!is_valid(&world, &token).await);
    let user_id = ada.id;
    assert_eq!(
        world.outbox(world.acme.id).await,
        [MailKind::PasswordChanged { user_id }]
    );
    assert_eq!(
        details(&world).await,
        [json!({ "updatedFields": [], "passwordUpdated": true })]
    );
    let log = format!("{:?}", world.audit_log(world.acme.id).await);
    assert!(!log.contains("new hash"), "{log}");
}
