//! Customers submit, read and close tickets.

use futures_util::future::try_join;
use serde_json::json;

use super::{
    Audience, Comment, Description, Subject, Ticket, TicketAddition, TicketError, TicketNumber,
    TicketPriority, TicketSource, TicketStatus,
};
use crate::actors::Customer;
use crate::audit::AuditAction;
use crate::ids::{TicketId, UserId};
use crate::notifications::MailKind;
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::store::TenantReader;

/// How often a number that is taken is drawn again. A collision is rare, two in a row never happen.
const MAX_REDRAWS: u8 = 5;

/// Input of [`submit`].
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// Its subject.
    pub subject: Subject,
    /// Its description.
    pub description: Description,
    /// Its priority.
    pub priority: TicketPriority,
}

impl NewTicket {
    fn into_ticket(self, op: &Operation<'_, Customer>, id: TicketId) -> Ticket {
        let user = &op.by.account.user;
        let now = op.now();
        Ticket {
            id,
            organization_id: user.organization_id,
            number: TicketNumber::generate(op),
            subject: self.subject,
            description: self.description,
            status: TicketStatus::New,
            priority: self.priority,
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
        }
    }
}

/// Submits a ticket, and mails the customer and the team.
pub async fn submit(op: &Operation<'_, Customer>, new: NewTicket) -> Result<Ticket, StorageError> {
    let mut ticket = new.into_ticket(op, TicketId::generate(op));
    while !add(op, &mut ticket).await? {
        ticket.id = TicketId::generate(op);
    }
    Ok(ticket)
}

/// Why a ticket was not submitted under an idempotency key.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// A ticket with this id was submitted and deleted before.
    #[error("the ticket was submitted before and has been deleted since")]
    Deleted,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// [`submit`] under an idempotency key: if a ticket with this id exists, returns it and does
/// nothing else.
///
/// The caller makes sure that the id was issued for this customer.
pub async fn submit_with_id(
    op: &Operation<'_, Customer>,
    id: TicketId,
    new: NewTicket,
) -> Result<Ticket, SubmitError> {
    let mut ticket = new.into_ticket(op, id);
    if add(op, &mut ticket).await? {
        return Ok(ticket);
    }
    op.tx.ticket(id).await?.ok_or(SubmitError::Deleted)
}

/// Adds a ticket under a number that is not taken, with its audit entry and mails; `false` when its
/// id is taken.
async fn add(op: &Operation<'_, Customer>, ticket: &mut Ticket) -> Result<bool, StorageError> {
    let mut redraws = 0..MAX_REDRAWS;
    loop {
        match op.tx.add_ticket(ticket).await? {
            TicketAddition::Added => break,
            TicketAddition::IdTaken => return Ok(false),
            TicketAddition::NumberTaken if redraws.next().is_some() => {
                ticket.number = TicketNumber::generate(op);
            }
            TicketAddition::NumberTaken => return Err(StorageError::Missing("tickets")),
        }
    }
    let details = json!({
        "priority": ticket.priority.as_str(),
        "ticketNumber": ticket.number.as_str(),
    });
    op.audit(AuditAction::PortalTicketCreate, &*ticket, details)
        .await?;
    let ticket_id = ticket.id;
    op.mail(MailKind::TicketReceived { ticket_id }).await?;
    op.mail(MailKind::NewTicket { ticket_id }).await?;
    Ok(true)
}

/// A customer's own ticket with the comments that they may see, newest first.
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

/// Closes a resolved ticket, once the customer confirms that it is.
pub async fn close(op: &Operation<'_, Customer>, id: TicketId) -> Result<Ticket, TicketError> {
    let ticket = own_ticket(op, id).await?.ok_or(TicketError::NotFound)?;
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
