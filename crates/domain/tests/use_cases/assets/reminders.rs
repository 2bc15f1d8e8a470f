//! Reminders, in the organization's time zone.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use portal_domain::assets::{self, CheckinRequest, Checkout, CheckoutError, CheckoutRequest};
use portal_domain::notifications::MailKind;
use portal_domain::organizations::{NewOrganization, Organization};
use portal_domain::store::TenantScope;
use portal_test_support::{Person, TestWorld, fixtures};

use super::{check_in, check_out};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An organization in a time zone, with a borrower.
async fn organization(world: &TestWorld, zone: &str) -> (Organization, Person) {
    let new = NewOrganization {
        name: zone.parse().unwrap(),
        slug: None,
        time_zone: zone.parse().unwrap(),
    };
    let organization = fixtures::create_organization(&*world.operator, &*world.env, new).await;
    let borrower = world.person(organization.id, "eve@library.example").await;
    (organization, borrower)
}

async fn borrow_until(world: &TestWorld, person: &Person, hostname: &str, until: &str) -> Checkout {
    let record = fixtures::device_record(hostname);
    let (store, env) = (&*world.operator, &*world.env);
    let device = fixtures::device(store, env, person.scope(), record).await;
    let request = CheckoutRequest {
        expected_return_at: Some(at(until)),
        ..CheckoutRequest::default()
    };
    check_out(world, person, device.id, request).await.unwrap()
}

/// Sends the reminders of all organizations, and returns the number of mails.
async fn remind(world: &TestWorld) -> usize {
    let reader = world.store.system_reader().await.unwrap();
    let due = assets::organizations_to_remind(&*reader, &*world.env).await;
    drop(reader);
    let mut reminded = 0;
    for organization in due.unwrap() {
        let scope = TenantScope::of(organization);
        let told = world.automate(scope, async |op| assets::remind(op).await);
        reminded += told.await.unwrap();
    }
    reminded
}

#[tokio::test]
async fn a_borrower_is_reminded_once_the_day_before_and_once_when_overdue_by_the_local_day() {
    let world = TestWorld::create().await;
    let (auckland, borrower) = organization(&world, "Pacific/Auckland").await;
    world.env.set(at("2026-03-01T00:00:00Z"));
    // In Auckland this is 11 March, and 10 March begins at 11:00Z of the day before.
    let checkout = borrow_until(&world, &borrower, "lt-1", "2026-03-10T12:00:00Z").await;
    let checkout_id = checkout.id;
    let told = [
        MailKind::LoanDue { checkout_id },
        MailKind::LoanOverdue { checkout_id },
    ];
    for (now, reminders, all) in [
        ("2026-03-09T10:59:59Z", 0, 0),
        ("2026-03-09T11:00:00Z", 1, 1),
        ("2026-03-10T10:59:59Z", 0, 1),
        ("2026-03-11T10:59:59Z", 0, 1),
        ("2026-03-11T11:00:00Z", 1, 2),
        ("2026-03-20T00:00:00Z", 0, 2),
    ] {
        world.env.set(at(now));
        assert_eq!(remind(&world).await, reminders, "{now}");
        assert_eq!(remind(&world).await, 0, "again at {now}");
        assert_eq!(world.outbox(auckland.id).await, told[..all], "{now}");
    }
}

#[tokio::test]
async fn reminders_follow_the_time_zone_of_the_organization() {
    let world = TestWorld::create().await;
    let (berlin, in_berlin) = organization(&world, "Europe/Berlin").await;
    let (utc, in_utc) = organization(&world, "UTC").await;
    world.env.set(at("2026-01-30T12:00:00Z"));
    for borrower in [&in_berlin, &in_utc] {
        borrow_until(&world, borrower, "lt-1", "2026-01-31T23:30:00Z").await;
    }
    // That is tomorrow in UTC, and the day after tomorrow in Berlin.
    assert_eq!(remind(&world).await, 1);
    assert_eq!(world.outbox(utc.id).await.len(), 1);
    world.env.set(at("2026-01-30T23:00:00Z"));
    assert_eq!(remind(&world).await, 1);
    assert_eq!(world.outbox(berlin.id).await.len(), 1);
}

