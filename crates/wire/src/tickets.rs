//! Tickets and comments.

use portal_domain::devices::{self, DisplayName};
use portal_domain::files;
use portal_domain::ids::{CommentId, DeviceId, TicketId, UserId};
use portal_domain::profiles::Colleague;
use portal_domain::tickets::{self, ExternalTicketId};
use portal_domain::values::HttpUrl;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Attachment, AuthorType, TicketPriority, TicketStatus, Timestamp};

/// A ticket as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketSummary {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: TicketId,
    /// The number for people.
    #[schema(example = "7KQ3MRXD")]
    pub ticket_number: String,
    /// The subject.
    #[schema(example = "The printer is on fire")]
    pub subject: String,
    /// The status.
    pub status: TicketStatus,
    /// The status in English.
    #[schema(example = "On hold")]
    pub status_name: &'static str,
    /// The priority.
    pub priority: TicketPriority,
    /// The user whose ticket it is.
    pub submitted_by: Person,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it last changed in a way that the customer can see.
    pub updated_at: Timestamp,
}

impl From<tickets::TicketSummary> for TicketSummary {
    fn from(ticket: tickets::TicketSummary) -> Self {
        let tickets::TicketSummary {
            id,
            number,
            subject,
            status,
            priority,
            submitter,
            created_at,
            updated_at,
        } = ticket;
        Self {
            id,
            ticket_number: number.into_string(),
            subject: subject.into_string(),
            status: TicketStatus(status),
            status_name: status.label(),
            priority: TicketPriority(priority),
            submitted_by: submitter.into(),
            created_at: Timestamp(created_at),
            updated_at: Timestamp(updated_at),
        }
    }
}

/// A user, as colleagues see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: UserId,
    /// The name, or else the email address.
    #[schema(example = "Ada Moreno")]
    pub name: String,
}

impl From<Colleague> for Person {
    fn from(colleague: Colleague) -> Self {
        Self {
            id: colleague.id,
            name: colleague.into_display_name(),
        }
    }
}

/// The device that a ticket is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketDevice {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: DeviceId,
    /// The hostname.
    #[schema(example = "acme-lt-014")]
    pub hostname: String,
    /// The display name.
    #[schema(required, example = "Ada's notebook")]
    pub display_name: Option<String>,
}

impl From<devices::Device> for TicketDevice {
    fn from(device: devices::Device) -> Self {
        Self {
            id: device.id,
            hostname: device.hostname.into_string(),
            display_name: device.display_name.map(DisplayName::into_string),
        }
    }
}

/// The fields of a ticket that lists leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketDetails {
    /// The description.
    #[schema(example = "Second floor, by the window.")]
    pub description: String,
    /// The id in another system.
    #[schema(required)]
    pub external_ticket_id: Option<String>,
    /// The URL in another system.
    #[schema(required)]
    pub external_ticket_url: Option<String>,
}

/// The fields of a ticket, those that lists show and the rest.
pub fn fields_of_ticket(ticket: tickets::Ticket) -> (TicketSummary, TicketDetails) {
    let (summary, description, external_id, external_url) = ticket.into_parts();
    let details = TicketDetails {
        description: description.into_string(),
        external_ticket_id: external_id.map(ExternalTicketId::into_string),
        external_ticket_url: external_url.map(HttpUrl::into_string),
    };
    (summary.into(), details)
}

/// A ticket with its conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// The fields that lists show.
    #[serde(flatten)]
    pub summary: TicketSummary,
    /// The fields that lists leave out.
    #[serde(flatten)]
    pub details: TicketDetails,
    /// The device that it is about.
    #[schema(required)]
    pub device: Option<TicketDevice>,
    /// The colleagues who take part in it, besides the submitter.
    pub participants: Vec<Person>,
    /// The files of the ticket itself.
    pub attachments: Vec<Attachment>,
    /// The newest comments, newest first; up to 200.
    pub comments: Vec<Comment>,
    /// How many comments there are in all.
    pub comments_total: i64,
}

impl From<tickets::ShownTicket> for Ticket {
    fn from(shown: tickets::ShownTicket) -> Self {
        let tickets::ShownTicket {
            ticket,
            comments,
            last_team_reply: _,
            participants,
            device,
            attachments,
        } = shown;
        let (summary, details) = fields_of_ticket(ticket);
        let of_ticket = files::of_comment(&attachments, None);
        let comment = |comment: tickets::Comment| {
            let files = files::of_comment(&attachments, Some(comment.id));
            Comment::new(comment, files)
        };
        Self {
            summary,
            details,
            device: device.map(TicketDevice::from),
            participants: participants.into_iter().map(Person::from).collect(),
            attachments: of_ticket.map(Attachment::from).collect(),
            comments: comments.items.into_iter().map(comment).collect(),
            comments_total: comments.total,
        }
    }
}

/// A comment on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: CommentId,
    /// The author's name at the time.
    #[schema(example = "Robin")]
    pub author_name: String,
    /// The author's type.
    pub author_type: AuthorType,
    /// The text.
    #[schema(example = "On my way.")]
    pub content: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the author last edited it.
    #[schema(required)]
    pub edited_at: Option<Timestamp>,
    /// The files.
    pub attachments: Vec<Attachment>,
}

impl Comment {
    /// A comment with its files.
    pub fn new<'f>(
        comment: tickets::Comment,
        files: impl Iterator<Item = &'f files::Attachment>,
    ) -> Self {
        let tickets::Comment {
            id,
            organization_id: _,
            ticket_id: _,
            portal_user_id: _,
            author_name,
            author_type,
            content,
            is_public: _,
            created_at,
            edited_at,
            deleted_at: _,
        } = comment;
        Self {
            id,
            author_name,
            author_type: AuthorType(author_type),
            content: content.into_string(),
            created_at: Timestamp(created_at),
            edited_at: edited_at.map(Timestamp),
            attachments: files.map(Attachment::from).collect(),
        }
    }
}
