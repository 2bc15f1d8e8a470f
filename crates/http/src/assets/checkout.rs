//! `POST /assets/{id}/checkout`.

use actix_web::{HttpResponse, post};
use portal_domain::assets::{self, Checkout, CheckoutRequest, Condition, LoanNotes};
use portal_domain::field::Field;
use portal_domain::ids::{CheckoutId, DeviceId, UserId};
use portal_wire::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{FEATURE, device};
use crate::docs::{AccessErrors, BodyErrors, ConflictErrors, NotFoundErrors};
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, PathParams, valid};
use crate::fields;

/// A device to be checked out; nothing is required.
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

/// A loan that has just begun, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckoutEnvelope {
    checkout: CheckoutBody,
}

/// A loan that has just begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Checkout)]
struct CheckoutBody {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: CheckoutId,
    /// The device.
    #[schema(value_type = Uuid)]
    device_id: DeviceId,
    /// The user who took it.
    #[schema(value_type = Uuid)]
    checked_out_to: UserId,
    /// When it was taken.
    checked_out_at: Timestamp,
    /// When it is expected back.
    #[schema(required)]
    expected_return_at: Option<Timestamp>,
    /// What was noted when it was taken.
    #[schema(required)]
    checkout_notes: Option<String>,
    /// The condition in which it was taken.
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
    params(("id" = String, Path, description = "The device", format = Uuid)),
    request_body = CheckoutAssetRequest,
    responses((status = 201, description = "Checked out", body = CheckoutEnvelope), AccessErrors, NotFoundErrors, ConflictErrors, BodyErrors),
)]
#[post("/{id}/checkout")]
pub(super) async fn checkout_asset(
    user: Authenticated,
    path: PathParams,
    body: Json<CheckoutAssetRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|request| Ok((device(&path)?, request.checkout())));
    let checkout = user
        .write(FEATURE, input, async |op, (device, request)| {
            Ok(assets::check_out(op, device, request).await?)
        })
        .await?;
    Ok(HttpResponse::Created().json(CheckoutEnvelope {
        checkout: checkout.into(),
    }))
}
