//! `POST /tickets/{id}/close`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post};
use portal_domain::branding::Feature;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, NEWEST_COMMENTS};
use portal_wire::Ticket;

use super::TicketEnvelope;
use crate::docs::{AccessErrors, BodyErrors, ConflictErrors, LimitErrors, NotFoundErrors};
use crate::error::{ApiError, Missing};
use crate::extract::{Authenticated, EmptyRequest, Json, PathParams};

/// Close a resolved ticket.
#[utoipa::path(
    tag = "tickets",
    params(("id" = String, Path, description = "The ticket's id", format = Uuid)),
    request_body = EmptyRequest,
    responses((status = 200, description = "Closed", body = TicketEnvelope), AccessErrors, NotFoundErrors, ConflictErrors, BodyErrors, LimitErrors),
)]
#[post("/{id}/close")]
pub(super) async fn close_ticket(
    user: Authenticated,
    path: PathParams,
    body: Json<EmptyRequest>,
) -> Result<HttpResponse, ApiError> {
    let id = body.parse(|EmptyRequest {}| path.get("id", Missing::Ticket));
    user.write_once(Some(Feature::Tickets), id, async |op, id: TicketId| {
        tickets::close(op, id).await?;
        let user = op.by.account.user.id;
        let shown = tickets::show(op.tx, user, id, NEWEST_COMMENTS).await?;
        let ticket = Ticket::from(shown.ok_or(Missing::Ticket)?);
        Ok((StatusCode::OK, TicketEnvelope { ticket }))
    })
    .await
}
