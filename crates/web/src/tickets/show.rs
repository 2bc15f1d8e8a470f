//! `/tickets/{id}`: a ticket, its conversation and the reply form.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::devices::Device;
use portal_domain::files::{Attachment, of_comment};
use portal_domain::ids::{CommentId, TicketId, UserId};
use portal_domain::profiles::Colleague;
use portal_domain::tickets::{
    self, AuthorType, Comment, CommentText, Relation, Reply, ShownTicket, Ticket, TicketStatus,
};

use super::{comment_path, files, offered_colleagues, visible_ticket};
use crate::error::PageError;
use crate::forms::{Form, IdempotencyKey};
use crate::i18n::Message;
use crate::layout::{Flash, Frame, PageResult, Pager, initials};
use crate::requests::{UserForm, UserRequest, redirect, redirect_with_flash};

/// The form's name in its idempotency keys.
const FORM: &str = "comment";

/// The number of comments on a page.
const SHOWN_COMMENTS: &str = "50";

#[derive(Template)]
#[template(path = "tickets/show.html")]
struct TicketPage {
    frame: Frame,
    ticket: Ticket,
    user: UserId,
    relation: Relation,
    /// A page of the comments, oldest first.
    conversation: Vec<ConversationItem>,
    /// The way to earlier and later comments: the first page has the newest.
    pager: Pager,
    participants: Vec<Colleague>,
    device: Option<Device>,
    /// The files of the ticket and of its comments.
    attachments: Vec<Attachment>,
    reply: Form,
    /// What was uploaded for the reply.
    files: Vec<Attachment>,
    max_megabytes: u64,
    /// The form to add a colleague.
    invitation: Form,
    /// Colleagues to choose from there.
    colleagues: Vec<Colleague>,
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
    /// The files of the ticket itself.
    fn own_files(&self) -> Vec<&Attachment> {
        of_comment(&self.attachments, None).collect()
    }

    fn files_of_comment(&self, comment: &Comment) -> Vec<&Attachment> {
        of_comment(&self.attachments, Some(comment.id)).collect()
    }

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

    /// Whose ticket it is: by the present name if it is the user's own.
    fn submitter(&self) -> String {
        match &self.frame.viewer {
            Some(viewer) if self.is_own() => viewer.name.clone(),
            _ => self.ticket.submitter().display_name().to_owned(),
        }
    }

    fn submitter_initials(&self) -> String {
        initials(&self.submitter())
    }

    fn is_own(&self) -> bool {
        self.relation == Relation::Submitter
    }

    /// Whether the user may remove a participant.
    fn may_remove(&self, participant: &Colleague) -> bool {
        self.relation.is_in_charge() || participant.id == self.user
    }
}

#[get("/tickets/{id}")]
pub(super) async fn show_ticket(request: UserRequest) -> PageResult {
    show_with_invitation(&request, StatusCode::OK, Form::default()).await
}

/// The page with the submitted form to add a colleague.
pub(super) async fn show_with_invitation(
    request: &UserRequest,
    status: StatusCode,
    invitation: Form,
) -> PageResult {
    let reply = Form::default().fill(
        IdempotencyKey::FIELD,
        request.idempotency_key(FORM).as_str(),
    );
    show(request, status, reply, invitation).await
}

/// Adds a reply, which reopens a pending or resolved ticket.
#[post("/tickets/{id}")]
pub(super) async fn create_comment(UserForm(request, user, mut form): UserForm) -> PageResult {
    let ticket: TicketId = request.context.path_part("id")?;
    let Some(comment) = request.id_to_create::<CommentId>(FORM, &form) else {
        return show_again(&request, form, Message::new("form-outdated")).await;
    };
    let (content, attachments) = (
        form.parse::<CommentText>("content"),
        files::parse(&mut form),
    );
    let (Ok(content), Ok(attachments)) = (content, attachments) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&request, status, form, Form::default()).await;
    };
    let sent = content.clone();
    let reply = Reply {
        content,
        attachments,
    };
    let added = user
        .write(Some(Feature::Tickets), Ok(reply), async |op, reply| {
            let files = reply.attachments.clone();
            let added = tickets::add_customer_reply_with_id(op, ticket, comment, reply).await?;
            let has_all = files::are_attached(op.tx, &files, ticket, Some(added.id)).await?;
            Ok((added, has_all))
        })
        .await;
    match added {
        Ok((added, true)) if (added.ticket_id, &added.content) == (ticket, &sent) => Ok(
            redirect_with_flash(&comment_path(ticket, added.id), Flash::ReplySent),
        ),
        // The form was sent before with other content, or on another ticket.
        Ok(_) => show_again(&request, form, Message::new("form-sent-before")).await,
        Err(PageError::UnknownFiles) => {
            files::add_unknown(&mut form);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&request, status, form, Form::default()).await
        }
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
    show(request, StatusCode::CONFLICT, reply, Form::default()).await
}

async fn show(
    request: &UserRequest,
    status: StatusCode,
    reply: Form,
    invitation: Form,
) -> PageResult {
    let page = request.context.page(SHOWN_COMMENTS);
    let (frame, account, shown) = request
        .read_account(Some(Feature::Tickets), async |reader| {
            visible_ticket(reader, request, page).await
        })
        .await?;
    let user = request.user_id();
    let item = |comment: &Comment| ConversationItem {
        comment: comment.clone(),
        is_own: comment.is_by(user),
        is_changeable: shown.may_change(user, comment),
    };
    let conversation = shown.comments.items.iter().rev().map(item).collect();
    let ShownTicket {
        ticket,
        comments,
        last_team_reply: _,
        participants,
        device,
        attachments,
    } = shown;
    let pager = Pager::new(
        &format!("/tickets/{}", ticket.id),
        &[],
        page,
        comments.total,
    );
    if let Some(last) = pager.beyond_end() {
        return Ok(redirect(last));
    }
    let relation = Relation::of(&account.user, &ticket);
    let is_offered = relation.is_in_charge() && frame.has_colleagues();
    let colleagues = offered_colleagues(request, is_offered).await?;
    let page = TicketPage {
        frame,
        ticket,
        user,
        relation,
        conversation,
        pager,
        participants,
        device,
        attachments,
        files: files::waiting(request, &reply).await?,
        max_megabytes: request.context.portal.max_file_megabytes(),
        reply,
        invitation,
        colleagues,
    };
    page.frame.show_as(status, &page)
}
