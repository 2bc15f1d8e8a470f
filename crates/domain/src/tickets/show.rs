//! Tickets with their conversations, as customers and the team read them.

use futures_util::future::{try_join, try_join5};

use super::{Audience, Comment, CommentPosition, Ticket};
use crate::devices::Device;
use crate::files::Attachment;
use crate::ids::{CommentId, TicketId, UserId};
use crate::pagination::{Page, PageRequest};
use crate::profiles::Colleague;
use crate::storage_error::StorageError;
use crate::store::TenantReader;

/// The comments that a ticket is shown with by default: the newest.
pub const NEWEST_COMMENTS: PageRequest = PageRequest::first(200);

/// A ticket with a page of its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// A page of the comments, newest first.
    pub comments: Page<Comment>,
    /// The place of the team's last reply that customers see.
    pub last_team_reply: Option<CommentPosition>,
    /// The active users who take part in it, besides the submitter.
    pub participants: Vec<Colleague>,
    /// The device that it is about.
    pub device: Option<Device>,
    /// The files of the ticket and of these comments.
    pub attachments: Vec<Attachment>,
}

impl ShownTicket {
    /// Whether a customer may still edit or withdraw a comment; see
    /// [`changeable`](super::changeable).
    pub fn may_change(&self, user: UserId, comment: &Comment) -> bool {
        comment.is_by(user) && self.last_team_reply < Some(comment.position())
    }
}

/// A ticket, if the customer may see it, with a page of its conversation.
pub async fn show(
    reader: &dyn TenantReader,
    user: UserId,
    id: TicketId,
    comments: PageRequest,
) -> Result<Option<ShownTicket>, StorageError> {
    let ticket = reader.visible_ticket(user, id);
    shown(reader, id, ticket, Audience::Customer, comments).await
}

/// A ticket as the team sees it, with internal notes.
pub async fn show_to_team(
    reader: &dyn TenantReader,
    id: TicketId,
    comments: PageRequest,
) -> Result<Option<ShownTicket>, StorageError> {
    shown(reader, id, reader.ticket(id), Audience::Team, comments).await
}

async fn shown(
    reader: &dyn TenantReader,
    id: TicketId,
    ticket: impl Future<Output = Result<Option<Ticket>, StorageError>>,
    audience: Audience,
    comments: PageRequest,
) -> Result<Option<ShownTicket>, StorageError> {
    let parts = try_join5(
        read_conversation(reader, id, audience, comments),
        reader.last_team_reply(id),
        reader.participants(id),
        reader.device_of_ticket(id),
        reader.files_of_ticket(id),
    );
    let (ticket, (conversation, last_team_reply, participants, device, mut attachments)) =
        try_join(ticket, parts).await?;
    attachments.extend(conversation.attachments);
    Ok(ticket.map(|ticket| ShownTicket {
        ticket,
        comments: conversation.comments,
        last_team_reply,
        participants,
        device,
        attachments,
    }))
}

/// A page of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The comments, newest first.
    pub comments: Page<Comment>,
    /// Their files, those of each in their order.
    pub attachments: Vec<Attachment>,
}

/// A page of the conversation of a ticket that the customer may see.
pub async fn conversation(
    reader: &dyn TenantReader,
    user: UserId,
    id: TicketId,
    page: PageRequest,
) -> Result<Option<Conversation>, StorageError> {
    let (ticket, conversation) = try_join(
        reader.visible_ticket(user, id),
        read_conversation(reader, id, Audience::Customer, page),
    )
    .await?;
    Ok(ticket.map(|_| conversation))
}

/// The comments of a page, and then their files alone: a long conversation may have very many.
async fn read_conversation(
    reader: &dyn TenantReader,
    id: TicketId,
    audience: Audience,
    page: PageRequest,
) -> Result<Conversation, StorageError> {
    let comments = reader.comments(id, audience, page).await?;
    let ids: Vec<CommentId> = comments.items.iter().map(|comment| comment.id).collect();
    let attachments = if ids.is_empty() {
        Vec::new()
    } else {
        reader.files_of_comments(id, &ids).await?
    };
    Ok(Conversation {
        comments,
        attachments,
    })
}
