//! `/tickets/new`.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::devices::{Device, DeviceFilter};
use portal_domain::files::Attachment;
use portal_domain::ids::{DeviceId, TicketId, UserId};
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{Colleague, Role};
use portal_domain::text::search_key;
use portal_domain::tickets::{
    self, ColleagueRef, Description, NewTicket, Subject, SubmitError, Ticket, TicketPriority,
};
use portal_domain::values::EmailAddress;

use super::{files, offered_colleagues};
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
    /// Devices to choose from.
    devices: Vec<Device>,
    is_manager: bool,
    /// Colleagues to choose from, for a manager.
    colleagues: Vec<Colleague>,
    /// What was uploaded for the ticket.
    files: Vec<Attachment>,
    max_megabytes: u64,
}

/// The most devices to choose from.
const MAX_DEVICES: u32 = 100;

#[get("/tickets/new")]
pub(super) async fn show_new_ticket(request: UserRequest) -> PageResult {
    let form = Form::default()
        .fill("priority", TicketPriority::Normal.as_str())
        .fill("device", request.context.query("device"))
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
            let files = new.attachments.clone();
            let ticket = match tickets::submit_with_id(op, id, new).await {
                // Found out before anything is written.
                Err(SubmitError::UnknownColleague) => return Ok(Err("on-behalf-of")),
                Err(SubmitError::UnknownDevice) => return Ok(Err("device")),
                submitted => submitted?,
            };
            let has_all = files::are_attached(op.tx, &files, ticket.id, None).await?;
            Ok(Ok((ticket, has_all)))
        })
        .await;
    let reason = match ticket {
        Ok(Err(field)) => {
            let reason = match field {
                "device" => "ticket-no-device",
                _ => "ticket-no-colleague",
            };
            form.add_error(field, Message::new(reason));
            return show(&request, StatusCode::UNPROCESSABLE_ENTITY, form).await;
        }
        Ok(Ok((ticket, true))) if is_of(&ticket, &sent, request.user_id()) => {
            let path = format!("/tickets/{}", ticket.id);
            return Ok(redirect_with_flash(&path, Flash::TicketSubmitted));
        }
        // The form was sent before with other content.
        Ok(Ok(_)) => Message::new("form-sent-before"),
        Err(PageError::Conflict(reason)) => reason,
        Err(PageError::UnknownFiles) => {
            files::add_unknown(&mut form);
            return show(&request, StatusCode::UNPROCESSABLE_ENTITY, form).await;
        }
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
fn is_of(ticket: &Ticket, sent: &NewTicket, user: UserId) -> bool {
    let NewTicket {
        subject,
        description,
        priority,
        device_id,
        on_behalf_of,
        attachments: _,
    } = sent;
    let is_for = match on_behalf_of {
        None => ticket.submitted_by == user,
        Some(ColleagueRef::Id(id)) => ticket.submitted_by == *id,
        Some(ColleagueRef::Email(email)) => ticket.submitter_email == *email,
    };
    let content = (&ticket.subject, &ticket.description, &ticket.priority);
    is_for && ticket.device_id == *device_id && content == (subject, description, priority)
}

fn parse(form: &mut Form) -> Result<NewTicket, InvalidForm> {
    let subject = form.parse::<Subject>("subject");
    let description = form.parse::<Description>("description");
    let priority = form.parse_optional::<TicketPriority>("priority");
    let device = form.parse_optional::<DeviceId>("device");
    let on_behalf_of = form.parse_optional::<EmailAddress>("on-behalf-of");
    let attachments = files::parse(form);
    Ok(NewTicket {
        subject: subject?,
        description: description?,
        priority: priority?.unwrap_or(TicketPriority::Normal),
        device_id: device?,
        on_behalf_of: on_behalf_of?.map(ColleagueRef::Email),
        attachments: attachments?,
    })
}

async fn show(request: &UserRequest, status: StatusCode, form: Form) -> PageResult {
    let chosen: Option<DeviceId> = form.value("device").parse().ok();
    let (frame, account, (mut devices, chosen)) = request
        .read_account(Some(Feature::Tickets), async |reader| {
            let first = PageRequest::new(1, MAX_DEVICES);
            let devices = reader.devices(DeviceFilter::default(), first).await?.items;
            let chosen = match chosen {
                Some(id) => reader
                    .device(id)
                    .await?
                    .filter(|device| !device.is_ephemeral),
                None => None,
            };
            Ok((devices, chosen))
        })
        .await?;
    if !frame.has_devices() {
        devices.clear();
    } else if let Some(chosen) = chosen
        && devices.iter().all(|device| device.id != chosen.id)
    {
        devices.push(chosen);
    }
    devices.sort_by_cached_key(|device| search_key(device.name()));
    let is_manager = account.user.role == Role::Manager;
    let is_offered = is_manager && frame.has_colleagues();
    let page = NewTicketPage {
        colleagues: offered_colleagues(request, is_offered).await?,
        files: files::waiting(request, &form).await?,
        max_megabytes: request.context.portal.max_file_megabytes(),
        frame,
        form,
        devices,
        is_manager,
    };
    page.frame.show_as(status, &page)
}
