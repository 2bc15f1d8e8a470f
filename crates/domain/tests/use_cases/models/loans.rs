//! The lives of loans.
#![expect(
    clippy::indexing_slicing,
    reason = "the commands name devices and loans that there are"
)]

use chrono::TimeDelta;
use portal_domain::assets::{
    self, CheckinError, CheckinRequest, CheckoutError, CheckoutRequest, ExtendError,
};
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::ids::{CheckoutId, DeviceId};
use portal_domain::pagination::PageRequest;
use portal_test_support::properties::proptest::collection::vec;
use portal_test_support::properties::proptest::prelude::*;
use portal_test_support::properties::proptest::sample::select;
use portal_test_support::properties::samples;
use portal_test_support::{TestWorld, fixtures};

use super::{Audited, Told, Who, told};

#[derive(Debug, Clone, Copy)]
enum OnDevice {
    CheckOut(Who, usize),
    CheckIn(Who, usize),
    Extend(Who, usize),
    TakeBack(usize),
}

fn on_device() -> impl Strategy<Value = OnDevice> {
    use OnDevice::{CheckIn, CheckOut, Extend, TakeBack};
    let who = || select(&Who::ALL[..]);
    prop_oneof![
        4 => (who(), 0..2_usize).prop_map(|(who, device)| CheckOut(who, device)),
        3 => (who(), 0..2_usize).prop_map(|(who, device)| CheckIn(who, device)),
        2 => (who(), 0..8_usize).prop_map(|(who, loan)| Extend(who, loan)),
        1 => (0..2_usize).prop_map(TakeBack),
    ]
}

/// A loan as it should be.
struct LoanModel {
    id: CheckoutId,
    by: Who,
    device: usize,
    is_out: bool,
    is_extended: bool,
}

fn told_of_checkout(error: &CheckoutError) -> Told {
    match error {
        CheckoutError::NotFound => Told::NotFound,
        CheckoutError::AlreadyOut => Told::NotNow,
        error => panic!("{error}"),
    }
}

fn told_of_checkin(error: &CheckinError) -> Told {
    match error {
        CheckinError::NotFound => Told::NotFound,
        CheckinError::NotOut => Told::NotNow,
        CheckinError::NotTheBorrower => Told::NotYours,
        CheckinError::Storage(error) => panic!("{error}"),
    }
}

fn told_of_extension(error: &ExtendError) -> Told {
    match error {
        ExtendError::NotFound => Told::NotFound,
        ExtendError::NotOut => Told::NotNow,
        error => panic!("{error}"),
    }
}

