//! Support tickets.

mod access;
mod comments;
mod lifecycle;
mod mails;
mod number;
mod participants;
mod search;
mod show;
mod submit;
mod team;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::audit::{Audited, Resource};
use crate::devices::Device;
use crate::enums::text_enum;
use crate::files::ClaimError;
use crate::ids::{CommentId, DeviceId, OrganizationId, TicketId, UserId};
use crate::pagination::{Page, PageRequest};
use crate::profiles::Colleague;
use crate::storage_error::StorageError;
use crate::text::text_value;
use crate::values::{EmailAddress, HttpUrl, PersonName};

pub use access::{InvalidTicketScope, NotAManager, Relation, TicketScope, Viewer, may_list};
pub use comments::{
    CommentError, Reply, add_customer_reply, add_customer_reply_with_id, changeable, edit_comment,
    edit_seen_comment, withdraw_comment,
};
pub use lifecycle::InvalidTransition;
pub use number::{InvalidTicketNumber, TicketNumber};
pub use participants::{
    Addition, ColleagueRef, ParticipantError, Participation, add_participant,
    add_participant_by_team, remove_participant, remove_participant_by_team,
};
pub use search::{InvalidSort, TicketFilter, TicketSort, search_text};
pub use show::{Conversation, NEWEST_COMMENTS, ShownTicket, conversation, show, show_to_team};
pub use submit::{NewTicket, SubmitError, close, submit, submit_with_id};
pub use team::{
    ExternalTicket, Triage, add_internal_note, add_team_reply, assign, delete, link, set_status,
    triage,
};

text_value! {
    /// A ticket's subject, 1 to 255 characters on one line.
    pub struct Subject(single_line, required, 255);
}

text_value! {
    /// A ticket's description, 1 to 50000 characters.
    pub struct Description(multi_line, required, 50_000);
}

text_value! {
    /// The text of a comment, 1 to 5000 characters.
    pub struct CommentText(multi_line, required, 5_000);
}

text_value! {
    /// A ticket's id in another system.
    pub struct ExternalTicketId(single_line, required, 255);
}

text_enum! {
    /// A ticket's status.
    pub enum TicketStatus: InvalidTicketStatus {
        /// Not looked at yet.
        New = "new",
        /// Being worked on.
        Open = "open",
        /// Waiting for the submitter.
        Pending = "pending",
        /// Waiting for a third party.
        OnHold = "on_hold",
        /// Resolved, to be confirmed by the submitter.
        Resolved = "resolved",
        Closed = "closed",
    }
}

impl TicketStatus {
    /// The status in English, for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Open => "Open",
            Self::Pending => "Pending",
            Self::OnHold => "On hold",
            Self::Resolved => "Resolved",
            Self::Closed => "Closed",
        }
    }
}

text_enum! {
    /// A ticket's priority, in ascending order.
    pub enum TicketPriority: InvalidTicketPriority {
        Low = "low",
        /// The default.
        Normal = "normal",
        High = "high",
        /// Needs an immediate response.
        Urgent = "urgent",
    }
}

impl TicketPriority {
    /// The position in the order, from 0 for the lowest.
    pub const fn rank(self) -> i16 {
        self as i16
    }
}

text_enum! {
    /// Where a ticket was submitted.
    pub enum TicketSource: InvalidTicketSource {
        Portal = "portal",
    }
}

/// A request for help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its number for people; unique across organizations.
    pub number: TicketNumber,
    /// Its subject.
    pub subject: Subject,
    /// Its description.
    pub description: Description,
    /// Its status.
    pub status: TicketStatus,
    /// Its priority.
    pub priority: TicketPriority,
    /// The customer who submitted it.
    pub submitted_by: UserId,
    /// Their address when they did.
    pub submitter_email: EmailAddress,
    /// Their name when they did.
    pub submitter_name: Option<PersonName>,
    /// The device that it is about.
    pub device_id: Option<DeviceId>,
    /// The technician whom it is assigned to.
    pub assigned_to_name: Option<PersonName>,
    /// Where it was submitted.
    pub source: TicketSource,
    /// Its id in another system.
    pub external_ticket_id: Option<ExternalTicketId>,
    /// Its URL in another system.
    pub external_ticket_url: Option<HttpUrl>,
    /// When it was submitted.
    pub created_at: DateTime<Utc>,
    /// When anything that the customer sees of it last changed.
    pub updated_at: DateTime<Utc>,
    /// When the team first replied.
    pub first_response_at: Option<DateTime<Utc>>,
    /// When it was resolved, unless it was reopened since.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When it was closed, unless it was reopened since.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was deleted; a deleted ticket is hidden from everyone.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A ticket as a customer's list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSummary {
    /// Its id.
    pub id: TicketId,
    /// The number by which people name it.
    pub number: TicketNumber,
    /// What it is about.
    pub subject: Subject,
    /// Its state.
    pub status: TicketStatus,
    /// How much it matters.
    pub priority: TicketPriority,
    /// The customer whose ticket it is, as they were called when it was submitted.
    pub submitter: Colleague,
    /// When it was submitted.
    pub created_at: DateTime<Utc>,
    /// When something of it that the customer sees was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<&Ticket> for TicketSummary {
    fn from(ticket: &Ticket) -> Self {
        ticket.clone().into_parts().0
    }
}

