//! Submitting tickets, and their numbers.

use std::collections::{HashSet, VecDeque};
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment;
use portal_domain::ids::TicketId;
use portal_domain::notifications::MailKind;
use portal_domain::operation::Operation;
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::store::StorageError;
use portal_domain::tickets::{
    self, NEWEST_COMMENTS, NewTicket, ShownTicket, SubmitError, Ticket, TicketFilter, TicketNumber,
    TicketPriority, TicketSource, TicketStatus, TicketSummary,
};
use portal_test_support::fixtures::new_ticket;
use portal_test_support::{ManualEnvironment, Person, Tenant, TestWorld};

use super::stored;

/// An environment that returns these bytes, and then random ones.
struct Drawing {
    clock: ManualEnvironment,
    bytes: Mutex<VecDeque<u8>>,
}

impl Drawing {
    fn of(bytes: &[u8]) -> Self {
        Self {
            clock: ManualEnvironment::new(),
            bytes: Mutex::new(bytes.iter().copied().collect()),
        }
    }

    /// The ticket number made of this byte.
    fn number(byte: u8) -> TicketNumber {
        TicketNumber::generate(&Self::of(&[byte]))
    }
}

impl Environment for Drawing {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn random(&self) -> [u8; 16] {
        match self.bytes.lock().unwrap().pop_front() {
            Some(byte) => [byte; 16],
            None => self.clock.random(),
        }
    }
}

async fn all_tickets(world: &TestWorld, tenant: &Tenant) -> Vec<TicketSummary> {
    let reader = world.reader(tenant.scope()).await;
    let (filter, page) = (TicketFilter::default(), PageRequest::default());
    reader.tickets(&filter, page).await.unwrap().items
}

/// Submits a ticket whose number is made of these bytes.
async fn submit_drawing(
    world: &TestWorld,
    person: &Person,
    bytes: &[u8],
) -> Result<Ticket, SubmitError> {
    let (id, env) = (TicketId::generate(&*world.env), Drawing::of(bytes));
    world
        .act(person, async |op| {
            let op = Operation::new(op.tx, op.by, &env);
            tickets::submit_with_id(&op, id, new_ticket("Printer")).await
        })
        .await
}

#[tokio::test]
async fn a_submitted_ticket_is_new_and_has_its_submitter() {
    let world = TestWorld::create().await;
    let new = NewTicket {
        priority: TicketPriority::Urgent,
        ..new_ticket("Printer")
    };
    let ticket = world
        .act(&world.acme.ada, async |op| tickets::submit(op, new).await)
        .await
        .unwrap();
    let now = world.env.now();
    let expected = Ticket {
        id: ticket.id,
        organization_id: world.acme.id,
        number: ticket.number.clone(),
        subject: "Printer".parse().unwrap(),
        description: "It is on fire.".parse().unwrap(),
        status: TicketStatus::New,
        priority: TicketPriority::Urgent,
        submitted_by: world.acme.ada.id,
        submitter_email: "ada@acme.example".parse().unwrap(),
        submitter_name: "Ada".parse().ok(),
        device_id: None,
        assigned_to_name: None,
        source: TicketSource::Portal,
        external_ticket_id: None,
        external_ticket_url: None,
        created_at: now,
        updated_at: now,
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        deleted_at: None,
    };
    assert_eq!(ticket, expected);
    assert_eq!(stored(&world, &world.acme, ticket.id).await, expected);
}

#[tokio::test]
async fn ticket_numbers_are_distinct_and_have_no_confusable_characters() {
    let world = TestWorld::create().await;
    let mut numbers = HashSet::new();
    for _ in 0..20 {
        let ticket = world.ticket(&world.acme.ada, "Printer").await;
        numbers.insert(ticket.number.to_string());
    }
    assert_eq!(numbers.len(), 20);
    for number in numbers {
        assert!(number.len() <= 10, "{number}");
        let is_upper_alphanumeric = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        assert!(number.chars().all(is_upper_alphanumeric), "{number}");
        assert!(!number.contains(['0', 'O', '1', 'I', 'L']), "{number}");
    }
}

#[tokio::test]
async fn a_ticket_number_taken_in_any_organization_is_drawn_again() {
    let world = TestWorld::create().await;
    let first = submit_drawing(&world, &world.globex.ada, &[1]).await;
    assert_eq!(first.unwrap().number, Drawing::number(1));
    let second = submit_drawing(&world, &world.acme.ada, &[1, 1, 2]).await;
    let second = second.unwrap();
    assert_eq!(second.number, Drawing::number(2));
    assert_eq!(stored(&world, &world.acme, second.id).await, second);
}

#[tokio::test]
async fn a_submission_fails_when_six_ticket_numbers_in_a_row_are_taken() {
    let world = TestWorld::create().await;
    let first = submit_drawing(&world, &world.globex.ada, &[1]).await;
    first.unwrap();
    let failed = submit_drawing(&world, &world.acme.ada, &[1; 6]).await;
    assert!(
        matches!(
            failed,
            Err(SubmitError::Storage(StorageError::Missing("tickets")))
        ),
        "{failed:?}"
    );
    assert_eq!(all_tickets(&world, &world.acme).await, []);
    assert_eq!(world.outbox(world.acme.id).await, []);
    let action = AuditAction::PortalTicketCreate;
    assert_eq!(world.audited(world.acme.id, action).await, []);

    let sixth = submit_drawing(&world, &world.acme.ada, &[1, 1, 1, 1, 1, 3]).await;
    assert_eq!(sixth.unwrap().number, Drawing::number(3));
}

