//! `/tickets/{id}`: a ticket, its conversation and the reply form.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::tickets::{
    self, AuthorType, Comment, CommentText, Ticket, TicketStatus, changeable,
};

use super::{comment_path, own_ticket};
use crate::error::PageError;
use crate::forms::{Form, IdempotencyKey};
use crate::i18n::Message;
use crate::layout::{Flash, Frame, PageResult, initials};
use crate::requests::{UserForm, UserRequest, redirect_with_flash};

/// The form's name in its idempotency keys.
const FORM: &str = "comment";

#[derive(Template)]
#[template(path = "tickets/show.html")]
struct TicketPage {
    frame: Frame,
    ticket: Ticket,
    /// The comments, oldest first.
    conversation: Vec<ConversationItem>,
    reply: Form,
}

/// A comment, as the user sees it.
struct ConversationItem {
    comment: Comment,
    /// Whether it is the user's own.
    is_own: bool,
    /// Whether the user may change or withdraw it.
    is_changeable: bool,
}

impl ConversationItem {
    fn is_by_team(&self) -> bool {
        self.comment.author_type == AuthorType::Internal
    }

    fn initials(&self) -> String {
        initials(&self.comment.author_name)
    }
}

impl TicketPage {
    fn was_submitted(&self) -> bool {
        matches!(self.frame.flash, Some(Flash::TicketSubmitted))
    }

    /// Whether the flash message is about a reply, which is then shown below the reply.
    fn is_about_reply(&self) -> bool {
        matches!(
            self.frame.flash,
            Some(Flash::ReplySent | Flash::ReplyChanged)
        )
    }

    fn is_resolved(&self) -> bool {
        self.ticket.status == TicketStatus::Resolved
    }

    fn is_closed(&self) -> bool {
        self.ticket.status == TicketStatus::Closed
    }

    /// Whether the team waits for a reply.
    fn is_pending(&self) -> bool {
        self.ticket.status == TicketStatus::Pending
    }

    /// The user's name, as only submitters see a ticket.
    fn submitter(&self) -> &str {
        let viewer = self.frame.viewer.as_ref();
        viewer.map_or("", |viewer| viewer.name.as_str())
    }
}

#[get("/tickets/{id}")]
pub(super) async fn show_ticket(request: UserRequest) -> PageResult {
    let reply = Form::default().fill(
        IdempotencyKey::FIELD,
        request.idempotency_key(FORM).as_str(),
    );
    show(&request, StatusCode::OK, reply).await
}

/// Adds a reply, which reopens a pending or resolved ticket.
#[post("/tickets/{id}")]
pub(super) async fn create_comment(UserForm(request, user, mut form): UserForm) -> PageResult {
    let ticket: TicketId = request.context.path_part("id")?;
    let Some(comment) = request.id_to_create::<CommentId>(FORM, &form) else {
        return show_again(&request, form, Message::new("form-outdated")).await;
    };
    let Ok(content) = form.parse::<CommentText>("content") else {
        return show(&request, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    let sent = content.clone();
    let added = user
        .write(Some(Feature::Tickets), Ok(content), async |op, content| {
            Ok(tickets::add_customer_reply_with_id(op, ticket, comment, content).await?)
        })
        .await;
    match added {
        Ok(added) if (added.ticket_id, &added.content) == (ticket, &sent) => Ok(
            redirect_with_flash(&comment_path(ticket, added.id), Flash::ReplySent),
        ),
        // The form was sent before with other content, or on another ticket.
        Ok(_) => show_again(&request, form, Message::new("form-sent-before")).await,
        Err(PageError::Conflict(reason)) => show_again(&request, form, reason).await,
        Err(error) => Err(error),
    }
}

/// Shows the form again with a new key.
async fn show_again(request: &UserRequest, mut reply: Form, reason: Message) -> PageResult {
    reply.add_form_error(reason);
    reply.replace(
        IdempotencyKey::FIELD,
        request.idempotency_key(FORM).as_str(),
    );
    show(request, StatusCode::CONFLICT, reply).await
}

async fn show(request: &UserRequest, status: StatusCode, reply: Form) -> PageResult {
    let (frame, (ticket, comments)) = request
        .read(Some(Feature::Tickets), async |reader| {
            own_ticket(reader, request).await
        })
        .await?;
    let user = request.user_id();
    let item = |comment: &Comment| ConversationItem {
        comment: comment.clone(),
        is_own: comment.portal_user_id == Some(user),
        is_changeable: changeable(&comments, user, comment.id).is_ok(),
    };
    let conversation = comments.iter().rev().map(item).collect();
    let page = TicketPage {
        frame,
        ticket,
        conversation,
        reply,
    };
    page.frame.show_as(status, &page)
}
