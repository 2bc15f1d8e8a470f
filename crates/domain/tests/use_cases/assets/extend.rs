//! Extended and overdue loans.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use portal_domain::assets::{self, CheckinRequest, CheckoutRequest, ExtendError, Loan};
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::ids::CheckoutId;
use portal_domain::values::TimeZone;
use portal_test_support::{Person, TestWorld};

use super::{borrow, check_in, check_out, count, device, loan};

async fn extend(
    world: &TestWorld,
    person: &Person,
    id: CheckoutId,
    to: DateTime<Utc>,
) -> Result<Loan, ExtendError> {
    world
        .act(person, async |op| assets::extend(op, id, to).await)
        .await
}

#[tokio::test]
async fn the_borrower_extends_an_active_loan() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "one").await;
    let request = CheckoutRequest {
        expected_return_at: Some(world.env.now() + TimeDelta::minutes(30)),
        condition: "New".parse().ok(),
        ..CheckoutRequest::default()
    };
    let checkout = check_out(&world, &acme.ada, device, request).await.unwrap();
    world.env.advance(TimeDelta::days(1));
    assert!(checkout.is_overdue(TimeZone::UTC, world.env.now()));
    let to = world.env.now() + TimeDelta::days(14);
    let moved = extend(&world, &acme.ada, checkout.id, to).await.unwrap();
    assert!(!moved.checkout.is_overdue(TimeZone::UTC, world.env.now()));
    assert_eq!(moved.checkout.expected_return_at, Some(to));
    assert_eq!(moved.checkout.condition, checkout.condition);
    assert_eq!(loan(&world, acme, checkout.id).await, moved);
}

#[tokio::test]
async fn only_the_borrower_extends_a_loan_and_only_while_it_is_active() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "one").await;
    let checkout = borrow(&world, &acme.ada, device).await;
    let to = world.env.now() + TimeDelta::days(1);
    let unknown = CheckoutId::generate(&*world.env);
    for (person, id) in [
        (&acme.bob, checkout.id),
        (&world.globex.ada, checkout.id),
        (&acme.ada, unknown),
    ] {
        let rejected = extend(&world, person, id, to).await;
        assert!(
            matches!(rejected, Err(ExtendError::NotFound)),
            "{rejected:?}"
        );
    }
    let back = check_in(&world, &acme.ada, device, CheckinRequest::default()).await;
    let late = extend(&world, &acme.ada, checkout.id, to).await;
    assert!(matches!(late, Err(ExtendError::NotOut)), "{late:?}");
    assert_eq!(
        loan(&world, acme, checkout.id).await.checkout,
        back.unwrap()
    );
    assert_eq!(count(&world, AuditAction::PortalAssetExtend).await, 0);
}

#[tokio::test]
async fn extending_to_the_present_date_changes_and_audits_nothing() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "one").await;
    let until = world.env.now() + TimeDelta::hours(1);
    let request = CheckoutRequest {
        expected_return_at: Some(until),
        ..CheckoutRequest::default()
    };
    let checkout = check_out(&world, &acme.ada, device, request).await.unwrap();
    // Even when that day is over.
    for _ in 0..2 {
        let same = extend(&world, &acme.ada, checkout.id, until).await;
        assert_eq!(same.unwrap(), loan(&world, acme, checkout.id).await);
        world.env.advance(TimeDelta::days(2));
    }
    assert_eq!(count(&world, AuditAction::PortalAssetExtend).await, 0);
}

#[tokio::test]
async fn a_loan_is_extended_to_today_at_the_earliest() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "one").await;
    let checkout = borrow(&world, &acme.ada, device).await;
    let today = world
        .env
        .now()
        .date_naive()
        .and_time(NaiveTime::MIN)
        .and_utc();
    let over = extend(
        &world,
        &acme.ada,
        checkout.id,
        today - TimeDelta::microseconds(1),
    )
    .await;
    assert!(matches!(over, Err(ExtendError::DayOver)), "{over:?}");
    assert_eq!(loan(&world, acme, checkout.id).await.checkout, checkout);
    let moved = extend(&world, &acme.ada, checkout.id, today).await.unwrap();
    assert_eq!(moved.checkout.expected_return_at, Some(today));
    assert_eq!(count(&world, AuditAction::PortalAssetExtend).await, 1);
}

#[tokio::test]
async fn a_loan_is_overdue_after_the_day_of_its_expected_return_until_the_checkin() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let dated = device(&world, acme, "dated").await;
    let request = CheckoutRequest {
        expected_return_at: Some(world.env.now() + TimeDelta::hours(1)),
        ..CheckoutRequest::default()
    };
    let dated_checkout = check_out(&world, &acme.ada, dated, request).await;
    let dated_checkout = dated_checkout.unwrap().id;
    let undated = device(&world, acme, "undated").await;
    let undated = borrow(&world, &acme.ada, undated).await.id;
    let is_overdue = async |id| {
        let loan = loan(&world, acme, id).await;
        loan.checkout.is_overdue(TimeZone::UTC, world.env.now())
    };
    // The clock starts at nine.
    for (advance, expected) in [
        (TimeDelta::zero(), false),
        (TimeDelta::hours(15) - TimeDelta::milliseconds(1), false),
        (TimeDelta::milliseconds(1), true),
        (TimeDelta::days(400), true),
    ] {
        world.env.advance(advance);
        assert_eq!(is_overdue(dated_checkout).await, expected, "{advance}");
        assert!(!is_overdue(undated).await, "{advance}");
    }
    let returned = check_in(&world, &acme.ada, dated, CheckinRequest::default()).await;
    let returned = returned.unwrap();
    assert!(!returned.is_overdue(TimeZone::UTC, world.env.now()));
}
