//! Single entities, created through the use cases on any store.
//!
//! Each function has a transaction of its own, and fails the test when something goes wrong.

use chrono::{DateTime, Utc};
use portal_domain::access::Customer;
use portal_domain::assets::{self, Checkout, CheckoutRequest};
use portal_domain::audit::ClientInfo;
use portal_domain::devices::{self, Device, DeviceRecord, DeviceStatus, OsType};
use portal_domain::environment::Environment;
use portal_domain::ids::UserId;
use portal_domain::organizations::{self, NewOrganization, Organization};
use portal_domain::profiles::{self, NewUser, PortalUser};
use portal_domain::store::{StorageError, Store, TenantScope, TenantWork, transact};
use portal_domain::tickets::{self, NewTicket, Ticket, TicketPriority};
use portal_domain::values::TimeZone;

/// Commits a change that has to succeed.
pub async fn change<T, E: From<StorageError> + std::fmt::Debug>(
    store: &dyn Store,
    scope: TenantScope,
    change: impl AsyncFnOnce(&dyn TenantWork) -> Result<T, E>,
) -> T {
    transact(store, scope, change).await.expect("the change")
}

/// A new organization whose days are those of UTC. The store has to be an operator's.
pub async fn organization(operator: &dyn Store, env: &dyn Environment, name: &str) -> Organization {
    let new = NewOrganization {
        name: name.parse().expect("a name"),
        slug: None,
        time_zone: TimeZone::UTC,
    };
    create_organization(operator, env, new).await
}

/// A new organization. The store has to be an operator's.
pub async fn create_organization(
    operator: &dyn Store,
    env: &dyn Environment,
    new: NewOrganization,
) -> Organization {
    let work = operator.begin_system().await.expect("a transaction");
    let organization = organizations::create(&*work, env, new)
        .await
        .expect("an organization");
    work.commit().await.expect("a commit");
    organization
}

/// A user to be created who is called Ada: active with a hash, invited without one.
pub fn new_user(email: &str, password_hash: Option<&str>) -> NewUser {
    NewUser {
        email: email.parse().expect("an address"),
        name: Some("Ada".parse().expect("a name")),
        locale: None,
        password_hash: password_hash.map(str::to_owned),
    }
}

/// A new user. No mail is sent about it.
pub async fn user(
    store: &dyn Store,
    env: &dyn Environment,
    scope: TenantScope,
    new: NewUser,
) -> PortalUser {
    change(store, scope, async |work| {
        profiles::create(work, env, new, false).await
    })
    .await
}

/// A user as somebody who acts, from nowhere in particular.
pub async fn customer(store: &dyn Store, scope: TenantScope, user: UserId) -> Customer {
    let reader = store.reader(scope).await.expect("a reader");
    let account = reader.account(user).await.expect("storage");
    Customer {
        account: account.expect("an account"),
        origin: ClientInfo::default(),
    }
}

/// A ticket to be submitted, of normal priority.
pub fn new_ticket(subject: &str) -> NewTicket {
    NewTicket {
        subject: subject.parse().expect("a subject"),
        description: "It is on fire.".parse().expect("a description"),
        priority: TicketPriority::Normal,
    }
}

/// A new ticket of a customer.
pub async fn ticket(
    store: &dyn Store,
    env: &dyn Environment,
    customer: &Customer,
    new: NewTicket,
) -> Ticket {
    let scope = TenantScope::of(customer.account.organization.id);
    change(store, scope, async |work| {
        tickets::submit(work, env, customer, new).await
    })
    .await
}

/// What an inventory says about an ordinary device, which has never been seen.
pub fn device_record(hostname: &str) -> DeviceRecord {
    DeviceRecord {
        hostname: hostname.parse().expect("a hostname"),
        display_name: None,
        os_type: OsType::Linux,
        os_version: "6.12".parse().expect("a version"),
        status: DeviceStatus::Online,
        last_seen_at: None,
        is_ephemeral: false,
        is_loanable: true,
    }
}

/// Adds a device, or changes the one that has its hostname.
pub async fn device(
    store: &dyn Store,
    env: &dyn Environment,
    scope: TenantScope,
    record: DeviceRecord,
) -> Device {
    let device = change(store, scope, async |work| {
        devices::upsert(work, env, record).await
    });
    device.await.into_device()
}

/// A new loan of a device to a customer.
pub async fn loan(
    store: &dyn Store,
    env: &dyn Environment,
    customer: &Customer,
    device: &Device,
    expected_return_at: Option<DateTime<Utc>>,
) -> Checkout {
    let scope = TenantScope::of(device.organization_id);
    let request = CheckoutRequest {
        expected_return_at,
        ..CheckoutRequest::default()
    };
    change(store, scope, async |work| {
        assets::check_out(work, env, customer, device.id, request).await
    })
    .await
}
