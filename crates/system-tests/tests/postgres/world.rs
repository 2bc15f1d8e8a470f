//! What the tests work with.

use portal_domain::access::{self, Claims};
use portal_domain::audit::ClientInfo;
use portal_domain::environment::SystemEnvironment;
use portal_domain::store::TenantScope;
use portal_domain::tickets::{self, Ticket};
use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};
use portal_test_support::fixtures::{self, new_ticket};

/// A database at these addresses.
pub(crate) fn open(logins: Logins, access: Access) -> Database {
    let config = DatabaseConfig {
        access,
        ..DatabaseConfig::new(Target::Postgres(logins))
    };
    Database::open(config).unwrap()
}

/// A new organization with one active user, who has signed in.
pub(crate) async fn signed_in(logins: Logins, name: &str) -> Claims {
    let (env, operator) = (SystemEnvironment, open(logins, Access::Operate));
    let organization = fixtures::organization(&operator, &env, name).await;
    let email = format!("ada@{}.example", organization.slug);
    let scope = TenantScope::of(organization.id);
    let new = fixtures::new_user(&email, Some("hash"));
    let user = fixtures::user(&operator, &env, scope, new).await;
    Claims {
        user_id: user.id,
        organization_id: organization.id,
        session_version: user.session_version,
    }
}

/// Any failure of a request.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Submits a ticket as a request does.
pub(crate) async fn submit(database: &Database, claims: &Claims) -> Result<Ticket, Failure> {
    let (env, client) = (&SystemEnvironment, ClientInfo::default());
    access::write(database, env, claims, client, None, async |op| {
        let ticket = tickets::submit(op, new_ticket("Fire")).await;
        ticket.map_err(Failure::from)
    })
    .await
}
