//! `/quotes` and `/invoices`: always empty.
//!
//! Breeze clients open these lists after sign-in, and learn from a 401 that their session has ended.

use actix_web::{HttpResponse, get};
use portal_domain::pagination::Page;
use portal_wire::List;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::docs::AccessErrors;
use crate::error::ApiError;
use crate::extract::{PageParams, SessionUser};

/// The routes under `/quotes`.
pub(crate) fn quotes(config: &mut ServiceConfig<'_>) {
    config.service(list_quotes);
}

/// The routes under `/invoices`.
pub(crate) fn invoices(config: &mut ServiceConfig<'_>) {
    config.service(list_invoices);
}

/// A quote or an invoice. There are none.
#[derive(Serialize, ToSchema)]
struct BillingDocument {}

type BillingDocumentList = List<BillingDocument>;

/// List the user's quotes; there are none.
#[utoipa::path(
    tag = "billing",
    params(PageParams),
    responses((status = 200, description = "An empty list", body = BillingDocumentList), AccessErrors),
)]
#[get("")]
async fn list_quotes(user: SessionUser, page: PageParams) -> Result<HttpResponse, ApiError> {
    empty_list(&user, &page).await
}

/// List the user's invoices; there are none.
#[utoipa::path(
    tag = "billing",
    params(PageParams),
    responses((status = 200, description = "An empty list", body = BillingDocumentList), AccessErrors),
)]
#[get("")]
async fn list_invoices(user: SessionUser, page: PageParams) -> Result<HttpResponse, ApiError> {
    empty_list(&user, &page).await
}

async fn empty_list(user: &SessionUser, page: &PageParams) -> Result<HttpResponse, ApiError> {
    user.check(None).await?;
    let none = Page {
        items: Vec::<()>::new(),
        total: 0,
    };
    let body: BillingDocumentList = List::new(none, page.request(), |()| BillingDocument {});
    Ok(HttpResponse::Ok().json(body))
}
