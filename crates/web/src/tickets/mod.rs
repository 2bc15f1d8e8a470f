//! `/tickets`: the tickets that the user may see.

mod close;
mod comments;
mod create;
mod files;
mod list;
mod participants;
mod show;

use actix_web::web::ServiceConfig;
use portal_domain::branding::Feature;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{self, Colleague};
use portal_domain::store::TenantReader;
use portal_domain::tickets::{
    self, CommentError, NotAManager, ParticipantError, ShownTicket, SubmitError, TicketError,
};

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
        .service(participants::change_participants)
        .service(comments::show_comment)
        .service(comments::update_comment)
        .service(comments::show_withdrawal)
        .service(comments::withdraw_comment);
}

/// The address of a comment on its ticket's page.
fn comment_path(ticket: TicketId, comment: CommentId) -> String {
    format!("/tickets/{ticket}#comment-{comment}")
}

/// The most colleagues that a field offers.
const MAX_OFFERED: usize = 200;

/// The colleagues that a field offers to choose from, where the organization has a directory.
async fn offered_colleagues(
    request: &UserRequest,
    is_offered: bool,
) -> Result<Vec<Colleague>, PageError> {
    if !is_offered {
        return Ok(Vec::new());
    }
    let user = request.user_id();
    let (_, found) = request
        .read(Some(Feature::Colleagues), async |reader| {
            Ok(profiles::colleagues(reader, user, None, MAX_OFFERED).await?)
        })
        .await?;
    Ok(found)
}

/// The ticket of the path, if the user may see it, with a page of its conversation.
async fn visible_ticket(
    reader: &dyn TenantReader,
    request: &UserRequest,
    comments: PageRequest,
) -> Result<ShownTicket, PageError> {
    let id: TicketId = request.context.path_part("id")?;
    let found = tickets::show(reader, request.user_id(), id, comments).await?;
    found.ok_or(PageError::NotFound)
}

impl From<CommentError> for PageError {
    fn from(error: CommentError) -> Self {
        match error {
            CommentError::NotFound => Self::NotFound,
            CommentError::TicketClosed(_) => Self::Conflict(Message::new("ticket-refused-closed")),
            CommentError::Withdrawn => Self::Conflict(Message::new("form-sent-and-removed")),
            CommentError::Locked => Self::Conflict(Message::new("ticket-refused-locked")),
            CommentError::UnknownAttachment => Self::UnknownFiles,
            CommentError::Storage(error) => error.into(),
        }
    }
}

impl From<NotAManager> for PageError {
    fn from(_: NotAManager) -> Self {
        Self::Forbidden(Message::new("tickets-only-managers"))
    }
}

impl From<ParticipantError> for PageError {
    fn from(error: ParticipantError) -> Self {
        match error {
            ParticipantError::NotFound | ParticipantError::UnknownColleague => Self::NotFound,
            ParticipantError::NotInCharge => Self::Forbidden(Message::new("ticket-only-in-charge")),
            ParticipantError::Storage(error) => error.into(),
        }
    }
}

impl From<SubmitError> for PageError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::NotAManager(error) => error.into(),
            SubmitError::UnknownColleague => Self::Conflict(Message::new("ticket-no-colleague")),
            SubmitError::UnknownDevice => Self::Conflict(Message::new("ticket-no-device")),
            SubmitError::UnknownAttachment => Self::UnknownFiles,
            SubmitError::Deleted => Self::Conflict(Message::new("form-sent-and-removed")),
            SubmitError::Storage(error) => error.into(),
        }
    }
}

impl From<TicketError> for PageError {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::NotFound => Self::NotFound,
            TicketError::NotInCharge => Self::Forbidden(Message::new("ticket-only-in-charge")),
            TicketError::InvalidTransition(_) => {
                Self::Conflict(Message::new("ticket-refused-close"))
            }
            TicketError::UnknownAttachment => Self::UnknownFiles,
            TicketError::Storage(error) => error.into(),
        }
    }
}
