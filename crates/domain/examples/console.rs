//! A minimal technician's console: answers and resolves the new tickets.
//!
//! `cargo run -p portal-domain --example console`
#![expect(clippy::print_stdout, reason = "printing is all it does")]

use std::error::Error;

use portal_domain::access::{self, Claims};
use portal_domain::actors::{Operator, Technician};
use portal_domain::audit::ClientInfo;
use portal_domain::environment::SystemEnvironment;
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization};
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{self, NewUser};
use portal_domain::store::{Store, TenantScope, TenantStore as _};
use portal_domain::tickets::{
    self, Audience, NewTicket, TicketFilter, TicketPriority, TicketStatus,
};
use portal_domain::values::TimeZone;
use portal_persistence::{Database, DatabaseConfig, Target};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let target = Target::Sqlite(folder.path().join("portal.db"));
    let store = Database::open(DatabaseConfig::new(target))?;
    store.migrate().await?;
    let scope = customer_with_a_problem(&store).await?;

    let robin = Technician::named("Robin".parse()?);
    let new = TicketFilter {
        statuses: vec![TicketStatus::New],
        ..TicketFilter::default()
    };
    let reader = store.reader(scope).await?;
    let waiting = reader.tickets(&new, PageRequest::default()).await?;
    drop(reader);

    for ticket in waiting.items {
        println!(
            "{} ({}): {}",
            ticket.number, ticket.priority, ticket.subject
        );
        let tx = store.begin(scope).await?;
        let op = Operation::new(&*tx, &robin, &SystemEnvironment);
        tickets::assign(&op, ticket.id, Some(robin.name.clone())).await?;
        tickets::add_internal_note(&op, ticket.id, "Toner again.".parse()?).await?;
        tickets::add_team_reply(&op, ticket.id, "The toner is replaced.".parse()?).await?;
        tickets::set_status(&op, ticket.id, TicketStatus::Resolved).await?;
        tx.commit().await?;

        let reader = store.reader(scope).await?;
        let newest = PageRequest::default();
        let conversation = reader.comments(ticket.id, Audience::Team, newest).await?;
        for comment in conversation.items {
            let seen = if comment.is_public {
                "to the customer"
            } else {
                "to the team"
            };
            println!("  {} {seen}: {}", comment.author_name, comment.content);
        }
    }
    Ok(())
}

/// An organization with one user, who has submitted a ticket.
async fn customer_with_a_problem(store: &dyn Store) -> Result<TenantScope, Box<dyn Error>> {
    let operator = Operator::named("Console".parse()?);
    let acme = NewOrganization {
        name: "Acme".parse()?,
        slug: None,
        time_zone: TimeZone::UTC,
    };
    let tx = store.begin_system().await?;
    let op = Operation::new(&*tx, &operator, &SystemEnvironment);
    let acme = organizations::create(&op, acme).await?;
    tx.commit().await?;

    let scope = TenantScope::of(acme.id);
    let ada = NewUser {
        email: "ada@acme.example".parse()?,
        name: Some("Ada".parse()?),
        role: None,
        locale: None,
        // A real hash comes from `portal_auth::PasswordHasher`.
        password_hash: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA".to_owned()),
    };
    let tx = store.begin(scope).await?;
    let op = Operation::new(&*tx, &operator, &SystemEnvironment);
    let ada = profiles::create(&op, ada, false).await?;
    tx.commit().await?;

    let claims = Claims {
        user_id: ada.id,
        organization_id: acme.id,
        session_version: ada.session_version,
    };
    let problem = NewTicket {
        subject: "The printer prints pale".parse()?,
        description: "Since this morning.".parse()?,
        priority: TicketPriority::High,
        device_id: None,
        on_behalf_of: None,
        attachments: portal_domain::files::AttachmentIds::NONE,
    };
    let (env, client) = (&SystemEnvironment, ClientInfo::default());
    access::write(store, env, &claims, client, None, async |op| {
        tickets::submit(op, problem).await?;
        Ok::<_, Box<dyn Error>>(())
    })
    .await?;
    Ok(scope)
}
