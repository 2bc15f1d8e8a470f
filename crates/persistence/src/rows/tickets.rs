//! Rows of `tickets` and `ticket_comments`.

use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use portal_domain::profiles::Colleague;
use portal_domain::store::StorageError;
use portal_domain::tickets::{
    Comment, Participation, TeamTicketSummary, Ticket, TicketSummary, search_text,
};

use super::Place;
use crate::schema::{ticket_comments, ticket_participants, tickets};
use crate::sql_types::{DbId, Time};

/// The columns of a customer's list.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tickets, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct TicketSummaryRow {
    id: DbId,
    ticket_number: String,
    subject: String,
    status: String,
    priority: String,
    submitted_by: DbId,
    submitter_email: String,
    submitter_name: Option<String>,
    created_at: Time,
    updated_at: Time,
}

impl From<&Ticket> for TicketSummaryRow {
    fn from(ticket: &Ticket) -> Self {
        Self {
            id: DbId::of(ticket.id),
            ticket_number: ticket.number.to_string(),
            subject: ticket.subject.to_string(),
            status: ticket.status.to_string(),
            priority: ticket.priority.to_string(),
            submitted_by: DbId::of(ticket.submitted_by),
            submitter_email: ticket.submitter_email.to_string(),
            submitter_name: ticket.submitter_name.as_ref().map(ToString::to_string),
            created_at: Time::from(ticket.created_at),
            updated_at: Time::from(ticket.updated_at),
        }
    }
}

impl TryFrom<TicketSummaryRow> for TicketSummary {
    type Error = StorageError;

