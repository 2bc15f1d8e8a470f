//! `portal-admin ticket …`
//!
//! Ticket numbers are unique across organizations, so only the list takes an organization.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use portal_domain::actors::{Operator, Technician};
use portal_domain::audit::Actor;
use portal_domain::files::{
    AttachmentIds, FileDepot, FileName, StoredFile, add_team_upload, attached_to,
};
use portal_domain::ids::TicketId;
use portal_domain::operation::Operation;
use portal_domain::pagination::PageRequest;
use portal_domain::store::TenantScope;
use portal_domain::tickets::{
    ColleagueRef, CommentText, ExternalTicket, ExternalTicketId, NEWEST_COMMENTS, ParticipantError,
    Reply, Ticket, TicketError, TicketFilter, TicketNumber, TicketPriority, TicketStatus, Triage,
    add_internal_note, add_participant_by_team, add_team_reply, assign, delete, link,
    remove_participant_by_team, set_status, show_to_team, triage,
};
use portal_domain::values::{EmailAddress, HttpUrl, PersonName};
use portal_wire::Colleague;
use serde::Serialize;
use tokio::io::AsyncReadExt as _;

use crate::context::{Context, all_pages};
use crate::export::{self, ExportArgs, Record};
use crate::output::Output;
use crate::values::{Clearable, OrganizationArg};
use crate::views::tickets::{CommentView, TicketLine, TicketView};

/// Commands on tickets.
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
    /// Write all tickets to a file, without their conversations
    Export(ExportArgs),
    /// Show a ticket with its whole conversation, internal notes included
    Show(NumberArg),
    /// Reply to the customers on the ticket, who are told by mail
    Reply {
        #[command(flatten)]
        ticket: NumberArg,
        /// The author's name, as the customer sees it
        #[arg(long, value_name = "NAME")]
        author: PersonName,
        /// The reply
        #[arg(long, value_name = "TEXT")]
        message: CommentText,
        /// Leave a note that only the team sees
        #[arg(long)]
        internal: bool,
    },
    /// Reply with files
    ///
    /// The same checks apply as to those of customers: a file that runs when it is opened is refused,
    /// and where there is a scanner, each is scanned.
    Attach {
        #[command(flatten)]
        ticket: NumberArg,
        /// The files, at most ten
        #[arg(required = true, num_args = 1..=10, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The author's name, as the customer sees it [default: the operator's]
        #[arg(long, value_name = "NAME")]
        author: Option<PersonName>,
        /// The reply [default: the names of the files]
        #[arg(long, value_name = "TEXT")]
        message: Option<CommentText>,
        /// Leave a note that only the team sees
        #[arg(long)]
        internal: bool,
    },
    /// Move a ticket to another status; its customers are told by mail
    Status {
        #[command(flatten)]
        ticket: NumberArg,
        /// open, pending, `on_hold`, resolved or closed
        status: TicketStatus,
    },
    /// Set a ticket's priority and open it if it is new
    Triage {
        #[command(flatten)]
        ticket: NumberArg,
        /// low, normal, high or urgent
        #[arg(long)]
        priority: TicketPriority,
    },
    /// Assign a ticket to somebody of the team; with an empty name to nobody
    Assign {
        #[command(flatten)]
        ticket: NumberArg,
        /// The assignee's name
        #[arg(long, value_name = "NAME")]
        to: Clearable<PersonName>,
    },
    /// Link a ticket to one in another system
    ///
    /// Values that are not given stay as they are; an empty text removes a value.
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
    /// List the colleagues who take part in a ticket, after adding or removing one
    Participants {
        #[command(flatten)]
        ticket: NumberArg,
        /// Add the user with this address, who is told by mail
        #[arg(long, value_name = "EMAIL")]
        add: Option<EmailAddress>,
        /// Remove the user with this address
        #[arg(long, value_name = "EMAIL")]
        remove: Option<EmailAddress>,
    },
    /// Delete a ticket
    Delete(NumberArg),
}

/// The argument that names a ticket.
#[derive(Debug, Args)]
pub(crate) struct NumberArg {
    /// The ticket's number
    number: TicketNumber,
}

/// A deleted ticket.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeletedTicket {
    id: TicketId,
    ticket_number: String,
    deleted: bool,
}

