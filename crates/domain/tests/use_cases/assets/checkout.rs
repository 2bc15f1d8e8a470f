//! Checking out devices.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use futures_util::future::{join_all, ready};
use futures_util::stream::{self, StreamExt as _};
use portal_domain::assets::{self, CheckinRequest, Checkout, CheckoutError, CheckoutRequest};
use portal_domain::audit::AuditAction;
use portal_domain::devices::{DeviceRecord, DeviceStatus};
use portal_domain::environment::Environment as _;
use portal_domain::ids::DeviceId;
use portal_domain::pagination::PageRequest;
use portal_domain::values::TimeZone;
use portal_test_support::TestWorld;
use portal_test_support::fixtures::device_record;

use super::{borrow, check_in, check_out, count, device, loan, loans_of};

#[tokio::test]
async fn a_checkout_keeps_the_notes_of_the_borrower() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "projector").await;
    let request = CheckoutRequest {
        expected_return_at: Some(world.env.now() + TimeDelta::days(7)),
        notes: "For the fair\nin Basel".parse().ok(),
        condition: "Like new".parse().ok(),
    };
    let checkout = check_out(&world, &acme.ada, device, request.clone()).await;
    let checkout = checkout.unwrap();
    let expected = Checkout {
        id: checkout.id,
        organization_id: acme.id,
        device_id: device,
        checked_out_to: acme.ada.id,
        checked_out_to_name: "Ada".to_owned(),
        checked_out_at: world.env.now(),
        expected_return_at: request.expected_return_at,
        checked_in_at: None,
        checkout_notes: request.notes,
        checkin_notes: None,
        condition: request.condition,
        checkin_condition: None,
    };
    assert_eq!(checkout, expected);
    let stored = loan(&world, acme, checkout.id).await;
    assert_eq!((stored.checkout, stored.device.id), (expected, device));
}

#[tokio::test]
async fn only_an_imported_loan_ends_before_today() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "projector").await;
    let until = |until: DateTime<Utc>| CheckoutRequest {
        expected_return_at: Some(until),
        ..CheckoutRequest::default()
    };
    let today = world
        .env
        .now()
        .date_naive()
        .and_time(NaiveTime::MIN)
        .and_utc();
    let yesterday = today - TimeDelta::microseconds(1);
    let rejected = check_out(&world, &acme.ada, device, until(yesterday)).await;
    assert!(
        matches!(rejected, Err(CheckoutError::DayOver)),
        "{rejected:?}"
    );
    assert_eq!(loans_of(&world, &acme.ada).await, []);
    let imported = world.act(&acme.ada, async |op| {
        assets::import_checkout(op, device, until(yesterday)).await
    });
    let imported = imported.await.unwrap();
    assert!(imported.is_overdue(TimeZone::UTC, world.env.now()));
    assert_eq!(loan(&world, acme, imported.id).await.checkout, imported);

    let other = super::device(&world, acme, "camera").await;
    let lent = check_out(&world, &acme.ada, other, until(today)).await;
    assert_eq!(lent.unwrap().expected_return_at, Some(today));
}

#[tokio::test]
async fn a_device_that_cannot_be_lent_is_not_found() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let mut devices = vec![
        DeviceId::generate(&*world.env),
        device(&world, &world.globex, "foreign").await,
    ];
    for unfit in [
        DeviceRecord {
            is_loanable: false,
            ..device_record("fixed")
        },
        DeviceRecord {
            is_ephemeral: true,
            ..device_record("build-7")
        },
    ] {
        devices.push(world.put_device(acme, unfit).await.id);
    }
    for device in devices {
        let request = CheckoutRequest::default();
        let rejected = check_out(&world, &acme.ada, device, request).await;
        assert!(
            matches!(rejected, Err(CheckoutError::NotFound)),
            "{rejected:?}"
        );
    }
    assert_eq!(loans_of(&world, &acme.ada).await, []);
    assert_eq!(count(&world, AuditAction::PortalAssetCheckout).await, 0);
}

