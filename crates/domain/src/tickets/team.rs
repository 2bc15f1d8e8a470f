//! The team works on tickets, from a console or an integration.

use serde_json::json;

use super::{
    AuthorType, Comment, CommentText, ExternalTicketId, Ticket, TicketError, TicketPriority,
    TicketStatus,
};
use crate::audit::{Actor, AuditAction, record};
use crate::environment::Environment;
use crate::ids::{CommentId, TicketId};
use crate::notifications::{MailKind, enqueue};
use crate::storage_error::StorageError;
use crate::store::TenantWork;
use crate::values::{HttpUrl, PersonName};

/// Somebody of the team, as customers see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technician {
    /// Their name.
    pub name: PersonName,
}

impl Technician {
    /// A technician of this name.
    pub const fn named(name: PersonName) -> Self {
        Self { name }
    }
}

/// The first look at a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Triage {
    /// How much it really matters.
    pub priority: TicketPriority,
}

/// Where a ticket is known in another system; an absent part is unset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExternalTicket {
    /// Its id there.
    pub id: Option<ExternalTicketId>,
    /// Its address there.
    pub url: Option<HttpUrl>,
}

async fn locked(work: &dyn TenantWork, id: TicketId) -> Result<Ticket, TicketError> {
    work.lock_ticket(id).await?.ok_or(TicketError::NotFound)
}

/// Acknowledges a ticket: sets its priority, and a new one is open then.
///
/// # Errors
///
/// [`TicketError::NotFound`], and those of storage.
pub async fn triage(
    work: &dyn TenantWork,
    env: &dyn Environment,
    id: TicketId,
    triage: Triage,
) -> Result<Ticket, TicketError> {
    let now = env.now();
    let before = locked(work, id).await?;
    let mut ticket = before.clone();
    ticket.priority = triage.priority;
    if ticket.status == TicketStatus::New {
        ticket = ticket.moved_by_team(TicketStatus::Open, now)?;
    }
    if ticket == before {
        return Ok(ticket);
    }
    ticket.updated_at = now;
    work.update_ticket(&ticket).await?;
    let details = json!({
        "priority": ticket.priority.as_str(),
        "status": ticket.status.as_str(),
    });
    let (action, resource) = (AuditAction::TicketTriage, &ticket);
    record(work, env, &Actor::System, action, resource, details).await?;
    if ticket.status != before.status {
        tell_status(work, env, &ticket).await?;
    }
    Ok(ticket)
}

/// Gives a ticket to a technician, or with `None` to nobody. Customers do not see whose it is.
///
/// # Errors
///
/// [`TicketError::NotFound`], and those of storage.
pub async fn assign(
    work: &dyn TenantWork,
    env: &dyn Environment,
    id: TicketId,
    to: Option<PersonName>,
) -> Result<Ticket, TicketError> {
    let mut ticket = locked(work, id).await?;
    if ticket.assigned_to_name == to {
        return Ok(ticket);
    }
    ticket.assigned_to_name = to;
    work.update_ticket(&ticket).await?;
    let name = ticket.assigned_to_name.as_ref().map(PersonName::as_str);
    let details = json!({ "assignedToName": name });
    let (action, resource) = (AuditAction::TicketAssign, &ticket);
    record(work, env, &Actor::System, action, resource, details).await?;
    Ok(ticket)
}

/// Answers a ticket for the customer to see, and tells them by mail. A new ticket is open then.
///
/// # Errors
///
/// [`TicketError::NotFound`], and those of storage.
pub async fn reply(
    work: &dyn TenantWork,
    env: &dyn Environment,
    technician: &Technician,
    id: TicketId,
    content: CommentText,
) -> Result<Comment, TicketError> {
    let ticket = locked(work, id).await?.replied_by_team(env.now());
    work.update_ticket(&ticket).await?;
    let comment = comment(work, env, technician, &ticket, content, true).await?;
    let (ticket_id, comment_id) = (ticket.id, comment.id);
    enqueue(
        work,
        env,
        MailKind::TeamReplied {
            ticket_id,
            comment_id,
        },
    )
    .await?;
    Ok(comment)
}

