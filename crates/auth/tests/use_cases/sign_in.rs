//! Signing in with an address and a password.

use chrono::TimeDelta;
use portal_auth::accounts::{SignInError, SignedIn};
use portal_auth::{LiveSession, SESSION_TTL};
use portal_domain::audit::{AuditAction, AuditResult};
use portal_domain::environment::Environment as _;
use portal_domain::ids::OrganizationId;
use portal_domain::organizations::OrganizationStatus;
use portal_test_support::{PASSWORD, Person, cheap_hasher};

use crate::world::{World, anywhere, at_host, named};

const WRONG: &str = "Wrong-Horse-7";

/// The organization that was signed in to.
fn organization_of(signed_in: &Result<SignedIn, SignInError>) -> OrganizationId {
    let signed_in = signed_in.as_ref().expect("let in");
    signed_in.account.organization.id
}

/// The offered organizations, sorted.
fn choices(rejected: Result<SignedIn, SignInError>) -> Vec<OrganizationId> {
    let Err(SignInError::Ambiguous(choices)) = rejected else {
        panic!("{rejected:?}");
    };
    let mut ids: Vec<_> = choices.iter().map(|choice| choice.id).collect();
    ids.sort_unstable();
    ids
}

/// A person with accounts in both organizations, under one address.
async fn sam(world: &World) -> [Person; 2] {
    [
        world.person(world.acme.id, "sam@example.org").await,
        world.person(world.globex.id, "sam@example.org").await,
    ]
}

#[tokio::test]
async fn a_sign_in_opens_a_session_and_is_recorded() {
    let world = World::create().await;
    world.env.advance(TimeDelta::minutes(3));
    let ada = &world.acme.ada;
    let before = world.user(ada).await;
    let signed_in = world.sign_in(&ada.email, PASSWORD, anywhere()).await;
    let SignedIn {
        account, session, ..
    } = signed_in.unwrap();
    assert_eq!(account.user.id, ada.id);
    let now = world.env.now();
    assert_eq!(session.expires_at, now + SESSION_TTL);

    let found = world.sessions.load(&session.token).await.unwrap();
    let LiveSession { record, .. } = found.expect("a session");
    assert_eq!(
        (record.user_id, record.org_id, record.version),
        (ada.id, world.acme.id, before.session_version)
    );
    assert_eq!(record.signed_in_at, now);
    assert_eq!(world.user(ada).await.last_login_at, Some(now));
    let log = world.audit_log(world.acme.id).await;
    let logins: Vec<_> = log
        .iter()
        .filter(|entry| entry.action == AuditAction::PortalAuthLogin)
        .collect();
    let [entry] = logins.as_slice() else {
        panic!("one entry: {logins:?}");
    };
    assert_eq!(
        (entry.actor_id, entry.result),
        (Some(ada.id), AuditResult::Success)
    );
    assert!(!format!("{log:?}").contains(session.token.expose()));
}

#[tokio::test]
async fn each_sign_in_opens_a_session_of_its_own() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let one = world.sign_in(&ada.email, PASSWORD, anywhere()).await;
    let two = world.sign_in(&ada.email, PASSWORD, anywhere()).await;
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.session.token.expose(), two.session.token.expose());
    assert!(world.is_kept(&one).await && world.is_kept(&two).await);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_error() {
    let world = World::create().await;
    let ada = world.acme.ada.email.as_str();
    world.invited(&world.acme, "new@acme.example").await;
    let upper = PASSWORD.to_uppercase();
    let nobody = OrganizationId::generate(&*world.env);
    for (why, email, password, scope) in [
        ("wrong password", ada, WRONG, anywhere()),
        ("another case", ada, upper.as_str(), anywhere()),
        ("empty password", ada, "", anywhere()),
        ("unknown address", "eve@acme.example", PASSWORD, anywhere()),
        ("not set up", "new@acme.example", PASSWORD, anywhere()),
        ("elsewhere", ada, PASSWORD, named(world.globex.id)),
        ("unknown organization", ada, PASSWORD, named(nobody)),
        ("wrong password there", ada, WRONG, named(world.acme.id)),
    ] {
        let rejected = world.sign_in(email, password, scope).await;
        assert!(
            matches!(rejected, Err(SignInError::InvalidCredentials)),
            "{why}: {rejected:?}"
        );
    }
}

