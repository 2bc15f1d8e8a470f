//! Transactions and connections.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{join_all, try_join3};
use futures_util::poll;
use portal_domain::devices::{self, DeviceFilter};
use portal_domain::environment::Environment as _;
use portal_domain::ids::{OneTimeTokenId, UserId};
use portal_domain::operation::Operation;
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{OneTimeToken, OneTimeTokenPurpose};
use portal_domain::store::{Store, TenantScope, TenantStore as _};
use portal_domain::tickets::{TicketFilter, TicketPriority};
use portal_test_support::operator;

use crate::fixtures::{clock, device, device_record, tenant, ticket};
use crate::portal::Portal;

async fn devices_of(store: &dyn Store, scope: TenantScope) -> i64 {
    let reader = store.reader(scope).await.unwrap();
    let page = reader
        .devices(DeviceFilter::default(), PageRequest::default())
        .await
        .unwrap();
    page.total
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_work_has_never_happened() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    for _ in 0..8 {
        let tx = store.begin(acme.scope).await.unwrap();
        devices::create(
            &Operation::new(&*tx, &operator(), &env),
            device_record("printer"),
        )
        .await
        .unwrap();
        drop(tx);
    }
    assert_eq!(devices_of(store, acme.scope).await, 0);
    device(store, &env, acme.scope, device_record("printer")).await;
    assert_eq!(devices_of(store, acme.scope).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolled_back_work_has_never_happened() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    for _ in 0..8 {
        let tx = store.begin(acme.scope).await.unwrap();
        devices::create(
            &Operation::new(&*tx, &operator(), &env),
            device_record("printer"),
        )
        .await
        .unwrap();
        tx.rollback().await.unwrap();
    }
    assert_eq!(devices_of(store, acme.scope).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_is_cancelled_in_a_query_has_never_happened() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    for _ in 0..8 {
        let tx = store.begin(acme.scope).await.unwrap();
        devices::create(
            &Operation::new(&*tx, &operator(), &env),
            device_record("printer"),
        )
        .await
        .unwrap();
        // begun, and dropped wherever it is
        drop(
            devices::create(
                &Operation::new(&*tx, &operator(), &env),
                device_record("laptop"),
            )
            .now_or_never(),
        );
    }
    assert_eq!(devices_of(store, acme.scope).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_one_moment() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let reader = store.reader(acme.scope).await.unwrap();
    let hostname = "printer".parse().unwrap();
    assert_eq!(reader.device_by_hostname(&hostname).await.unwrap(), None);
    device(store, &env, acme.scope, device_record("printer")).await;
    assert_eq!(reader.device_by_hostname(&hostname).await.unwrap(), None);
    assert_eq!(devices_of(store, acme.scope).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_readers_give_their_connection_back() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    for _ in 0..8 {
        let reader = store.reader(acme.scope).await.unwrap();
        reader.users().await.unwrap();
        // begun, and dropped wherever it is
        drop(reader.users().now_or_never());
        drop(reader);
        drop(store.system_reader().await.unwrap());
    }
    // what they saw is no longer what the next one sees
    device(store, &env, acme.scope, device_record("printer")).await;
    for _ in 0..8 {
        assert_eq!(devices_of(store, acme.scope).await, 1);
    }
}

async fn drop_when_slow(store: &Portal, search: impl Future) {
    let mut search = pin!(search);
    assert!(poll!(&mut search).is_pending());
    while store.is_slow() == Some(false) {
        assert!(poll!(&mut search).is_pending());
    }
}

/// Fails unless the server's work ends earlier than by its own limit, which is 3 seconds.
fn assert_is_over(store: &Portal) {
    let start = Instant::now();
    while store.is_slow() == Some(true) {
        assert!(start.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_search_gives_its_connection_back_before_it_has_read_everything() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    device(store, &env, acme.scope, device_record("printer")).await;
    ticket(store, &env, &acme.customer, "Printer", TicketPriority::Low).await;
    store.slow_down();
    let words = "nowhere".parse().unwrap();
    let devices = DeviceFilter {
        words: Some(&words),
        ..DeviceFilter::default()
    };
    let tickets = TicketFilter {
        words: words.clone(),
        ..TicketFilter::default()
    };
    // More than the pool has places.
    for _ in 0..4 {
        let reader = store.reader(acme.scope).await.unwrap();
        drop_when_slow(store, reader.devices(devices, PageRequest::default())).await;
        drop(reader);
        assert_is_over(store);
        let reader = store.reader(acme.scope).await.unwrap();
        drop_when_slow(store, reader.tickets(&tickets, PageRequest::default())).await;
        drop(reader);
        assert_is_over(store);
    }
    let reader = store.reader(acme.scope).await.unwrap();
    reader.users().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_may_be_joined() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let reader = store.reader(acme.scope).await.unwrap();
    let (account, tickets, users) = try_join3(
        reader.account(acme.customer.account.user.id),
        reader.tickets(&TicketFilter::default(), PageRequest::default()),
        reader.users(),
    )
    .await
    .unwrap();
    assert_eq!(account.unwrap(), acme.customer.account);
    assert_eq!((tickets.total, users.len()), (0, 1));
}

/// Who reads first and writes then never finds that another has written in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_take_turns() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let user = acme.customer.account.user.id;
    let rename = |n: usize| {
        let env = &env;
        async move {
            let tx = store.begin(acme.scope).await.unwrap();
            let mut user = tx.lock_user(user).await.unwrap().unwrap();
            let name = format!("{}{n}", user.display_name());
            user.name = Some(name.parse().unwrap());
            tx.update_user(&user).await.unwrap();
            devices::create(
                &Operation::new(&*tx, &operator(), env),
                device_record(&format!("device-{n}")),
            )
            .await
            .unwrap();
            tx.commit().await.unwrap();
        }
    };
    join_all((0..10).map(rename)).await;
    let account = store
        .reader(acme.scope)
        .await
        .unwrap()
        .account(user)
        .await
        .unwrap()
        .unwrap();
    // `Ada` and ten digits, in whatever order they came
    assert_eq!(account.user.display_name().len(), 13);
    assert_eq!(devices_of(store, acme.scope).await, 10);
}

/// A query that failed and was not minded undoes everything on PostgreSQL, itself on SQLite.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_says_whether_it_happened() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let nobody = OneTimeToken {
        id: OneTimeTokenId::generate(&env),
        organization_id: acme.organization.id,
        user_id: UserId::generate(&env),
        purpose: OneTimeTokenPurpose::PasswordReset,
        token_hash: "hash".to_owned(),
        created_at: env.now(),
        expires_at: env.now(),
        used_at: None,
    };
    for _ in 0..8 {
        let before = devices_of(store, acme.scope).await;
        let tx = store.begin(acme.scope).await.unwrap();
        devices::create(
            &Operation::new(&*tx, &operator(), &env),
            device_record(&format!("device-{before}")),
        )
        .await
        .unwrap();
        tx.add_token(&nobody).await.unwrap_err();
        let committed = tx.commit().await.is_ok();
        assert_eq!(
            devices_of(store, acme.scope).await,
            before + i64::from(committed)
        );
    }
}
