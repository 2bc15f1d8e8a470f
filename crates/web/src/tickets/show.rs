//! `/tickets/{id}`: a ticket, its conversation and the reply form.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::tickets::{
    self, AuthorType, Comment, CommentText, Ticket, TicketStatus, changeable,
};

use super::{comment_path, id, own_ticket};
use crate::error::PageError;
use crate::forms::{Form, Once};
use crate::i18n::Message;
use crate::layout::{Frame, Notice, PageResult, initials};
use crate::session::{Submission, Visit, see_other_saying};

/// The form's name among those that make one thing.
const ONCE: &str = "comment";

#[derive(Template)]
#[template(path = "tickets/show.html")]
struct TicketPage {
    frame: Frame,
    ticket: Ticket,
    /// What was said after the description, in that order.
    conversation: Vec<Said>,
    reply: Form,
}

/// One contribution to the conversation, as the visitor sees it.
struct Said {
    comment: Comment,
    /// Whether the visitor said it.
    is_own: bool,
    /// Whether the visitor may change or withdraw it.
    is_changeable: bool,
}

impl Said {
    fn is_by_team(&self) -> bool {
        self.comment.author_type == AuthorType::Internal
    }

    fn initials(&self) -> String {
        initials(&self.comment.author_name)
    }
}

impl TicketPage {
    fn was_submitted(&self) -> bool {
        matches!(self.frame.notice(), Some(Notice::TicketSubmitted))
    }

    /// Whether something was just done to a reply: that is said below it, where the visitor is.
    fn is_about_reply(&self) -> bool {
        matches!(
            self.frame.notice(),
            Some(Notice::ReplySent | Notice::ReplyChanged)
        )
    }

    fn is_resolved(&self) -> bool {
        self.ticket.status == TicketStatus::Resolved
    }

    fn is_closed(&self) -> bool {
        self.ticket.status == TicketStatus::Closed
    }

    /// Whether the team waits for an answer.
    fn is_pending(&self) -> bool {
        self.ticket.status == TicketStatus::Pending
    }

    /// The visitor, who has submitted the ticket.
    fn submitter(&self) -> &str {
        let viewer = self.frame.viewer();
        viewer.map_or("", |viewer| viewer.name.as_str())
    }
}

/// `GET /tickets/{id}`.
#[get("/tickets/{id}")]
pub(super) async fn show_ticket(visit: Visit) -> PageResult {
    let reply = Form::default().fill(Once::FIELD, visit.once(ONCE).as_str());
    show(&visit, StatusCode::OK, reply).await
}

/// Answers on the ticket, which reopens one that waits for the visitor.
#[post("/tickets/{id}")]
pub(super) async fn create_comment(submission: Submission) -> PageResult {
    let comment: CommentId = submission.once(ONCE)?;
    let Submission { visit, mut form } = submission;
    let Ok(content) = form.parse::<CommentText>("content") else {
        return show(&visit, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    let sent = content.clone();
    let said = visit
        .write(Some(Feature::Tickets), async |op| {
            let ticket: TicketId = id(&visit, "id")?;
            let said = tickets::add_customer_reply_with_id(op, ticket, comment, content).await?;
            Ok((ticket, said))
        })
        .await;
    match said {
        Ok((ticket, said)) if (said.ticket_id, &said.content) == (ticket, &sent) => Ok(
            see_other_saying(&comment_path(ticket, said.id), Notice::ReplySent),
        ),
        // The form was sent before with something else in it, or from another ticket.
        Ok(_) => show_anew(&visit, form, Message::new("form-sent-before")).await,
        Err(PageError::Refused(why)) => show_anew(&visit, form, why).await,
        Err(error) => Err(error),
    }
}

/// The page with what was typed, which can be sent as a reply of its own now.
async fn show_anew(visit: &Visit, mut reply: Form, why: Message) -> PageResult {
    reply.refuse_whole(why);
    reply.replace(Once::FIELD, visit.once(ONCE).as_str());
    show(visit, StatusCode::CONFLICT, reply).await
}

async fn show(visit: &Visit, status: StatusCode, reply: Form) -> PageResult {
    let (frame, (ticket, comments)) = visit
        .read(Some(Feature::Tickets), async |reader| {
            own_ticket(reader, visit, id(visit, "id")?).await
        })
        .await?;
    let user = visit.user();
    let said = |comment: &Comment| Said {
        comment: comment.clone(),
        is_own: comment.portal_user_id == Some(user),
        is_changeable: changeable(&comments, user, comment.id).is_ok(),
    };
    // It is read from the top, like a letter, and goes on with the form below it.
    let conversation = comments.iter().rev().map(said).collect();
    let page = TicketPage {
        frame,
        ticket,
        conversation,
        reply,
    };
    page.frame.show_as(status, &page)
}