#[tokio::test]
async fn a_device_is_lent_in_any_state_but_decommissioned() {
    let world = TestWorld::create().await;
    for status in DeviceStatus::ALL.iter().copied() {
        let record = DeviceRecord {
            status,
            ..device_record(status.as_str())
        };
        let device = world.put_device(&world.acme, record).await.id;
        let request = CheckoutRequest::default();
        let lent = check_out(&world, &world.acme.ada, device, request).await;
        match status {
            DeviceStatus::Decommissioned => {
                assert!(matches!(lent, Err(CheckoutError::NotFound)), "{lent:?}");
            }
            _ => assert!(lent.is_ok(), "{status}: {lent:?}"),
        }
    }
}

#[tokio::test]
async fn a_checked_out_device_is_not_lent_again() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "one").await;
    borrow(&world, &acme.ada, device).await;
    for person in [&acme.ada, &acme.bob] {
        let request = CheckoutRequest::default();
        let rejected = check_out(&world, person, device, request).await;
        assert!(
            matches!(rejected, Err(CheckoutError::AlreadyOut)),
            "{rejected:?}"
        );
    }
    assert_eq!(count(&world, AuditAction::PortalAssetCheckout).await, 1);
}

#[tokio::test]
async fn of_ten_concurrent_checkouts_of_a_device_one_succeeds() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = device(&world, acme, "one").await;
    let all = (0..10).map(|number| {
        let person = [&acme.ada, &acme.bob][number % 2];
        check_out(&world, person, device, CheckoutRequest::default())
    });
    let (lent, rejected): (Vec<_>, Vec<_>) =
        join_all(all).await.into_iter().partition(Result::is_ok);
    assert_eq!((lent.len(), rejected.len()), (1, 9));
    for rejected in rejected {
        assert!(
            matches!(rejected, Err(CheckoutError::AlreadyOut)),
            "{rejected:?}"
        );
    }
    let loans = loans_of(&world, &acme.ada).await.len() + loans_of(&world, &acme.bob).await.len();
    assert_eq!(loans, 1);
    assert_eq!(count(&world, AuditAction::PortalAssetCheckout).await, 1);
}

#[tokio::test]
async fn hundreds_of_clients_at_one_device_borrow_it_in_turns() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    // So that the order of the audit log is that of what happened.
    world.env.run();
    let device = device(&world, acme, "one").await;
    let client = async |number: usize| {
        let person = [&acme.ada, &acme.bob][number % 2];
        match check_out(&world, person, device, CheckoutRequest::default()).await {
            Ok(checkout) => {
                let returned = check_in(&world, person, device, CheckinRequest::default()).await;
                assert_eq!(returned.unwrap().id, checkout.id);
                true
            }
            Err(CheckoutError::AlreadyOut) => false,
            Err(error) => panic!("{error}"),
        }
    };
    let all = stream::iter((0..200).map(client)).buffer_unordered(40);
    let borrowed = all.filter(|lent| ready(*lent)).count().await;
    assert!(borrowed > 0);

    let reader = world.reader(acme.scope()).await;
    let mut rows = 0;
    for person in [&acme.ada, &acme.bob] {
        let page = reader.loans_of(person.id, PageRequest::new(1, 1)).await;
        rows += usize::try_from(page.unwrap().total).unwrap();
    }
    drop(reader);
    assert_eq!(rows, borrowed);
    // Nobody borrowed it while somebody else had it, and everybody returned their own loan.
    let mut log = world.audit_log(acme.id).await;
    log.retain(|entry| entry.action.to_string().starts_with("portal.asset."));
    log.reverse();
    assert_eq!(log.len(), 2 * borrowed);
    for pair in log.chunks(2) {
        let [lent, returned] = pair else {
            panic!("{pair:?}");
        };
        assert_eq!(lent.action, AuditAction::PortalAssetCheckout);
        assert_eq!(returned.action, AuditAction::PortalAssetCheckin);
        assert_eq!(lent.resource_id, returned.resource_id);
    }
}
