//! Operators manage users.

use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::notifications::MailKind;
use portal_domain::profiles::{
    self, Locale, NewUser, Notifications, OneTimeTokenPurpose, PortalUser, Role, UserChanges,
    UserError, UserImport, UserStatus,
};
use portal_test_support::fixtures::new_user;
use portal_test_support::{Person, Tenant, TestWorld};
use serde_json::json;

use super::{is_valid, mint, password_hash, user};

async fn create(
    world: &TestWorld,
    new: NewUser,
    send_invitation: bool,
) -> Result<PortalUser, UserError> {
    world
        .try_operate(&world.acme, async |op| {
            profiles::create(op, new, send_invitation).await
        })
        .await
}

async fn import(world: &TestWorld, new: NewUser) -> UserImport {
    world
        .operate(&world.acme, async |op| {
            profiles::import(op, new, true).await
        })
        .await
}

async fn invite(world: &TestWorld, email: &str) -> Result<PortalUser, UserError> {
    let email = email.parse().unwrap();
    world
        .try_operate(&world.acme, async |op| profiles::invite(op, &email).await)
        .await
}

async fn enable(world: &TestWorld, email: &str) -> Result<PortalUser, UserError> {
    let email = email.parse().unwrap();
    world
        .try_operate(&world.acme, async |op| profiles::enable(op, &email).await)
        .await
}

async fn disable(world: &TestWorld, email: &str) -> Result<PortalUser, UserError> {
    let email = email.parse().unwrap();
    world
        .try_operate(&world.acme, async |op| profiles::disable(op, &email).await)
        .await
}

async fn update(
    world: &TestWorld,
    email: &str,
    changes: UserChanges,
) -> Result<PortalUser, UserError> {
    let email = email.parse().unwrap();
    world
        .try_operate(&world.acme, async |op| {
            profiles::update(op, &email, changes).await
        })
        .await
}

async fn count(world: &TestWorld, action: AuditAction) -> usize {
    world.audited(world.acme.id, action).await.len()
}

fn person(tenant: &Tenant, user: &PortalUser) -> Person {
    Person {
        id: user.id,
        organization: tenant.id,
        email: user.email.to_string(),
    }
}

#[tokio::test]
async fn a_user_with_a_password_is_active_and_one_without_is_invited() {
    let world = TestWorld::create().await;
    let now = world.env.now();
    for (email, hash, send_invitation, status, invited_at) in [
        (
            "a@acme.example",
            Some("hash"),
            true,
            UserStatus::Active,
            None,
        ),
        ("b@acme.example", None, false, UserStatus::Invited, None),
        ("c@acme.example", None, true, UserStatus::Invited, Some(now)),
    ] {
        let new = NewUser {
            locale: Some(Locale::German),
            ..new_user(email, hash)
        };
        let created = create(&world, new, send_invitation).await.unwrap();
        let expected = PortalUser {
            id: created.id,
            organization_id: world.acme.id,
            email: email.parse().unwrap(),
            name: "Ada".parse().ok(),
            role: Role::Member,
            notifications: Notifications::default(),
            status,
            locale: Some(Locale::German),
            last_login_at: None,
            invited_at,
            session_version: 1,
            has_password: hash.is_some(),
            created_at: now,
            updated_at: now,
        };
        assert_eq!(created, expected);
        let created = person(&world.acme, &created);
        assert_eq!(user(&world, &created).await, expected);
        assert_eq!(password_hash(&world, &created).await.as_deref(), hash);
        let mails = world.outbox(world.acme.id).await;
        let invitation = MailKind::Invitation {
            user_id: created.id,
        };
        assert_eq!(mails.contains(&invitation), invited_at.is_some(), "{email}");
    }
    assert_eq!(world.outbox(world.acme.id).await.len(), 1);
}

#[tokio::test]
async fn an_address_is_unique_in_an_organization_ignoring_case() {
    let world = TestWorld::create().await;
    let log = world.audit_log(world.acme.id).await;
    let taken = create(&world, new_user(" ADA@Acme.Example", None), true).await;
    assert!(
        matches!(&taken, Err(UserError::EmailTaken(email)) if email.as_str() == "ada@acme.example"),
        "{taken:?}"
    );
    assert_eq!(world.audit_log(world.acme.id).await, log);
    assert_eq!(world.outbox(world.acme.id).await, []);
    // Another organization may have a user with it.
    let elsewhere = create(&world, new_user("ada@globex.example", None), false).await;
    elsewhere.unwrap();
}

#[tokio::test]
async fn only_a_user_who_has_not_set_up_the_account_is_invited_again() {
    let world = TestWorld::create().await;
    world.invited(&world.acme, "new@acme.example").await;
    world.env.advance(TimeDelta::days(1));
    let invited = invite(&world, "new@acme.example").await.unwrap();
    assert_eq!(invited.invited_at, Some(world.env.now()));
    assert_eq!(
        world.outbox(world.acme.id).await,
        [MailKind::Invitation {
            user_id: invited.id
        }]
    );
    let active = invite(&world, "ada@acme.example").await;
    assert!(
        matches!(active, Err(UserError::AlreadySetUp(_))),
        "{active:?}"
    );
    disable(&world, "new@acme.example").await.unwrap();
    let disabled = invite(&world, "new@acme.example").await;
    assert!(
        matches!(disabled, Err(UserError::Disabled(_))),
        "{disabled:?}"
    );
    let unknown = invite(&world, "eve@acme.example").await;
    assert!(
        matches!(unknown, Err(UserError::NotFound(_))),
        "{unknown:?}"
    );
    assert_eq!(world.outbox(world.acme.id).await.len(), 1);
    assert_eq!(count(&world, AuditAction::UserInvite).await, 1);
}

