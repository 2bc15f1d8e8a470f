//! The team triages, answers and moves tickets, from a console or an integration.

use serde_json::json;

use super::comments::details;
use super::mails::{tell_of_status, tell_of_team_reply};
use super::{
    AuthorType, Comment, ExternalTicketId, Reply, Ticket, TicketError, TicketPriority, TicketStatus,
};
use crate::actors::Technician;
use crate::audit::{Actor, AuditAction};
use crate::files;
use crate::ids::{CommentId, TicketId};
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::values::{HttpUrl, PersonName};

/// Input of [`triage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Triage {
    /// The priority.
    pub priority: TicketPriority,
}

/// A ticket's counterpart in another system; an absent part is unset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExternalTicket {
    /// Its id there.
    pub id: Option<ExternalTicketId>,
    /// Its URL there.
    pub url: Option<HttpUrl>,
}

async fn locked(op: &Operation<'_, impl Actor>, id: TicketId) -> Result<Ticket, TicketError> {
    op.tx.lock_ticket(id).await?.ok_or(TicketError::NotFound)
}

/// Acknowledges a ticket: sets its priority, and opens a new one.
pub async fn triage(
    op: &Operation<'_, impl Actor>,
    id: TicketId,
    triage: Triage,
) -> Result<Ticket, TicketError> {
    let now = op.now();
    let before = locked(op, id).await?;
    let mut ticket = before.clone();
    ticket.priority = triage.priority;
    if ticket.status == TicketStatus::New {
        ticket = ticket.moved_by_team(TicketStatus::Open, now)?;
    }
    if ticket == before {
        return Ok(ticket);
    }
    ticket.updated_at = now;
    op.tx.update_ticket(&ticket).await?;
    let details = json!({
        "priority": ticket.priority.as_str(),
        "status": ticket.status.as_str(),
    });
    op.audit(AuditAction::TicketTriage, &ticket, details)
        .await?;
    if ticket.status != before.status {
        tell_of_status(op, &ticket, None).await?;
    }
    Ok(ticket)
}

/// Assigns a ticket to a technician, or with `None` to nobody. Customers do not see it.
pub async fn assign(
    op: &Operation<'_, impl Actor>,
    id: TicketId,
    to: Option<PersonName>,
) -> Result<Ticket, TicketError> {
    let mut ticket = locked(op, id).await?;
    if ticket.assigned_to_name == to {
        return Ok(ticket);
    }
    ticket.assigned_to_name = to;
    op.tx.update_ticket(&ticket).await?;
    let name = ticket.assigned_to_name.as_ref().map(PersonName::as_str);
    let details = json!({ "assignedToName": name });
    op.audit(AuditAction::TicketAssign, &ticket, details)
        .await?;
    Ok(ticket)
}

/// Adds a public reply, and mails the customers on the ticket. It opens a new ticket.
pub async fn add_team_reply(
    op: &Operation<'_, Technician>,
    id: TicketId,
    reply: Reply,
) -> Result<Comment, TicketError> {
    let ticket = locked(op, id).await?.replied_by_team(op.now());
    op.tx.update_ticket(&ticket).await?;
    let comment = comment(op, &ticket, reply, true).await?;
    tell_of_team_reply(op, &ticket, &comment).await?;
    Ok(comment)
}

/// Adds a note that only the team sees.
pub async fn add_internal_note(
    op: &Operation<'_, Technician>,
    id: TicketId,
    note: Reply,
) -> Result<Comment, TicketError> {
    let ticket = locked(op, id).await?;
    comment(op, &ticket, note, false).await
}

async fn comment(
    op: &Operation<'_, Technician>,
    ticket: &Ticket,
    Reply {
        content,
        attachments,
    }: Reply,
    is_public: bool,
) -> Result<Comment, TicketError> {
    let comment = Comment {
        id: CommentId::generate(op),
        organization_id: ticket.organization_id,
        ticket_id: ticket.id,
        portal_user_id: None,
        author_name: op.by.name.to_string(),
        author_type: AuthorType::Internal,
        content,
        is_public,
        created_at: op.now(),
        edited_at: None,
        deleted_at: None,
    };
    if !op.tx.add_comment(&comment).await? {
        return Err(StorageError::Missing("ticket_comments").into());
    }
    files::claim(op, None, &attachments, ticket.id, Some(comment.id)).await?;
    let action = if is_public {
        AuditAction::TicketReply
    } else {
        AuditAction::TicketNote
    };
    let mut details = details(ticket.id, &attachments);
    if let Some(details) = details.as_object_mut() {
        details.insert("authorName".to_owned(), json!(comment.author_name));
    }
    op.audit(action, (&comment, ticket), details).await?;
    Ok(comment)
}

/// Sets a ticket's status, and mails the customers on it. Setting the current status does nothing.
pub async fn set_status(
    op: &Operation<'_, impl Actor>,
    id: TicketId,
    status: TicketStatus,
) -> Result<Ticket, TicketError> {
    let before = locked(op, id).await?;
    let from = before.status;
    let ticket = before.moved_by_team(status, op.now())?;
    if ticket.status == from {
        return Ok(ticket);
    }
    op.tx.update_ticket(&ticket).await?;
    let details = json!({ "from": from.as_str(), "to": status.as_str() });
    op.audit(AuditAction::TicketStatus, &ticket, details)
        .await?;
    tell_of_status(op, &ticket, None).await?;
    Ok(ticket)
}

/// Links a ticket to its counterpart in another system.
pub async fn link(
    op: &Operation<'_, impl Actor>,
    id: TicketId,
    external: ExternalTicket,
) -> Result<Ticket, TicketError> {
    let before = locked(op, id).await?;
    let mut ticket = Ticket {
        external_ticket_id: external.id,
        external_ticket_url: external.url,
        ..before.clone()
    };
    if ticket == before {
        return Ok(ticket);
    }
    ticket.updated_at = op.now();
    op.tx.update_ticket(&ticket).await?;
    let details = json!({
        "externalTicketId": ticket.external_ticket_id.as_ref().map(ExternalTicketId::as_str),
        "externalTicketUrl": ticket.external_ticket_url.as_ref().map(HttpUrl::as_str),
    });
    op.audit(AuditAction::TicketLink, &ticket, details).await?;
    Ok(ticket)
}

/// Deletes a ticket: it is hidden from everyone, but its row stays. Its files go.
pub async fn delete(op: &Operation<'_, impl Actor>, id: TicketId) -> Result<(), TicketError> {
    let mut ticket = locked(op, id).await?;
    let now = op.now();
    ticket.deleted_at = Some(now);
    ticket.updated_at = now;
    op.tx.update_ticket(&ticket).await?;
    op.tx.remove_files_of_ticket(id, now).await?;
    Ok(op
        .audit(AuditAction::TicketDelete, &ticket, json!({}))
        .await?)
}
