//! Colleagues take part in a ticket.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::access::lock_visible;
use super::{Relation, Ticket};
use crate::actors::Customer;
use crate::audit::{Actor, AuditAction};
use crate::ids::{OrganizationId, TicketId, UserId};
use crate::notifications::MailKind;
use crate::operation::Operation;
use crate::profiles::{Colleague, PortalUser, UserStatus};
use crate::storage_error::StorageError;
use crate::values::EmailAddress;

/// That a user takes part in a ticket, or did. The submitter needs none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// The organization of both.
    pub organization_id: OrganizationId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The user.
    pub user_id: UserId,
    /// When they were added, the last time.
    pub added_at: DateTime<Utc>,
    /// When they were removed, unless they take part.
    pub removed_at: Option<DateTime<Utc>>,
}

/// Who is to take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColleagueRef {
    /// The user with this id.
    Id(UserId),
    /// The user with this address.
    Email(EmailAddress),
}

/// A colleague who takes part in a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addition {
    /// They were added.
    Added(Colleague),
    /// They took part already, or it is their ticket.
    Already(Colleague),
}

/// Why the participants of a ticket could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ParticipantError {
    /// There is no such ticket, or the customer may not see it.
    #[error("there is no such ticket")]
    NotFound,
    /// A participant may only leave.
    #[error("only the submitter and managers may change who takes part")]
    NotInCharge,
    /// The organization has no such active user, or they never took part.
    #[error("there is no such colleague")]
    UnknownColleague,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Adds a colleague to a ticket, and mails them. Who takes part already stays as they are.
pub async fn add_participant(
    op: &Operation<'_, Customer>,
    ticket: TicketId,
    colleague: ColleagueRef,
) -> Result<Addition, ParticipantError> {
    let (ticket, relation) = visible(op, ticket).await?;
    if !relation.is_in_charge() {
        return Err(ParticipantError::NotInCharge);
    }
    let action = AuditAction::PortalTicketParticipantAdd;
    add(op, action, ticket, colleague).await
}

/// [`add_participant`], for the team.
pub async fn add_participant_by_team(
    op: &Operation<'_, impl Actor>,
    ticket: TicketId,
    colleague: ColleagueRef,
) -> Result<Addition, ParticipantError> {
    let ticket = locked(op, ticket).await?;
    add(op, AuditAction::TicketParticipantAdd, ticket, colleague).await
}

/// Removes a participant, who no longer sees the ticket. Participants may remove themselves. Removing
/// somebody who was removed before changes nothing.
pub async fn remove_participant(
    op: &Operation<'_, Customer>,
    ticket: TicketId,
    user: UserId,
) -> Result<(), ParticipantError> {
    let (ticket, relation) = visible(op, ticket).await?;
    if !relation.is_in_charge() && user != op.by.account.user.id {
        return Err(ParticipantError::NotInCharge);
    }
    let action = AuditAction::PortalTicketParticipantRemove;
    remove(op, action, ticket, user).await
}

/// [`remove_participant`], for the team.
pub async fn remove_participant_by_team(
    op: &Operation<'_, impl Actor>,
    ticket: TicketId,
    user: UserId,
) -> Result<(), ParticipantError> {
    let ticket = locked(op, ticket).await?;
    remove(op, AuditAction::TicketParticipantRemove, ticket, user).await
}

async fn visible(
    op: &Operation<'_, Customer>,
    id: TicketId,
) -> Result<(Ticket, Relation), ParticipantError> {
    let found = lock_visible(op, id).await?;
    found.ok_or(ParticipantError::NotFound)
}

async fn locked(op: &Operation<'_, impl Actor>, id: TicketId) -> Result<Ticket, ParticipantError> {
    let found = op.tx.lock_ticket(id).await?;
    found.ok_or(ParticipantError::NotFound)
}

/// An active user of the organization.
pub(super) async fn colleague(
    op: &Operation<'_, impl Actor>,
    colleague: ColleagueRef,
) -> Result<Option<PortalUser>, StorageError> {
    let found = match colleague {
        ColleagueRef::Id(id) => op.tx.account(id).await?.map(|account| account.user),
        ColleagueRef::Email(email) => op.tx.user_by_email(&email).await?,
    };
    Ok(found.filter(|user| user.status == UserStatus::Active))
}

/// The lock on the ticket puts concurrent additions in order.
async fn add(
    op: &Operation<'_, impl Actor>,
    action: AuditAction,
    ticket: Ticket,
    of: ColleagueRef,
) -> Result<Addition, ParticipantError> {
    let user = colleague(op, of).await?;
    let user = user.ok_or(ParticipantError::UnknownColleague)?;
    let colleague = Colleague::from(user);
    let present = op.tx.participation(ticket.id, colleague.id).await?;
    let takes_part = present.is_some_and(|present| present.removed_at.is_none());
    if takes_part || ticket.submitted_by == colleague.id {
        return Ok(Addition::Already(colleague));
    }
    let participation = Participation {
        organization_id: ticket.organization_id,
        ticket_id: ticket.id,
        user_id: colleague.id,
        added_at: op.now(),
        removed_at: None,
    };
    save(op, action, ticket, &participation, Some(&colleague.email)).await?;
    op.mail(MailKind::ParticipantAdded {
        ticket_id: participation.ticket_id,
        user_id: colleague.id,
    })
    .await?;
    Ok(Addition::Added(colleague))
}

async fn remove(
    op: &Operation<'_, impl Actor>,
    action: AuditAction,
    ticket: Ticket,
    user: UserId,
) -> Result<(), ParticipantError> {
    let present = op.tx.participation(ticket.id, user).await?;
    let present = present.ok_or(ParticipantError::UnknownColleague)?;
    if present.removed_at.is_some() {
        return Ok(());
    }
    let participation = Participation {
        removed_at: Some(op.now()),
        ..present
    };
    let email = op.tx.account(user).await?.map(|account| account.user.email);
    Ok(save(op, action, ticket, &participation, email.as_ref()).await?)
}

async fn save(
    op: &Operation<'_, impl Actor>,
    action: AuditAction,
    ticket: Ticket,
    participation: &Participation,
    email: Option<&EmailAddress>,
) -> Result<(), StorageError> {
    op.tx.save_participation(participation).await?;
    let ticket = Ticket {
        updated_at: op.now(),
        ..ticket
    };
    op.tx.update_ticket(&ticket).await?;
    let email = email.map(EmailAddress::as_str);
    let details = json!({ "userId": participation.user_id, "email": email });
    op.audit(action, &ticket, details).await
}
