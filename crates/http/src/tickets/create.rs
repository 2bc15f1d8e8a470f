//! `POST /tickets`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post};
use portal_domain::branding::Feature;
use portal_domain::field::Field;
use portal_domain::files::{self, AttachmentIds};
use portal_domain::ids::{DeviceId, TicketId, UserId};
use portal_domain::tickets::{
    self, ColleagueRef, Description, NewTicket, Subject, Ticket, TicketPriority,
};
use portal_wire::{Attachment, TicketStatus, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::docs::{AccessErrors, BodyErrors, LimitErrors};
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, required, valid};
use crate::fields;
use crate::tickets::files_of_new;

/// A ticket to submit.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CreateTicketRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::subject)]
    subject: Field<Subject>,
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::description)]
    description: Field<Description>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::priority)]
    priority: Field<TicketPriority>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::device)]
    device_id: Field<DeviceId>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::on_behalf_of)]
    on_behalf_of: Field<UserId>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::attachments)]
    attachment_ids: Field<AttachmentIds>,
}

impl CreateTicketRequest {
    fn ticket(self) -> Result<NewTicket, ApiError> {
        Ok(NewTicket {
            subject: required(self.subject)?,
            description: required(self.description)?,
            priority: self.priority.valid().unwrap_or(TicketPriority::Normal),
            device_id: self.device_id.valid(),
            on_behalf_of: self.on_behalf_of.valid().map(ColleagueRef::Id),
            attachments: self.attachment_ids.valid().unwrap_or_default(),
        })
    }
}

/// A new ticket, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct NewTicketEnvelope {
    ticket: NewTicketBody,
}

/// A new ticket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewTicket)]
struct NewTicketBody {
    /// The id.
    #[schema(value_type = Uuid)]
    id: TicketId,
    /// The number for people.
    #[schema(example = "7KQ3MRXD")]
    ticket_number: String,
    /// The subject.
    subject: String,
    /// The description.
    description: String,
    /// Always `new`.
    status: TicketStatus,
    /// The priority.
    priority: portal_wire::TicketPriority,
    /// When it was submitted.
    created_at: Timestamp,
    /// The same as `createdAt`.
    updated_at: Timestamp,
    /// The files.
    attachments: Vec<Attachment>,
}

impl NewTicketBody {
    fn new(ticket: Ticket, files: &[files::Attachment]) -> Self {
        Self {
            id: ticket.id,
            ticket_number: ticket.number.to_string(),
            subject: ticket.subject.into_string(),
            description: ticket.description.into_string(),
            status: ticket.status.into(),
            priority: ticket.priority.into(),
            created_at: ticket.created_at.into(),
            updated_at: ticket.updated_at.into(),
            attachments: files.iter().map(Attachment::from).collect(),
        }
    }
}

/// Submit a ticket.
#[utoipa::path(
    tag = "tickets",
    request_body = CreateTicketRequest,
    responses((status = 201, description = "Created", body = NewTicketEnvelope), AccessErrors, BodyErrors, LimitErrors),
)]
#[post("")]
pub(super) async fn create_ticket(
    user: Authenticated,
    body: Json<CreateTicketRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(CreateTicketRequest::ticket);
    user.write_once(Some(Feature::Tickets), input, async |op, new| {
        let has_files = !new.attachments.is_empty();
        let ticket = tickets::submit(op, new).await?;
        let files = files_of_new(op, (ticket.id, None), has_files).await?;
        let ticket = NewTicketBody::new(ticket, &files);
        Ok((StatusCode::CREATED, NewTicketEnvelope { ticket }))
    })
    .await
}
