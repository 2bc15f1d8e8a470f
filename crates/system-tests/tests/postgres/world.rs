//! What the tests work with.

use portal_domain::access;
use portal_domain::access::{Claims, Origin};
use portal_domain::environment::SystemEnvironment;
use portal_domain::organizations::{self, NewOrganization, TimeZone};
use portal_domain::profiles::{self, NewUser};
use portal_domain::store::{Store as _, TenantScope};
use portal_domain::tickets::{self, NewTicket, Ticket, TicketPriority};
use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};

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
    let work = operator.begin_system().await.unwrap();
    let new = NewOrganization {
        name: name.parse().unwrap(),
        slug: None,
        time_zone: TimeZone::UTC,
    };
    let organization = organizations::create(&*work, &env, new).await.unwrap();
    work.commit().await.unwrap();
    let scope = TenantScope::of(organization.id);
    let work = operator.begin(scope).await.unwrap();
    let new = NewUser {
        email: format!("ada@{}.example", organization.slug)
            .parse()
            .unwrap(),
        name: None,
        locale: None,
        password_hash: Some("hash".to_owned()),
    };
    let user = profiles::create(&*work, &env, new, false).await.unwrap();
    work.commit().await.unwrap();
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
    let new = NewTicket {
        subject: "Fire".parse().unwrap(),
        description: "It is on fire.".parse().unwrap(),
        priority: TicketPriority::High,
    };
    access::write(
        database,
        claims,
        Origin::default(),
        None,
        async |work, customer| {
            let ticket = tickets::submit(work, &SystemEnvironment, customer, new).await;
            ticket.map_err(Failure::from)
        },
    )
    .await
}