/// The environments of all draw the same number first, and then one of their own.
#[tokio::test]
async fn of_hundreds_who_draw_one_ticket_number_one_gets_it_and_each_has_one_of_their_own() {
    let world = TestWorld::create().await;
    let (acme, globex) = (&world.acme, &world.globex);
    let people = [&acme.ada, &globex.ada, &acme.bob];
    let contested = 255;
    let client = async |number: u8| {
        let person = people[usize::from(number) % people.len()];
        let ticket = submit_drawing(&world, person, &[contested, number]).await;
        (number, person, ticket.unwrap())
    };
    let all = stream::iter((0..200).map(client)).buffer_unordered(40);
    let all: Vec<_> = all.collect().await;

    let winners = all
        .iter()
        .filter(|(_, _, ticket)| ticket.number == Drawing::number(contested));
    assert_eq!(winners.count(), 1);
    let mut numbers = HashSet::new();
    for (number, person, ticket) in &all {
        let own = [Drawing::number(contested), Drawing::number(*number)];
        assert!(own.contains(&ticket.number), "{number}: {}", ticket.number);
        assert!(numbers.insert(ticket.number.clone()), "{}", ticket.number);
        // What was acknowledged is there, under its number and for its submitter.
        let reader = world.operator.system_reader().await.unwrap();
        let found = reader.ticket_by_number(&ticket.number).await.unwrap();
        assert_eq!(found, Some((person.organization, ticket.id)));
        drop(reader);
        let tenant = [acme, globex][usize::from(person.organization == globex.id)];
        assert_eq!(stored(&world, tenant, ticket.id).await, *ticket);
    }
    let action = AuditAction::PortalTicketCreate;
    let mut audited = 0;
    for tenant in [acme, globex] {
        audited += world.audited(tenant.id, action).await.len();
    }
    assert_eq!(audited, all.len());
}

#[tokio::test]
async fn concurrent_submissions_under_one_id_are_idempotent() {
    let world = TestWorld::create().await;
    let id = TicketId::generate(&*world.env);
    let submit = async || {
        world
            .act(&world.acme.ada, async |op| {
                tickets::submit_with_id(op, id, new_ticket("Printer")).await
            })
            .await
            .unwrap()
    };
    let tickets = join_all((0..5).map(|_| submit())).await;
    assert_eq!(tickets.first().unwrap().id, id);
    assert!(tickets.windows(2).all(|pair| pair.first() == pair.last()));
    world.env.advance(TimeDelta::hours(1));
    assert_eq!(Some(&submit().await), tickets.first());

    assert_eq!(all_tickets(&world, &world.acme).await.len(), 1);
    assert_eq!(
        world.outbox(world.acme.id).await,
        [
            MailKind::NewTicket { ticket_id: id },
            MailKind::TicketReceived { ticket_id: id }
        ]
    );
    let log = world.audited(world.acme.id, AuditAction::PortalTicketCreate);
    assert_eq!(log.await.len(), 1);
}

#[tokio::test]
async fn a_deleted_ticket_is_not_submitted_again_under_its_id() {
    let world = TestWorld::create().await;
    let ticket = world.ticket(&world.acme.ada, "Printer").await;
    world
        .operate(&world.acme, async |op| tickets::delete(op, ticket.id).await)
        .await;
    let again = world
        .act(&world.acme.ada, async |op| {
            let new = new_ticket("Again");
            tickets::submit_with_id(op, ticket.id, new).await
        })
        .await;
    assert!(matches!(again, Err(SubmitError::Deleted)), "{again:?}");
    assert_eq!(all_tickets(&world, &world.acme).await, []);
}

#[tokio::test]
async fn a_ticket_is_shown_to_its_submitter_only() {
    let world = TestWorld::create().await;
    let ticket = world.ticket(&world.acme.ada, "Printer").await;
    let own = world.reader(world.acme.scope()).await;
    let other = world.reader(world.globex.scope()).await;
    let (ada, bob) = (world.acme.ada.id, world.acme.bob.id);
    let shown = tickets::show(&*own, ada, ticket.id, NEWEST_COMMENTS)
        .await
        .unwrap();
    let expected = ShownTicket {
        ticket: ticket.clone(),
        comments: Page {
            items: Vec::new(),
            total: 0,
        },
        last_team_reply: None,
        participants: Vec::new(),
        device: None,
        attachments: Vec::new(),
    };
    assert_eq!(shown, Some(expected));
    let unknown = TicketId::generate(&*world.env);
    for (reader, user, id, what) in [
        (&own, bob, ticket.id, "a colleague"),
        (&own, ada, unknown, "an unknown id"),
        (&other, ada, ticket.id, "another organization"),
    ] {
        let shown = tickets::show(&**reader, user, id, NEWEST_COMMENTS).await;
        assert_eq!(shown.unwrap(), None, "{what}");
        let conversation = tickets::conversation(&**reader, user, id, NEWEST_COMMENTS).await;
        assert_eq!(conversation.unwrap(), None, "{what}");
    }
}
