//! Extended and overdue loans.

use chrono::{DateTime, TimeDelta, Utc};
use portal_domain::assets::{self, CheckinRequest, CheckoutRequest, ExtendError, Loan};
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::ids::CheckoutId;
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
    world.env.advance(TimeDelta::hours(1));
    assert!(checkout.is_overdue(world.env.now()));
    let to = world.env.now() + TimeDelta::days(14);
    let moved = extend(&world, &acme.ada, checkout.id, to).await.unwrap();
    assert!(!moved.checkout.is_overdue(world.env.now()));
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
async fn a_loan_is_overdue_after_its_expected_return_until_the_checkin() {
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
        loan.checkout.is_overdue(world.env.now())
    };
    for (advance, expected) in [
        (TimeDelta::zero(), false),
        (TimeDelta::hours(1), false),
        (TimeDelta::milliseconds(1), true),
        (TimeDelta::days(400), true),
    ] {
        world.env.advance(advance);
        assert_eq!(is_overdue(dated_checkout).await, expected, "{advance}");
        assert!(!is_overdue(undated).await, "{advance}");
    }
    let returned = check_in(&world, &acme.ada, dated, CheckinRequest::default()).await;
    assert!(!returned.unwrap().is_overdue(world.env.now()));
}
