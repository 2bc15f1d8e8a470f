//! `/assets/checkouts`: the user's loans.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch};
use portal_domain::assets;
use portal_domain::field::Field;
use portal_domain::ids::CheckoutId;
use portal_session::Portal;
use portal_wire::{List, Loan, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::FEATURE;
use crate::caching::{CachePolicy, Cached};
use crate::docs::{AccessErrors, BodyErrors, LimitErrors, NotFoundErrors, NotModified};
use crate::error::{ApiError, Missing};
use crate::extract::{Authenticated, Json, PageParams, PathParams, SessionUser, required, valid};
use crate::fields;

/// A loan in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct LoanEnvelope {
    checkout: Loan,
}

type LoanList = List<Loan>;

/// List the user's loans, active ones first, then the newest.
#[utoipa::path(
    tag = "assets",
    params(PageParams),
    responses((status = 200, description = "A page of loans", body = LoanList), NotModified, AccessErrors),
)]
#[get("/checkouts")]
pub(super) async fn list_checkouts(
    user: SessionUser,
    page: PageParams,
    portal: Data<Portal>,
) -> Result<Cached<LoanList>, ApiError> {
    let request = page.request();
    let (account, loans) = user
        .read(FEATURE, async |reader| {
            Ok(reader.loans_of(user.id(), request).await?)
        })
        .await?;
    let now = portal.env.now();
    let zone = account.organization.time_zone;
    let body = List::new(loans, request, |loan| Loan::new(loan, zone, now));
    Ok(Cached::private(CachePolicy::List, &account, body))
}

/// The new return date.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ExtendCheckoutRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::return_date)]
    expected_return_at: Field<Timestamp>,
}

/// Change the return date of a loan.
#[utoipa::path(
    tag = "assets",
    params(("id" = String, Path, description = "The checkout's id", format = Uuid)),
    request_body = ExtendCheckoutRequest,
    responses((status = 200, description = "Updated", body = LoanEnvelope), AccessErrors, NotFoundErrors, BodyErrors, LimitErrors),
)]
#[patch("/checkouts/{id}")]
pub(super) async fn extend_checkout(
    user: Authenticated,
    path: PathParams,
    body: Json<ExtendCheckoutRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|request| {
        let id: CheckoutId = path.get("id", Missing::Checkout)?;
        Ok((id, required(request.expected_return_at)?))
    });
    let checkout = user
        .write(FEATURE, input, async |op, (id, until)| {
            let loan = assets::extend(op, id, until.0).await?;
            let zone = op.by.account.organization.time_zone;
            Ok(Loan::new(loan, zone, op.now()))
        })
        .await?;
    Ok(HttpResponse::Ok().json(LoanEnvelope { checkout }))
}
