//! Customers reply to their tickets, and edit or withdraw their replies.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use futures_util::future::try_join;
use serde_json::{Value, json};

use super::access::lock_visible;
use super::mails::tell_of_colleagues_reply;
use super::{AuthorType, Comment, CommentText, InvalidTransition, Ticket, TicketReader};
use crate::actors::Customer;
use crate::audit::AuditAction;
use crate::files::{self, AttachmentIds, ClaimError};
use crate::ids::{CommentId, TicketId, UserId};
use crate::notifications::MailKind;
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::text::TextError;

/// Why a customer could not add, edit or withdraw a comment.
#[derive(Debug, thiserror::Error)]
pub enum CommentError {
    /// There is no such ticket for the customer, or no such comment on it.
    #[error("there is no such ticket or comment of this customer")]
    NotFound,
    /// The ticket is closed.
    #[error(transparent)]
    TicketClosed(#[from] InvalidTransition),
    /// The team has replied since.
    #[error("the team has replied since")]
    Locked,
    /// A comment with this id was added and withdrawn before.
    #[error("the comment was added before and has been withdrawn since")]
    Withdrawn,
    /// A file is not one that the customer uploaded and has not attached yet.
    #[error("there is no such file to attach")]
    UnknownAttachment,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ClaimError> for CommentError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Unknown => Self::UnknownAttachment,
            ClaimError::Storage(error) => Self::Storage(error),
        }
    }
}

/// A text for the conversation, with files; a text alone is one without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The text.
    pub content: CommentText,
    /// What its author uploaded for it.
    pub attachments: AttachmentIds,
}

impl From<CommentText> for Reply {
    fn from(content: CommentText) -> Self {
        Self {
            content,
            attachments: AttachmentIds::NONE,
        }
    }
}

impl FromStr for Reply {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        text.parse::<CommentText>().map(Self::from)
    }
}

/// The audit log's details of a new comment.
pub(super) fn details(ticket: TicketId, attachments: &AttachmentIds) -> Value {
    let mut details = json!({ "ticketId": ticket });
    if let (Some(details), false) = (details.as_object_mut(), attachments.is_empty()) {
        details.insert("attachmentIds".to_owned(), json!(attachments.ids()));
    }
    details
}

/// Adds a reply to a ticket that the customer may see, and mails the team and whoever else is on it.
/// It reopens a pending or resolved ticket.
pub async fn add_customer_reply(
    op: &Operation<'_, Customer>,
    ticket: TicketId,
    reply: Reply,
) -> Result<Comment, CommentError> {
    let id = CommentId::generate(op);
    add_customer_reply_with_id(op, ticket, id, reply).await
}

/// [`add_customer_reply`] under an idempotency key: if a comment with this id exists, returns it
/// and does nothing else.
///
/// The caller makes sure that the id was issued for this customer.
pub async fn add_customer_reply_with_id(
    op: &Operation<'_, Customer>,
    ticket: TicketId,
    id: CommentId,
    reply: Reply,
) -> Result<Comment, CommentError> {
    let Reply {
        content,
        attachments,
    } = reply;
    // The lock on the ticket puts concurrent replies with the same id in order.
    let found = lock_visible(op, ticket).await?;
    let (ticket, _) = found.ok_or(CommentError::NotFound)?;
    if let Some(existing) = op.tx.comment(id).await? {
        return Ok(existing);
    }
    let now = op.now();
    let ticket = ticket.replied_by_customer(now)?;
    let user = &op.by.account.user;
    let comment = Comment {
        id,
        organization_id: ticket.organization_id,
        ticket_id: ticket.id,
        portal_user_id: Some(user.id),
        author_name: user.display_name().to_owned(),
        author_type: AuthorType::Portal,
        content,
        is_public: true,
        created_at: now,
        edited_at: None,
        deleted_at: None,
    };
    if !op.tx.add_comment(&comment).await? {
        return Err(CommentError::Withdrawn);
    }
    files::claim(op, Some(user.id), &attachments, ticket.id, Some(id)).await?;
    op.tx.update_ticket(&ticket).await?;
    let details = details(ticket.id, &attachments);
    let action = AuditAction::PortalTicketCommentCreate;
    op.audit(action, (&comment, &ticket), details).await?;
    op.mail(MailKind::customer_replied(ticket.id, id)).await?;
    tell_of_colleagues_reply(op, &ticket, &comment).await?;
    Ok(comment)
}

