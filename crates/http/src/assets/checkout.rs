//! `POST /assets/{id}/checkout`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post};
use portal_domain::assets::{self, Checkout, CheckoutRequest, Condition, LoanNotes};
use portal_domain::field::Field;
use portal_domain::ids::{CheckoutId, DeviceId, UserId};
use portal_wire::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{FEATURE, device};
use crate::docs::{AccessErrors, BodyErrors, ConflictErrors, LimitErrors, NotFoundErrors};
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, PathParams, valid};
use crate::fields;

/// The return date, condition and notes of a checkout; nothing is required.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CheckoutAssetRequest {
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::optional_return_date)]
    expected_return_at: Field<Timestamp>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::checkout_notes)]
    checkout_notes: Field<LoanNotes>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::condition)]
    condition: Field<Condition>,
}

impl CheckoutAssetRequest {
    fn checkout(self) -> CheckoutRequest {
        CheckoutRequest {
            expected_return_at: self.expected_return_at.valid().map(|at| at.0),
            notes: self.checkout_notes.valid(),
            condition: self.condition.valid(),
        }
    }
}

/// A new loan, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckoutEnvelope {
    checkout: CheckoutBody,
}

/// A new loan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Checkout)]
struct CheckoutBody {
    /// The id.
    #[schema(value_type = Uuid)]
    id: CheckoutId,
    /// The device's id.
    #[schema(value_type = Uuid)]
    device_id: DeviceId,
    /// The borrower's id.
    #[schema(value_type = Uuid)]
    checked_out_to: UserId,
    /// When the device was checked out.
    checked_out_at: Timestamp,
    /// When the device is expected back.
    #[schema(required)]
    expected_return_at: Option<Timestamp>,
    /// Notes on the checkout.
    #[schema(required)]
    checkout_notes: Option<String>,
    /// The condition at the checkout.
    #[schema(required)]
    condition: Option<String>,
}

impl From<Checkout> for CheckoutBody {
    fn from(checkout: Checkout) -> Self {
        Self {
            id: checkout.id,
            device_id: checkout.device_id,
            checked_out_to: checkout.checked_out_to,
            checked_out_at: checkout.checked_out_at.into(),
            expected_return_at: checkout.expected_return_at.map(Timestamp),
            checkout_notes: checkout.checkout_notes.map(LoanNotes::into_string),
            condition: checkout.condition.map(Condition::into_string),
        }
    }
}

/// Check a device out.
#[utoipa::path(
    tag = "assets",
    params(("id" = String, Path, description = "The device's id", format = Uuid)),
    request_body = CheckoutAssetRequest,
    responses((status = 201, description = "Checked out", body = CheckoutEnvelope), AccessErrors, NotFoundErrors, ConflictErrors, BodyErrors, LimitErrors),
)]
#[post("/{id}/checkout")]
pub(super) async fn checkout_asset(
    user: Authenticated,
    path: PathParams,
    body: Json<CheckoutAssetRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|request| Ok((device(&path)?, request.checkout())));
    user.write_once(FEATURE, input, async |op, (device, request)| {
        let checkout = assets::check_out(op, device, request).await?.into();
        Ok((StatusCode::CREATED, CheckoutEnvelope { checkout }))
    })
    .await
}
