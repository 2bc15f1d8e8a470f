//! Single entities, created through the use cases on any store.
//!
//! Each function has a transaction of its own, and fails the test when something goes wrong.

use chrono::{DateTime, Utc};
use portal_domain::actors::{Customer, Operator, Technician};
use portal_domain::assets::{self, Checkout, CheckoutRequest};
use portal_domain::audit::{Actor, ClientInfo};
use portal_domain::devices::{self, Device, DeviceRecord, DeviceStatus, OsType};
use portal_domain::environment::Environment;
use portal_domain::ids::UserId;
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization, Organization};
use portal_domain::profiles::{self, NewUser, PortalUser};
use portal_domain::store::{StorageError, Store, TenantScope, transact};
use portal_domain::tickets::{self, NewTicket, Ticket, TicketPriority};
use portal_domain::values::TimeZone;

/// Runs `change` in a transaction, which is committed when it succeeds.
///
/// # Errors
///
/// Those of `change`, which is then rolled back.
pub async fn try_change<A: Actor, T, E: From<StorageError>>(
    store: &dyn Store,
    env: &dyn Environment,
    scope: TenantScope,
    by: &A,
    change: impl AsyncFnOnce(&Operation<'_, A>) -> Result<T, E>,
) -> Result<T, E> {
    transact(store.begin(scope).await?, async |tx| {
        change(&Operation::new(tx, by, env)).await
    })
    .await
}

/// [`try_change`], which must succeed.
pub async fn change<A: Actor, T, E: From<StorageError> + std::fmt::Debug>(
    store: &dyn Store,
    env: &dyn Environment,
    scope: TenantScope,
    by: &A,
    change: impl AsyncFnOnce(&Operation<'_, A>) -> Result<T, E>,
) -> T {
    let done = try_change(store, env, scope, by, change).await;
    done.expect("the change")
}

/// An operator.
pub fn operator() -> Operator {
    Operator::named("Otto".parse().expect("a name"))
}

/// A technician.
pub fn technician() -> Technician {
    Technician::named("Theo".parse().expect("a name"))
}

/// A new organization in UTC. The store must be an operator's.
pub async fn organization(store: &dyn Store, env: &dyn Environment, name: &str) -> Organization {
    let new = NewOrganization {
        name: name.parse().expect("a name"),
        slug: None,
        time_zone: TimeZone::UTC,
    };
    create_organization(store, env, new).await
}

/// A new organization. The store must be an operator's.
pub async fn create_organization(
    store: &dyn Store,
    env: &dyn Environment,
    new: NewOrganization,
) -> Organization {
    let tx = store.begin_system().await.expect("a transaction");
    let by = operator();
    let organization = organizations::create(&Operation::new(&*tx, &by, env), new)
        .await
        .expect("an organization");
    tx.commit().await.expect("a commit");
    organization
}

/// A user to be created who is called Ada: active with a hash, invited without one.
pub fn new_user(email: &str, password_hash: Option<&str>) -> NewUser {
    NewUser {
        email: email.parse().expect("an address"),
        name: Some("Ada".parse().expect("a name")),
        role: None,
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
    change(store, env, scope, &operator(), async |op| {
        profiles::create(op, new, false).await
    })
    .await
}

/// A user as an actor, without an address.
pub async fn customer(store: &dyn Store, scope: TenantScope, user: UserId) -> Customer {
    let reader = store.reader(scope).await.expect("a reader");
    let account = reader.account(user).await.expect("storage");
    Customer {
        account: account.expect("an account"),
        client: ClientInfo::default(),
    }
}

/// A ticket to be submitted, of normal priority.
pub fn new_ticket(subject: &str) -> NewTicket {
    NewTicket {
        subject: subject.parse().expect("a subject"),
        description: "It is on fire.".parse().expect("a description"),
        priority: TicketPriority::Normal,
        device_id: None,
        on_behalf_of: None,
        attachments: portal_domain::files::AttachmentIds::NONE,
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
    change(store, env, scope, customer, async |op| {
        tickets::submit(op, new).await
    })
    .await
}

/// The inventory's record of a device that has never reported.
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

/// Adds or updates a device by hostname.
pub async fn device(
    store: &dyn Store,
    env: &dyn Environment,
    scope: TenantScope,
    record: DeviceRecord,
) -> Device {
    change(store, env, scope, &operator(), async |op| {
        devices::upsert(op, record).await
    })
    .await
    .into_device()
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
    change(store, env, scope, customer, async |op| {
        assets::check_out(op, device.id, request).await
    })
    .await
}