/// Leaves a note for the team. It changes nothing that the customer sees.
///
/// # Errors
///
/// [`TicketError::NotFound`], and those of storage.
pub async fn note(
    work: &dyn TenantWork,
    env: &dyn Environment,
    technician: &Technician,
    id: TicketId,
    content: CommentText,
) -> Result<Comment, TicketError> {
    let ticket = locked(work, id).await?;
    comment(work, env, technician, &ticket, content, false).await
}

async fn comment(
    work: &dyn TenantWork,
    env: &dyn Environment,
    technician: &Technician,
    ticket: &Ticket,
    content: CommentText,
    is_public: bool,
) -> Result<Comment, TicketError> {
    let comment = Comment {
        id: CommentId::generate(env),
        organization_id: ticket.organization_id,
        ticket_id: ticket.id,
        portal_user_id: None,
        author_name: technician.name.to_string(),
        author_type: AuthorType::Internal,
        content,
        is_public,
        created_at: env.now(),
        edited_at: None,
        deleted_at: None,
    };
    if !work.add_comment(&comment).await? {
        return Err(StorageError::Missing("ticket_comments").into());
    }
    let action = if is_public {
        AuditAction::TicketReply
    } else {
        AuditAction::TicketNote
    };
    let resource = (&comment, ticket);
    let details = json!({ "ticketId": ticket.id, "authorName": comment.author_name });
    record(work, env, &Actor::System, action, resource, details).await?;
    Ok(comment)
}

/// Moves a ticket to another status, and tells the customer by mail. Setting the present status
/// does nothing.
///
/// # Errors
///
/// [`TicketError::NotFound`], [`TicketError::InvalidTransition`], and those of storage.
pub async fn set_status(
    work: &dyn TenantWork,
    env: &dyn Environment,
    id: TicketId,
    status: TicketStatus,
) -> Result<Ticket, TicketError> {
    let before = locked(work, id).await?;
    let from = before.status;
    let ticket = before.moved_by_team(status, env.now())?;
    if ticket.status == from {
        return Ok(ticket);
    }
    work.update_ticket(&ticket).await?;
    let details = json!({ "from": from.as_str(), "to": status.as_str() });
    let (action, resource) = (AuditAction::TicketStatus, &ticket);
    record(work, env, &Actor::System, action, resource, details).await?;
    tell_status(work, env, &ticket).await?;
    Ok(ticket)
}

async fn tell_status(
    work: &dyn TenantWork,
    env: &dyn Environment,
    ticket: &Ticket,
) -> Result<(), TicketError> {
    let status = ticket.status.as_str().to_owned();
    Ok(enqueue(
        work,
        env,
        MailKind::StatusChanged {
            ticket_id: ticket.id,
            status,
        },
    )
    .await?)
}

/// Notes where a ticket is known in another system.
///
/// # Errors
///
/// [`TicketError::NotFound`], and those of storage.
pub async fn link(
    work: &dyn TenantWork,
    env: &dyn Environment,
    id: TicketId,
    external: ExternalTicket,
) -> Result<Ticket, TicketError> {
    let before = locked(work, id).await?;
    let ExternalTicket {
        id: external_ticket_id,
        url: external_ticket_url,
    } = external;
    let mut ticket = Ticket {
        external_ticket_id,
        external_ticket_url,
        ..before.clone()
    };
    if ticket == before {
        return Ok(ticket);
    }
    ticket.updated_at = env.now();
    work.update_ticket(&ticket).await?;
    let details = json!({
        "externalTicketId": ticket.external_ticket_id.as_ref().map(ExternalTicketId::as_str),
        "externalTicketUrl": ticket.external_ticket_url.as_ref().map(HttpUrl::as_str),
    });
    let (action, resource) = (AuditAction::TicketLink, &ticket);
    record(work, env, &Actor::System, action, resource, details).await?;
    Ok(ticket)
}

/// Deletes a ticket: nobody sees it any longer, but its row stays.
///
/// # Errors
///
/// [`TicketError::NotFound`], and those of storage.
pub async fn delete(
    work: &dyn TenantWork,
    env: &dyn Environment,
    id: TicketId,
) -> Result<(), TicketError> {
    let mut ticket = locked(work, id).await?;
    let now = env.now();
    ticket.deleted_at = Some(now);
    ticket.updated_at = now;
    work.update_ticket(&ticket).await?;
    let (action, resource) = (AuditAction::TicketDelete, &ticket);
    Ok(record(work, env, &Actor::System, action, resource, json!({})).await?)
}
