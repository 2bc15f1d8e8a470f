//! Fills a database with what a portal in use for years would hold.
//!
//! Organizations, people and a few template rows are made by the portal's own use cases. All other
//! rows are copies of the templates, in which only ids, the ticket's number, hostnames, people and
//! instants differ: so whatever the portal derives from a text when it writes a row is in each copy
//! too. Copies are written with `COPY` on PostgreSQL, and in large transactions on SQLite.

mod plan;
mod row;
mod sink;
mod templates;

use std::collections::HashSet;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use portal_domain::environment::{Environment as _, SystemEnvironment};
use portal_domain::tickets::TicketNumber;
use uuid::{NoContext, Timestamp, Uuid};

use crate::backend::BenchDatabase;
use plan::{Plan, Slot};
pub use plan::{Seeded, User};
use sink::Sink;
use templates::Templates;

/// The password of everybody.
pub const PASSWORD: &str = "Correct-Horse-7";

/// How far back the tickets go.
const PERIOD: TimeDelta = TimeDelta::days(730);

/// How much there is to be.
#[derive(Debug, Clone, Args)]
pub struct Sizes {
    /// Organizations
    #[arg(long, default_value_t = 200)]
    pub organizations: usize,
    /// Tickets of all organizations together
    #[arg(long, default_value_t = 1_000_000)]
    pub tickets: usize,
    /// Comments on each ticket, on average
    #[arg(long, default_value_t = 4)]
    pub comments: usize,
    /// Tickets of the user who has many
    #[arg(long, default_value_t = 20_000)]
    pub own_tickets: usize,
    /// Tickets of the organization of the manager
    #[arg(long, default_value_t = 50_000)]
    pub managed_tickets: usize,
    /// Devices of the organization that has many
    #[arg(long, default_value_t = 5_000)]
    pub devices: usize,
    /// Comments on the ticket that has many
    #[arg(long, default_value_t = 5_000)]
    pub conversation: usize,
}

impl Sizes {
    /// A small database: one organization of ordinary size, and the others as small.
    pub const fn small() -> Self {
        Self {
            organizations: 6,
            tickets: 600,
            comments: 4,
            own_tickets: 60,
            managed_tickets: 60,
            devices: 60,
            conversation: 8,
        }
    }

    /// A tenth of it, with the same organizations and big cases.
    #[must_use]
    pub fn tenth(&self) -> Self {
        Self {
            tickets: self.tickets / 10,
            ..self.clone()
        }
    }
}

/// A ticket that was written.
struct Written {
    id: Uuid,
    organization: Uuid,
    submitter: usize,
    created_at: DateTime<Utc>,
}

/// Fills an empty database, and says what is in it.
pub async fn seed(database: &BenchDatabase, sizes: &Sizes) -> anyhow::Result<Seeded> {
    let operator = database.operator()?;
    operator.migrate().await?;
    let mut sink = Sink::open(database).await?;
    let present = sink.read("organizations", "true").await?;
    anyhow::ensure!(present.is_empty(), "the database is not empty");
    let plan = Plan::create(&operator, sizes).await?;
    let ids = templates::create(&operator, &plan).await?;
    drop(operator);
    let templates = Templates::read(&mut sink, &ids).await?;
    let mut copier = Copier {
        sink,
        templates,
        plan,
        now: SystemEnvironment.now(),
        random: SplitMix(7),
    };
    let devices = copier.devices().await?;
    let tickets = copier.tickets().await?;
    copier.participants(&tickets).await?;
    copier.comments(&tickets, sizes.comments).await?;
    let Copier { mut sink, plan, .. } = copier;
    sink.finish().await?;
    plan.seeded(&devices, |submitter| {
        let mut newest = tickets.iter().rev();
        newest
            .find(|ticket| ticket.submitter == submitter)
            .map(|ticket| ticket.id)
    })
}

struct Copier {
    sink: Sink,
    templates: Templates,
    plan: Plan,
    now: DateTime<Utc>,
    random: SplitMix,
}

impl Copier {
    /// The devices of each organization; yields the first one's.
    async fn devices(&mut self) -> anyhow::Result<Vec<Uuid>> {
        let total = self.plan.organizations.iter().map(|it| it.devices).sum();
        let progress = progress("devices", total);
        self.sink.begin("devices").await?;
        let mut first = Vec::new();
        for (index, organization) in self.plan.organizations.iter().enumerate() {
            for number in 0..organization.devices {
                let id = id_at(self.now);
                if index == 0 {
                    first.push(id);
                }
                let template = self.templates.device(number).context("a device")?;
                let hostname = format!("host-{number:05}");
                let values = [
                    &id.to_string(),
                    &organization.id.to_string(),
                    &hostname,
                    &hostname.to_uppercase(),
                ];
                // Seen at different times.
                let age = TimeDelta::minutes(i64::try_from(number)?);
                self.sink
                    .row(&template.fields(&values.map(String::as_str), self.now - age))
                    .await?;
                progress.inc(1);
            }
        }
        self.sink.end().await?;
        progress.finish();
        Ok(first)
    }

