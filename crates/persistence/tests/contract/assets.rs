//! Loans.

use chrono::TimeDelta;
use futures_util::future::join;
use portal_domain::assets::{CheckinRequest, Checkout, RemindedLoan, Reminder, check_in};
use portal_domain::devices::DeviceStatus;
use portal_domain::environment::Environment as _;
use portal_domain::ids::CheckoutId;
use portal_domain::operation::Operation;
use portal_domain::pagination::PageRequest;
use portal_domain::store::{Store, TenantStore as _};

use crate::fixtures::{clock, customer, device, device_record, loan, tenant};
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_ask_at_once_one_has_the_device() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let wanted = device(store, &env, acme.scope, device_record("laptop")).await;
    let sample = Checkout {
        id: CheckoutId::generate(&env),
        organization_id: acme.organization.id,
        device_id: wanted.id,
        checked_out_to: acme.customer.account.user.id,
        checked_out_to_name: "Ada".to_owned(),
        checked_out_at: env.now(),
        expected_return_at: None,
        checked_in_at: None,
        checkout_notes: None,
        checkin_notes: None,
        condition: None,
        checkin_condition: None,
    };
    let ask = async || {
        let checkout = Checkout {
            id: CheckoutId::generate(&env),
            ..sample.clone()
        };
        let tx = store.begin(acme.scope).await.unwrap();
        let first_to_ask = tx.active_checkout(wanted.id).await.unwrap().is_none();
        let added = tx.add_checkout(&checkout).await.unwrap();
        // the transaction goes on, taken or not
        assert!(tx.active_checkout(wanted.id).await.unwrap().is_some());
        tx.commit().await.unwrap();
        assert!(first_to_ask || !added);
        added
    };
    let (first, second) = join(ask(), ask()).await;
    assert!(first ^ second, "{first} {second}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn available_devices_can_be_lent_and_are_not_out() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let mut kept = device_record("kept");
    kept.is_loanable = false;
    let mut builder = device_record("builder");
    builder.is_ephemeral = true;
    let mut scrapped = device_record("scrapped");
    scrapped.status = DeviceStatus::Decommissioned;
    for record in [kept, builder, scrapped] {
        device(store, &env, acme.scope, record).await;
    }
    let mut seen = device_record("seen");
    seen.last_seen_at = Some(env.now());
    seen.status = DeviceStatus::Offline;
    let seen = device(store, &env, acme.scope, seen).await;
    let never = device(store, &env, acme.scope, device_record("never")).await;
    let out = device(store, &env, acme.scope, device_record("out")).await;
    loan(store, &env, &acme.customer, &out, None).await;
    let back = device(store, &env, acme.scope, device_record("back")).await;
    loan(store, &env, &acme.customer, &back, None).await;
    let tx = store.begin(acme.scope).await.unwrap();
    let request = CheckinRequest::default();
    check_in(
        &Operation::new(&*tx, &acme.customer, &env),
        back.id,
        request,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let reader = store.reader(acme.scope).await.unwrap();
    let page = reader
        .available_assets(PageRequest::default())
        .await
        .unwrap();
    let mut never = [never, back];
    never.sort_by_key(|device| std::cmp::Reverse(device.id));
    let [later, earlier] = never;
    let expected = [seen, later, earlier];
    assert_eq!((page.items.as_slice(), page.total), (&expected[..], 3));
    for limit in [1, 2] {
        let mut pages = Vec::new();
        for number in 1..=4 {
            let request = PageRequest::new(number, limit);
            let page = reader.available_assets(request).await.unwrap();
            assert_eq!(page.total, 3);
            pages.extend(page.items);
        }
        assert_eq!(pages, expected, "by {limit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loans_come_with_those_out_first() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let bob = customer(store, &env, acme.scope, "bob@acme.example").await;
    let mut expected = Vec::new();
    for (hostname, returned) in [
        ("back-1", true),
        ("out-1", false),
        ("back-2", true),
        ("out-2", false),
    ] {
        env.advance(TimeDelta::hours(1));
        let device = device(store, &env, acme.scope, device_record(hostname)).await;
        loan(store, &env, &acme.customer, &device, None).await;
        if returned {
            let tx = store.begin(acme.scope).await.unwrap();
            let request = CheckinRequest::default();
            check_in(
                &Operation::new(&*tx, &acme.customer, &env),
                device.id,
                request,
            )
            .await
            .unwrap();
            tx.commit().await.unwrap();
        }
        expected.push(device);
    }
    let theirs = device(store, &env, acme.scope, device_record("bob's")).await;
    loan(store, &env, &bob, &theirs, None).await;

    let user = acme.customer.account.user.id;
    let reader = store.reader(acme.scope).await.unwrap();
    let page = reader.loans_of(user, PageRequest::default()).await.unwrap();
    let hostnames: Vec<_> = page
        .items
        .iter()
        .map(|loan| loan.device.hostname.as_str())
        .collect();
    assert_eq!(
        (hostnames.as_slice(), page.total),
        (["out-2", "out-1", "back-2", "back-1"].as_slice(), 4)
    );
    assert_eq!(page.items[3].device, expected[0]);
    for limit in [1, 2, 3] {
        let mut pages = Vec::new();
        for number in 1..=5 {
            let request = PageRequest::new(number, limit);
            let page = reader.loans_of(user, request).await.unwrap();
            assert_eq!(page.total, 4);
            pages.extend(page.items);
        }
        assert_eq!(pages, page.items, "by {limit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loans_out_are_those_not_back() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let due = env.now() + TimeDelta::days(1);
    let mut loans = Vec::new();
    for (hostname, expected) in [
        ("dated", Some(due)),
        ("whenever", None),
        ("back", Some(due)),
    ] {
        env.advance(TimeDelta::seconds(1));
        let device = device(store, &env, acme.scope, device_record(hostname)).await;
        loans.push(loan(store, &env, &acme.customer, &device, expected).await);
    }
    let tx = store.begin(acme.scope).await.unwrap();
    let (device, request) = (loans[2].device_id, CheckinRequest::default());
    check_in(&Operation::new(&*tx, &acme.customer, &env), device, request)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let reader = store.reader(acme.scope).await.unwrap();
    let out = reader.loans_out().await.unwrap();
    let out: Vec<_> = out.into_iter().map(|loan| loan.checkout).collect();
    assert_eq!(out, loans[..2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loan_ends_once() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let laptop = device(store, &env, acme.scope, device_record("laptop")).await;
    let mut checkout = loan(store, &env, &acme.customer, &laptop, None).await;
    let tx = store.begin(acme.scope).await.unwrap();
    assert!(tx.move_return(checkout.id, env.now()).await.unwrap());
    checkout.checked_in_at = Some(env.now());
    assert!(tx.close_checkout(&checkout).await.unwrap());
    assert!(!tx.close_checkout(&checkout).await.unwrap());
    assert!(!tx.move_return(checkout.id, env.now()).await.unwrap());
    assert_eq!(tx.active_checkout(laptop.id).await.unwrap(), None);
    let stored = tx.loan(checkout.id).await.unwrap().unwrap().checkout;
    assert_eq!(
        (stored.is_out(), stored.expected_return_at),
        (false, Some(env.now()))
    );
    tx.commit().await.unwrap();
    // and the device can be lent again
    loan(store, &env, &acme.customer, &laptop, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_is_noted_once_for_each_date() {
    let store = &Portal::create().await;
    let env = clock();
    let (acme, globex) = (
        tenant(store, &env, "acme").await,
        tenant(store, &env, "globex").await,
    );
    let (now, due) = (env.now(), env.now() + TimeDelta::days(1));
    let laptop = device(store, &env, acme.scope, device_record("laptop")).await;
    let lent = loan(store, &env, &acme.customer, &laptop, Some(due)).await;
    for (hostname, expected) in [
        ("whenever", None),
        ("later", Some(due + TimeDelta::days(9))),
    ] {
        let device = device(store, &env, globex.scope, device_record(hostname)).await;
        loan(store, &env, &globex.customer, &device, expected).await;
    }
    let (late, until) = (due + TimeDelta::hours(1), due + TimeDelta::days(1));
    let untold = RemindedLoan {
        checkout_id: lent.id,
        expected_return_at: Some(due),
        due_reminded_for: None,
        overdue_reminded_for: None,
    };

    let reader = store.system_reader().await.unwrap();
    let organizations = reader.organizations_to_remind(now, until).await.unwrap();
    assert_eq!(organizations, [acme.organization.id]);
    drop(reader);

    let note = async |reminder, date| {
        let tx = store.begin(acme.scope).await.unwrap();
        let noted = tx.note_reminder(lent.id, reminder, date).await.unwrap();
        tx.commit().await.unwrap();
        noted
    };
    let tx = store.begin(acme.scope).await.unwrap();
    let loans = tx.loans_to_remind_of(now, until).await.unwrap();
    assert_eq!(loans, [untold]);
    assert_eq!(tx.loans_to_remind_of(now, now).await.unwrap(), []);
    tx.rollback().await.unwrap();

    assert!(!note(Reminder::DueTomorrow, late).await);
    let (first, second) = join(
        note(Reminder::DueTomorrow, due),
        note(Reminder::DueTomorrow, due),
    )
    .await;
    assert!(first ^ second, "{first} {second}");
    let tx = store.begin(acme.scope).await.unwrap();
    assert_eq!(tx.loans_to_remind_of(now, until).await.unwrap(), []);
    let told = RemindedLoan {
        due_reminded_for: Some(due),
        ..untold
    };
    assert_eq!(tx.loans_to_remind_of(late, until).await.unwrap(), [told]);
    tx.rollback().await.unwrap();
    assert!(note(Reminder::Overdue, due).await);
    assert!(!note(Reminder::Overdue, due).await);

    let tx = store.begin(acme.scope).await.unwrap();
    assert_eq!(tx.loans_to_remind_of(late, until).await.unwrap(), []);
    assert!(tx.move_return(lent.id, until).await.unwrap());
    let moved = RemindedLoan {
        expected_return_at: Some(until),
        overdue_reminded_for: Some(due),
        ..told
    };
    assert_eq!(tx.loans_to_remind_of(late, until).await.unwrap(), [moved]);
    tx.commit().await.unwrap();

    let tx = store.begin(globex.scope).await.unwrap();
    assert_eq!(tx.loans_to_remind_of(late, until).await.unwrap(), []);
    let foreign = tx.note_reminder(lent.id, Reminder::DueTomorrow, until);
    assert!(!foreign.await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_back_is_not_reminded_of() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let due = env.now() + TimeDelta::days(1);
    let laptop = device(store, &env, acme.scope, device_record("laptop")).await;
    let lent = loan(store, &env, &acme.customer, &laptop, Some(due)).await;
    let tx = store.begin(acme.scope).await.unwrap();
    let request = CheckinRequest::default();
    check_in(
        &Operation::new(&*tx, &acme.customer, &env),
        laptop.id,
        request,
    )
    .await
    .unwrap();
    let loans = tx.loans_to_remind_of(env.now(), due).await.unwrap();
    assert_eq!(loans, []);
    let noted = tx.note_reminder(lent.id, Reminder::DueTomorrow, due);
    assert!(!noted.await.unwrap());
    tx.commit().await.unwrap();
}