impl Ticket {
    /// What lists show of it, its description, and its id and address in another system.
    pub fn into_parts(
        self,
    ) -> (
        TicketSummary,
        Description,
        Option<ExternalTicketId>,
        Option<HttpUrl>,
    ) {
        let summary = TicketSummary {
            id: self.id,
            number: self.number,
            subject: self.subject,
            status: self.status,
            priority: self.priority,
            submitter: Colleague {
                id: self.submitted_by,
                email: self.submitter_email,
                name: self.submitter_name,
            },
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        let Self {
            description,
            external_ticket_id,
            external_ticket_url,
            ..
        } = self;
        (
            summary,
            description,
            external_ticket_id,
            external_ticket_url,
        )
    }

    /// The customer whose ticket it is, as they were called when it was submitted.
    pub fn submitter(&self) -> Colleague {
        Colleague {
            id: self.submitted_by,
            email: self.submitter_email.clone(),
            name: self.submitter_name.clone(),
        }
    }
}

/// A ticket as the team's list shows it: without its description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamTicketSummary {
    /// What customers see of it, too.
    pub summary: TicketSummary,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The technician who has it.
    pub assigned_to_name: Option<PersonName>,
    /// How it came to be.
    pub source: TicketSource,
    /// Its id in another system.
    pub external_ticket_id: Option<ExternalTicketId>,
    /// Its address in another system.
    pub external_ticket_url: Option<HttpUrl>,
    /// When the team first answered.
    pub first_response_at: Option<DateTime<Utc>>,
    /// When it was resolved, unless it was reopened since.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When it was closed, unless it was reopened since.
    pub closed_at: Option<DateTime<Utc>>,
}

impl From<&Ticket> for TeamTicketSummary {
    fn from(ticket: &Ticket) -> Self {
        Self {
            summary: ticket.into(),
            organization_id: ticket.organization_id,
            assigned_to_name: ticket.assigned_to_name.clone(),
            source: ticket.source,
            external_ticket_id: ticket.external_ticket_id.clone(),
            external_ticket_url: ticket.external_ticket_url.clone(),
            first_response_at: ticket.first_response_at,
            resolved_at: ticket.resolved_at,
            closed_at: ticket.closed_at,
        }
    }
}

impl Audited for Ticket {
    fn resource(&self) -> Resource {
        Resource::new("ticket", &self.id, &self.number)
    }
}

text_enum! {
    /// The side of the conversation that an author is on.
    pub enum AuthorType: InvalidAuthorType {
        /// A customer.
        Portal = "portal",
        /// The IT team.
        Internal = "internal",
    }
}

/// A comment on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The organization of the ticket.
    pub organization_id: OrganizationId,
    /// Its ticket.
    pub ticket_id: TicketId,
    /// The customer who wrote it, if one did.
    pub portal_user_id: Option<UserId>,
    /// The author's name when they wrote it.
    pub author_name: String,
    /// The author's side.
    pub author_type: AuthorType,
    /// Its text.
    pub content: CommentText,
    /// Whether customers see it; an internal note is not public.
    pub is_public: bool,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When its author last changed it.
    pub edited_at: Option<DateTime<Utc>>,
    /// When its author withdrew it; a withdrawn comment is hidden from everyone.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// The place of a comment in its conversation; a later one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommentPosition {
    /// When the comment was written.
    pub created_at: DateTime<Utc>,
    /// Its id, which decides between comments of one moment.
    pub id: CommentId,
}

impl Comment {
    /// Whether a customer wrote it.
    pub fn is_by(&self, user: UserId) -> bool {
        self.portal_user_id == Some(user)
    }

    /// Its place in the conversation.
    pub const fn position(&self) -> CommentPosition {
        CommentPosition {
            created_at: self.created_at,
            id: self.id,
        }
    }
}

/// A comment goes by its ticket's number.
impl Audited for (&Comment, &Ticket) {
    fn resource(&self) -> Resource {
        let (comment, ticket) = self;
        Resource::new("ticket_comment", &comment.id, &ticket.number)
    }
}

/// Why a ticket could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// There is no such ticket, or the customer may not see it.
    #[error("there is no such ticket")]
    NotFound,
    /// The customer takes part in the ticket, but may not do this.
    #[error("only the submitter and managers may do this")]
    NotInCharge,
    /// The ticket cannot be moved to this status.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// A file is not one that the team uploaded and has not attached yet.
    #[error("there is no such file to attach")]
    UnknownAttachment,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ClaimError> for TicketError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Unknown => Self::UnknownAttachment,
            ClaimError::Storage(error) => Self::Storage(error),
        }
    }
}

