//! Time tells neither whether an address has accounts nor how many, nor what is wrong with a link.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use portal_auth::accounts::SignInError;
use portal_auth::{Argon2Params, PasswordHasher};
use portal_domain::profiles::OneTimeTokenPurpose;
use portal_test_support::Person;

use crate::world::{World, anywhere, client_at};

/// How often each address is tried.
const ROUNDS: usize = 25;

/// The greatest distance between the distributions of two addresses' times that is still chance: the
/// statistic of Kolmogorov and Smirnov for this many samples, which one pair in a hundred thousand
/// exceeds where there is no difference. Time that told would yield 1: see the second test.
const CHANCE: f64 = 0.70;

/// The numbers of accounts that the addresses have.
const ACCOUNTS: [usize; 4] = [0, 1, 3, 10];

/// Several milliseconds a hash, so that ten are not lost in noise.
fn hasher() -> PasswordHasher {
    let params = Argon2Params {
        memory_kib: 2048,
        iterations: 1,
        parallelism: 1,
        queue: 64,
    };
    PasswordHasher::new(params).unwrap()
}

/// A world with addresses of none, one, three and ten accounts.
async fn world() -> World {
    let world = World::hashing_with(hasher()).await;
    let hash = hasher().hash(&"Correct-Horse-7".into()).await.unwrap();
    for number in 0..10 {
        let name = format!("Organization {number}");
        let organization = world.organization(&name).await;
        for accounts in ACCOUNTS.into_iter().filter(|accounts| number < *accounts) {
            let email = address(accounts);
            world.person_with_hash(organization, &email, &hash).await;
        }
    }
    world
}

fn address(accounts: usize) -> String {
    format!("accounts{accounts}@example.org")
}

/// The statistic of Kolmogorov and Smirnov: how far apart two distributions are, from 0 to 1.
fn distance(one: &[Duration], other: &[Duration]) -> f64 {
    let share = |times: &[Duration], limit: Duration| {
        let below = times.iter().filter(|time| **time <= limit).count();
        f64::from(u32::try_from(below).unwrap()) / f64::from(u32::try_from(times.len()).unwrap())
    };
    let limits = one.iter().chain(other);
    let distances = limits.map(|limit| (share(one, *limit) - share(other, *limit)).abs());
    distances.fold(0.0, f64::max)
}

/// The times of attempts at each of these in turn. After each, what it has left to do in the background
/// is waited for, so that the next one's time does not tell of it.
async fn measure<T>(
    cases: &[T],
    attempt: impl AsyncFn(usize, &T),
    settle: impl AsyncFn(),
) -> Vec<Vec<Duration>> {
    let mut times = vec![Vec::new(); cases.len()];
    for round in 0..ROUNDS {
        for (case, times) in cases.iter().zip(&mut times) {
            let begun = Instant::now();
            attempt(round, case).await;
            times.push(begun.elapsed());
            settle().await;
        }
    }
    times
}

fn farthest(times: &[Vec<Duration>]) -> f64 {
    let pairs = times
        .iter()
        .flat_map(|one| times.iter().map(move |other| distance(one, other)));
    pairs.fold(0.0, f64::max)
}

#[tokio::test]
async fn a_failed_sign_in_takes_the_same_time_for_any_number_of_accounts() {
    let world = Arc::new(world().await);
    let times = measure(
        &ACCOUNTS,
        async |round, accounts| {
            let accounts = *accounts;
            let client = client_at(&format!("198.51.{round}.{accounts}"));
            let failed = world
                .sign_in_from(client, &address(accounts), "Wrong-Horse-7", anywhere())
                .await;
            assert!(
                matches!(failed, Err(SignInError::InvalidCredentials)),
                "{failed:?}"
            );
            world.env.advance(TimeDelta::minutes(10));
        },
        async || world.settle().await,
    )
    .await;
    assert!(farthest(&times) < CHANCE, "{times:?}");
}

#[tokio::test]
async fn a_forgotten_password_takes_the_same_time_for_any_number_of_accounts() {
    let world = world().await;
    let times = measure(
        &ACCOUNTS,
        async |_, accounts| {
            world.forgot(&address(*accounts), anywhere()).await.unwrap();
            world.env.advance(TimeDelta::minutes(20));
        },
        async || world.settle().await,
    )
    .await;
    assert!(farthest(&times) < CHANCE, "{times:?}");
}

/// Tokens that do not work, each for another reason, for people who are made by `person`.
async fn useless_tokens(
    world: &World,
    purpose: OneTimeTokenPurpose,
    person: impl AsyncFn(&str) -> Person,
) -> Vec<String> {
    let mint = async |person: &Person| world.mint(person, purpose).await;
    let use_up = async |token: &str| match purpose {
        OneTimeTokenPurpose::Invitation => drop(world.accept(token).await.unwrap()),
        OneTimeTokenPurpose::PasswordReset => world.reset(token).await.unwrap(),
    };
    let expired = mint(&person("expired@acme.example").await).await;
    world.env.advance(TimeDelta::days(8));
    let used = mint(&person("used@acme.example").await).await;
    use_up(&used).await;
    let replaced = person("replaced@acme.example").await;
    let voided = mint(&replaced).await;
    world.env.advance(TimeDelta::seconds(1));
    mint(&replaced).await;
    let disabled = person("disabled@acme.example").await;
    let of_disabled = mint(&disabled).await;
    world.disable_user(&disabled).await;
    // What is no token at all is not looked up, which its sender knows before.
    let unknown = "x".repeat(43);
    vec![unknown, expired, used, voided, of_disabled]
}

#[tokio::test]
async fn a_link_that_does_not_reset_a_password_takes_the_same_time_whatever_is_wrong_with_it() {
    let world = World::hashing_with(hasher()).await;
    let person = async |email: &str| world.person(world.acme.id, email).await;
    let tokens = useless_tokens(&world, OneTimeTokenPurpose::PasswordReset, person).await;
    let times = measure(
        &tokens,
        async |_, token| {
            assert!(world.reset(token).await.is_err());
            world.env.advance(TimeDelta::minutes(20));
        },
        async || world.settle().await,
    )
    .await;
    assert!(farthest(&times) < CHANCE, "{times:?}");
}

#[tokio::test]
async fn an_invitation_that_sets_up_no_account_takes_the_same_time_whatever_is_wrong_with_it() {
    let world = World::hashing_with(hasher()).await;
    let person = async |email: &str| world.invited(&world.acme, email).await;
    let tokens = useless_tokens(&world, OneTimeTokenPurpose::Invitation, person).await;
    let times = measure(
        &tokens,
        async |_, token| {
            assert!(world.accept(token).await.is_err());
            world.env.advance(TimeDelta::minutes(20));
        },
        async || world.settle().await,
    )
    .await;
    assert!(farthest(&times) < CHANCE, "{times:?}");
}

#[tokio::test]
async fn the_measure_would_tell_what_the_hashes_alone_take() {
    let hasher = hasher();
    let hash = hasher.hash(&"Correct-Horse-7".into()).await.unwrap();
    let times = measure(
        &ACCOUNTS,
        async |_, accounts| {
            let all = vec![Some(hash.clone()); *accounts];
            hasher
                .verify_each(&"Wrong-Horse-7".into(), all)
                .await
                .unwrap();
        },
        async || {},
    )
    .await;
    assert!(farthest(&times) > CHANCE, "{times:?}");
}
