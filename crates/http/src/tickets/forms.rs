//! `GET /tickets/forms`.

use actix_web::get;
use portal_domain::branding::Feature;
use serde::Serialize;
use utoipa::ToSchema;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{AccessErrors, NotModified};
use crate::error::ApiError;
use crate::extract::SessionUser;

/// The organization's intake forms; always empty.
#[derive(Serialize, ToSchema)]
pub(super) struct TicketForms {
    #[schema(value_type = Vec<Object>)]
    data: [(); 0],
}

/// List the intake forms for tickets.
#[utoipa::path(
    tag = "tickets",
    responses((status = 200, description = "The forms", body = TicketForms), NotModified, AccessErrors),
)]
#[get("/forms")]
pub(super) async fn list_ticket_forms(user: SessionUser) -> Result<Cached<TicketForms>, ApiError> {
    let (account, ()) = user.read(Some(Feature::Tickets), async |_| Ok(())).await?;
    Ok(Cached::private(
        CachePolicy::List,
        &account,
        TicketForms { data: [] },
    ))
}
