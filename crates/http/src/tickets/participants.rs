//! `/tickets/{id}/participants`: the colleagues who take part in a ticket.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, post};
use portal_domain::branding::Feature;
use portal_domain::field::Field;
use portal_domain::ids::{TicketId, UserId};
use portal_domain::tickets::{self, Addition, ColleagueRef};
use portal_domain::values::EmailAddress;
use portal_wire::Person;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::docs::{AccessErrors, BodyErrors, LimitErrors, NotFoundErrors};
use crate::error::{ApiError, Missing};
use crate::extract::{Authenticated, EmptyRequest, FieldErrors, Json, PathParams, valid};
use crate::fields;
use crate::success::SuccessBody;

const FEATURE: Option<Feature> = Some(Feature::Tickets);

/// The colleague to add, by id or by email address; the id counts if both are given.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AddParticipantRequest {
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::colleague)]
    user_id: Field<UserId>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::colleague_email)]
    email: Field<EmailAddress>,
}

impl AddParticipantRequest {
    fn colleague(self) -> Result<ColleagueRef, ApiError> {
        let id = self.user_id.valid().map(ColleagueRef::Id);
        let colleague = id.or_else(|| self.email.valid().map(ColleagueRef::Email));
        colleague.ok_or_else(|| FieldErrors::of("userId", "is required").into())
    }
}

/// A participant, in their envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct ParticipantEnvelope {
    participant: Person,
}

/// Add a colleague to a ticket, as its submitter or a manager.
#[utoipa::path(
    tag = "tickets",
    params(("id" = String, Path, description = "The ticket's id", format = Uuid)),
    request_body = AddParticipantRequest,
    responses(
        (status = 201, description = "Added", body = ParticipantEnvelope),
        (status = 200, description = "Takes part already", body = ParticipantEnvelope),
        AccessErrors, NotFoundErrors, BodyErrors, LimitErrors
    ),
)]
#[post("/{id}/participants")]
pub(super) async fn add_ticket_participant(
    user: Authenticated,
    path: PathParams,
    body: Json<AddParticipantRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|body| {
        let ticket: TicketId = path.get("id", Missing::Ticket)?;
        Ok((ticket, body.colleague()?))
    });
    user.write_once(FEATURE, input, async |op, (ticket, colleague)| {
        let addition = tickets::add_participant(op, ticket, colleague).await?;
        let (status, colleague) = match addition {
            Addition::Added(colleague) => (StatusCode::CREATED, colleague),
            Addition::Already(colleague) => (StatusCode::OK, colleague),
        };
        let participant = colleague.into();
        Ok((status, ParticipantEnvelope { participant }))
    })
    .await
}

/// Remove a participant from a ticket, as its submitter or a manager, or leave it.
#[utoipa::path(
    tag = "tickets",
    params(
        ("id" = String, Path, description = "The ticket's id", format = Uuid),
        ("userId" = String, Path, description = "The participant's id", format = Uuid),
    ),
    responses((status = 200, description = "Removed", body = SuccessBody), AccessErrors, NotFoundErrors, BodyErrors, LimitErrors),
)]
#[delete("/{id}/participants/{userId}")]
pub(super) async fn remove_ticket_participant(
    user: Authenticated,
    path: PathParams,
    body: Json<EmptyRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|EmptyRequest {}| {
        let ticket: TicketId = path.get("id", Missing::Ticket)?;
        let participant: UserId = path.get("userId", Missing::Colleague)?;
        Ok((ticket, participant))
    });
    user.write(FEATURE, input, async |op, (ticket, participant)| {
        Ok(tickets::remove_participant(op, ticket, participant).await?)
    })
    .await?;
    Ok(HttpResponse::Ok().json(SuccessBody::OK))
}