#[tokio::test]
async fn a_return_day_is_over_by_the_time_zone_of_the_organization() {
    let world = TestWorld::create().await;
    let (_, borrower) = organization(&world, "Europe/Berlin").await;
    // 31 January there
    world.env.set(at("2026-01-30T23:00:00Z"));
    let record = fixtures::device_record("lt-1");
    let (store, env) = (&*world.operator, &*world.env);
    let device = fixtures::device(store, env, borrower.scope(), record)
        .await
        .id;
    for (until, is_over) in [
        ("2026-01-30T22:59:59Z", true),
        ("2026-01-30T23:00:00Z", false),
    ] {
        let request = CheckoutRequest {
            expected_return_at: Some(at(until)),
            ..CheckoutRequest::default()
        };
        let lent = check_out(&world, &borrower, device, request).await;
        let found = matches!(lent, Err(CheckoutError::DayOver));
        assert_eq!(found, is_over, "{lent:?}");
    }
}

#[tokio::test]
async fn an_extended_loan_gets_new_reminders() {
    let world = TestWorld::create().await;
    let (_, borrower) = organization(&world, "UTC").await;
    world.env.set(at("2026-03-09T09:00:00Z"));
    let checkout = borrow_until(&world, &borrower, "lt-1", "2026-03-10T12:00:00Z").await;
    let extend = async |to: &str| {
        let moved = world.act(&borrower, async |op| {
            assets::extend(op, checkout.id, at(to)).await
        });
        moved.await.unwrap();
    };
    assert_eq!(remind(&world).await, 1);
    // To another hour of the same day, which needs no new reminder.
    extend("2026-03-10T18:00:00Z").await;
    assert_eq!(remind(&world).await, 0);
    extend("2026-03-20T12:00:00Z").await;
    assert_eq!(remind(&world).await, 0);
    for (now, reminders) in [("2026-03-19T09:00:00Z", 1), ("2026-03-21T09:00:00Z", 1)] {
        world.env.set(at(now));
        assert_eq!(remind(&world).await, reminders, "{now}");
    }
}

#[tokio::test]
async fn a_returned_loan_or_one_without_a_date_gets_no_reminder() {
    let world = TestWorld::create().await;
    let (library, borrower) = organization(&world, "UTC").await;
    world.env.set(at("2026-03-09T09:00:00Z"));
    let checkout = borrow_until(&world, &borrower, "lt-1", "2026-03-10T12:00:00Z").await;
    let request = CheckinRequest::default();
    let returned = check_in(&world, &borrower, checkout.device_id, request).await;
    returned.unwrap();
    let undated = CheckoutRequest::default();
    let again = check_out(&world, &borrower, checkout.device_id, undated).await;
    again.unwrap();
    for now in ["2026-03-09T09:00:00Z", "2026-03-11T09:00:00Z"] {
        world.env.set(at(now));
        assert_eq!(remind(&world).await, 0, "{now}");
    }
    assert_eq!(world.outbox(library.id).await, []);
}

#[tokio::test]
async fn concurrent_reminders_are_sent_once() {
    let world = TestWorld::create().await;
    let (library, borrower) = organization(&world, "UTC").await;
    world.env.set(at("2026-03-09T09:00:00Z"));
    for number in 0..5 {
        let hostname = format!("lt-{number}");
        borrow_until(&world, &borrower, &hostname, "2026-03-10T12:00:00Z").await;
    }
    let counts = join_all((0..3).map(|_| remind(&world))).await;
    assert_eq!(counts.iter().sum::<usize>(), 5);
    assert_eq!(world.outbox(library.id).await.len(), 5);
}
