//! `portal-admin ticket …`
//!
//! Numbers are unique across organizations, so only the list needs to know of which one.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use portal_domain::actors::{Operator, Technician};
use portal_domain::audit::Actor;
use portal_domain::ids::TicketId;
use portal_domain::operation::Operation;
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::store::TenantScope;
use portal_domain::tickets::{
    Audience, CommentText, ExternalTicket, ExternalTicketId, Ticket, TicketError, TicketFilter,
    TicketNumber, TicketPriority, TicketStatus, Triage, add_internal_note, add_team_reply, assign,
    delete, link, set_status, triage,
};
use portal_domain::values::{HttpUrl, PersonName};
use serde::Serialize;

use crate::answer::Answer;
use crate::context::Context;
use crate::values::{Clearable, OrganizationArg};
use crate::views::tickets::{CommentView, TicketLine, TicketView};

/// What the team does with tickets.
#[derive(Debug, Subcommand)]
pub(crate) enum TicketCommand {
    /// List an organization's tickets, newest first
    List {
        #[command(flatten)]
        of: OrganizationArg,
        /// Only those in these statuses, separated by commas
        #[arg(long, value_delimiter = ',')]
        status: Vec<TicketStatus>,
    },
    /// Show a ticket with its whole conversation, internal notes included
    Show(NumberArg),
    /// Answer a ticket, which the customer gets by mail
    Reply {
        #[command(flatten)]
        ticket: NumberArg,
        /// Who answers, as customers see it
        #[arg(long, value_name = "NAME")]
        author: PersonName,
        /// What they say
        #[arg(long, value_name = "TEXT")]
        message: CommentText,
        /// Leave a note that only the team sees
        #[arg(long)]
        internal: bool,
    },
    /// Move a ticket to another status, of which the customer is told by mail
    Status {
        #[command(flatten)]
        ticket: NumberArg,
        /// open, pending, `on_hold`, resolved or closed
        status: TicketStatus,
    },
    /// Set a ticket's priority; a new one is open then
    Triage {
        #[command(flatten)]
        ticket: NumberArg,
        /// low, normal, high or urgent
        #[arg(long)]
        priority: TicketPriority,
    },
    /// Give a ticket to somebody of the team, or with an empty name to nobody
    Assign {
        #[command(flatten)]
        ticket: NumberArg,
        /// Who has it from now on
        #[arg(long, value_name = "NAME")]
        to: Clearable<PersonName>,
    },
    /// Note where a ticket is known in another system
    ///
    /// What is not named stays as it is; an empty text takes a value away.
    Link {
        #[command(flatten)]
        ticket: NumberArg,
        /// Its id there
        #[arg(long, value_name = "ID")]
        external_id: Option<Clearable<ExternalTicketId>>,
        /// Its address there
        #[arg(long, value_name = "URL")]
        external_url: Option<Clearable<HttpUrl>>,
    },
    /// Delete a ticket, so that nobody sees it any longer
    Delete(NumberArg),
}

/// The argument that names a ticket.
#[derive(Debug, Args)]
pub(crate) struct NumberArg {
    /// The ticket's number
    number: TicketNumber,
}

/// A ticket that nobody sees any longer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tombstone {
    id: TicketId,
    ticket_number: String,
    deleted: bool,
}

