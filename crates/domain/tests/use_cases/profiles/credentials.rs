//! Setting passwords and accepting invitations.

use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_domain::actors::Customer;
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::notifications::MailKind;
use portal_domain::operation::Operation;
use portal_domain::profiles::{
    self, CredentialError, OneTimeTokenPurpose, PortalUser, Role, UserStatus,
};
use portal_domain::store::StorageError;
use portal_domain::values::PersonName;
use portal_test_support::{Person, TestWorld};

use super::{is_valid, mint, password_hash, token, user};

const RESET: OneTimeTokenPurpose = OneTimeTokenPurpose::PasswordReset;
const INVITATION: OneTimeTokenPurpose = OneTimeTokenPurpose::Invitation;

/// Sets a password with the token of this hash.
async fn reset(
    world: &TestWorld,
    person: &Person,
    token_hash: &str,
) -> Result<(), CredentialError> {
    let token = token(world, token_hash).await;
    world
        .act(person, async |op| {
            profiles::reset_password(op, &token, "new hash").await
        })
        .await
}

/// Sets up an account with the invitation of this hash.
async fn accept(
    world: &TestWorld,
    person: &Person,
    token_hash: &str,
    name: Option<PersonName>,
) -> Result<PortalUser, CredentialError> {
    let token = token(world, token_hash).await;
    world
        .act(person, async |op| {
            profiles::accept_invitation(op, &token, "new hash", name).await
        })
        .await
}

/// Both programs hash the password between reading the account and the transaction.
#[tokio::test]
async fn an_acceptance_keeps_what_an_operator_has_changed_meanwhile() {
    let world = TestWorld::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let hash = mint(&world, &new, INVITATION).await;
    let token = token(&world, &hash).await;
    let reader = world.reader(new.scope()).await;
    let customer = Customer {
        account: reader.account(new.id).await.unwrap().unwrap(),
        client: TestWorld::client_info(),
    };
    world.make_manager(&new).await;
    let tx = world.store.begin(new.scope()).await.unwrap();
    let op = Operation::new(&*tx, &customer, &*world.env);
    profiles::accept_invitation(&op, &token, "new hash", None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let accepted = user(&world, &new).await;
    assert_eq!(
        (accepted.role, accepted.status),
        (Role::Manager, UserStatus::Active)
    );
}

#[tokio::test]
async fn a_reset_asked_for_before_the_password_was_set_mints_no_token() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let hash = mint(&world, ada, RESET).await;
    let asked_at = world.env.now();
    world.env.advance(TimeDelta::seconds(1));
    reset(&world, ada, &hash).await.unwrap();
    let mint_late = async |hash: &str| {
        world
            .automate(ada.scope(), async |op| {
                profiles::mint_token(op, ada.id, RESET, asked_at, hash.to_owned()).await
            })
            .await
            .unwrap()
    };
    assert!(!mint_late("late").await, "it gives way");
    world.env.advance(TimeDelta::seconds(1));
    let newer = mint(&world, ada, RESET).await;
    assert!(is_valid(&world, &newer).await);
}

#[tokio::test]
async fn a_reset_uses_its_token_up_and_ends_every_session() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let before = user(&world, ada).await;
    let hash = mint(&world, ada, RESET).await;
    let other = mint(&world, ada, INVITATION).await;
    reset(&world, ada, &hash).await.unwrap();
    assert_eq!(password_hash(&world, ada).await.unwrap(), "new hash");
    let after = user(&world, ada).await;
    assert_eq!(after.session_version, before.session_version + 1);
    assert!(!is_valid(&world, &other).await, "a new password voids all");
    let ada_id = ada.id;
    assert_eq!(
        world.outbox(world.acme.id).await,
        [MailKind::PasswordChanged { user_id: ada_id }]
    );

    let again = reset(&world, ada, &hash).await;
    assert!(
        matches!(again, Err(CredentialError::TokenSpent)),
        "{again:?}"
    );
    assert_eq!(user(&world, ada).await, after);
    let action = AuditAction::PortalAuthPasswordReset;
    assert_eq!(world.audited(world.acme.id, action).await.len(), 1);
    assert_eq!(world.outbox(world.acme.id).await.len(), 1);
}

#[tokio::test]
async fn of_concurrent_resets_with_one_token_one_succeeds() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let hash = mint(&world, ada, RESET).await;
    let all = join_all((0..8).map(|_| reset(&world, ada, &hash))).await;
    let (done, spent): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), spent.len()), (1, 7));
    for spent in spent {
        assert!(
            matches!(spent, Err(CredentialError::TokenSpent)),
            "{spent:?}"
        );
    }
    let action = AuditAction::PortalAuthPasswordReset;
    assert_eq!(world.audited(world.acme.id, action).await.len(), 1);
}