/// Does something to a device and to the model, and compares what was told.
async fn do_on_device(
    world: &TestWorld,
    devices: &[DeviceId],
    loans: &mut Vec<LoanModel>,
    audited: &mut Audited,
    command: OnDevice,
) {
    let out = |loans: &[LoanModel], device: usize| {
        let mut places = loans.iter().enumerate();
        places
            .find(|(_, loan)| loan.is_out && loan.device == device)
            .map(|(place, loan)| (place, loan.by))
    };
    let (found, expected) = match command {
        OnDevice::CheckOut(who, device) => {
            let lent = world
                .act(who.person(world), async |op| {
                    let request = CheckoutRequest::default();
                    assets::check_out(op, devices[device], request).await
                })
                .await;
            let expected = match (who, out(loans, device)) {
                (Who::Stranger, _) => Told::NotFound,
                (_, Some(_)) => Told::NotNow,
                (_, None) => Told::Done,
            };
            if let Ok(checkout) = &lent {
                loans.push(LoanModel {
                    id: checkout.id,
                    by: who,
                    device,
                    is_out: true,
                    is_extended: false,
                });
                audited.add(AuditAction::PortalAssetCheckout);
            }
            (told(&lent, told_of_checkout), expected)
        }
        OnDevice::CheckIn(who, device) => {
            let returned = world
                .act(who.person(world), async |op| {
                    assets::check_in(op, devices[device], CheckinRequest::default()).await
                })
                .await;
            let expected = match (who, out(loans, device)) {
                (Who::Stranger, _) => Told::NotFound,
                (_, None) => Told::NotNow,
                (_, Some((_, by))) if by != who => Told::NotYours,
                (_, Some((place, _))) => {
                    loans[place].is_out = false;
                    audited.add(AuditAction::PortalAssetCheckin);
                    Told::Done
                }
            };
            (told(&returned, told_of_checkin), expected)
        }
        OnDevice::Extend(who, place) => {
            let id = loans.get(place).map(|loan| loan.id);
            let id = id.unwrap_or_else(|| CheckoutId::generate(&*world.env));
            let until = world.env.now() + TimeDelta::days(7);
            let extended = world
                .act(who.person(world), async |op| {
                    assets::extend(op, id, until).await
                })
                .await;
            let expected = match loans.get_mut(place) {
                Some(loan) if loan.by == who && loan.is_out => {
                    loan.is_extended = true;
                    audited.add(AuditAction::PortalAssetExtend);
                    Told::Done
                }
                Some(loan) if loan.by == who => Told::NotNow,
                _ => Told::NotFound,
            };
            (told(&extended, told_of_extension), expected)
        }
        OnDevice::TakeBack(device) => {
            let taken = world
                .try_operate(&world.acme, async |op| {
                    assets::take_back(op, devices[device], CheckinRequest::default()).await
                })
                .await;
            let expected = match out(loans, device) {
                None => Told::NotNow,
                Some((place, _)) => {
                    loans[place].is_out = false;
                    audited.add(AuditAction::AssetCheckin);
                    Told::Done
                }
            };
            (told(&taken, told_of_checkin), expected)
        }
    };
    assert_eq!(found, expected, "{command:?}");
}

#[tokio::test]
async fn loans_live_as_their_model() {
    let world = TestWorld::create().await;
    let mut audited = Audited::default();
    let mut all = Vec::new();
    for (round, commands) in samples(15, vec(on_device(), 25)).into_iter().enumerate() {
        let mut devices = Vec::new();
        for number in 0..2 {
            let record = fixtures::device_record(&format!("device-{round}-{number}"));
            devices.push(world.put_device(&world.acme, record).await.id);
        }
        let mut loans = Vec::new();
        for command in commands.iter().copied() {
            world.env.advance(TimeDelta::seconds(1));
            do_on_device(&world, &devices, &mut loans, &mut audited, command).await;

            let reader = world.reader(world.acme.scope()).await;
            for (place, device) in devices.iter().enumerate() {
                let active = reader.active_checkout(*device).await.unwrap();
                let expected = loans
                    .iter()
                    .find(|loan| loan.is_out && loan.device == place);
                let (active, expected) = (
                    active.map(|checkout| (checkout.id, checkout.checked_out_to)),
                    expected.map(|loan| (loan.id, loan.by.person(&world).id)),
                );
                assert_eq!(active, expected, "{commands:?}");
            }
            for loan in &loans {
                let stored = reader.loan(loan.id).await.unwrap().unwrap().checkout;
                let is_extended = stored.expected_return_at.is_some();
                assert_eq!(
                    (stored.is_out(), is_extended),
                    (loan.is_out, loan.is_extended),
                    "{commands:?}"
                );
            }
        }
        all.extend(loans);
    }
    for who in [Who::Ada, Who::Bob] {
        let reader = world.reader(world.acme.scope()).await;
        let page = PageRequest::new(1, 1);
        let stored = reader.loans_of(who.person(&world).id, page).await.unwrap();
        let expected = all.iter().filter(|loan| loan.by == who).count();
        assert_eq!(usize::try_from(stored.total), Ok(expected), "{who:?}");
    }
    audited.assert_complete(&world, "asset").await;
}