    fn try_from(row: TicketSummaryRow) -> Result<Self, StorageError> {
        let place = Place("tickets", row.id);
        Ok(Self {
            id: row.id.typed(),
            number: place.value("ticket_number", &row.ticket_number)?,
            subject: place.text("subject", row.subject)?,
            status: place.value("status", &row.status)?,
            priority: place.value("priority", &row.priority)?,
            submitter: Colleague {
                id: row.submitted_by.typed(),
                email: place.text("submitter_email", row.submitter_email)?,
                name: place.optional_text("submitter_name", row.submitter_name)?,
            },
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

/// The columns of the team's list.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tickets, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct TeamTicketSummaryRow {
    #[diesel(embed)]
    summary: TicketSummaryRow,
    org_id: DbId,
    assigned_to_name: Option<String>,
    source: String,
    external_ticket_id: Option<String>,
    external_ticket_url: Option<String>,
    first_response_at: Option<Time>,
    resolved_at: Option<Time>,
    closed_at: Option<Time>,
}

impl From<&Ticket> for TeamTicketSummaryRow {
    fn from(ticket: &Ticket) -> Self {
        Self {
            summary: ticket.into(),
            org_id: DbId::of(ticket.organization_id),
            assigned_to_name: ticket.assigned_to_name.as_ref().map(ToString::to_string),
            source: ticket.source.to_string(),
            external_ticket_id: ticket.external_ticket_id.as_ref().map(ToString::to_string),
            external_ticket_url: ticket.external_ticket_url.as_ref().map(ToString::to_string),
            first_response_at: ticket.first_response_at.map(Into::into),
            resolved_at: ticket.resolved_at.map(Into::into),
            closed_at: ticket.closed_at.map(Into::into),
        }
    }
}

impl TryFrom<TeamTicketSummaryRow> for TeamTicketSummary {
    type Error = StorageError;

    fn try_from(row: TeamTicketSummaryRow) -> Result<Self, StorageError> {
        let place = Place("tickets", row.summary.id);
        Ok(Self {
            summary: row.summary.try_into()?,
            organization_id: row.org_id.typed(),
            assigned_to_name: place.optional_text("assigned_to_name", row.assigned_to_name)?,
            source: place.value("source", &row.source)?,
            external_ticket_id: place
                .optional_text("external_ticket_id", row.external_ticket_id)?,
            external_ticket_url: place.optional("external_ticket_url", row.external_ticket_url)?,
            first_response_at: row.first_response_at.map(Into::into),
            resolved_at: row.resolved_at.map(Into::into),
            closed_at: row.closed_at.map(Into::into),
        })
    }
}

/// All columns that are read.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tickets, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct TicketRow {
    #[diesel(embed)]
    team: TeamTicketSummaryRow,
    description: String,
    device_id: Option<DbId>,
    deleted_at: Option<Time>,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = StorageError;

    fn try_from(row: TicketRow) -> Result<Self, StorageError> {
        let place = Place("tickets", row.team.summary.id);
        let team = TeamTicketSummary::try_from(row.team)?;
        Ok(Self {
            id: team.summary.id,
            organization_id: team.organization_id,
            number: team.summary.number,
            subject: team.summary.subject,
            description: place.text("description", row.description)?,
            status: team.summary.status,
            priority: team.summary.priority,
            submitted_by: team.summary.submitter.id,
            submitter_email: team.summary.submitter.email,
            submitter_name: team.summary.submitter.name,
            device_id: row.device_id.map(DbId::typed),
            assigned_to_name: team.assigned_to_name,
            source: team.source,
            external_ticket_id: team.external_ticket_id,
            external_ticket_url: team.external_ticket_url,
            created_at: team.summary.created_at,
            updated_at: team.summary.updated_at,
            first_response_at: team.first_response_at,
            resolved_at: team.resolved_at,
            closed_at: team.closed_at,
            deleted_at: row.deleted_at.map(Into::into),
        })
    }
}

/// All columns that are written: search happens in a text of its own.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = tickets, treat_none_as_default_value = false)]
pub(crate) struct WrittenTicketRow {
    #[diesel(embed)]
    ticket: TicketRow,
    search_text: String,
}

impl From<&Ticket> for WrittenTicketRow {
    fn from(ticket: &Ticket) -> Self {
        Self {
            ticket: TicketRow {
                team: ticket.into(),
                description: ticket.description.to_string(),
                device_id: ticket.device_id.map(DbId::of),
                deleted_at: ticket.deleted_at.map(Into::into),
            },
            search_text: search_text(&ticket.subject, &ticket.number, &ticket.description),
        }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = ticket_participants,
    primary_key(ticket_id, user_id),
    treat_none_as_default_value = false,
    treat_none_as_null = true)]
pub(crate) struct ParticipationRow {
    org_id: DbId,
    ticket_id: DbId,
    user_id: DbId,
    added_at: Time,
    removed_at: Option<Time>,
}

impl From<&Participation> for ParticipationRow {
    fn from(participation: &Participation) -> Self {
        Self {
            org_id: DbId::of(participation.organization_id),
            ticket_id: DbId::of(participation.ticket_id),
            user_id: DbId::of(participation.user_id),
            added_at: Time::from(participation.added_at),
            removed_at: participation.removed_at.map(Into::into),
        }
    }
}

impl TryFrom<ParticipationRow> for Participation {
    type Error = StorageError;

    fn try_from(row: ParticipationRow) -> Result<Self, StorageError> {
        Ok(Self {
            organization_id: row.org_id.typed(),
            ticket_id: row.ticket_id.typed(),
            user_id: row.user_id.typed(),
            added_at: row.added_at.into(),
            removed_at: row.removed_at.map(Into::into),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ticket_comments, treat_none_as_default_value = false)]
pub(crate) struct CommentRow {
    id: DbId,
    org_id: DbId,
    ticket_id: DbId,
    portal_user_id: Option<DbId>,
    author_name: String,
    author_type: String,
    content: String,
    is_public: bool,
    comment_type: String,
    created_at: Time,
    edited_at: Option<Time>,
    deleted_at: Option<Time>,
}

impl From<&Comment> for CommentRow {
    fn from(comment: &Comment) -> Self {
        // The same as `is_public`, for Breeze's other programs.
        let comment_type = if comment.is_public {
            "comment"
        } else {
            "internal"
        };
        Self {
            id: DbId::of(comment.id),
            org_id: DbId::of(comment.organization_id),
            ticket_id: DbId::of(comment.ticket_id),
            portal_user_id: comment.portal_user_id.map(DbId::of),
            author_name: comment.author_name.clone(),
            author_type: comment.author_type.to_string(),
            content: comment.content.to_string(),
            is_public: comment.is_public,
            comment_type: comment_type.to_owned(),
            created_at: Time::from(comment.created_at),
            edited_at: comment.edited_at.map(Into::into),
            deleted_at: comment.deleted_at.map(Into::into),
        }
    }
}

impl TryFrom<CommentRow> for Comment {
    type Error = StorageError;

    fn try_from(row: CommentRow) -> Result<Self, StorageError> {
        let place = Place("ticket_comments", row.id);
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            ticket_id: row.ticket_id.typed(),
            portal_user_id: row.portal_user_id.map(DbId::typed),
            author_name: row.author_name,
            author_type: place.value("author_type", &row.author_type)?,
            content: place.text("content", row.content)?,
            is_public: row.is_public,
            created_at: row.created_at.into(),
            edited_at: row.edited_at.map(Into::into),
            deleted_at: row.deleted_at.map(Into::into),
        })
    }
}