impl TicketCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        match self {
            Self::List { of, status } => list(context, &of, status).await,
            Self::Export(args) => export(context, &args).await,
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
                        add_internal_note(op, id, message.into()).await
                    } else {
                        add_team_reply(op, id, message.into()).await
                    }
                });
                CommentView::new(comment.await?, [].iter()).output()
            }
            Self::Attach {
                ticket,
                files,
                author,
                message,
                internal,
            } => attach(context, &ticket, &files, author, message, internal).await,
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
                    let ticket = op.tx.lock_ticket(id).await?.ok_or(TicketError::NotFound)?;
                    let external = ExternalTicket {
                        id: external_id.map_or(ticket.external_ticket_id, Clearable::into_inner),
                        url: external_url.map_or(ticket.external_ticket_url, Clearable::into_inner),
                    };
                    link(op, id, external).await
                })
                .await
            }
            Self::Participants {
                ticket,
                add,
                remove,
            } => participants(context, &ticket, add, remove).await,
            Self::Delete(ticket) => {
                let id = on_ticket(context, &ticket, &context.operator, async |op, id| {
                    delete(op, id).await.map(|()| id)
                });
                Output::record(&DeletedTicket {
                    id: id.await?,
                    ticket_number: ticket.number.to_string(),
                    deleted: true,
                })
            }
        }
    }
}

async fn list(
    context: &Context,
    of: &OrganizationArg,
    statuses: Vec<TicketStatus>,
) -> anyhow::Result<Output> {
    let reader = context.reader(of).await?;
    let filter = TicketFilter {
        statuses,
        ..TicketFilter::default()
    };
    let tickets = all_pages(async |page| reader.team_tickets(&filter, page).await).await?;
    let views = tickets.into_iter().map(TicketLine::from);
    Output::list(TicketLine::COLUMNS, views)
}

async fn export(context: &Context, args: &ExportArgs) -> anyhow::Result<Output> {
    let reader = context.reader(&args.of).await?;
    let filter = TicketFilter::default();
    let listed = all_pages(async |page| reader.tickets(&filter, page).await).await?;
    let mut records = Vec::new();
    for ticket in listed {
        records.extend(reader.ticket(ticket.id).await?.map(record));
    }
    export::run(args, EXPORTED, &records)
}

/// The columns of an export.
const EXPORTED: &[&str] = &[
    "ticket_number",
    "subject",
    "description",
    "status",
    "priority",
    "submitter_email",
    "submitter_name",
    "assigned_to_name",
    "source",
    "external_ticket_id",
    "external_ticket_url",
    "created_at",
    "updated_at",
    "first_response_at",
    "resolved_at",
    "closed_at",
];

fn record(ticket: Ticket) -> Record {
    let text = |value: Option<PersonName>| value.map(PersonName::into_string).into();
    Record::from([
        ("ticket_number", ticket.number.to_string().into()),
        ("subject", ticket.subject.into_string().into()),
        ("description", ticket.description.into_string().into()),
        ("status", ticket.status.as_str().into()),
        ("priority", ticket.priority.as_str().into()),
        (
            "submitter_email",
            ticket.submitter_email.into_string().into(),
        ),
        ("submitter_name", text(ticket.submitter_name)),
        ("assigned_to_name", text(ticket.assigned_to_name)),
        ("source", ticket.source.as_str().into()),
        (
            "external_ticket_id",
            ticket.external_ticket_id.map(|id| id.to_string()).into(),
        ),
        (
            "external_ticket_url",
            ticket.external_ticket_url.map(|url| url.to_string()).into(),
        ),
        ("created_at", export::time(ticket.created_at)),
        ("updated_at", export::time(ticket.updated_at)),
        (
            "first_response_at",
            ticket.first_response_at.map(export::time).into(),
        ),
        ("resolved_at", ticket.resolved_at.map(export::time).into()),
        ("closed_at", ticket.closed_at.map(export::time).into()),
    ])
}

async fn show(context: &Context, NumberArg { number }: &NumberArg) -> anyhow::Result<Output> {
    let (scope, id) = locate(context, number).await?;
    let reader = context.store().reader(scope).await?;
    let shown = show_to_team(&*reader, id, PageRequest::first(u32::MAX)).await?;
    TicketView::from(shown.ok_or(TicketError::NotFound)?).conversation()
}

/// How much of a file is read at a time.
const PIECE: usize = 256 * 1024;

