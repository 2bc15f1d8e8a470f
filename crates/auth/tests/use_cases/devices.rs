//! Device tokens: nobody locks an account's owner out, and a user hears of new browsers.

use chrono::TimeDelta;
use portal_auth::DeviceToken;
use portal_auth::accounts::{AttemptError, Client, SignInError, SignedIn};
use portal_auth::rate_limits::LOGIN;
use portal_domain::notifications::MailKind;
use portal_domain::profiles::OneTimeTokenPurpose;
use portal_test_support::{PASSWORD, Person};

use crate::world::{NEW_PASSWORD, World, anywhere, client, client_at, named};

const WRONG: &str = "Wrong-Horse-7";

/// The client at the owner's address, with these tokens.
fn owner(tokens: &[&DeviceToken]) -> Client {
    Client {
        devices: tokens.iter().copied().cloned().collect(),
        ..client_at("192.0.2.1")
    }
}

fn browser(tokens: &[&DeviceToken]) -> Client {
    Client {
        is_browser: true,
        ..owner(tokens)
    }
}

/// A token that an account's owner gets by signing in.
async fn token_of(world: &World, person: &Person) -> DeviceToken {
    let scope = named(person.organization);
    let signed_in = world.sign_in(&person.email, PASSWORD, scope).await;
    signed_in.unwrap().device_token
}

/// Has strangers use up all attempts at an account.
async fn lock(world: &World, person: &Person) {
    for number in 0..LOGIN.attempts {
        let stranger = client_at(&format!("198.51.100.{number}"));
        let failed = world
            .sign_in_from(stranger, &person.email, WRONG, anywhere())
            .await;
        assert!(
            matches!(failed, Err(SignInError::InvalidCredentials)),
            "{failed:?}"
        );
    }
}

async fn try_in(
    world: &World,
    client: Client,
    person: &Person,
    password: &str,
) -> Result<SignedIn, SignInError> {
    let scope = named(person.organization);
    world
        .sign_in_from(client, &person.email, password, scope)
        .await
}

fn assert_blocked(outcome: &Result<SignedIn, SignInError>) {
    assert!(
        matches!(
            outcome,
            Err(SignInError::Attempt(AttemptError::RateLimited { .. }))
        ),
        "{outcome:?}"
    );
}

fn assert_wrong(outcome: &Result<SignedIn, SignInError>) {
    assert!(
        matches!(outcome, Err(SignInError::InvalidCredentials)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn strangers_do_not_lock_the_owner_out() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let token = token_of(&world, ada).await;
    lock(&world, ada).await;
    assert_blocked(&try_in(&world, owner(&[]), ada, PASSWORD).await);
    for _ in 0..3 {
        let known = try_in(&world, owner(&[&token]), ada, PASSWORD).await;
        known.unwrap();
        // The owner's success is none of the strangers'.
        let stranger = client_at("198.51.100.99");
        assert_blocked(&try_in(&world, stranger, ada, PASSWORD).await);
    }
}

#[tokio::test]
async fn a_device_has_a_strict_count_of_its_own() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let token = token_of(&world, ada).await;
    for number in 0..LOGIN.attempts {
        let thief = Client {
            devices: vec![token.clone()],
            ..client_at(&format!("198.51.100.{number}"))
        };
        assert_wrong(&try_in(&world, thief, ada, WRONG).await);
    }
    assert_blocked(&try_in(&world, owner(&[&token]), ada, PASSWORD).await);
    // What the device failed is none of the strangers' either.
    let signed_in = try_in(&world, owner(&[]), ada, PASSWORD).await.unwrap();
    // A token of another sign-in has a count of its own.
    let known = owner(&[&signed_in.device_token]);
    assert_wrong(&try_in(&world, known.clone(), ada, WRONG).await);
    try_in(&world, known, ada, PASSWORD).await.unwrap();
    world.env.advance(TimeDelta::from_std(LOGIN.block).unwrap());
    let known = try_in(&world, owner(&[&token]), ada, PASSWORD).await;
    known.unwrap();
}

#[tokio::test]
async fn a_known_device_counts_for_its_address_like_others() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let token = token_of(&world, ada).await;
    for number in 0..LOGIN.attempts {
        let email = format!("user{number}@acme.example");
        let failed = world
            .sign_in_from(owner(&[]), &email, WRONG, anywhere())
            .await;
        assert_wrong(&failed);
    }
    assert_blocked(&try_in(&world, owner(&[&token]), ada, PASSWORD).await);
}

