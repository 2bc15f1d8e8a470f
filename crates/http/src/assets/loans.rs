//! `/assets/checkouts`: what the user has borrowed.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch};
use chrono::{DateTime, Utc};
use portal_domain::assets::{self, Condition, Loan, LoanNotes};
use portal_domain::branding::Feature;
use portal_domain::ids::CheckoutId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::checkout::{instant, is_instant};
use crate::caching::{CachePolicy, Cached};
use crate::docs::{BodyErrors, MemberErrors, NotFoundErrors, NotModified};
use crate::error::{ApiError, ErrorKind};
use crate::extract::{FieldErrors, Json, PathParams, QueryParams};
use crate::portal::Portal;
use crate::session::Member;
use crate::wire::{Instant, ListBody, PageParams};

/// One loan of the user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Loan)]
pub(super) struct LoanBody {
    id: String,
    device_id: String,
    hostname: String,
    #[schema(required)]
    display_name: Option<String>,
    checked_out_at: Instant,
    #[schema(required)]
    expected_return_at: Option<Instant>,
    #[schema(required)]
    checked_in_at: Option<Instant>,
    #[schema(required)]
    checkout_notes: Option<String>,
    #[schema(required)]
    checkin_notes: Option<String>,
    /// The condition in which it was taken.
    #[schema(required)]
    condition: Option<String>,
    /// The condition in which it was returned.
    #[schema(required)]
    checkin_condition: Option<String>,
    /// Whether it is still out after it was expected back.
    overdue: bool,
}

impl LoanBody {
    fn new(loan: Loan, now: DateTime<Utc>) -> Self {
        let Loan { checkout, device } = loan;
        let notes = |notes: Option<LoanNotes>| notes.map(LoanNotes::into_string);
        let condition = |condition: Option<Condition>| condition.map(Condition::into_string);
        Self {
            overdue: checkout.is_overdue(now),
            id: checkout.id.to_string(),
            device_id: device.id.to_string(),
            hostname: device.hostname.into_string(),
            display_name: device
                .display_name
                .map(portal_domain::devices::DisplayName::into_string),
            checked_out_at: checkout.checked_out_at.into(),
            expected_return_at: checkout.expected_return_at.map(Instant),
            checked_in_at: checkout.checked_in_at.map(Instant),
            checkout_notes: notes(checkout.checkout_notes),
            checkin_notes: notes(checkout.checkin_notes),
            condition: condition(checkout.condition),
            checkin_condition: condition(checkout.checkin_condition),
        }
    }
}

/// A loan in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct LoanEnvelope {
    checkout: LoanBody,
}

/// Loans of the user: those still out first, then the newest.
#[utoipa::path(
    tag = "assets",
    params(PageParams),
    responses((status = 200, description = "A page of loans", body = ListBody<LoanBody>), NotModified, MemberErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[get("/checkouts")]
pub(super) async fn list_checkouts(
    member: Member,
    portal: Data<Portal>,
    page: QueryParams<PageParams>,
) -> Result<Cached<ListBody<LoanBody>>, ApiError> {
    let request = page.0.request();
    let (account, loans) = member
        .read(Some(Feature::AssetCheckout), async |reader| {
            Ok(reader.loans_of(member.session.user_id, request).await?)
        })
        .await?;
    let now = portal.env.now();
    let body = ListBody::new(loans, request, |loan| LoanBody::new(loan, now));
    Ok(Cached::private(CachePolicy::List, &account, body))
}

/// When the device will be returned instead.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExtendCheckoutRequest {
    /// RFC 3339, of any offset.
    #[validate(required, custom(function = "is_instant"))]
    #[schema(required, nullable = false, format = DateTime, example = "2026-02-14T17:00:00+01:00")]
    expected_return_at: Option<String>,
}

/// Move the date on which a device will be returned.
#[utoipa::path(
    tag = "assets",
    params(("id" = String, Path, description = "The checkout", format = Uuid)),
    request_body = ExtendCheckoutRequest,
    responses((status = 200, description = "The loan as it is now", body = LoanEnvelope), MemberErrors, NotFoundErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[patch("/checkouts/{id}")]
pub(super) async fn extend_checkout(
    member: Member,
    portal: Data<Portal>,
    path: PathParams,
    body: Json<ExtendCheckoutRequest>,
) -> Result<HttpResponse, ApiError> {
    let loan = member
        .write(Some(Feature::AssetCheckout), async |work, customer| {
            let field = "expectedReturnAt";
            let expected = instant(field, body.valid()?.expected_return_at.as_deref())?
                .ok_or_else(|| FieldErrors::of(field, "is required"))?;
            let id: CheckoutId = path.get("id").ok_or(ErrorKind::CheckoutNotFound)?;
            Ok(assets::extend(work, &*portal.env, customer, id, expected).await?)
        })
        .await?;
    let checkout = LoanBody::new(loan, portal.env.now());
    Ok(HttpResponse::Ok().json(LoanEnvelope { checkout }))
}
