//! `/tickets/new`.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, Description, NewTicket, Subject, Ticket, TicketPriority};

use crate::error::PageError;
use crate::forms::{Form, IdempotencyKey, InvalidForm};
use crate::i18n::Message;
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{UserForm, UserRequest, redirect_with_flash};

/// The form's name in its idempotency keys.
const FORM: &str = "ticket";

#[derive(Template)]
#[template(path = "tickets/new.html")]
struct NewTicketPage {
    frame: Frame,
    form: Form,
}

#[get("/tickets/new")]
pub(super) async fn show_new_ticket(request: UserRequest) -> PageResult {
    let form = Form::default()
        .fill("priority", TicketPriority::Normal.as_str())
        .fill(
            IdempotencyKey::FIELD,
            request.idempotency_key(FORM).as_str(),
        );
    show(&request, StatusCode::OK, form).await
}

/// Submits a ticket, once however often the form is sent.
#[post("/tickets/new")]
pub(super) async fn create_ticket(UserForm(request, user, mut form): UserForm) -> PageResult {
    let Some(id) = request.id_to_create::<TicketId>(FORM, &form) else {
        return show_again(&request, form, Message::new("form-outdated")).await;
    };
    let Ok(new) = parse(&mut form) else {
        return show(&request, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    let sent = new.clone();
    let ticket = user
        .write(Some(Feature::Tickets), Ok(new), async |op, new| {
            Ok(tickets::submit_with_id(op, id, new).await?)
        })
        .await;
    let reason = match ticket {
        Ok(ticket) if is_of(&ticket, &sent) => {
            let path = format!("/tickets/{}", ticket.id);
            return Ok(redirect_with_flash(&path, Flash::TicketSubmitted));
        }
        // The form was sent before with other content.
        Ok(_) => Message::new("form-sent-before"),
        Err(PageError::Conflict(reason)) => reason,
        Err(error) => return Err(error),
    };
    show_again(&request, form, reason).await
}

/// Shows the form again with a new key.
async fn show_again(request: &UserRequest, mut form: Form, reason: Message) -> PageResult {
    form.add_form_error(reason);
    form.replace(
        IdempotencyKey::FIELD,
        request.idempotency_key(FORM).as_str(),
    );
    show(request, StatusCode::CONFLICT, form).await
}

/// Whether a ticket has the submitted content. If the team has changed its priority since, the form
/// is shown again needlessly, which is better than losing a changed priority.
fn is_of(ticket: &Ticket, sent: &NewTicket) -> bool {
    let NewTicket {
        subject,
        description,
        priority,
    } = sent;
    (&ticket.subject, &ticket.description, &ticket.priority) == (subject, description, priority)
}

fn parse(form: &mut Form) -> Result<NewTicket, InvalidForm> {
    let subject = form.parse::<Subject>("subject");
    let description = form.parse::<Description>("description");
    let priority = form.parse_optional::<TicketPriority>("priority");
    Ok(NewTicket {
        subject: subject?,
        description: description?,
        priority: priority?.unwrap_or(TicketPriority::Normal),
    })
}

async fn show(request: &UserRequest, status: StatusCode, form: Form) -> PageResult {
    let frame = request.frame(Some(Feature::Tickets)).await?;
    let page = NewTicketPage { frame, form };
    page.frame.show_as(status, &page)
}
