//! `/tickets`: the tickets that the user may see.

mod attachments;
mod close;
mod comments;
mod create;
mod forms;
mod list;
mod participants;
mod show;

use portal_domain::actors::Customer;
use portal_domain::files::{self, Attachment};
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::operation::Operation;
use portal_domain::store::StorageError;
use portal_wire::Ticket;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use list::{TicketScope, TicketSort};

/// The routes under `/tickets`. Fixed paths come before those with an id.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_tickets)
        .service(create::create_ticket)
        .service(forms::list_ticket_forms)
        .service(show::get_ticket)
        .service(attachments::get_ticket_attachment)
        .service(close::close_ticket)
        .service(comments::list_ticket_comments)
        .service(comments::create_ticket_comment)
        .service(comments::update_ticket_comment)
        .service(comments::delete_ticket_comment)
        .service(participants::add_ticket_participant)
        .service(participants::remove_ticket_participant);
}

/// The files of a new ticket or comment; they are not read if it came without any.
async fn files_of_new(
    op: &Operation<'_, Customer>,
    (ticket, comment): (TicketId, Option<CommentId>),
    has_files: bool,
) -> Result<Vec<Attachment>, StorageError> {
    if has_files {
        files::attached_to(op.tx, ticket, comment).await
    } else {
        Ok(Vec::new())
    }
}

/// A ticket with its conversation, in its envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct TicketEnvelope {
    ticket: Ticket,
}
