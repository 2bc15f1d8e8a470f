//! `/tickets`: the user's tickets.

mod close;
mod comments;
mod create;
mod forms;
mod list;
mod show;

use portal_wire::Ticket;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use list::TicketSort;

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

/// A ticket with its conversation, in its envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct TicketEnvelope {
    ticket: Ticket,
}
