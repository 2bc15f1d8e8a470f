//! `/assets/checkouts`: the user's loans.

use actix_web::{HttpResponse, get, patch};
use portal_domain::assets;
use portal_domain::branding::Feature;
use portal_domain::ids::CheckoutId;
use portal_wire::{List, Loan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::checkout::{instant, is_instant};
use crate::caching::{CachePolicy, Cached};
use crate::docs::{BodyErrors, MemberErrors, NotFoundErrors, NotModified};
use crate::error::{ApiError, ErrorKind};
use crate::extract::{FieldErrors, Json, PageParams, PathParams, QueryParams};
use crate::fields;
use crate::session::Member;

/// A loan in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct LoanEnvelope {
    checkout: Loan,
}

type LoanList = List<Loan>;

/// Loans of the user: those still out first, then the newest.
#[utoipa::path(
    tag = "assets",
    params(PageParams),
    responses((status = 200, description = "A page of loans", body = LoanList), NotModified, MemberErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[get("/checkouts")]
pub(super) async fn list_checkouts(
    member: Member,
    page: QueryParams<PageParams>,
) -> Result<Cached<LoanList>, ApiError> {
    let request = page.0.request();
    let (account, loans) = member
        .read(Some(Feature::AssetCheckout), async |reader| {
            Ok(reader.loans_of(member.session.user_id, request).await?)
        })
        .await?;
    let now = member.now();
    let body = List::new(loans, request, |loan| Loan::new(&loan, now));
    Ok(Cached::private(CachePolicy::List, &account, body))
}

/// When the device will be returned instead.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExtendCheckoutRequest {
    #[validate(required, custom(function = "is_instant"))]
    #[schema(required, schema_with = fields::return_date)]
    expected_return_at: Option<String>,
}

/// Move the date on which a device will be returned.
#[utoipa::path(
    tag = "assets",
    params(("id" = String, Path, description = "The checkout", format = Uuid)),
    request_body = ExtendCheckoutRequest,
    responses((status = 200, description = "Updated", body = LoanEnvelope), MemberErrors, NotFoundErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[patch("/checkouts/{id}")]
pub(super) async fn extend_checkout(
    member: Member,
    path: PathParams,
    body: Json<ExtendCheckoutRequest>,
) -> Result<HttpResponse, ApiError> {
    let loan = member
        .write(Some(Feature::AssetCheckout), async |op| {
            let field = "expectedReturnAt";
            let expected = instant(field, body.valid()?.expected_return_at.as_deref())?
                .ok_or_else(|| FieldErrors::of(field, "is required"))?;
            let id: CheckoutId = path.get("id").ok_or(ErrorKind::CheckoutNotFound)?;
            Ok(assets::extend(op, id, expected).await?)
        })
        .await?;
    let checkout = Loan::new(&loan, member.now());
    Ok(HttpResponse::Ok().json(LoanEnvelope { checkout }))
}