/// Edits the customer's own comment, unless the team has replied since. The present content changes
/// nothing.
pub async fn edit_comment(
    op: &Operation<'_, Customer>,
    ticket: TicketId,
    comment: CommentId,
    content: CommentText,
) -> Result<Comment, CommentError> {
    edit(op, open_comment(op, ticket, comment).await?, content).await
}

/// [`edit_comment`] of a comment that was last edited at `seen`, as the customer saw it: if it was
/// edited since, returns the comment as it is and does nothing else.
pub async fn edit_seen_comment(
    op: &Operation<'_, Customer>,
    ticket: TicketId,
    comment: CommentId,
    seen: Option<DateTime<Utc>>,
    content: CommentText,
) -> Result<Comment, CommentError> {
    let (ticket, comment) = open_comment(op, ticket, comment).await?;
    if comment.edited_at != seen {
        return Ok(comment);
    }
    edit(op, (ticket, comment), content).await
}

async fn edit(
    op: &Operation<'_, Customer>,
    (ticket, mut comment): (Ticket, Comment),
    content: CommentText,
) -> Result<Comment, CommentError> {
    if comment.content == content {
        return Ok(comment);
    }
    comment.content = content;
    comment.edited_at = Some(op.now());
    save(op, AuditAction::PortalTicketCommentUpdate, ticket, &comment).await?;
    Ok(comment)
}

/// Withdraws the customer's own comment and its files, unless the team has replied since.
pub async fn withdraw_comment(
    op: &Operation<'_, Customer>,
    ticket: TicketId,
    comment: CommentId,
) -> Result<(), CommentError> {
    let (ticket, mut comment) = open_comment(op, ticket, comment).await?;
    comment.deleted_at = Some(op.now());
    op.tx.remove_files_of_comment(comment.id, op.now()).await?;
    save(op, AuditAction::PortalTicketCommentDelete, ticket, &comment).await
}

/// The customer's own [`changeable`] comment, and its ticket, locked.
async fn open_comment(
    op: &Operation<'_, Customer>,
    ticket: TicketId,
    id: CommentId,
) -> Result<(Ticket, Comment), CommentError> {
    // The lock on the ticket keeps out a concurrent reply of the team.
    let found = lock_visible(op, ticket).await?;
    let (ticket, _) = found.ok_or(CommentError::NotFound)?;
    let comment = changeable(op.tx, op.by.account.user.id, ticket.id, id).await?;
    Ok((ticket, comment))
}

/// The comment, if the customer may still edit it: it is theirs, and no public reply of the team
/// follows it. That they may see the ticket is for the caller to check.
pub async fn changeable(
    reader: &(impl TicketReader + ?Sized),
    user: UserId,
    ticket: TicketId,
    id: CommentId,
) -> Result<Comment, CommentError> {
    let (comment, last_team_reply) =
        try_join(reader.comment(id), reader.last_team_reply(ticket)).await?;
    let comment = comment
        .filter(|comment| comment.ticket_id == ticket && comment.is_by(user))
        .ok_or(CommentError::NotFound)?;
    if last_team_reply > Some(comment.position()) {
        return Err(CommentError::Locked);
    }
    Ok(comment)
}

async fn save(
    op: &Operation<'_, Customer>,
    action: AuditAction,
    ticket: Ticket,
    comment: &Comment,
) -> Result<(), CommentError> {
    op.tx.update_comment(comment).await?;
    let ticket = Ticket {
        updated_at: op.now(),
        ..ticket
    };
    op.tx.update_ticket(&ticket).await?;
    let details = json!({ "ticketId": ticket.id });
    Ok(op.audit(action, (comment, &ticket), details).await?)
}
