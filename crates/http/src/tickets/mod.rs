//! `/tickets`: what the user has asked the team for.

mod close;
mod comments;
mod create;
mod forms;
mod list;
mod show;

use portal_domain::tickets::{Comment, Ticket};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::wire::Instant;

/// The routes under `/tickets`. Fixed paths come before those with an id.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_tickets)
        .service(create::create_ticket)
        .service(forms::list_ticket_forms)
        .service(show::get_ticket)
        .service(close::close_ticket)
        .service(comments::create_ticket_comment)
        .service(comments::update_ticket_comment)
        .service(comments::delete_ticket_comment);
}

/// A ticket as lists show it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TicketSummary)]
pub(crate) struct TicketSummary {
    id: String,
    #[schema(example = "7KQ3MRXD")]
    ticket_number: String,
    #[schema(example = "The printer is on fire")]
    subject: String,
    /// `new`, `open`, `pending`, `on_hold`, `resolved` or `closed`.
    status: &'static str,
    /// The status in a person's words.
    #[schema(example = "On hold")]
    status_name: &'static str,
    /// `low`, `normal`, `high` or `urgent`.
    priority: &'static str,
    created_at: Instant,
    updated_at: Instant,
}

impl From<&Ticket> for TicketSummary {
    fn from(ticket: &Ticket) -> Self {
        Self {
            id: ticket.id.to_string(),
            ticket_number: ticket.number.to_string(),
            subject: ticket.subject.to_string(),
            status: ticket.status.as_str(),
            status_name: ticket.status.label(),
            priority: ticket.priority.as_str(),
            created_at: ticket.created_at.into(),
            updated_at: ticket.updated_at.into(),
        }
    }
}

/// A ticket with its conversation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Ticket)]
pub(crate) struct TicketBody {
    #[serde(flatten)]
    summary: TicketSummary,
    description: String,
    /// Its id in another system.
    #[schema(required)]
    external_ticket_id: Option<String>,
    /// Its address in another system.
    #[schema(required)]
    external_ticket_url: Option<String>,
    /// What both sides said, newest first.
    comments: Vec<CommentBody>,
}

impl From<(Ticket, Vec<Comment>)> for TicketBody {
    fn from((ticket, comments): (Ticket, Vec<Comment>)) -> Self {
        Self {
            summary: TicketSummary::from(&ticket),
            description: ticket.description.into_string(),
            external_ticket_id: ticket
                .external_ticket_id
                .map(portal_domain::tickets::ExternalTicketId::into_string),
            external_ticket_url: ticket
                .external_ticket_url
                .map(|url| url.as_str().to_owned()),
            comments: comments.into_iter().map(CommentBody::from).collect(),
        }
    }
}

/// A ticket with its conversation, in its envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct TicketEnvelope {
    ticket: TicketBody,
}

/// One contribution to the conversation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Comment)]
pub(crate) struct CommentBody {
    id: String,
    author_name: String,
    /// `portal` for a customer, `internal` for the team.
    author_type: &'static str,
    content: String,
    created_at: Instant,
    #[schema(required)]
    edited_at: Option<Instant>,
}

impl From<Comment> for CommentBody {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id.to_string(),
            author_name: comment.author_name,
            author_type: comment.author_type.as_str(),
            content: comment.content.into_string(),
            created_at: comment.created_at.into(),
            edited_at: comment.edited_at.map(Instant),
        }
    }
}