async fn attach(
    context: &Context,
    NumberArg { number }: &NumberArg,
    paths: &[PathBuf],
    author: Option<PersonName>,
    message: Option<CommentText>,
    internal: bool,
) -> anyhow::Result<Output> {
    let (scope, id) = locate(context, number).await?;
    let author = Technician::named(author.unwrap_or_else(|| context.operator.name.clone()));
    let depot = context.settings.files.open()?;
    let text = if let Some(message) = message {
        message
    } else {
        let names = paths.iter().map(|path| file_name(path).into_string());
        let names: Vec<_> = names.collect();
        names.join("\n").parse().context("--message")?
    };
    let mut stored = Vec::new();
    let mut is_added = false;
    let added = async {
        for path in paths {
            let kept = store(context, &depot, scope, path).await;
            stored.push(kept.with_context(|| path.display().to_string())?);
        }
        context
            .transact_in(scope, &author, async |op| {
                let mut ids = Vec::new();
                for stored in stored.clone() {
                    ids.push(add_team_upload(op, stored).await?.id);
                }
                let reply = Reply {
                    content: text,
                    attachments: AttachmentIds::of(ids)?,
                };
                let comment = if internal {
                    add_internal_note(op, id, reply).await?
                } else {
                    add_team_reply(op, id, reply).await?
                };
                let files = attached_to(op.tx, id, Some(comment.id)).await?;
                let view = CommentView::new(comment, files.iter());
                is_added = true;
                Ok(view)
            })
            .await
    };
    let added = added.await;
    // If the commit failed, nobody knows whether the rows are there. `files check` finds the bytes if
    // they are not.
    if added.is_err() && !is_added {
        for stored in &stored {
            depot.discard(stored).await;
        }
    }
    added?.output()
}

fn file_name(path: &Path) -> FileName {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Ok(name) = name.parse();
    name
}

/// Stores the bytes of a file of this machine.
async fn store(
    context: &Context,
    depot: &FileDepot,
    scope: TenantScope,
    path: &Path,
) -> anyhow::Result<StoredFile> {
    let mut file = tokio::fs::File::open(path).await?;
    let organization = scope.organization();
    let mut reception = depot
        .receive(context.env(), organization, file_name(path))
        .await?;
    loop {
        let mut piece = bytes::BytesMut::with_capacity(PIECE);
        let read = match file.read_buf(&mut piece).await {
            Ok(0) => break,
            Ok(_) => reception.write(piece.freeze()).await.map_err(Into::into),
            Err(error) => Err(anyhow::Error::from(error)),
        };
        if let Err(error) = read {
            reception.abort().await;
            return Err(error);
        }
    }
    Ok(reception.finish().await?)
}

async fn participants(
    context: &Context,
    NumberArg { number }: &NumberArg,
    add: Option<EmailAddress>,
    remove: Option<EmailAddress>,
) -> anyhow::Result<Output> {
    let (scope, id) = locate(context, number).await?;
    let change = async |op: &Operation<'_, Operator>| {
        if let Some(email) = add {
            add_participant_by_team(op, id, ColleagueRef::Email(email)).await?;
        }
        if let Some(email) = remove {
            let user = op.tx.user_by_email(&email).await?;
            let user = user.ok_or(ParticipantError::UnknownColleague)?;
            remove_participant_by_team(op, id, user.id).await?;
        }
        Ok(op.tx.participants(id).await?)
    };
    let found = context
        .transact_in(scope, &context.operator, change)
        .await?;
    Output::list(
        &["name", "email", "id"],
        found.into_iter().map(Colleague::from),
    )
}

/// Changes a ticket and outputs it.
async fn change(
    context: &Context,
    number: &NumberArg,
    change: impl AsyncFnOnce(&Operation<'_, Operator>, TicketId) -> Result<Ticket, TicketError>,
) -> anyhow::Result<Output> {
    let shown = on_ticket(context, number, &context.operator, async |op, id| {
        change(op, id).await?;
        let shown = show_to_team(op.tx, id, NEWEST_COMMENTS).await?;
        shown.ok_or(TicketError::NotFound)
    })
    .await?;
    TicketView::from(shown).summary()
}

/// Runs `change` in a transaction in a ticket's organization.
async fn on_ticket<A: Actor, T>(
    context: &Context,
    NumberArg { number }: &NumberArg,
    by: &A,
    change: impl AsyncFnOnce(&Operation<'_, A>, TicketId) -> Result<T, TicketError>,
) -> anyhow::Result<T> {
    let (scope, id) = locate(context, number).await?;
    context
        .transact_in(scope, by, async |op| Ok(change(op, id).await?))
        .await
}

async fn locate(
    context: &Context,
    number: &TicketNumber,
) -> anyhow::Result<(TenantScope, TicketId)> {
    let reader = context.store().system_reader().await?;
    let found = reader.ticket_by_number(number).await?;
    let (organization, id) = found.with_context(|| format!("there is no ticket {number}"))?;
    Ok((TenantScope::of(organization), id))
}