#[tokio::test]
async fn disabling_a_user_raises_the_session_version_and_voids_tokens_idempotently() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let before = user(&world, ada).await;
    let token = mint(&world, ada, OneTimeTokenPurpose::PasswordReset).await;
    world.env.advance(TimeDelta::minutes(1));
    let disabled = disable(&world, &ada.email).await.unwrap();
    let expected = PortalUser {
        status: UserStatus::Disabled,
        session_version: before.session_version + 1,
        updated_at: world.env.now(),
        ..before
    };
    assert_eq!(disabled, expected);
    assert!(!is_valid(&world, &token).await);
    world.env.advance(TimeDelta::minutes(1));
    assert_eq!(disable(&world, &ada.email).await.unwrap(), expected);
    assert_eq!(user(&world, ada).await, expected);
    assert_eq!(count(&world, AuditAction::UserDisable).await, 1);
}

#[tokio::test]
async fn an_enabled_user_has_the_former_status_but_no_sessions() {
    let world = TestWorld::create().await;
    world.invited(&world.acme, "new@acme.example").await;
    for (email, status) in [
        ("ada@acme.example", UserStatus::Active),
        ("new@acme.example", UserStatus::Invited),
    ] {
        let disabled = disable(&world, email).await.unwrap();
        let enabled = enable(&world, email).await.unwrap();
        assert_eq!(enabled.status, status, "{email}");
        assert_eq!(enabled.session_version, disabled.session_version);
        assert_eq!(enable(&world, email).await.unwrap(), enabled);
    }
    assert_eq!(count(&world, AuditAction::UserEnable).await, 2);
    assert_eq!(world.outbox(world.acme.id).await, []);
}

#[tokio::test]
async fn a_new_address_voids_the_tokens_sent_to_the_old_one() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let token = mint(&world, ada, OneTimeTokenPurpose::PasswordReset).await;
    world.env.advance(TimeDelta::minutes(1));
    let before = user(&world, ada).await;

    let same = UserChanges {
        email: "ADA@acme.example".parse().ok(),
        name: "Ada".parse().ok(),
        role: Some(Role::Member),
    };
    assert_eq!(update(&world, &ada.email, same).await.unwrap(), before);
    let renamed = UserChanges {
        name: "Ada Lovelace".parse().ok(),
        ..UserChanges::default()
    };
    update(&world, &ada.email, renamed).await.unwrap();
    assert!(is_valid(&world, &token).await, "a name is no address");

    world.env.advance(TimeDelta::minutes(1));
    let moved = UserChanges {
        email: "ada.lovelace@acme.example".parse().ok(),
        ..UserChanges::default()
    };
    let moved = update(&world, &ada.email, moved).await.unwrap();
    let expected = PortalUser {
        email: "ada.lovelace@acme.example".parse().unwrap(),
        name: "Ada Lovelace".parse().ok(),
        updated_at: world.env.now(),
        ..before
    };
    assert_eq!(moved, expected);
    assert_eq!(user(&world, ada).await, expected);
    assert!(!is_valid(&world, &token).await);
    let log = world.audited(world.acme.id, AuditAction::UserUpdate).await;
    let details: Vec<_> = log.into_iter().map(|entry| entry.details).collect();
    assert_eq!(
        details,
        [
            json!({ "updatedFields": ["email"] }),
            json!({ "updatedFields": ["name"] })
        ]
    );
}

#[tokio::test]
async fn a_user_cannot_get_the_address_of_another() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let token = mint(&world, ada, OneTimeTokenPurpose::PasswordReset).await;
    let before = user(&world, ada).await;
    let changes = UserChanges {
        email: bob.email.parse().ok(),
        name: "Not Bob".parse().ok(),
        role: Some(Role::Manager),
    };
    let rejected = update(&world, &ada.email, changes).await;
    assert!(
        matches!(rejected, Err(UserError::EmailTaken(_))),
        "{rejected:?}"
    );
    assert_eq!(user(&world, ada).await, before);
    assert!(is_valid(&world, &token).await);
    assert_eq!(count(&world, AuditAction::UserUpdate).await, 0);
}

#[tokio::test]
async fn importing_users_again_is_idempotent_and_sends_no_mail() {
    let world = TestWorld::create().await;
    let line = |name: Option<&str>| NewUser {
        name: name.map(|name| name.parse().unwrap()),
        locale: Some(Locale::German),
        ..new_user("new@acme.example", None)
    };
    for (name, expected) in [
        (Some("New"), UserImport::Created),
        (Some("New"), UserImport::Unchanged),
        (None, UserImport::Unchanged),
        (Some("Newer"), UserImport::Updated),
        (Some("Newer"), UserImport::Unchanged),
    ] {
        assert_eq!(import(&world, line(name)).await, expected, "{name:?}");
        assert_eq!(world.outbox(world.acme.id).await.len(), 1, "{name:?}");
    }
    // The language and password of an existing user stay.
    let ada = &world.acme.ada;
    let before = (user(&world, ada).await, password_hash(&world, ada).await);
    let line = NewUser {
        locale: Some(Locale::German),
        ..new_user(&ada.email, Some("another hash"))
    };
    assert_eq!(import(&world, line).await, UserImport::Unchanged);
    let after = (user(&world, ada).await, password_hash(&world, ada).await);
    assert_eq!(after, before);
}
