//! Template rows, written by the portal's use cases and read back from its tables.

use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use portal_domain::devices::{DeviceRecord, DeviceStatus, OsType};
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::files::AttachmentIds;
use portal_domain::store::{Store, TenantScope};
use portal_domain::tickets::{
    self, ColleagueRef, Comment, NewTicket, Ticket, TicketPriority, TicketStatus,
};
use portal_test_support::fixtures;
use uuid::Uuid;

use super::plan::Plan;
use super::row::Template;
use super::sink::Sink;

/// Each of the statuses with each of the priorities, with several texts.
const TICKETS: usize = 96;

/// Status by status, as often as in a portal that is years old.
const STATUSES: [TicketStatus; 8] = [
    TicketStatus::Closed,
    TicketStatus::Resolved,
    TicketStatus::Closed,
    TicketStatus::New,
    TicketStatus::Open,
    TicketStatus::Closed,
    TicketStatus::Pending,
    TicketStatus::OnHold,
];

const PRIORITIES: [TicketPriority; 4] = [
    TicketPriority::Normal,
    TicketPriority::High,
    TicketPriority::Low,
    TicketPriority::Urgent,
];

const SUBJECTS: [&str; 8] = [
    "The printer on the second floor does not print",
    "VPN connection drops every few minutes",
    "Neuer Arbeitsplatz für eine Kollegin ab Montag",
    "Cannot open attachments in the mail program",
    "Zugriff auf das Laufwerk der Buchhaltung fehlt",
    "Laptop battery lasts for twenty minutes only",
    "Please reset my second factor, my phone is lost",
    "Monitorhalterung bestellt, aber nie angekommen",
];

const SENTENCES: [&str; 6] = [
    "It began on Monday after the update and happens several times a day.",
    "Ein Neustart hat nichts geändert, und die Kollegen sehen dasselbe.",
    "The message says: connection refused (error 0x80070035).",
    "Die Drucker-Warteschlange läuft voll, der Treiber ist von 2024.",
    "I have tried another cable and another socket.",
    "See https://intranet.example/wiki/network for what we did last time.",
];

/// What was written.
pub(super) struct Ids {
    submitter: (Uuid, String, String),
    tickets: Vec<Ticket>,
    comments: Vec<Comment>,
    devices: Vec<(Uuid, String, DateTime<Utc>)>,
    participant: Uuid,
    added_at: DateTime<Utc>,
}

/// A clock that moves between the steps of a conversation.
struct Clock(Mutex<DateTime<Utc>>);

impl Clock {
    fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Environment for Clock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn random(&self) -> [u8; 16] {
        SystemEnvironment.random()
    }
}

/// Writes templates of everything into an organization of their own.
pub(super) async fn create(store: &dyn Store, _: &Plan) -> anyhow::Result<Ids> {
    let start = SystemEnvironment.now() - TimeDelta::days(800);
    let env = &Clock(Mutex::new(start));
    let organization = fixtures::organization(store, env, "Templates").await;
    let scope = TenantScope::of(organization.id);
    let new = fixtures::new_user("template-submitter@templates.example", None);
    let new = portal_domain::profiles::NewUser {
        name: "Template Submitter".parse().ok(),
        ..new
    };
    let submitter = fixtures::user(store, env, scope, new).await;
    let colleague = fixtures::new_user("template-colleague@templates.example", Some("unused"));
    let colleague = fixtures::user(store, env, scope, colleague).await;
    let customer = fixtures::customer(store, scope, submitter.id).await;
    let technician = fixtures::technician();
    let (mut all, mut comments) = (Vec::new(), Vec::new());
    for number in 0..TICKETS {
        env.advance(TimeDelta::hours(1));
        let new = NewTicket {
            subject: pick(&SUBJECTS, number)?.parse()?,
            description: description(number)?.parse()?,
            priority: *pick(&PRIORITIES, number / 3)?,
            device_id: None,
            on_behalf_of: None,
            attachments: AttachmentIds::default(),
        };
        let ticket = fixtures::ticket(store, env, &customer, new).await;
        let status = *pick(&STATUSES, number)?;
        if status != TicketStatus::New {
            env.advance(TimeDelta::minutes(90));
            let text = pick(&SENTENCES, number)?.parse()?;
            let replied = fixtures::change(store, env, scope, &technician, async |op| {
                tickets::add_team_reply(op, ticket.id, text).await
            });
            comments.push(replied.await);
            env.advance(TimeDelta::minutes(40));
            let text = pick(&SENTENCES, number + 1)?.parse()?;
            let replied = fixtures::change(store, env, scope, &customer, async |op| {
                tickets::add_customer_reply(op, ticket.id, text).await
            });
            comments.push(replied.await);
            env.advance(TimeDelta::hours(5));
            fixtures::change(store, env, scope, &technician, async |op| {
                tickets::set_status(op, ticket.id, status).await
            })
            .await;
        }
        all.push(ticket);
    }
    let first = all.first().context("a ticket")?.id;
    let added = ColleagueRef::Id(colleague.id);
    fixtures::change(store, env, scope, &customer, async |op| {
        tickets::add_participant(op, first, added).await
    })
    .await;
    let added_at = env.now();
    let mut devices = Vec::new();
    for (number, os_type) in [OsType::Windows, OsType::MacOs, OsType::Linux]
        .into_iter()
        .enumerate()
    {
        let record = DeviceRecord {
            os_type,
            status: if number == 1 {
                DeviceStatus::Offline
            } else {
                DeviceStatus::Online
            },
            last_seen_at: Some(env.now()),
            ..fixtures::device_record(&format!("TEMPLATE-DEVICE-{number}"))
        };
        let device = fixtures::device(store, env, scope, record).await;
        let hostname = device.hostname.to_string();
        devices.push((device.id.into(), hostname, env.now()));
    }
    Ok(Ids {
        submitter: (
            submitter.id.into(),
            submitter.email.to_string(),
            "Template Submitter".to_owned(),
        ),
        tickets: all,
        comments,
        devices,
        participant: colleague.id.into(),
        added_at,
    })
}