impl TicketCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Answer> {
        match self {
            Self::List { of, status } => list(context, &of, status).await,
            Self::Show(ticket) => show(context, &ticket).await,
            Self::Reply {
                ticket,
                author,
                message,
                internal,
            } => {
                let author = Technician::named(author);
                let comment = on_ticket(context, &ticket, &author, async |op, id| {
                    if internal {
                        add_internal_note(op, id, message).await
                    } else {
                        add_team_reply(op, id, message).await
                    }
                });
                Ok(Answer::record(CommentView::from(&comment.await?)))
            }
            Self::Status { ticket, status } => {
                change(context, &ticket, async |op, id| {
                    set_status(op, id, status).await
                })
                .await
            }
            Self::Triage { ticket, priority } => {
                change(context, &ticket, async |op, id| {
                    triage(op, id, Triage { priority }).await
                })
                .await
            }
            Self::Assign {
                ticket,
                to: Clearable(to),
            } => change(context, &ticket, async |op, id| assign(op, id, to).await).await,
            Self::Link {
                ticket,
                external_id,
                external_url,
            } => {
                change(context, &ticket, async |op, id| {
                    let present = op.tx.lock_ticket(id).await?.ok_or(TicketError::NotFound)?;
                    let external = linked(present, external_id, external_url);
                    link(op, id, external).await
                })
                .await
            }
            Self::Delete(ticket) => {
                let id = on_ticket(context, &ticket, &context.operator, async |op, id| {
                    delete(op, id).await.map(|()| id)
                });
                Ok(Answer::record(Tombstone {
                    id: id.await?,
                    ticket_number: ticket.number.to_string(),
                    deleted: true,
                }))
            }
        }
    }
}

/// Where a ticket is known elsewhere, after the flags have changed something of it.
fn linked(
    present: Ticket,
    id: Option<Clearable<ExternalTicketId>>,
    url: Option<Clearable<HttpUrl>>,
) -> ExternalTicket {
    ExternalTicket {
        id: id.map_or(present.external_ticket_id, |Clearable(id)| id),
        url: url.map_or(present.external_ticket_url, |Clearable(url)| url),
    }
}

async fn list(
    context: &Context,
    of: &OrganizationArg,
    statuses: Vec<TicketStatus>,
) -> anyhow::Result<Answer> {
    let reader = context.reader(&of.organization).await?;
    let filter = TicketFilter {
        statuses,
        ..TicketFilter::default()
    };
    let mut tickets = Vec::new();
    for page in 1..=PageRequest::MAX_PAGE {
        let page = PageRequest::new(page, PageRequest::MAX_LIMIT);
        let Page { items, total: _ } = reader.team_tickets(&filter, page).await?;
        if items.is_empty() {
            break;
        }
        tickets.extend(items.into_iter().map(TicketLine::from));
    }
    Ok(Answer::list(tickets))
}

async fn show(context: &Context, NumberArg { number }: &NumberArg) -> anyhow::Result<Answer> {
    let (scope, id) = locate(context, number).await?;
    let reader = context.store().reader(scope).await?;
    let ticket = reader.ticket(id).await?.ok_or(TicketError::NotFound)?;
    let comments = reader.comments(id, Audience::Team).await?;
    TicketView::new(&ticket, &comments).into_conversation()
}

/// Changes a ticket, and shows it as it is then.
async fn change(
    context: &Context,
    number: &NumberArg,
    change: impl AsyncFnOnce(&Operation<'_, Operator>, TicketId) -> Result<Ticket, TicketError>,
) -> anyhow::Result<Answer> {
    let (ticket, comments) = on_ticket(context, number, &context.operator, async |op, id| {
        let ticket = change(op, id).await?;
        let comments = op.tx.comments(id, Audience::Team).await?;
        Ok((ticket, comments))
    })
    .await?;
    Ok(TicketView::new(&ticket, &comments).into_answer())
}

/// Runs `change` in a transaction on the organization of a ticket.
async fn on_ticket<A: Actor, T>(
    context: &Context,
    NumberArg { number }: &NumberArg,
    by: &A,
    change: impl AsyncFnOnce(&Operation<'_, A>, TicketId) -> Result<T, TicketError>,
) -> anyhow::Result<T> {
    let (scope, id) = locate(context, number).await?;
    context
        .transact_in(scope, by, async |op| change(op, id).await)
        .await
}

async fn locate(
    context: &Context,
    number: &TicketNumber,
) -> anyhow::Result<(TenantScope, TicketId)> {
    let found = context
        .system_reader()
        .await?
        .ticket_by_number(number)
        .await?;
    let (organization, id) = found.with_context(|| format!("there is no ticket {number}"))?;
    Ok((TenantScope::of(organization), id))
}
