//! What the cases work with.

use portal_domain::actors::Customer;
use portal_domain::environment::Environment;
use portal_domain::organizations::Organization;
use portal_domain::profiles::{self, Role, UserChanges};
use portal_domain::store::{Store, TenantScope};
use portal_domain::tickets::{NewTicket, Ticket, TicketPriority};
use portal_test_support::{ManualEnvironment, fixtures, operator};

use crate::portal::Portal;

pub(crate) use portal_test_support::fixtures::{device, device_record, loan};

/// A clock that stands at a moment with all the digits that a database keeps.
pub(crate) fn clock() -> ManualEnvironment {
    ManualEnvironment::at("2026-01-31T09:05:00.123456Z")
}

/// An organization and one of its people.
pub(crate) struct Tenant {
    pub(crate) organization: Organization,
    pub(crate) scope: TenantScope,
    pub(crate) customer: Customer,
}

/// A new organization, with the user `ada@<name>.example`, whose hash is `hash`.
pub(crate) async fn tenant(store: &Portal, env: &dyn Environment, name: &str) -> Tenant {
    let organization = fixtures::organization(&store.operator, env, name).await;
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
    let new = fixtures::new_user(email, Some("hash"));
    let user = fixtures::user(store, env, scope, new).await;
    fixtures::customer(store, scope, user.id).await
}

/// Makes a tenant's customer a manager.
pub(crate) async fn promote(store: &dyn Store, env: &dyn Environment, tenant: &Tenant) {
    let changes = UserChanges {
        role: Some(Role::Manager),
        ..UserChanges::default()
    };
    let email = &tenant.customer.account.user.email;
    fixtures::change(store, env, tenant.scope, &operator(), async |op| {
        profiles::update(op, email, changes).await
    })
    .await;
}

/// A new ticket of a customer.
pub(crate) async fn ticket(
    store: &dyn Store,
    env: &dyn Environment,
    customer: &Customer,
    subject: &str,
    priority: TicketPriority,
) -> Ticket {
    let new = NewTicket {
        priority,
        ..fixtures::new_ticket(subject)
    };
    fixtures::ticket(store, env, customer, new).await
}
