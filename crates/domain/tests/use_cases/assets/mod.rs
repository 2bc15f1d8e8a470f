//! Borrowing and returning devices.

mod checkin;
mod checkout;
mod extend;
mod reminders;

use portal_domain::assets::{
    self, CheckinError, CheckinRequest, Checkout, CheckoutError, CheckoutRequest, Loan,
};
use portal_domain::audit::AuditAction;
use portal_domain::ids::{CheckoutId, DeviceId};
use portal_domain::pagination::PageRequest;
use portal_test_support::{Person, Tenant, TestWorld, fixtures};

/// A device of an organization that can be lent.
async fn device(world: &TestWorld, tenant: &Tenant, hostname: &str) -> DeviceId {
    let record = fixtures::device_record(hostname);
    world.put_device(tenant, record).await.id
}

async fn check_out(
    world: &TestWorld,
    person: &Person,
    device: DeviceId,
    request: CheckoutRequest,
) -> Result<Checkout, CheckoutError> {
    world
        .act(person, async |op| {
            assets::check_out(op, device, request).await
        })
        .await
}

async fn check_in(
    world: &TestWorld,
    person: &Person,
    device: DeviceId,
    request: CheckinRequest,
) -> Result<Checkout, CheckinError> {
    world
        .act(person, async |op| {
            assets::check_in(op, device, request).await
        })
        .await
}

/// A successful checkout without notes.
async fn borrow(world: &TestWorld, person: &Person, device: DeviceId) -> Checkout {
    let request = CheckoutRequest::default();
    check_out(world, person, device, request).await.unwrap()
}

/// A loan as it is stored.
async fn loan(world: &TestWorld, tenant: &Tenant, id: CheckoutId) -> Loan {
    let reader = world.reader(tenant.scope()).await;
    reader.loan(id).await.unwrap().expect("a loan")
}

async fn loans_of(world: &TestWorld, person: &Person) -> Vec<Loan> {
    let reader = world.reader(person.scope()).await;
    let page = reader.loans_of(person.id, PageRequest::default()).await;
    page.unwrap().items
}

/// How often an action was audited in `acme`.
async fn count(world: &TestWorld, action: AuditAction) -> usize {
    world.audited(world.acme.id, action).await.len()
}