    /// The tickets of all people, in the order of time.
    async fn tickets(&mut self) -> anyhow::Result<Vec<Written>> {
        let mut slots: Vec<Slot> = self.plan.slots();
        self.random.shuffle(&mut slots);
        let progress = progress("tickets", slots.len());
        let step = PERIOD / i32::try_from(slots.len().max(1))?;
        let mut created_at = self.now - PERIOD;
        let mut numbers = HashSet::with_capacity(slots.len());
        let mut written = Vec::with_capacity(slots.len());
        self.sink.begin("tickets").await?;
        for Slot { user: submitter } in slots {
            created_at += step;
            let id = id_at(created_at);
            let user = self.plan.user(submitter).context("a user")?;
            let number = loop {
                let number = TicketNumber::generate(&SystemEnvironment).to_string();
                if numbers.insert(number.clone()) {
                    break number;
                }
            };
            let random = self.random.next();
            let template = self.templates.ticket(random).context("a ticket")?;
            let values = [
                &id.to_string(),
                &user.organization.to_string(),
                &user.id.to_string(),
                &user.email,
                &user.name,
                &number,
                &number.to_lowercase(),
            ];
            self.sink
                .row(&template.fields(&values.map(String::as_str), created_at))
                .await?;
            written.push(Written {
                id,
                organization: user.organization,
                submitter,
                created_at,
            });
            progress.inc(1);
        }
        self.sink.end().await?;
        progress.finish();
        Ok(written)
    }

    /// Colleagues on one of twenty tickets.
    async fn participants(&mut self, tickets: &[Written]) -> anyhow::Result<()> {
        let progress = progress("participants", tickets.len() / 20);
        self.sink.begin("ticket_participants").await?;
        for ticket in tickets.iter().step_by(20) {
            let Some(colleague) = self.plan.colleague_of(ticket.submitter) else {
                continue;
            };
            let values = [
                &ticket.id.to_string(),
                &ticket.organization.to_string(),
                &colleague.id.to_string(),
            ];
            let fields = self
                .templates
                .participant
                .fields(&values.map(String::as_str), ticket.created_at);
            self.sink.row(&fields).await?;
            progress.inc(1);
        }
        self.sink.end().await?;
        progress.finish();
        Ok(())
    }

    /// Conversations of different lengths, so many comments long on average.
    async fn comments(&mut self, tickets: &[Written], average: usize) -> anyhow::Result<()> {
        let progress = progress("comments", tickets.len() * average);
        let longest = u64::try_from(average * 2 + 1)?;
        let mut has_long_one = false;
        self.sink.begin("ticket_comments").await?;
        for ticket in tickets.iter().rev() {
            let mut count = usize::try_from(self.random.next() % longest)?;
            if ticket.submitter == self.plan.talker && !has_long_one {
                has_long_one = true;
                count = self.plan.conversation;
            }
            let submitter = self.plan.user(ticket.submitter).context("a user")?;
            let age = (self.now - ticket.created_at).min(TimeDelta::days(14));
            let step = age / i32::try_from(count + 1)?;
            let mut created_at = ticket.created_at;
            for number in 0..count {
                created_at += step;
                let template = self.templates.comment(number).context("a comment")?;
                let values = [
                    &id_at(created_at).to_string(),
                    &ticket.organization.to_string(),
                    &ticket.id.to_string(),
                    &submitter.id.to_string(),
                    &submitter.name,
                ];
                self.sink
                    .row(&template.fields(&values.map(String::as_str), created_at))
                    .await?;
            }
            progress.inc(u64::try_from(count)?);
        }
        self.sink.end().await?;
        progress.finish();
        Ok(())
    }
}

/// An id that was made at an instant.
fn id_at(instant: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(instant.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        instant.timestamp_subsec_nanos(),
    ))
}

fn progress(what: &'static str, count: usize) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{msg:>14} {wide_bar} {human_pos}/{human_len} {per_sec}, {eta} left",
    );
    ProgressBar::new(count.try_into().unwrap_or_default())
        .with_message(what)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Random numbers that are the same in each run.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let bound = u64::try_from(end + 1).unwrap_or(u64::MAX);
            let other = usize::try_from(self.next() % bound).unwrap_or_default();
            items.swap(end, other);
        }
    }
}
