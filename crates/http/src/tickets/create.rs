//! `POST /tickets`.

use actix_web::{HttpResponse, post};
use portal_domain::branding::Feature;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, Description, NewTicket, Subject, Ticket, TicketPriority};
use portal_wire::{TicketStatus, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::docs::{BodyErrors, MemberErrors};
use crate::error::ApiError;
use crate::extract::{Json, optional, parses, required};
use crate::fields;
use crate::session::Member;

/// A ticket to be submitted.
#[derive(Deserialize, Validate, ToSchema)]
pub(super) struct CreateTicketRequest {
    #[validate(required, custom(function = "parses::<Subject>"))]
    #[schema(required, schema_with = fields::subject)]
    subject: Option<String>,
    #[validate(required, custom(function = "parses::<Description>"))]
    #[schema(required, schema_with = fields::description)]
    description: Option<String>,
    #[validate(custom(function = "parses::<TicketPriority>"))]
    #[schema(schema_with = fields::priority)]
    priority: Option<String>,
}

impl CreateTicketRequest {
    fn ticket(&self) -> Result<NewTicket, ApiError> {
        let Self {
            subject,
            description,
            priority,
        } = self;
        Ok(NewTicket {
            subject: required("subject", subject.as_deref())?,
            description: required("description", description.as_deref())?,
            priority: optional("priority", priority.as_deref())?.unwrap_or(TicketPriority::Normal),
        })
    }
}

/// A ticket that was just submitted, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct NewTicketEnvelope {
    ticket: NewTicketBody,
}

/// A ticket that was just submitted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewTicket)]
struct NewTicketBody {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: TicketId,
    /// The number by which people name it.
    #[schema(example = "7KQ3MRXD")]
    ticket_number: String,
    /// What it is about.
    subject: String,
    /// What has happened.
    description: String,
    /// How far it has come: `new`.
    status: TicketStatus,
    /// How much it matters.
    priority: portal_wire::TicketPriority,
    /// When it was submitted.
    created_at: Timestamp,
    /// The same as `createdAt`.
    updated_at: Timestamp,
}

impl From<Ticket> for NewTicketBody {
    fn from(ticket: Ticket) -> Self {
        Self {
            id: ticket.id,
            ticket_number: ticket.number.to_string(),
            subject: ticket.subject.into_string(),
            description: ticket.description.into_string(),
            status: ticket.status.into(),
            priority: ticket.priority.into(),
            created_at: ticket.created_at.into(),
            updated_at: ticket.updated_at.into(),
        }
    }
}

/// Submit a ticket.
#[utoipa::path(
    tag = "tickets",
    request_body = CreateTicketRequest,
    responses((status = 201, description = "Created", body = NewTicketEnvelope), MemberErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[post("")]
pub(super) async fn create_ticket(
    member: Member,
    body: Json<CreateTicketRequest>,
) -> Result<HttpResponse, ApiError> {
    let ticket = member
        .write(Some(Feature::Tickets), async |op| {
            let new = body.valid()?.ticket()?;
            Ok(tickets::submit(op, new).await?)
        })
        .await?;
    Ok(HttpResponse::Created().json(NewTicketEnvelope {
        ticket: ticket.into(),
    }))
}
