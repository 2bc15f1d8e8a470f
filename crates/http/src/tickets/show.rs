//! `GET /tickets/{id}`.

use actix_web::get;
use portal_domain::branding::Feature;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, NEWEST_COMMENTS};
use portal_wire::Ticket;

use super::TicketEnvelope;
use crate::caching::{CachePolicy, Cached};
use crate::docs::{AccessErrors, NotFoundErrors, NotModified};
use crate::error::{ApiError, Missing};
use crate::extract::{PathParams, SessionUser};

/// Get a ticket with the newest comments of its conversation.
#[utoipa::path(
    tag = "tickets",
    params(("id" = String, Path, description = "The ticket's id", format = Uuid)),
    responses((status = 200, description = "The ticket", body = TicketEnvelope), NotModified, AccessErrors, NotFoundErrors),
)]
#[get("/{id}")]
pub(super) async fn get_ticket(
    user: SessionUser,
    path: PathParams,
) -> Result<Cached<TicketEnvelope>, ApiError> {
    let (account, shown) = user
        .read(Some(Feature::Tickets), async |reader| {
            let id: TicketId = path.get("id", Missing::Ticket)?;
            let found = tickets::show(reader, user.id(), id, NEWEST_COMMENTS).await?;
            Ok(found.ok_or(Missing::Ticket)?)
        })
        .await?;
    let body = TicketEnvelope {
        ticket: Ticket::from(shown),
    };
    Ok(Cached::private(CachePolicy::List, &account, body))
}