#[tokio::test]
async fn a_token_of_another_account_or_none_is_worthless() {
    let world = World::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let of_bob = token_of(&world, bob).await;
    let of_ada = token_of(&world, ada).await;
    lock(&world, ada).await;
    let tampered = DeviceToken::from(format!("A{}", of_ada.expose()));
    let rubbish = DeviceToken::from("x".repeat(5000));
    for token in [&of_bob, &tampered, &rubbish] {
        assert_blocked(&try_in(&world, owner(&[token]), ada, PASSWORD).await);
    }
    // Beside a good one, they do no harm.
    let client = owner(&[&rubbish, &of_bob, &of_ada]);
    try_in(&world, client, ada, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_token_expires() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    let token = token_of(&world, ada).await;
    world
        .env
        .advance(DeviceToken::LIFETIME - TimeDelta::seconds(1));
    lock(&world, ada).await;
    let known = try_in(&world, owner(&[&token]), ada, PASSWORD).await;
    known.unwrap();
    world.env.advance(TimeDelta::seconds(1));
    assert_blocked(&try_in(&world, owner(&[&token]), ada, PASSWORD).await);
}

#[tokio::test]
async fn a_new_password_voids_the_tokens() {
    for by_reset in [false, true] {
        let world = World::create().await;
        let ada = &world.acme.ada;
        let token = token_of(&world, ada).await;
        if by_reset {
            let reset = world.mint(ada, OneTimeTokenPurpose::PasswordReset).await;
            world.reset(&reset).await.unwrap();
        } else {
            let claims = world.claims(ada).await;
            world.change(&claims, PASSWORD).await.unwrap();
        }
        lock(&world, ada).await;
        assert_blocked(&try_in(&world, owner(&[&token]), ada, NEW_PASSWORD).await);
        world.env.advance(TimeDelta::from_std(LOGIN.block).unwrap());
        let anew = try_in(&world, owner(&[&token]), ada, NEW_PASSWORD).await;
        let anew = anew.unwrap().device_token;
        lock(&world, ada).await;
        let known = try_in(&world, owner(&[&token, &anew]), ada, NEW_PASSWORD).await;
        known.unwrap();
    }
}

#[tokio::test]
async fn a_token_opens_its_own_account_alone_while_strangers_block_the_others() {
    let world = World::create().await;
    let (email, other) = ("sam@example.org", "Other-Horse-8");
    let here = world.person(world.acme.id, email).await;
    let hash = portal_test_support::cheap_hasher();
    let hash = hash.hash(&other.into()).await.unwrap();
    world.person_with_hash(world.globex.id, email, &hash).await;
    let token = token_of(&world, &here).await;
    let anywhere_as = async |password: &str| {
        world
            .sign_in_from(owner(&[&token]), email, password, anywhere())
            .await
    };
    // Both are open while nobody guesses.
    let signed_in = anywhere_as(other).await.unwrap();
    assert_eq!(signed_in.account.organization.id, world.globex.id);
    lock(&world, &here).await;
    assert_wrong(&anywhere_as(other).await);
    let signed_in = anywhere_as(PASSWORD).await.unwrap();
    assert_eq!(signed_in.account.organization.id, world.acme.id);
}

/// How often a person has been told of a new sign-in.
async fn told(world: &World, person: &Person) -> usize {
    let outbox = world.outbox(person.organization).await;
    let told = outbox.iter().filter(
        |mail| matches!(mail, MailKind::NewSignIn { user_id, .. } if *user_id == person.id),
    );
    told.count()
}

#[tokio::test]
async fn a_user_is_told_of_a_browser_that_the_account_does_not_know() {
    let world = World::create().await;
    let ada = &world.acme.ada;
    // The first sign-in of an account is no news.
    let first = try_in(&world, browser(&[]), ada, PASSWORD).await.unwrap();
    assert_eq!(told(&world, ada).await, 0);
    let again = try_in(&world, browser(&[&first.device_token]), ada, PASSWORD).await;
    again.unwrap();
    assert_eq!(told(&world, ada).await, 0);
    // Nor is a program's, nor a failure.
    try_in(&world, owner(&[]), ada, PASSWORD).await.unwrap();
    assert_wrong(&try_in(&world, browser(&[]), ada, WRONG).await);
    assert_eq!(told(&world, ada).await, 0);
    try_in(&world, browser(&[]), ada, PASSWORD).await.unwrap();
    assert_eq!(told(&world, ada).await, 1);
    // The token of another account does not make the browser known.
    let of_bob = token_of(&world, &world.acme.bob).await;
    let other = try_in(&world, browser(&[&of_bob]), ada, PASSWORD).await;
    other.unwrap();
    assert_eq!(told(&world, ada).await, 2);
}

#[tokio::test]
async fn accepting_an_invitation_is_no_news() {
    let world = World::create().await;
    let person = world.invited(&world.acme, "new@acme.example").await;
    let token = world.mint(&person, OneTimeTokenPurpose::Invitation).await;
    let accepted = world.accept(&token).await.unwrap();
    let client = browser(&[&accepted.device_token]);
    try_in(&world, client, &person, NEW_PASSWORD).await.unwrap();
    assert_eq!(told(&world, &person).await, 0);
}

#[tokio::test]
async fn a_token_is_not_in_the_debug_form_of_anything() {
    let world = World::create().await;
    let token = token_of(&world, &world.acme.ada).await;
    let client = Client {
        devices: vec![token.clone()],
        ..client()
    };
    let signed_in = try_in(&world, client.clone(), &world.acme.ada, PASSWORD).await;
    let printed = format!("{token:?} {client:?}");
    assert!(!printed.contains(token.expose()), "{printed}");
    let signed_in = signed_in.unwrap();
    let printed = format!("{signed_in:?}");
    assert!(
        !printed.contains(signed_in.device_token.expose()),
        "{printed}"
    );
}
