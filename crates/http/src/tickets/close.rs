//! `POST /tickets/{id}/close`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use portal_domain::branding::Feature;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, Audience};
use portal_wire::Ticket;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::TicketEnvelope;
use crate::docs::{BodyErrors, ConflictErrors, MemberErrors, NotFoundErrors};
use crate::error::{ApiError, ErrorKind};
use crate::extract::{Json, PathParams};
use crate::portal::Portal;
use crate::session::Member;

/// Nothing needs to be said.
#[derive(Deserialize, Validate, ToSchema)]
pub(super) struct CloseTicketRequest {}

/// Confirm that a resolved ticket is done.
#[utoipa::path(
    tag = "tickets",
    params(("id" = String, Path, description = "The ticket", format = Uuid)),
    request_body = inline(Option<CloseTicketRequest>),
    responses((status = 200, description = "The ticket, closed", body = TicketEnvelope), MemberErrors, NotFoundErrors, ConflictErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[post("/{id}/close")]
pub(super) async fn close_ticket(
    member: Member,
    portal: Data<Portal>,
    path: PathParams,
    body: Json<CloseTicketRequest>,
) -> Result<HttpResponse, ApiError> {
    let (ticket, comments) = member
        .write(Some(Feature::Tickets), async |work, customer| {
            body.valid()?;
            let id: TicketId = path.get("id").ok_or(ErrorKind::TicketNotFound)?;
            let ticket = tickets::close(work, &*portal.env, customer, id).await?;
            let comments = work.comments(id, Audience::Customer).await?;
            Ok((ticket, comments))
        })
        .await?;
    Ok(HttpResponse::Ok().json(TicketEnvelope {
        ticket: Ticket::new(&ticket, &comments),
    }))
}
