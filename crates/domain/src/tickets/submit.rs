//! Customers submit, show and close tickets.

use futures_util::future::try_join;
use serde_json::json;

use super::{
    Audience, Comment, Description, InvalidTransition, Subject, Ticket, TicketAddition,
    TicketNumber, TicketPriority, TicketSource, TicketStatus,
};
use crate::actors::Customer;
use crate::audit::AuditAction;
use crate::ids::{TicketId, UserId};
use crate::notifications::MailKind;
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::store::TenantReader;

/// How many other numbers are tried. One is hardly ever taken, and two in a row never.
const MAX_NUMBERS: u8 = 5;

/// A ticket to be submitted.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// What it is about.
    pub subject: Subject,
    /// What has happened.
    pub description: Description,
    /// How much it matters.
    pub priority: TicketPriority,
}

/// Submits a ticket. The customer and the team are told of it by mail.
///
/// # Errors
///
/// Those of storage.
pub async fn submit(op: &Operation<'_, Customer>, new: NewTicket) -> Result<Ticket, StorageError> {
    let submitted = submit_with_id(op, TicketId::generate(op), new).await;
    submitted.map_err(|error| match error {
        SubmitError::Deleted => StorageError::Missing("tickets"),
        SubmitError::Storage(error) => error,
    })
}

/// Why a ticket was not submitted under an id that was given out before.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It was submitted, and deleted since.
    #[error("the ticket was submitted before and has been deleted since")]
    Deleted,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// [`submit`], under an id that was given out before: whoever submits it again, or twice at the
/// same time, gets the ticket that is there, and nothing else happens.
///
/// The caller makes sure that the id was given to this customer and to nobody else.
///
/// # Errors
///
/// See [`SubmitError`].
pub async fn submit_with_id(
    op: &Operation<'_, Customer>,
    id: TicketId,
    new: NewTicket,
) -> Result<Ticket, SubmitError> {
    let NewTicket {
        subject,
        description,
        priority,
    } = new;
    let user = &op.by.account.user;
    let now = op.now();
    let mut ticket = Ticket {
        id,
        organization_id: user.organization_id,
        number: TicketNumber::generate(op),
        subject,
        description,
        status: TicketStatus::New,
        priority,
        submitted_by: user.id,
        submitter_email: user.email.clone(),
        submitter_name: user.name.clone(),
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
    let mut attempts = 1..=MAX_NUMBERS;
    loop {
        match op.tx.add_ticket(&ticket).await? {
            TicketAddition::Added => break,
            TicketAddition::IdTaken => {
                return op.tx.ticket(id).await?.ok_or(SubmitError::Deleted);
            }
            TicketAddition::NumberTaken if attempts.next().is_some() => {
                ticket.number = TicketNumber::generate(op);
            }
            TicketAddition::NumberTaken => return Err(StorageError::Missing("tickets").into()),
        }
    }
    let details = json!({
        "priority": ticket.priority.as_str(),
        "ticketNumber": ticket.number.as_str(),
    });
    op.audit(AuditAction::PortalTicketCreate, &ticket, details)
        .await?;
    let ticket_id = ticket.id;
    op.mail(MailKind::TicketReceived { ticket_id }).await?;
    op.mail(MailKind::NewTicket { ticket_id }).await?;
    Ok(ticket)
}

/// A customer's own ticket with the conversation that they may see, newest first.
///
/// # Errors
///
/// Those of storage.
pub async fn show(
    reader: &dyn TenantReader,
    user: UserId,
    id: TicketId,
) -> Result<Option<(Ticket, Vec<Comment>)>, StorageError> {
    let (ticket, comments) =
        try_join(reader.ticket(id), reader.comments(id, Audience::Customer)).await?;
    Ok(ticket
        .filter(|ticket| ticket.submitted_by == user)
        .map(|ticket| (ticket, comments)))
}

/// Why a ticket could not be closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The customer has no such ticket.
    #[error("there is no such ticket of this customer")]
    NotFound,
    /// The ticket is not resolved.
    #[error(transparent)]
    NotResolved(#[from] InvalidTransition),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Closes a resolved ticket, because the customer confirms that it is.
///
/// # Errors
///
/// See [`CloseError`].
pub async fn close(op: &Operation<'_, Customer>, id: TicketId) -> Result<Ticket, CloseError> {
    let ticket = own_ticket(op, id).await?.ok_or(CloseError::NotFound)?;
    let ticket = ticket.confirmed_by_customer(op.now())?;
    op.tx.update_ticket(&ticket).await?;
    op.audit(AuditAction::PortalTicketClose, &ticket, json!({}))
        .await?;
    Ok(ticket)
}

/// The customer's own ticket, locked.
pub(super) async fn own_ticket(
    op: &Operation<'_, Customer>,
    id: TicketId,
) -> Result<Option<Ticket>, StorageError> {
    let user = op.by.account.user.id;
    Ok(op
        .tx
        .lock_ticket(id)
        .await?
        .filter(|ticket| ticket.submitted_by == user))
}
