//! What a hasher does with passwords, and with those who wait.

use std::pin::{Pin, pin};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use futures_util::future::join_all;
use tokio::sync::oneshot;

use super::*;

const CHEAP: Argon2Params = Argon2Params {
    memory_kib: 64,
    iterations: 2,
    parallelism: 1,
    queue: 8,
};

fn hasher(cores: usize, queue: usize) -> PasswordHasher {
    PasswordHasher::on_cores(Argon2Params { queue, ..CHEAP }, cores).unwrap()
}

fn password() -> SecretString {
    "Correct-Horse-7".into()
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn a_hash_is_an_argon2id_phc_string_that_only_its_password_matches() {
    let hasher = hasher(1, 8);
    let hash = hasher.hash(&password()).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{hash}");
    assert_ne!(hash, hasher.hash(&password()).await.unwrap(), "salted");

    let right = hasher
        .verify_each(&password(), vec![Some(hash.clone())])
        .await
        .unwrap();
    assert_eq!(right, [Match::Yes]);
    let wrong = hasher
        .verify_each(&"correct-horse-7".into(), vec![Some(hash)])
        .await
        .unwrap();
    assert_eq!(wrong, [Match::No]);
}

#[tokio::test]
async fn each_hash_is_verified_on_its_own() {
    let hasher = hasher(1, 8);
    let own = hasher.hash(&password()).await.unwrap();
    let other = hasher.hash(&"Another-One-8".into()).await.unwrap();
    let candidates = vec![
        Some(other),
        None,
        Some(own.clone()),
        Some("rubbish".into()),
        Some(own),
    ];
    let matches = hasher.verify_each(&password(), candidates).await.unwrap();
    let is_right: Vec<_> = matches.into_iter().map(Match::is_right).collect();
    assert_eq!(is_right, [false, false, true, false, true]);
}

#[tokio::test]
async fn a_password_matches_however_it_is_typed_and_old_hashes_as_it_was() {
    let hasher = hasher(1, 8);
    let (nfc, nfd) = ("Grüße 2026!x", "Gru\u{308}ße\u{a0}2026!x");
    let as_typed = |password: &str| {
        let salt = random::bytes::<{ Salt::RECOMMENDED_LENGTH }>();
        let params = hasher.inner.params.clone();
        let hash = Memory::default().hash_password_with_params(password.as_bytes(), &salt, params);
        Some(hash.unwrap().to_string())
    };
    let stored = vec![
        Some(hasher.hash(&nfc.into()).await.unwrap()),
        Some(hasher.hash(&nfd.into()).await.unwrap()),
        as_typed(nfd),
        as_typed("Grusse 2026!x"),
        None,
    ];
    for (typed, old) in [(nfc, Match::No), (nfd, Match::AsTyped)] {
        let matches = hasher
            .verify_each(&typed.into(), stored.clone())
            .await
            .unwrap();
        assert_eq!(matches, [Match::Yes, Match::Yes, old, Match::No, Match::No]);
    }
}

#[tokio::test]
async fn a_hash_made_under_other_parameters_still_matches() {
    let before = PasswordHasher::new(Argon2Params {
        memory_kib: 32,
        iterations: 1,
        ..CHEAP
    });
    let hash = before.unwrap().hash(&password()).await.unwrap();
    let matches = hasher(1, 8)
        .verify_each(&password(), vec![Some(hash)])
        .await
        .unwrap();
    assert_eq!(matches, [Match::Yes]);
}

#[test]
fn the_dummy_costs_what_a_new_hash_costs_and_matches_no_password() {
    let hasher = hasher(1, 8);
    let dummy = &hasher.inner.dummy;
    assert!(!hasher.needs_rehash(dummy));
    assert_eq!(
        verify(&Memory::default(), password().expose_secret(), dummy),
        Some(false)
    );
    let parsed = PasswordHash::new(dummy).unwrap();
    assert_eq!(parsed.salt.unwrap().as_ref().len(), 16);
    let mut params = Params::try_from(&parsed).unwrap();
    assert_eq!(params.output_len(), Some(32));
    params = Params::new(params.m_cost(), params.t_cost(), params.p_cost(), None).unwrap();
    assert_eq!(params, hasher.inner.params);
}

#[test]
fn the_dummy_is_verified_only_if_all_hashes_are_missing_or_unreadable() {
    let some = |hash: &str| Some(hash.to_owned());
    for (hashes, expected) in [
        (vec![], vec!["dummy"]),
        (vec![None, None], vec!["dummy"]),
        (vec![some("wrong")], vec!["wrong"]),
        (
            vec![None, some("wrong"), some("right")],
            vec!["wrong", "right"],
        ),
        (vec![some("unreadable"), None], vec!["unreadable", "dummy"]),
        (
            vec![some("unreadable"), some("right")],
            vec!["unreadable", "right"],
        ),
    ] {
        let mut compared = Vec::new();
        let matches = verify_each(&hashes, "dummy", |hash| {
            compared.push(hash.to_owned());
            (hash != "unreadable").then_some(hash == "right")
        });
        assert_eq!(compared, expected, "{hashes:?}");
        let right: Vec<bool> = hashes.iter().map(|hash| *hash == some("right")).collect();
        assert_eq!(matches, right, "{hashes:?}");
    }
}

#[test]
fn a_hash_weaker_than_configured_needs_a_rehash() {
    let hasher = hasher(1, 8);
    let tail = "c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (head, expected) in [
        ("$argon2id$v=19$m=64,t=2,p=1$", false),
        ("$argon2id$v=19$m=64,t=2,p=2$", false),
        ("$argon2id$v=19$m=128,t=3,p=1$", false),
        ("$argon2id$v=19$m=63,t=2,p=1$", true),
        ("$argon2id$v=19$m=128,t=1,p=1$", true),
        ("$argon2id$v=16$m=64,t=2,p=1$", true),
        ("$argon2id$m=64,t=2,p=1$", true),
        ("$argon2i$v=19$m=64,t=2,p=1$", true),
        ("$argon2d$v=19$m=64,t=2,p=1$", true),
        ("$scrypt$ln=17,r=8,p=1$", true),
    ] {
        assert_eq!(
            hasher.needs_rehash(&format!("{head}{tail}")),
            expected,
            "{head}"
        );
    }
    let short = "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAA";
    assert!(hasher.needs_rehash(short));
    assert!(hasher.needs_rehash("$2b$12$abcdefghijklmnopqrstuv"));
    assert!(hasher.needs_rehash(""));
}