#[tokio::test]
async fn an_expired_token_sets_no_password() {
    for (purpose, lifetime) in [
        (RESET, TimeDelta::hours(1)),
        (INVITATION, TimeDelta::days(7)),
    ] {
        let world = TestWorld::create().await;
        let ada = &world.acme.ada;
        let (early, late) = (
            mint(&world, ada, purpose).await,
            mint(&world, &world.acme.bob, purpose).await,
        );
        world.env.advance(lifetime - TimeDelta::milliseconds(1));
        assert!(is_valid(&world, &early).await);
        reset(&world, ada, &early).await.unwrap();
        world.env.advance(TimeDelta::milliseconds(1));
        assert!(!is_valid(&world, &late).await);
        let expired = reset(&world, &world.acme.bob, &late).await;
        assert!(
            matches!(expired, Err(CredentialError::TokenSpent)),
            "{expired:?}"
        );
    }
}

#[tokio::test]
async fn a_newer_token_voids_the_older_of_its_purpose_and_of_its_user_alone() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let older = mint(&world, ada, RESET).await;
    let invitation = mint(&world, ada, INVITATION).await;
    let bobs = mint(&world, bob, RESET).await;
    world.env.advance(TimeDelta::seconds(1));
    let newer = mint(&world, ada, RESET).await;
    for (hash, expected) in [
        (&older, false),
        (&invitation, true),
        (&bobs, true),
        (&newer, true),
    ] {
        assert_eq!(is_valid(&world, hash).await, expected);
    }
    let voided = reset(&world, ada, &older).await;
    assert!(
        matches!(voided, Err(CredentialError::TokenSpent)),
        "{voided:?}"
    );
    reset(&world, ada, &newer).await.unwrap();
    assert!(is_valid(&world, &bobs).await, "bob's password is the same");
}

#[tokio::test]
async fn an_invitation_makes_its_user_active() {
    let world = TestWorld::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let before = user(&world, &new).await;
    let hash = mint(&world, &new, INVITATION).await;
    let reset_token = mint(&world, &new, RESET).await;
    world.env.advance(TimeDelta::days(1));
    let name = "Grace".parse().ok();
    let accepted = accept(&world, &new, &hash, name).await.unwrap();
    let expected = PortalUser {
        name: "Grace".parse().ok(),
        status: UserStatus::Active,
        has_password: true,
        session_version: before.session_version + 1,
        updated_at: world.env.now(),
        ..before
    };
    assert_eq!(accepted, expected);
    assert_eq!(user(&world, &new).await, expected);
    assert_eq!(password_hash(&world, &new).await.unwrap(), "new hash");
    assert!(!is_valid(&world, &reset_token).await);

    let again = accept(&world, &new, &hash, "Eve".parse().ok()).await;
    assert!(
        matches!(again, Err(CredentialError::TokenSpent)),
        "{again:?}"
    );
    assert_eq!(user(&world, &new).await, expected);
    let action = AuditAction::PortalAuthInviteAccept;
    assert_eq!(world.audited(world.acme.id, action).await.len(), 1);
    // The user has just chosen the password, so no mail says that it was changed.
    assert_eq!(world.outbox(world.acme.id).await, []);
}

#[tokio::test]
async fn an_invitation_accepted_without_a_name_keeps_the_operators() {
    let world = TestWorld::create().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let before = user(&world, &new).await;
    assert!(before.name.is_some());
    let hash = mint(&world, &new, INVITATION).await;
    let accepted = accept(&world, &new, &hash, None).await.unwrap();
    assert_eq!(accepted.name, before.name);
}

#[tokio::test]
async fn a_changed_password_ends_sessions_voids_tokens_and_mails_its_owner() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let before = user(&world, ada).await;
    let token = mint(&world, ada, RESET).await;
    let changed = world.act(ada, async |op| {
        profiles::change_password(op, "new hash").await
    });
    changed.await.unwrap();
    assert_eq!(password_hash(&world, ada).await.unwrap(), "new hash");
    let after = user(&world, ada).await;
    assert_eq!(after.session_version, before.session_version + 1);
    assert!(!is_valid(&world, &token).await);
    let user_id = ada.id;
    assert_eq!(
        world.outbox(world.acme.id).await,
        [MailKind::PasswordChanged { user_id }]
    );
    let bob = user(&world, &world.acme.bob).await;
    assert_eq!(bob.session_version, before.session_version);
}

#[tokio::test]
async fn a_sign_in_is_recorded_with_its_time() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    world.env.advance(TimeDelta::minutes(3));
    let noted: Result<(), StorageError> = world
        .act(ada, async |op| {
            profiles::record_failed_sign_in(op).await?;
            let account = op.tx.account(ada.id).await?.expect("Ada");
            assert_eq!(account.user.last_login_at, None);
            profiles::record_sign_in(op).await
        })
        .await;
    noted.unwrap();
    let after = user(&world, ada).await;
    assert_eq!(after.last_login_at, Some(world.env.now()));
    for action in [
        AuditAction::PortalAuthLogin,
        AuditAction::PortalAuthLoginFailed,
    ] {
        let log = world.audited(world.acme.id, action).await;
        let results: Vec<_> = log.iter().map(|entry| entry.result.as_str()).collect();
        let is_login = action == AuditAction::PortalAuthLogin;
        assert_eq!(results, [if is_login { "success" } else { "failure" }]);
    }
}