/// Who reads a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Customers, who see public comments only.
    Customer,
    /// The team, which sees internal notes too.
    Team,
}

/// Reads tickets. Deleted tickets and withdrawn comments are never read.
#[async_trait]
pub trait TicketReader: Send + Sync {
    /// The matching tickets.
    async fn tickets(
        &self,
        filter: &TicketFilter,
        page: PageRequest,
    ) -> Result<Page<TicketSummary>, StorageError>;

    /// The tickets that match, for the team's list.
    async fn team_tickets(
        &self,
        filter: &TicketFilter,
        page: PageRequest,
    ) -> Result<Page<TeamTicketSummary>, StorageError>;

    /// One ticket, for the team and the portal itself.
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StorageError>;

    /// One ticket, if this customer may see it; see [`Viewer`].
    async fn visible_ticket(
        &self,
        viewer: UserId,
        id: TicketId,
    ) -> Result<Option<Ticket>, StorageError>;

    /// The active users who take part in a ticket, in the order in which they were added.
    async fn participants(&self, ticket: TicketId) -> Result<Vec<Colleague>, StorageError>;

    /// The device that a ticket is about, unless customers do not see it.
    async fn device_of_ticket(&self, ticket: TicketId) -> Result<Option<Device>, StorageError>;

    /// A page of a ticket's comments, newest first.
    async fn comments(
        &self,
        ticket: TicketId,
        audience: Audience,
        page: PageRequest,
    ) -> Result<Page<Comment>, StorageError>;

    /// The place of the team's last reply that customers see.
    async fn last_team_reply(
        &self,
        ticket: TicketId,
    ) -> Result<Option<CommentPosition>, StorageError>;

    /// One comment.
    async fn comment(&self, id: CommentId) -> Result<Option<Comment>, StorageError>;
}

/// The result of adding a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketAddition {
    /// It was added.
    Added,
    /// A ticket of this or another organization has its number.
    NumberTaken,
    /// The organization has a ticket with its id, possibly deleted.
    IdTaken,
}

/// Writes tickets.
#[async_trait]
pub trait TicketWriter: Send + Sync {
    /// A ticket, whose row is locked until this transaction ends.
    async fn lock_ticket(&self, id: TicketId) -> Result<Option<Ticket>, StorageError>;

    /// Adds a ticket unless its number or id is taken.
    async fn add_ticket(&self, ticket: &Ticket) -> Result<TicketAddition, StorageError>;

    /// Replaces the row of a ticket.
    async fn update_ticket(&self, ticket: &Ticket) -> Result<(), StorageError>;

    /// Adds a comment; `false` when its id is taken.
    async fn add_comment(&self, comment: &Comment) -> Result<bool, StorageError>;

    /// The row of a user who takes part in a ticket, or did.
    async fn participation(
        &self,
        ticket: TicketId,
        user: UserId,
    ) -> Result<Option<Participation>, StorageError>;

    /// Adds or replaces that row.
    async fn save_participation(&self, participation: &Participation) -> Result<(), StorageError>;

    /// Updates a comment's content, and when it was edited and withdrawn.
    async fn update_comment(&self, comment: &Comment) -> Result<(), StorageError>;
}

/// Finds tickets in all organizations.
#[async_trait]
pub trait TicketNumberReader: Send + Sync {
    /// The organization and id of the ticket with this number.
    async fn ticket_by_number(
        &self,
        number: &TicketNumber,
    ) -> Result<Option<(OrganizationId, TicketId)>, StorageError>;
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::environment::SystemEnvironment;

    /// Hours after the tickets of these tests were submitted.
    pub(super) fn later(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    /// A ticket in a status.
    pub(super) fn ticket(status: TicketStatus) -> Ticket {
        Ticket {
            id: TicketId::generate(&SystemEnvironment),
            organization_id: OrganizationId::generate(&SystemEnvironment),
            number: TicketNumber::generate(&SystemEnvironment),
            subject: "Printer".parse().unwrap(),
            description: "It is on fire.".parse().unwrap(),
            status,
            priority: TicketPriority::Normal,
            submitted_by: UserId::generate(&SystemEnvironment),
            submitter_email: "ada@acme.example".parse().unwrap(),
            submitter_name: None,
            device_id: None,
            assigned_to_name: None,
            source: TicketSource::Portal,
            external_ticket_id: None,
            external_ticket_url: None,
            created_at: later(0),
            updated_at: later(0),
            first_response_at: None,
            resolved_at: None,
            closed_at: None,
            deleted_at: None,
        }
    }
}
