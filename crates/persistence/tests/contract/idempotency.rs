//! The keys of requests that may be repeated.

use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_domain::actors::Customer;
use portal_domain::environment::Environment as _;
use portal_domain::idempotency::{
    self, Answer, ClaimKeyError, IdempotencyKey, KeyedRequest, REPEATABLE_FOR, claim, remember,
};
use portal_domain::operation::Operation;
use portal_domain::store::{TenantScope, TenantStore as _};
use portal_test_support::ManualEnvironment;

use crate::fixtures::{Tenant, clock, customer, tenant};
use crate::portal::Portal;

fn request(key: &str, body: &str) -> KeyedRequest {
    KeyedRequest::new(key.parse().unwrap(), &[body.as_bytes()])
}

/// Carries a request out if it is the first with its key, with `body` as its answer, and returns the
/// body of the first answer.
async fn send(
    (store, env): (&Portal, &ManualEnvironment),
    (scope, by): (TenantScope, &Customer),
    request: &KeyedRequest,
    body: &str,
) -> Result<String, ClaimKeyError> {
    let tx = store.begin(scope).await?;
    let op = Operation::new(&*tx, by, env);
    let first = claim(&op, request).await?;
    let answer = if let Some(answer) = first {
        answer
    } else {
        let body = body.to_owned();
        let answer = Answer { status: 201, body };
        remember(&op, &request.key, &answer).await?;
        answer
    };
    tx.commit().await?;
    assert_eq!(answer.status, 201);
    Ok(answer.body)
}

fn of(tenant: &Tenant) -> (TenantScope, &Customer) {
    (tenant.scope, &tenant.customer)
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_user() {
    let (store, env) = (Portal::create().await, clock());
    let acme = tenant(&store, &env, "acme").await;
    let globex = tenant(&store, &env, "globex").await;
    let bob = customer(&store, &env, acme.scope, "bob@acme.example").await;
    let at = (&store, &env);
    let [first, other] = [request("a", "body"), request("a", "other body")];
    assert_eq!(send(at, of(&acme), &first, "1").await.unwrap(), "1");
    assert_eq!(send(at, of(&acme), &first, "2").await.unwrap(), "1");
    let reused = send(at, of(&acme), &other, "3").await.unwrap_err();
    assert!(matches!(reused, ClaimKeyError::Reused));
    let by_bob = (acme.scope, &bob);
    assert_eq!(send(at, by_bob, &other, "4").await.unwrap(), "4");
    assert_eq!(send(at, of(&globex), &other, "5").await.unwrap(), "5");
    let another = request("b", "body");
    assert_eq!(send(at, of(&acme), &another, "6").await.unwrap(), "6");
}

#[tokio::test]
async fn what_was_rolled_back_has_claimed_nothing() {
    let (store, env) = (Portal::create().await, clock());
    let acme = tenant(&store, &env, "acme").await;
    let request = request("a", "body");
    let tx = store.begin(acme.scope).await.unwrap();
    let op = Operation::new(&*tx, &acme.customer, &env);
    assert_eq!(claim(&op, &request).await.unwrap(), None);
    tx.rollback().await.unwrap();
    let sent = send((&store, &env), of(&acme), &request, "1").await;
    assert_eq!(sent.unwrap(), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_concurrent_repeats_one_is_carried_out() {
    let (store, env) = (Portal::create().await, clock());
    let acme = tenant(&store, &env, "acme").await;
    for round in 0..10 {
        let request = request(&format!("key-{round}"), "body");
        let sent = (0..6).map(async |n: i32| {
            let sent = send((&store, &env), of(&acme), &request, &n.to_string()).await;
            sent.unwrap()
        });
        let answers = join_all(sent).await;
        assert!(
            answers.iter().all(|answer| *answer == answers[0]),
            "{answers:?}"
        );
    }
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day() {
    let (store, env) = (Portal::create().await, clock());
    let acme = tenant(&store, &env, "acme").await;
    let (at, key): (_, IdempotencyKey) = ((&store, &env), "a".parse().unwrap());
    let user = acme.customer.account.user.id;
    let is_answered = async || {
        let reader = store.reader(acme.scope).await.unwrap();
        let known = idempotency::is_answered(&*reader, user, &key, env.now()).await;
        known.unwrap()
    };
    assert!(!is_answered().await);
    assert_eq!(
        send(at, of(&acme), &request("a", "1"), "1").await.unwrap(),
        "1"
    );
    env.advance(REPEATABLE_FOR);
    assert!(is_answered().await);
    assert_eq!(
        send(at, of(&acme), &request("a", "1"), "2").await.unwrap(),
        "1"
    );
    env.advance(TimeDelta::seconds(1));
    assert!(!is_answered().await);
    // It may belong to another request then.
    assert_eq!(
        send(at, of(&acme), &request("a", "2"), "3").await.unwrap(),
        "3"
    );
    assert_eq!(
        send(at, of(&acme), &request("a", "2"), "4").await.unwrap(),
        "3"
    );
}

#[tokio::test]
async fn expired_keys_are_deleted_in_every_organization() {
    let (store, env) = (Portal::create().await, clock());
    let acme = tenant(&store, &env, "acme").await;
    let globex = tenant(&store, &env, "globex").await;
    let at = (&store, &env);
    for tenant in [&acme, &globex] {
        send(at, of(tenant), &request("old", "1"), "1")
            .await
            .unwrap();
    }
    env.advance(TimeDelta::hours(23));
    send(at, of(&acme), &request("new", "1"), "1")
        .await
        .unwrap();
    let left = async || {
        let mut left = 0;
        for (tenant, key) in [(&acme, "old"), (&acme, "new"), (&globex, "old")] {
            let user = tenant.customer.account.user.id;
            let reader = store.reader(tenant.scope).await.unwrap();
            let found = reader.answered_request(user, &key.parse().unwrap()).await;
            left += usize::from(found.unwrap().is_some());
        }
        left
    };
    idempotency::forget_expired(&store, &env).await.unwrap();
    assert_eq!(left().await, 3);
    env.advance(TimeDelta::hours(2));
    idempotency::forget_expired(&store, &env).await.unwrap();
    assert_eq!(left().await, 1);
}
