//! Checking in devices.

use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_domain::assets::{self, CheckinError, CheckinRequest, Checkout, CheckoutRequest};
use portal_domain::audit::AuditAction;
use portal_domain::devices::{DeviceRecord, DeviceStatus};
use portal_domain::environment::Environment as _;
use portal_domain::ids::DeviceId;
use portal_test_support::TestWorld;
use portal_test_support::fixtures::device_record;

use super::{borrow, check_in, check_out, count, device, loan, loans_of};

#[tokio::test]
async fn a_checkin_keeps_the_notes_of_the_checkout() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "projector").await;
    let request = CheckoutRequest {
        expected_return_at: None,
        notes: "Taken".parse().ok(),
        condition: "Like new".parse().ok(),
    };
    let taken = check_out(&world, &acme.ada, device, request).await;
    world.env.advance(TimeDelta::hours(2));
    let request = CheckinRequest {
        notes: "Returned".parse().ok(),
        condition: "Scratched".parse().ok(),
    };
    let returned = check_in(&world, &acme.ada, device, request).await.unwrap();
    let expected = Checkout {
        checked_in_at: Some(world.env.now()),
        checkin_notes: "Returned".parse().ok(),
        checkin_condition: "Scratched".parse().ok(),
        ..taken.unwrap()
    };
    assert_eq!(returned, expected);
    assert_eq!(loan(&world, acme, returned.id).await.checkout, expected);
    // Another user can borrow it now.
    borrow(&world, &acme.bob, device).await;
}

#[tokio::test]
async fn only_the_borrower_returns_a_device() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let lent = device(&world, acme, "lent").await;
    let idle = device(&world, acme, "idle").await;
    let checkout = borrow(&world, &acme.ada, lent).await;
    let unknown = DeviceId::generate(&*world.env);
    let expected = |rejected: &Result<Checkout, CheckinError>| match rejected {
        Err(CheckinError::NotOut) => "not out",
        Err(CheckinError::NotTheBorrower) => "unauthorized",
        Err(CheckinError::NotFound) => "not found",
        _ => panic!("{rejected:?}"),
    };
    for (person, device, outcome) in [
        (&acme.ada, idle, "not out"),
        (&acme.bob, idle, "not out"),
        (&acme.bob, lent, "unauthorized"),
        (&world.globex.ada, lent, "not found"),
        (&acme.ada, unknown, "not found"),
    ] {
        let rejected = check_in(&world, person, device, CheckinRequest::default()).await;
        assert_eq!(expected(&rejected), outcome);
    }
    assert_eq!(loan(&world, acme, checkout.id).await.checkout, checkout);
    assert_eq!(count(&world, AuditAction::PortalAssetCheckin).await, 0);
}

#[tokio::test]
async fn of_concurrent_checkins_one_succeeds() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "one").await;
    borrow(&world, &acme.ada, device).await;
    let all = (0..5).map(|_| check_in(&world, &acme.ada, device, CheckinRequest::default()));
    let (returned, rejected): (Vec<_>, Vec<_>) =
        join_all(all).await.into_iter().partition(Result::is_ok);
    assert_eq!((returned.len(), rejected.len()), (1, 4));
    for rejected in rejected {
        assert!(
            matches!(rejected, Err(CheckinError::NotOut)),
            "{rejected:?}"
        );
    }
    assert_eq!(count(&world, AuditAction::PortalAssetCheckin).await, 1);
}

#[tokio::test]
async fn a_device_that_can_no_longer_be_lent_can_still_be_returned() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    for unfit in [
        DeviceRecord {
            is_loanable: false,
            ..device_record("fixed")
        },
        DeviceRecord {
            status: DeviceStatus::Decommissioned,
            ..device_record("scrapped")
        },
    ] {
        let device = device(&world, acme, unfit.hostname.as_str()).await;
        borrow(&world, &acme.ada, device).await;
        world.put_device(acme, unfit).await;
        let returned = check_in(&world, &acme.ada, device, CheckinRequest::default()).await;
        assert!(returned.is_ok(), "{returned:?}");
        let again = check_out(&world, &acme.ada, device, CheckoutRequest::default()).await;
        assert!(again.is_err(), "{again:?}");
    }
}

#[tokio::test]
async fn the_team_returns_a_device_whoever_has_borrowed_it() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "one").await;
    let take_back = async || {
        world
            .try_operate(acme, async |op| {
                let request = CheckinRequest::default();
                assets::take_back(op, device, request).await
            })
            .await
    };
    let idle = take_back().await;
    assert!(matches!(idle, Err(CheckinError::NotOut)), "{idle:?}");
    let checkout = borrow(&world, &acme.ada, device).await;
    let returned = take_back().await.unwrap();
    assert_eq!(
        (returned.id, returned.is_out()),
        (checkout.id, false),
        "{returned:?}"
    );
    let loans = loans_of(&world, &acme.ada).await;
    assert!(loans.iter().all(|loan| !loan.checkout.is_out()));
    assert_eq!(count(&world, AuditAction::AssetCheckin).await, 1);
    assert_eq!(count(&world, AuditAction::PortalAssetCheckin).await, 0);
}
