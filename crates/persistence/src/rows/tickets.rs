//! Rows of `tickets` and `ticket_comments`.

use diesel::pg::Pg;
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use diesel::sqlite::Sqlite;
use portal_domain::store::StorageError;
use portal_domain::tickets::{Comment, Ticket, search_text};

use super::Table;
use crate::schema::{ticket_comments, tickets};
use crate::sql_types::{DbId, Time};

/// What is read of a ticket: all but the text in which it is found.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tickets, check_for_backend(Pg, Sqlite))]
pub(crate) struct TicketRow {
    id: DbId,
    org_id: DbId,
    ticket_number: String,
    subject: String,
    description: String,
    status: String,
    priority: String,
    submitted_by: DbId,
    submitter_email: String,
    submitter_name: Option<String>,
    assigned_to_name: Option<String>,
    source: String,
    external_ticket_id: Option<String>,
    external_ticket_url: Option<String>,
    created_at: Time,
    updated_at: Time,
    first_response_at: Option<Time>,
    resolved_at: Option<Time>,
    closed_at: Option<Time>,
    deleted_at: Option<Time>,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = StorageError;

    fn try_from(row: TicketRow) -> Result<Self, StorageError> {
        let TicketRow {
            id,
            org_id,
            ticket_number,
            subject,
            description,
            status,
            priority,
            submitted_by,
            submitter_email,
            submitter_name,
            assigned_to_name,
            source,
            external_ticket_id,
            external_ticket_url,
            created_at,
            updated_at,
            first_response_at,
            resolved_at,
            closed_at,
            deleted_at,
        } = row;
        let table = Table("tickets");
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            number: table.value("ticket_number", &ticket_number)?,
            subject: table.value("subject", &subject)?,
            description: table.value("description", &description)?,
            status: table.value("status", &status)?,
            priority: table.value("priority", &priority)?,
            submitted_by: submitted_by.typed(),
            submitter_email: table.value("submitter_email", &submitter_email)?,
            submitter_name: table.optional("submitter_name", submitter_name.as_deref())?,
            assigned_to_name: table.optional("assigned_to_name", assigned_to_name.as_deref())?,
            source: table.value("source", &source)?,
            external_ticket_id: table
                .optional("external_ticket_id", external_ticket_id.as_deref())?,
            external_ticket_url: table
                .optional("external_ticket_url", external_ticket_url.as_deref())?,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            first_response_at: first_response_at.map(Into::into),
            resolved_at: resolved_at.map(Into::into),
            closed_at: closed_at.map(Into::into),
            deleted_at: deleted_at.map(Into::into),
        })
    }
}

/// A ticket to be written, with the text in which it is found.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = tickets, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct WrittenTicketRow {
    id: DbId,
    org_id: DbId,
    ticket_number: String,
    subject: String,
    description: String,
    search_text: String,
    status: String,
    priority: String,
    submitted_by: DbId,
    submitter_email: String,
    submitter_name: Option<String>,
    assigned_to_name: Option<String>,
    source: String,
    external_ticket_id: Option<String>,
    external_ticket_url: Option<String>,
    created_at: Time,
    updated_at: Time,
    first_response_at: Option<Time>,
    resolved_at: Option<Time>,
    closed_at: Option<Time>,
    deleted_at: Option<Time>,
}

impl From<&Ticket> for WrittenTicketRow {
    fn from(ticket: &Ticket) -> Self {
        let Ticket {
            id,
            organization_id,
            number,
            subject,
            description,
            status,
            priority,
            submitted_by,
            submitter_email,
            submitter_name,
            assigned_to_name,
            source,
            external_ticket_id,
            external_ticket_url,
            created_at,
            updated_at,
            first_response_at,
            resolved_at,
            closed_at,
            deleted_at,
        } = ticket;
        Self {
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            ticket_number: number.to_string(),
            subject: subject.to_string(),
            description: description.to_string(),
            search_text: search_text(subject, number, description),
            status: status.to_string(),
            priority: priority.to_string(),
            submitted_by: DbId::of(*submitted_by),
            submitter_email: submitter_email.to_string(),
            submitter_name: submitter_name.as_ref().map(ToString::to_string),
            assigned_to_name: assigned_to_name.as_ref().map(ToString::to_string),
            source: source.to_string(),
            external_ticket_id: external_ticket_id.as_ref().map(ToString::to_string),
            external_ticket_url: external_ticket_url.as_ref().map(ToString::to_string),
            created_at: Time::from(*created_at),
            updated_at: Time::from(*updated_at),
            first_response_at: first_response_at.map(Into::into),
            resolved_at: resolved_at.map(Into::into),
            closed_at: closed_at.map(Into::into),
            deleted_at: deleted_at.map(Into::into),
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(
    table_name = ticket_comments,
    treat_none_as_default_value = false,
    check_for_backend(Pg, Sqlite)
)]
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
        let Comment {
            id,
            organization_id,
            ticket_id,
            portal_user_id,
            author_name,
            author_type,
            content,
            is_public,
            created_at,
            edited_at,
            deleted_at,
        } = comment;
        Self {
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            ticket_id: DbId::of(*ticket_id),
            portal_user_id: portal_user_id.map(DbId::of),
            author_name: author_name.clone(),
            author_type: author_type.to_string(),
            content: content.to_string(),
            is_public: *is_public,
            // says the same as `is_public`, for Breeze's other programs
            comment_type: if *is_public { "comment" } else { "internal" }.to_owned(),
            created_at: Time::from(*created_at),
            edited_at: edited_at.map(Into::into),
            deleted_at: deleted_at.map(Into::into),
        }
    }
}

impl TryFrom<CommentRow> for Comment {
    type Error = StorageError;

    fn try_from(row: CommentRow) -> Result<Self, StorageError> {
        let CommentRow {
            id,
            org_id,
            ticket_id,
            portal_user_id,
            author_name,
            author_type,
            content,
            is_public,
            comment_type: _,
            created_at,
            edited_at,
            deleted_at,
        } = row;
        let table = Table("ticket_comments");
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            ticket_id: ticket_id.typed(),
            portal_user_id: portal_user_id.map(DbId::typed),
            author_name,
            author_type: table.value("author_type", &author_type)?,
            content: table.value("content", &content)?,
            is_public,
            created_at: created_at.into(),
            edited_at: edited_at.map(Into::into),
            deleted_at: deleted_at.map(Into::into),
        })
    }
}
