//! `/tickets`: the user's tickets.

mod close;
mod comments;
mod create;
mod list;
mod show;

use actix_web::web::ServiceConfig;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::store::TenantReader;
use portal_domain::tickets::{self, Comment, CommentError, SubmitError, Ticket, TicketError};

use crate::error::PageError;
use crate::i18n::Message;
use crate::requests::UserRequest;

/// The routes under `/tickets`. Fixed paths come before those with an id.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_tickets)
        .service(create::show_new_ticket)
        .service(create::create_ticket)
        .service(show::show_ticket)
        .service(show::create_comment)
        .service(close::close_ticket)
        .service(comments::show_comment)
        .service(comments::update_comment)
        .service(comments::show_withdrawal)
        .service(comments::withdraw_comment);
}

/// The address of a comment on its ticket's page.
fn comment_path(ticket: TicketId, comment: CommentId) -> String {
    format!("/tickets/{ticket}#comment-{comment}")
}

/// The user's own ticket of the path, with its conversation, newest first.
async fn own_ticket(
    reader: &dyn TenantReader,
    request: &UserRequest,
) -> Result<(Ticket, Vec<Comment>), PageError> {
    let id: TicketId = request.context.path_part("id")?;
    let found = tickets::show(reader, request.user_id(), id).await?;
    found.ok_or(PageError::NotFound)
}

impl From<CommentError> for PageError {
    fn from(error: CommentError) -> Self {
        match error {
            CommentError::NotFound => Self::NotFound,
            CommentError::TicketClosed(_) => Self::Conflict(Message::new("ticket-refused-closed")),
            CommentError::Withdrawn => Self::Conflict(Message::new("form-sent-and-removed")),
            CommentError::Locked => Self::Conflict(Message::new("ticket-refused-locked")),
            CommentError::Storage(error) => error.into(),
        }
    }
}

impl From<SubmitError> for PageError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Deleted => Self::Conflict(Message::new("form-sent-and-removed")),
            SubmitError::Storage(error) => error.into(),
        }
    }
}

impl From<TicketError> for PageError {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::NotFound => Self::NotFound,
            TicketError::InvalidTransition(_) => {
                Self::Conflict(Message::new("ticket-refused-close"))
            }
            TicketError::Storage(error) => error.into(),
        }
    }
}