#[tokio::test]
async fn only_the_right_password_reveals_that_an_account_is_not_active() {
    let world = World::create().await;
    world.disable_user(&world.acme.ada).await;
    world
        .set_organization_status(world.globex.id, OrganizationStatus::Disabled)
        .await;
    for person in [&world.acme.ada, &world.globex.ada] {
        let rejected = world.sign_in(&person.email, PASSWORD, anywhere()).await;
        assert!(
            matches!(rejected, Err(SignInError::NotActive)),
            "{rejected:?}"
        );
        let rejected = world.sign_in(&person.email, WRONG, anywhere()).await;
        assert!(
            matches!(rejected, Err(SignInError::InvalidCredentials)),
            "{rejected:?}"
        );
    }
}

#[tokio::test]
async fn the_named_organization_or_the_domain_decides_which_account_signs_in() {
    let world = World::create().await;
    sam(&world).await;
    let (acme, globex) = (world.acme.id, world.globex.id);
    world.own_domain(&world.acme, "support.acme.example").await;
    world
        .claim_domain(&world.globex, "support.globex.example")
        .await;
    let own = "support.acme.example";
    for (scope, expected) in [
        (named(acme), acme),
        (named(globex), globex),
        (at_host(own, None), acme),
        (at_host(own, Some(acme)), acme),
        // A domain that is not verified has no effect.
        (at_host("support.globex.example", Some(globex)), globex),
        (at_host("support.globex.example", Some(acme)), acme),
    ] {
        let signed_in = world
            .sign_in("sam@example.org", PASSWORD, scope.clone())
            .await;
        assert_eq!(organization_of(&signed_in), expected, "{scope:?}");
    }
    let mut both = vec![acme, globex];
    both.sort_unstable();
    for scope in [anywhere(), at_host("support.globex.example", None)] {
        let ambiguous = world.sign_in("sam@example.org", PASSWORD, scope).await;
        assert_eq!(choices(ambiguous), both);
    }
    // Neither another organization than the domain's nor an address of another has an account.
    let globex_ada = &world.globex.ada.email;
    for (email, scope) in [
        ("sam@example.org", at_host(own, Some(globex))),
        (globex_ada, at_host(own, None)),
    ] {
        let rejected = world.sign_in(email, PASSWORD, scope).await;
        assert!(
            matches!(rejected, Err(SignInError::InvalidCredentials)),
            "{email}: {rejected:?}"
        );
    }
}

#[tokio::test]
async fn the_domain_of_a_disabled_organization_signs_in_to_no_other() {
    let world = World::create().await;
    sam(&world).await;
    world.own_domain(&world.acme, "support.acme.example").await;
    world
        .set_organization_status(world.acme.id, OrganizationStatus::Disabled)
        .await;
    let scope = at_host("support.acme.example", None);
    let rejected = world.sign_in("sam@example.org", PASSWORD, scope).await;
    assert!(
        matches!(rejected, Err(SignInError::NotActive)),
        "{rejected:?}"
    );
}

#[tokio::test]
async fn of_several_accounts_the_matching_active_ones_are_offered() {
    let world = World::create().await;
    sam(&world).await;
    let [disabled, closed, other] = [
        world.organization("Disabled").await,
        world.organization("Closed").await,
        world.organization("Other").await,
    ];
    let person = world.person(disabled, "sam@example.org").await;
    world.disable_user(&person).await;
    world.person(closed, "sam@example.org").await;
    world
        .set_organization_status(closed, OrganizationStatus::Disabled)
        .await;
    let another = "Another-Horse-8";
    let hash = cheap_hasher().hash(&another.into()).await.unwrap();
    world
        .person_with_hash(other, "sam@example.org", &hash)
        .await;

    let mut both = vec![world.acme.id, world.globex.id];
    both.sort_unstable();
    let ambiguous = world.sign_in("sam@example.org", PASSWORD, anywhere()).await;
    assert_eq!(choices(ambiguous), both);
    let signed_in = world.sign_in("sam@example.org", another, anywhere()).await;
    assert_eq!(organization_of(&signed_in), other);
}

#[tokio::test]
async fn the_only_active_account_needs_no_organization() {
    let world = World::create().await;
    let [_, two] = sam(&world).await;
    world.disable_user(&two).await;
    let signed_in = world.sign_in("sam@example.org", PASSWORD, anywhere()).await;
    assert_eq!(organization_of(&signed_in), world.acme.id);
}

#[tokio::test]
async fn at_most_ten_accounts_of_an_address_are_tried() {
    let world = World::create().await;
    for number in 0..11 {
        let organization = world.organization(&format!("Company {number}")).await;
        world.person(organization, "sam@example.org").await;
    }
    let ambiguous = world.sign_in("sam@example.org", PASSWORD, anywhere()).await;
    assert_eq!(choices(ambiguous).len(), 10);
}

