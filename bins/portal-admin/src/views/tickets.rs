//! Tickets and their conversations, as the team sees them.

use std::fmt::Write as _;

use portal_domain::profiles::PersonName;
use portal_domain::tickets::{Comment, ExternalTicketId, Ticket};
use serde::Serialize;

use super::instant;
use crate::answer::{Answer, Listed, fields, harmless, indented};

/// A ticket without its texts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketView {
    id: String,
    org_id: String,
    ticket_number: String,
    subject: String,
    status: &'static str,
    status_name: &'static str,
    priority: &'static str,
    submitted_by: String,
    submitter_name: Option<String>,
    submitter_email: String,
    assigned_to_name: Option<String>,
    source: &'static str,
    external_ticket_id: Option<String>,
    external_ticket_url: Option<String>,
    created_at: String,
    updated_at: String,
    first_response_at: Option<String>,
    resolved_at: Option<String>,
    closed_at: Option<String>,
}

impl Listed for TicketView {
    const COLUMNS: &'static [&'static str] = &[
        "ticketNumber",
        "subject",
        "status",
        "priority",
        "submitterEmail",
        "assignedToName",
        "createdAt",
    ];
}

impl From<Ticket> for TicketView {
    fn from(ticket: Ticket) -> Self {
        let Ticket {
            id,
            organization_id,
            number,
            subject,
            description: _,
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
            deleted_at: _,
        } = ticket;
        Self {
            id: id.to_string(),
            org_id: organization_id.to_string(),
            ticket_number: number.to_string(),
            subject: subject.into_string(),
            status: status.as_str(),
            status_name: status.label(),
            priority: priority.as_str(),
            submitted_by: submitted_by.to_string(),
            submitter_name: submitter_name.map(PersonName::into_string),
            submitter_email: submitter_email.to_string(),
            assigned_to_name: assigned_to_name.map(PersonName::into_string),
            source: source.as_str(),
            external_ticket_id: external_ticket_id.map(ExternalTicketId::into_string),
            external_ticket_url: external_ticket_url.map(|url| url.to_string()),
            created_at: instant(created_at),
            updated_at: instant(updated_at),
            first_response_at: first_response_at.map(instant),
            resolved_at: resolved_at.map(instant),
            closed_at: closed_at.map(instant),
        }
    }
}

/// A comment of either side, internal notes included.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommentView {
    id: String,
    author_name: String,
    author_type: &'static str,
    is_public: bool,
    content: String,
    created_at: String,
    edited_at: Option<String>,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        let Comment {
            id,
            organization_id: _,
            ticket_id: _,
            portal_user_id: _,
            author_name,
            author_type,
            content,
            is_public,
            created_at,
            edited_at,
            deleted_at: _,
        } = comment;
        Self {
            id: id.to_string(),
            author_name,
            author_type: author_type.as_str(),
            is_public,
            content: content.into_string(),
            created_at: instant(created_at),
            edited_at: edited_at.map(instant),
        }
    }
}

/// A ticket with its texts; comments newest first.
#[derive(Debug, Serialize)]
pub(crate) struct ConversationView {
    #[serde(flatten)]
    ticket: TicketView,
    description: String,
    comments: Vec<CommentView>,
}

impl ConversationView {
    /// A ticket with its comments, newest first.
    pub(crate) fn new(ticket: Ticket, comments: Vec<Comment>) -> Self {
        Self {
            description: ticket.description.as_str().to_owned(),
            ticket: ticket.into(),
            comments: comments.into_iter().map(CommentView::from).collect(),
        }
    }

    /// The ticket's fields, then who said what, with internal notes marked as such.
    pub(crate) fn into_answer(self) -> anyhow::Result<Answer> {
        let mut text = fields(&self.ticket)?;
        write!(text, "\ndescription:\n{}", block(&self.description))?;
        for comment in &self.comments {
            let CommentView {
                author_name,
                created_at,
                content,
                ..
            } = comment;
            let kind = if comment.is_public {
                comment.author_type
            } else {
                "internal note"
            };
            let author = harmless(author_name);
            write!(
                text,
                "\n{created_at} {author} ({kind}):\n{}",
                block(content)
            )?;
        }
        Ok(Answer::prose(self, text))
    }
}

fn block(text: &str) -> String {
    format!("  {}\n", indented(&harmless(text)))
}
