//! What the cases work with.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use portal_domain::access::{Customer, Origin};
use portal_domain::assets::{Checkout, CheckoutRequest, check_out};
use portal_domain::devices::{self, Device, DeviceRecord, DeviceStatus, OsType};
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::organizations::{self, NewOrganization, Organization, TimeZone};
use portal_domain::profiles::{self, NewUser};
use portal_domain::store::{Store, TenantScope};
use portal_domain::tickets::{self, NewTicket, Ticket, TicketPriority};

use crate::portal::Portal;

/// A clock that stands still until it is moved, and random bytes.
pub(crate) struct Clock(Mutex<DateTime<Utc>>);

impl Clock {
    /// A clock at some moment.
    pub(crate) fn new() -> Self {
        Self(Mutex::new("2026-01-31T09:05:00.123456Z".parse().unwrap()))
    }

    /// Moves it forward.
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Environment for Clock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn random(&self) -> [u8; 16] {
        SystemEnvironment.random()
    }
}

/// An organization and one of its people.
pub(crate) struct Tenant {
    pub(crate) organization: Organization,
    pub(crate) scope: TenantScope,
    pub(crate) customer: Customer,
}

/// A new organization, with the user `ada@<name>.example`, whose hash is `hash`.
pub(crate) async fn tenant(store: &Portal, env: &dyn Environment, name: &str) -> Tenant {
    let work = store.operator.begin_system().await.unwrap();
    let new = NewOrganization {
        name: name.parse().unwrap(),
        slug: None,
        time_zone: TimeZone::UTC,
    };
    let organization = organizations::create(&*work, env, new).await.unwrap();
    work.commit().await.unwrap();
    let scope = TenantScope::of(organization.id);
    let customer = customer(store, env, scope, &format!("ada@{name}.example")).await;
    Tenant {
        organization,
        scope,
        customer,
    }
}

/// Another active user of an organization, whose hash is `hash`.
pub(crate) async fn customer(
    store: &dyn Store,
    env: &dyn Environment,
    scope: TenantScope,
    email: &str,
) -> Customer {
    let work = store.begin(scope).await.unwrap();
    let new = NewUser {
        email: email.parse().unwrap(),
        name: Some("Ada".parse().unwrap()),
        locale: None,
        password_hash: Some("hash".to_owned()),
    };
    let user = profiles::create(&*work, env, new, false).await.unwrap();
    let account = work.account(user.id).await.unwrap().unwrap();
    work.commit().await.unwrap();
    Customer {
        account,
        origin: Origin::default(),
    }
}

/// What an inventory says of an ordinary device.
pub(crate) fn device_record(hostname: &str) -> DeviceRecord {
    DeviceRecord {
        hostname: hostname.parse().unwrap(),
        display_name: None,
        os_type: OsType::Linux,
        os_version: "6.12".parse().unwrap(),
        status: DeviceStatus::Online,
        last_seen_at: None,
        is_ephemeral: false,
        is_loanable: true,
    }
}

/// A new device.
pub(crate) async fn device(
    store: &dyn Store,
    env: &dyn Environment,
    scope: TenantScope,
    record: DeviceRecord,
) -> Device {
    let work = store.begin(scope).await.unwrap();
    let device = devices::create(&*work, env, record).await.unwrap();
    work.commit().await.unwrap();
    device
}

/// A new ticket of a customer.
pub(crate) async fn ticket(
    store: &dyn Store,
    env: &dyn Environment,
    customer: &Customer,
    subject: &str,
    priority: TicketPriority,
) -> Ticket {
    let scope = TenantScope::of(customer.account.organization.id);
    let work = store.begin(scope).await.unwrap();
    let new = NewTicket {
        subject: subject.parse().unwrap(),
        description: "It is on fire.".parse().unwrap(),
        priority,
    };
    let ticket = tickets::submit(&*work, env, customer, new).await.unwrap();
    work.commit().await.unwrap();
    ticket
}

/// A new loan of a device to a customer.
pub(crate) async fn loan(
    store: &dyn Store,
    env: &dyn Environment,
    customer: &Customer,
    device: &Device,
    expected_return_at: Option<DateTime<Utc>>,
) -> Checkout {
    let work = store
        .begin(TenantScope::of(device.organization_id))
        .await
        .unwrap();
    let request = CheckoutRequest {
        expected_return_at,
        ..CheckoutRequest::default()
    };
    let checkout = check_out(&*work, env, customer, device.id, request)
        .await
        .unwrap();
    work.commit().await.unwrap();
    checkout
}