#[test]
fn invalid_argon2_parameters_are_rejected() {
    for params in [
        Argon2Params {
            memory_kib: 7,
            ..CHEAP
        },
        Argon2Params {
            iterations: 0,
            ..CHEAP
        },
        Argon2Params {
            parallelism: 0,
            ..CHEAP
        },
        Argon2Params {
            memory_kib: 64,
            parallelism: 9,
            ..CHEAP
        },
    ] {
        assert!(PasswordHasher::new(params).is_err(), "{params:?}");
    }
}

#[tokio::test]
async fn concurrent_jobs_are_limited_to_the_cores() {
    let hasher = hasher(2, 8);
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    // a job ends only together with another, so two do run at once
    let pair = Arc::new(Barrier::new(2));
    let jobs: Vec<_> = (0..8)
        .map(|_| {
            let (hasher, running) = (hasher.clone(), Arc::clone(&running));
            let (most, pair) = (Arc::clone(&most), Arc::clone(&pair));
            tokio::spawn(async move {
                let job = move |_: &Inner, _: &Memory| {
                    let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    pair.wait();
                    running.fetch_sub(1, Ordering::SeqCst);
                };
                hasher.run(job).await
            })
        })
        .collect();
    for job in jobs {
        job.await.unwrap().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_job_that_finds_the_queue_full_fails_at_once() {
    let hasher = hasher(1, 1);
    let running = hasher.inner.places.take(None).await.unwrap();

    let password = password();
    let mut waiting = pin!(hasher.hash(&password));
    assert!(poll_once(waiting.as_mut()).is_pending());
    let refused = hasher.hash(&password).await;
    assert!(
        matches!(refused, Err(PasswordHashError::Busy)),
        "{refused:?}"
    );

    drop(running);
    waiting.await.unwrap();
    hasher.hash(&password).await.unwrap();
}

#[tokio::test]
async fn who_asks_too_much_waits_while_places_are_free_for_others() {
    // Sixteen places, so a share is two.
    let hasher = hasher(1, 15);
    let running = hasher.inner.places.take(None).await.unwrap();
    let (home, away) = (
        "192.0.2.1".parse().unwrap(),
        "198.51.100.1".parse().unwrap(),
    );
    let password = password();
    let jobs = |client, names: &[&str]| -> Vec<_> {
        let hash = |name: &&str| {
            let hasher = hasher.on_behalf_of(client, name);
            let password = password.clone();
            Box::pin(async move { hasher.hash(&password).await })
        };
        names.iter().map(hash).collect()
    };
    // One address with many accounts, and one account from another address.
    let mut greedy = jobs(home, &["a", "b", "c", "d", "e", "f"]);
    greedy.extend(jobs(away, &["x", "x", "x", "x"]));
    for job in &mut greedy {
        assert!(poll_once(job.as_mut()).is_pending());
    }
    // The running one, two of the address and two of the account.
    assert_eq!(hasher.inner.places.free(), 11);
    let mut other = jobs("203.0.113.9".parse().unwrap(), &["y"]);
    assert!(poll_once(other[0].as_mut()).is_pending());
    assert_eq!(hasher.inner.places.free(), 10);
    drop(running);
    for hash in join_all(greedy.into_iter().chain(other)).await {
        hash.unwrap();
    }
    assert_eq!(hasher.inner.places.holders(), 0);
}

#[tokio::test]
async fn who_asks_far_too_much_is_refused() {
    let hasher = hasher(1, 1);
    let running = hasher.inner.places.take(None).await.unwrap();
    let hasher = hasher.on_behalf_of("192.0.2.1".parse().unwrap(), "a");
    let password = password();
    // One has a place, two wait for it.
    let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(hasher.hash(&password))).collect();
    for job in &mut waiting {
        assert!(poll_once(job.as_mut()).is_pending());
    }
    let refused = hasher.hash(&password).await;
    assert!(
        matches!(refused, Err(PasswordHashError::Busy)),
        "{refused:?}"
    );
    // A caller who gives up makes room.
    drop(waiting.pop());
    waiting.push(Box::pin(hasher.hash(&password)));
    assert!(poll_once(waiting[2].as_mut()).is_pending());
    drop(running);
    for hash in join_all(waiting).await {
        hash.unwrap();
    }
}

#[tokio::test]
async fn a_caller_cancelled_while_waiting_leaves_the_queue() {
    let hasher = hasher(1, 1);
    let running = hasher.inner.places.take(None).await.unwrap();
    let password = password();
    {
        let mut waiting = pin!(hasher.hash(&password));
        assert!(poll_once(waiting.as_mut()).is_pending());
    }
    let mut next = pin!(hasher.hash(&password));
    assert!(poll_once(next.as_mut()).is_pending());
    drop(running);
    next.await.unwrap();
}

#[tokio::test]
async fn a_running_job_keeps_its_core_when_its_caller_is_cancelled() {
    let hasher = hasher(1, 0);
    let (started, has_started) = oneshot::channel();
    let (finish, may_finish) = mpsc::channel::<()>();
    let caller = tokio::spawn({
        let hasher = hasher.clone();
        async move {
            let job = move |_: &Inner, _: &Memory| {
                started.send(()).unwrap();
                may_finish.recv().unwrap();
            };
            hasher.run(job).await
        }
    });
    has_started.await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    let refused = hasher.hash(&password()).await;
    assert!(
        matches!(refused, Err(PasswordHashError::Busy)),
        "{refused:?}"
    );

    finish.send(()).unwrap();
    hasher.inner.places.core().await;
    hasher.hash(&password()).await.unwrap();
}

#[tokio::test]
async fn memory_is_kept_while_jobs_wait_and_freed_after_the_last() {
    let hasher = hasher(1, 8);
    let (entered, has_entered) = oneshot::channel();
    let (finish, may_finish) = mpsc::channel::<()>();
    let running = tokio::spawn({
        let hasher = hasher.clone();
        async move {
            let job = move |_: &Inner, _: &Memory| {
                entered.send(()).unwrap();
                may_finish.recv().unwrap();
            };
            hasher.run(job).await
        }
    });
    has_entered.await.unwrap();
    let mut waiting = pin!(hasher.run(|inner, _| inner.spare.count()));
    assert!(poll_once(waiting.as_mut()).is_pending());
    finish.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(hasher.inner.spare.count(), 1, "kept for the one that waits");
    assert_eq!(waiting.await.unwrap(), 0, "taken by the one that waited");
    assert_eq!(hasher.inner.spare.count(), 0, "nobody waits any more");
}
