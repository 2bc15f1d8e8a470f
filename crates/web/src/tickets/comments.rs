//! `/tickets/{id}/comments/{comment}`: editing and withdrawing replies.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::tickets::{self, Comment, CommentText, Ticket, changeable};

use super::{comment_path, own_ticket};
use crate::error::PageError;
use crate::forms::Form;
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{UserForm, UserRequest, redirect_with_flash};

const FEATURE: Option<Feature> = Some(Feature::Tickets);

#[derive(Template)]
#[template(path = "tickets/edit_comment.html")]
struct EditPage {
    frame: Frame,
    ticket: Ticket,
    comment: CommentId,
    form: Form,
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
        form: Form::default().fill("content", comment.content.as_str()),
    };
    page.frame.show(&page)
}

/// Changes a comment.
#[post("/tickets/{id}/comments/{comment}/edit")]
pub(super) async fn update_comment(UserForm(request, user, mut form): UserForm) -> PageResult {
    let (ticket, comment) = ids(&request)?;
    let Ok(content) = form.parse::<CommentText>("content") else {
        return show_again(&request, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    let changed = user
        .write(FEATURE, Ok(content), async |op, content| {
            Ok(tickets::edit_comment(op, ticket, comment, content).await?)
        })
        .await;
    match changed {
        Ok(_) => Ok(redirect_with_flash(
            &comment_path(ticket, comment),
            Flash::ReplyChanged,
        )),
        Err(PageError::Conflict(reason)) => {
            form.add_form_error(reason);
            show_again(&request, StatusCode::CONFLICT, form).await
        }
        Err(error) => Err(error),
    }
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

fn ids(request: &UserRequest) -> Result<(TicketId, CommentId), PageError> {
    let context = &request.context;
    Ok((context.path_part("id")?, context.path_part("comment")?))
}

/// The user's own comment, if it can still be changed, with its ticket.
async fn find(request: &UserRequest) -> Result<(Frame, Ticket, Comment), PageError> {
    let (frame, (ticket, comment)) = request
        .read(FEATURE, async |reader| {
            let (_, comment) = ids(request)?;
            let (ticket, comments) = own_ticket(reader, request).await?;
            let comment = changeable(&comments, request.user_id(), comment)?.clone();
            Ok((ticket, comment))
        })
        .await?;
    Ok((frame, ticket, comment))
}

/// The submitted form, even if the comment can no longer be changed, so that no text is lost.
async fn show_again(request: &UserRequest, status: StatusCode, form: Form) -> PageResult {
    let (_, comment) = ids(request)?;
    let (frame, (ticket, _)) = request
        .read(FEATURE, async |reader| own_ticket(reader, request).await)
        .await?;
    let page = EditPage {
        frame,
        ticket,
        comment,
        form,
    };
    page.frame.show_as(status, &page)
}
