//! `/tickets/{id}/comments/{comment}`: editing and withdrawing replies.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::tickets::{self, Comment, CommentText, Ticket, changeable};
use portal_domain::timestamp;

use super::comment_path;
use crate::error::PageError;
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{UserForm, UserRequest, redirect_with_flash};

/// The hidden field with the [`version`] that the form shows.
const SEEN: &str = "seen";

const FEATURE: Option<Feature> = Some(Feature::Tickets);

#[derive(Template)]
#[template(path = "tickets/edit_comment.html")]
struct EditPage {
    frame: Frame,
    ticket: Ticket,
    comment: CommentId,
    form: Form,
    /// The comment's text, if it was edited since the form was opened.
    present: Option<CommentText>,
}

#[derive(Template)]
#[template(path = "tickets/withdraw_comment.html")]
struct WithdrawPage {
    frame: Frame,
    ticket: Ticket,
    comment: Comment,
}

#[get("/tickets/{id}/comments/{comment}/edit")]
pub(super) async fn show_comment(request: UserRequest) -> PageResult {
    let (frame, ticket, comment) = find(&request).await?;
    let page = EditPage {
        frame,
        ticket,
        comment: comment.id,
        form: Form::default()
            .fill("content", comment.content.as_str())
            .fill(SEEN, version(&comment)),
        present: None,
    };
    page.frame.show(&page)
}

/// Changes a comment.
#[post("/tickets/{id}/comments/{comment}/edit")]
pub(super) async fn update_comment(UserForm(request, user, mut form): UserForm) -> PageResult {
    let (ticket, comment) = ids(&request)?;
    let Ok(content) = form.parse::<CommentText>("content") else {
        return show_again(&request, StatusCode::UNPROCESSABLE_ENTITY, form, None).await;
    };
    let seen = timestamp::parse(form.value(SEEN)).ok();
    let sent = content.clone();
    let changed = user
        .write(FEATURE, Ok(content), async |op, content| {
            Ok(tickets::edit_seen_comment(op, ticket, comment, seen, content).await?)
        })
        .await;
    let (reason, present) = match changed {
        Ok(changed) if changed.content == sent => {
            let path = comment_path(ticket, comment);
            return Ok(redirect_with_flash(&path, Flash::ReplyChanged));
        }
        // Sending the form again replaces the present text.
        Ok(present) => {
            form.replace(SEEN, version(&present));
            (Message::new("ticket-edited-since"), Some(present.content))
        }
        Err(PageError::Conflict(reason)) => (reason, None),
        Err(error) => return Err(error),
    };
    form.add_form_error(reason);
    show_again(&request, StatusCode::CONFLICT, form, present).await
}

/// Asks for confirmation, as it cannot be undone.
#[get("/tickets/{id}/comments/{comment}/withdraw")]
pub(super) async fn show_withdrawal(request: UserRequest) -> PageResult {
    let (frame, ticket, comment) = find(&request).await?;
    let page = WithdrawPage {
        frame,
        ticket,
        comment,
    };
    page.frame.show(&page)
}

/// Withdraws a comment.
#[post("/tickets/{id}/comments/{comment}/withdraw")]
pub(super) async fn withdraw_comment(UserForm(request, user, _): UserForm) -> PageResult {
    let (ticket, comment) = ids(&request)?;
    user.write(FEATURE, Ok(()), async |op, ()| {
        Ok(tickets::withdraw_comment(op, ticket, comment).await?)
    })
    .await?;
    let path = format!("/tickets/{ticket}");
    Ok(redirect_with_flash(&path, Flash::ReplyWithdrawn))
}

/// What distinguishes the comment from its earlier and later edits.
fn version(comment: &Comment) -> String {
    let edited_at = comment.edited_at.map(|at| at.to_rfc3339());
    edited_at.unwrap_or_default()
}

fn ids(request: &UserRequest) -> Result<(TicketId, CommentId), PageError> {
    let context = &request.context;
    Ok((context.path_part("id")?, context.path_part("comment")?))
}

/// The user's own comment, if it can still be changed, with its ticket.
async fn find(request: &UserRequest) -> Result<(Frame, Ticket, Comment), PageError> {
    let (frame, (ticket, comment)) = request
        .read(FEATURE, async |reader| {
            let (id, comment) = ids(request)?;
            let user = request.user_id();
            let ticket = reader.visible_ticket(user, id).await?;
            let ticket = ticket.ok_or(PageError::NotFound)?;
            let comment = changeable(reader, user, id, comment).await?;
            Ok((ticket, comment))
        })
        .await?;
    Ok((frame, ticket, comment))
}

/// The submitted form, even if the comment can no longer be changed, so that no text is lost.
async fn show_again(
    request: &UserRequest,
    status: StatusCode,
    form: Form,
    present: Option<CommentText>,
) -> PageResult {
    let (id, comment) = ids(request)?;
    let (frame, ticket) = request
        .read(FEATURE, async |reader| {
            let ticket = reader.visible_ticket(request.user_id(), id).await?;
            ticket.ok_or(PageError::NotFound)
        })
        .await?;
    let page = EditPage {
        frame,
        ticket,
        comment,
        form,
        present,
    };
    page.frame.show_as(status, &page)
}
