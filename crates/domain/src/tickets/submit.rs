//! Customers submit and close tickets.

use serde_json::json;

use super::access::{check_manager, lock_visible};
use super::mails::tell_of_status;
use super::participants::colleague;
use super::{
    ColleagueRef, Description, NotAManager, Subject, Ticket, TicketAddition, TicketError,
    TicketNumber, TicketPriority, TicketSource, TicketStatus,
};
use crate::actors::Customer;
use crate::audit::AuditAction;
use crate::branding::Feature;
use crate::files::{self, AttachmentIds, ClaimError};
use crate::ids::{DeviceId, TicketId};
use crate::notifications::MailKind;
use crate::operation::Operation;
use crate::profiles::PortalUser;
use crate::storage_error::StorageError;

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
    /// The device that it is about.
    pub device_id: Option<DeviceId>,
    /// The colleague whose ticket it is to be, if a manager submits it for one.
    pub on_behalf_of: Option<ColleagueRef>,
    /// What the customer uploaded for it.
    pub attachments: AttachmentIds,
}

impl NewTicket {
    async fn into_ticket(
        self,
        op: &Operation<'_, Customer>,
        id: TicketId,
    ) -> Result<Ticket, SubmitError> {
        let user = submitter(op, self.on_behalf_of).await?;
        if let Some(device) = self.device_id {
            check_device(op, device).await?;
        }
        let now = op.now();
        Ok(Ticket {
            id,
            organization_id: user.organization_id,
            number: TicketNumber::generate(op),
            subject: self.subject,
            description: self.description,
            status: TicketStatus::New,
            priority: self.priority,
            submitted_by: user.id,
            submitter_email: user.email,
            submitter_name: user.name,
            device_id: self.device_id,
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
        })
    }
}

/// The user whose ticket it is to be.
async fn submitter(
    op: &Operation<'_, Customer>,
    on_behalf_of: Option<ColleagueRef>,
) -> Result<PortalUser, SubmitError> {
    let user = &op.by.account.user;
    let Some(other) = on_behalf_of else {
        return Ok(user.clone());
    };
    check_manager(user)?;
    let found = colleague(op, other).await?;
    found.ok_or(SubmitError::UnknownColleague)
}

/// Checks that the organization's users see a device.
async fn check_device(op: &Operation<'_, Customer>, id: DeviceId) -> Result<(), SubmitError> {
    let is_offered = op.by.account.features.is_enabled(Feature::SelfService);
    let device = op.tx.device(id).await?;
    match device.filter(|device| is_offered && !device.is_ephemeral) {
        Some(_) => Ok(()),
        None => Err(SubmitError::UnknownDevice),
    }
}

/// Submits a ticket, and mails the customer and the team. A manager may submit it for a colleague,
/// whose ticket it then is; both are mailed.
pub async fn submit(op: &Operation<'_, Customer>, new: NewTicket) -> Result<Ticket, SubmitError> {
    let attachments = new.attachments.clone();
    let mut ticket = new.into_ticket(op, TicketId::generate(op)).await?;
    while !add(op, &mut ticket, &attachments).await? {
        ticket.id = TicketId::generate(op);
    }
    Ok(ticket)
}

/// Why a ticket was not submitted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Only managers may submit a ticket for a colleague.
    #[error(transparent)]
    NotAManager(#[from] NotAManager),
    /// The organization has no such active user.
    #[error("there is no such colleague")]
    UnknownColleague,
    /// The organization has no such device that its users see.
    #[error("there is no such device")]
    UnknownDevice,
    /// A file is not one that the customer uploaded and has not attached yet.
    #[error("there is no such file to attach")]
    UnknownAttachment,
    /// Under an idempotency key: a ticket with this id was submitted and deleted before.
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
    let attachments = new.attachments.clone();
    let mut ticket = new.into_ticket(op, id).await?;
    if add(op, &mut ticket, &attachments).await? {
        return Ok(ticket);
    }
    op.tx.ticket(id).await?.ok_or(SubmitError::Deleted)
}

impl From<ClaimError> for SubmitError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Unknown => Self::UnknownAttachment,
            ClaimError::Storage(error) => Self::Storage(error),
        }
    }
}

/// Adds a ticket under a number that is not taken, with its files, audit entry and mails; `false` when
/// its id is taken.
async fn add(
    op: &Operation<'_, Customer>,
    ticket: &mut Ticket,
    attachments: &AttachmentIds,
) -> Result<bool, SubmitError> {
    let mut redraws = 0..MAX_REDRAWS;
    loop {
        match op.tx.add_ticket(ticket).await? {
            TicketAddition::Added => break,
            TicketAddition::IdTaken => return Ok(false),
            TicketAddition::NumberTaken if redraws.next().is_some() => {
                ticket.number = TicketNumber::generate(op);
            }
            TicketAddition::NumberTaken => return Err(StorageError::Missing("tickets").into()),
        }
    }
    files::claim(
        op,
        Some(op.by.account.user.id),
        attachments,
        ticket.id,
        None,
    )
    .await?;
    let mut details = json!({
        "priority": ticket.priority.as_str(),
        "ticketNumber": ticket.number.as_str(),
    });
    let user_id = op.by.account.user.id;
    let is_for_colleague = ticket.submitted_by != user_id;
    if let Some(details) = details.as_object_mut() {
        if is_for_colleague {
            details.insert("onBehalfOf".to_owned(), json!(ticket.submitted_by));
            details.insert(
                "onBehalfOfEmail".to_owned(),
                json!(ticket.submitter_email.as_str()),
            );
        }
        if let Some(device) = ticket.device_id {
            details.insert("deviceId".to_owned(), json!(device));
        }
        if !attachments.is_empty() {
            details.insert("attachmentIds".to_owned(), json!(attachments.ids()));
        }
    }
    op.audit(AuditAction::PortalTicketCreate, &*ticket, details)
        .await?;
    let ticket_id = ticket.id;
    if is_for_colleague {
        op.mail(MailKind::SubmittedByColleague { ticket_id, user_id })
            .await?;
        op.mail(MailKind::SubmittedForColleague { ticket_id, user_id })
            .await?;
    } else {
        op.mail(MailKind::TicketReceived { ticket_id }).await?;
    }
    op.mail(MailKind::NewTicket { ticket_id }).await?;
    Ok(true)
}

/// Closes a resolved ticket, once the submitter or a manager confirms that it is. The others on it
/// are mailed.
pub async fn close(op: &Operation<'_, Customer>, id: TicketId) -> Result<Ticket, TicketError> {
    let found = lock_visible(op, id).await?;
    let (ticket, relation) = found.ok_or(TicketError::NotFound)?;
    if !relation.is_in_charge() {
        return Err(TicketError::NotInCharge);
    }
    let ticket = ticket.confirmed_by_customer(op.now())?;
    op.tx.update_ticket(&ticket).await?;
    op.audit(AuditAction::PortalTicketClose, &ticket, json!({}))
        .await?;
    tell_of_status(op, &ticket, Some(op.by.account.user.id)).await?;
    Ok(ticket)
}