fn pick<T>(items: &[T], number: usize) -> anyhow::Result<&T> {
    items.get(number % items.len().max(1)).context("an item")
}

/// Some sentences; for a few tickets, as many as a log that somebody has pasted.
fn description(number: usize) -> anyhow::Result<String> {
    let count = if number % 16 == 15 {
        90
    } else {
        3 + number % 5
    };
    let sentences: anyhow::Result<Vec<&str>> = (0..count)
        .map(|sentence| pick(&SENTENCES, number + sentence).copied())
        .collect();
    Ok(sentences?.join(" "))
}

/// Templates of everything.
pub(super) struct Templates {
    tickets: Vec<Template>,
    comments: Vec<Template>,
    devices: Vec<Template>,
    pub(super) participant: Template,
}

impl Templates {
    /// Reads what [`create`] has written.
    pub(super) async fn read(sink: &mut Sink, ids: &Ids) -> anyhow::Result<Self> {
        let (submitter, email, name) = &ids.submitter;
        let submitter = submitter.to_string();
        let mut tickets = Vec::new();
        for ticket in &ids.tickets {
            let (id, number) = (ticket.id.to_string(), ticket.number.to_string());
            let values = [
                &id,
                &ticket.organization_id.to_string(),
                &submitter,
                email,
                name,
                &number,
                &number.to_lowercase(),
            ];
            let row = one(sink, "tickets", &id).await?;
            let values = values.map(String::as_str);
            tickets.push(Template::new(row, &values, ticket.created_at));
        }
        let mut comments = Vec::new();
        for comment in &ids.comments {
            let id = comment.id.to_string();
            let values = [
                &id,
                &comment.organization_id.to_string(),
                &comment.ticket_id.to_string(),
                &submitter,
                name,
            ];
            let row = one(sink, "ticket_comments", &id).await?;
            let values = values.map(String::as_str);
            comments.push(Template::new(row, &values, comment.created_at));
        }
        let organization = ids.tickets.first().context("a ticket")?.organization_id;
        let organization = organization.to_string();
        let mut devices = Vec::new();
        for (id, hostname, seen_at) in &ids.devices {
            let id = id.to_string();
            let lower = hostname.to_lowercase();
            let row = one(sink, "devices", &id).await?;
            let values = [id.as_str(), &organization, &lower, hostname];
            devices.push(Template::new(row, &values, *seen_at));
        }
        let ticket = ids.tickets.first().context("a ticket")?.id.to_string();
        let condition = format!("ticket_id = '{ticket}'");
        let mut rows = sink.read("ticket_participants", &condition).await?;
        let row = rows.pop().context("a participant")?;
        let values = [&ticket, &organization, &ids.participant.to_string()];
        Ok(Self {
            tickets,
            comments,
            devices,
            participant: Template::new(row, &values.map(String::as_str), ids.added_at),
        })
    }

    pub(super) fn ticket(&self, random: u64) -> Option<&Template> {
        let number = usize::try_from(random % u64::try_from(self.tickets.len()).ok()?).ok()?;
        self.tickets.get(number)
    }

    pub(super) fn comment(&self, number: usize) -> Option<&Template> {
        self.comments.get(number % self.comments.len().max(1))
    }

    pub(super) fn device(&self, number: usize) -> Option<&Template> {
        self.devices.get(number % self.devices.len().max(1))
    }
}

/// The row of a table with this id.
async fn one(
    sink: &mut Sink,
    table: &str,
    id: &str,
) -> anyhow::Result<Vec<crate::script::Literal>> {
    let rows = sink.read(table, &format!("id = '{id}'")).await?;
    rows.into_iter().next().context("a row")
}