#[tokio::test]
async fn a_failed_sign_in_is_audited_for_each_account_that_was_tried() {
    let world = World::create().await;
    let [one, two] = sam(&world).await;
    let failures = async |person: &Person| {
        let mut log = world.audit_log(person.organization).await;
        log.retain(|entry| entry.action == AuditAction::PortalAuthLoginFailed);
        for entry in &log {
            assert_eq!(entry.result, AuditResult::Failure);
            assert_eq!(entry.resource_id, person.id.to_string());
            assert_eq!(entry.actor_id, Some(person.id));
        }
        log.len()
    };
    let email = "sam@example.org";
    world.sign_in(email, WRONG, anywhere()).await.unwrap_err();
    assert_eq!((failures(&one).await, failures(&two).await), (1, 1));
    let scope = named(world.globex.id);
    world.sign_in(email, WRONG, scope).await.unwrap_err();
    assert_eq!((failures(&one).await, failures(&two).await), (1, 2));

    // Every account was tried, even if one of them matches but is not active.
    let another = "Another-Horse-8";
    let hash = cheap_hasher().hash(&another.into()).await.unwrap();
    let closed = world.organization("Closed").await;
    let three = world.person_with_hash(closed, email, &hash).await;
    world
        .set_organization_status(closed, OrganizationStatus::Disabled)
        .await;
    let rejected = world.sign_in(email, another, anywhere()).await;
    assert!(
        matches!(rejected, Err(SignInError::NotActive)),
        "{rejected:?}"
    );
    assert_eq!((failures(&one).await, failures(&two).await), (2, 3));
    assert_eq!(failures(&three).await, 1);
    // A success is not audited as a failure of any of them.
    world
        .sign_in(email, PASSWORD, named(one.organization))
        .await
        .unwrap();
    assert_eq!((failures(&one).await, failures(&two).await), (2, 3));
}

#[tokio::test]
async fn an_unknown_address_is_not_stored() {
    let world = World::create().await;
    let logs = async || {
        (
            world.audit_log(world.acme.id).await,
            world.audit_log(world.globex.id).await,
        )
    };
    let before = logs().await;
    for scope in [anywhere(), named(world.acme.id)] {
        let rejected = world.sign_in("eve@evil.example", PASSWORD, scope).await;
        rejected.unwrap_err();
    }
    assert_eq!(logs().await, before);
}

/// A hash of [`PASSWORD`] from another service: Argon2i, while Argon2id is configured.
const WEAK_HASH: &str = "$argon2i$v=19$m=8,t=3,p=1$65HS/RmIlCFqdVZfCb3GEA\
                         $vAzpgLGiaeENY9ggi6flicpRhy0ibSEQ+O6TLtHZHn8";

#[tokio::test]
async fn a_weak_hash_is_replaced_once_after_a_successful_sign_in() {
    let world = World::create().await;
    let old = world
        .person_with_hash(world.acme.id, "old@acme.example", WEAK_HASH)
        .await;
    let version = world.user(&old).await.session_version;
    let stored = async || {
        world.settle().await;
        let reader = world.reader(old.scope()).await;
        reader.password_hash(old.id).await.unwrap().unwrap()
    };
    assert!(!world.opens(&old, WRONG).await);
    assert_eq!(stored().await, WEAK_HASH);
    assert!(world.opens(&old, PASSWORD).await);
    let replaced = stored().await;
    assert!(replaced.starts_with("$argon2id$v=19$"), "{replaced}");
    // The password is the same, so sessions stay valid.
    assert_eq!(world.user(&old).await.session_version, version);
    assert!(world.opens(&old, PASSWORD).await);
    assert_eq!(stored().await, replaced);
}

/// A hash of `Gru\u{308}ße\u{a0}2026!x` as it is, by an earlier release.
const HASH_AS_TYPED: &str = "$argon2id$v=19$m=64,t=2,p=1$LmhG8eOUkQZLTmWvJb068w\
                             $enUzPPFQYhBHiqyxn2wrhGxZuXBzjeWSm1usQyRg/bY";

#[tokio::test]
async fn a_password_that_an_earlier_release_hashed_as_typed_can_then_be_typed_in_any_form() {
    let world = World::create().await;
    let old = world
        .person_with_hash(world.acme.id, "old@acme.example", HASH_AS_TYPED)
        .await;
    let (composed, as_typed) = ("Grüße 2026!x", "Gru\u{308}ße\u{a0}2026!x");
    assert!(!world.opens(&old, composed).await);
    assert!(world.opens(&old, as_typed).await);
    world.settle().await;
    assert!(world.opens(&old, composed).await);
    assert!(world.opens(&old, as_typed).await);
}
