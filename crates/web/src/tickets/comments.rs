//! `/tickets/{id}/comments/{comment}`: editing and withdrawing replies.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::tickets::{self, Comment, CommentText, Ticket, changeable};

use super::{comment_path, id, own_ticket};
use crate::error::PageError;
use crate::forms::Form;
use crate::layout::{Frame, Notice, PageResult};
use crate::session::{Submission, Visit, see_other_saying};

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

/// `GET /tickets/{id}/comments/{comment}/edit`.
#[get("/tickets/{id}/comments/{comment}/edit")]
pub(super) async fn show_comment(visit: Visit) -> PageResult {
    let (frame, ticket, comment) = find(&visit).await?;
    let page = EditPage {
        frame,
        ticket,
        comment: comment.id,
        form: Form::default().fill("content", comment.content.as_str()),
    };
    page.frame.show(&page)
}

/// Changes what the visitor said.
#[post("/tickets/{id}/comments/{comment}/edit")]
pub(super) async fn update_comment(submission: Submission) -> PageResult {
    let Submission { visit, mut form } = submission;
    let Ok(content) = form.parse::<CommentText>("content") else {
        return show_again(&visit, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    let changed = visit
        .write(Some(Feature::Tickets), async |op| {
            let (ticket, comment) = ids(&visit)?;
            tickets::edit_comment(op, ticket, comment, content).await?;
            Ok(comment_path(ticket, comment))
        })
        .await;
    match changed {
        Ok(path) => Ok(see_other_saying(&path, Notice::ReplyChanged)),
        Err(PageError::Refused(why)) => {
            form.refuse_whole(why);
            show_again(&visit, StatusCode::CONFLICT, form).await
        }
        Err(error) => Err(error),
    }
}

/// `GET /tickets/{id}/comments/{comment}/withdraw`: whether it is meant, for it cannot be undone.
#[get("/tickets/{id}/comments/{comment}/withdraw")]
pub(super) async fn show_withdrawal(visit: Visit) -> PageResult {
    let (frame, ticket, comment) = find(&visit).await?;
    let page = WithdrawPage {
        frame,
        ticket,
        comment,
    };
    page.frame.show(&page)
}

/// Withdraws what the visitor said.
#[post("/tickets/{id}/comments/{comment}/withdraw")]
pub(super) async fn withdraw_comment(submission: Submission) -> PageResult {
    let visit = submission.visit;
    let ticket = visit
        .write(Some(Feature::Tickets), async |op| {
            let (ticket, comment) = ids(&visit)?;
            tickets::withdraw_comment(op, ticket, comment).await?;
            Ok::<_, PageError>(ticket)
        })
        .await?;
    Ok(see_other_saying(
        &format!("/tickets/{ticket}"),
        Notice::ReplyWithdrawn,
    ))
}

fn ids(visit: &Visit) -> Result<(TicketId, CommentId), PageError> {
    Ok((id(visit, "id")?, id(visit, "comment")?))
}

/// The visitor's own comment while it can be changed, with its ticket.
async fn find(visit: &Visit) -> Result<(Frame, Ticket, Comment), PageError> {
    let (frame, (ticket, comment)) = visit
        .read(Some(Feature::Tickets), async |reader| {
            let (ticket, comment) = ids(visit)?;
            let (ticket, comments) = own_ticket(reader, visit, ticket).await?;
            let comment = changeable(&comments, visit.user(), comment)?.clone();
            Ok((ticket, comment))
        })
        .await?;
    Ok((frame, ticket, comment))
}

/// The form as it was sent, even where the comment cannot be changed any longer: what was typed
/// must not get lost.
async fn show_again(visit: &Visit, status: StatusCode, form: Form) -> PageResult {
    let (frame, (ticket, comment)) = visit
        .read(Some(Feature::Tickets), async |reader| {
            let (ticket, comment) = ids(visit)?;
            let (ticket, _) = own_ticket(reader, visit, ticket).await?;
            Ok((ticket, comment))
        })
        .await?;
    let page = EditPage {
        frame,
        ticket,
        comment,
        form,
    };
    page.frame.show_as(status, &page)
}
