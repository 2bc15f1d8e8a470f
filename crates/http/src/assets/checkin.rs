//! `POST /assets/{id}/checkin`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post};
use portal_domain::assets::{self, CheckinRequest, Checkout, Condition, LoanNotes};
use portal_domain::field::Field;
use portal_domain::ids::{CheckoutId, DeviceId};
use portal_wire::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{FEATURE, device};
use crate::docs::{AccessErrors, BodyErrors, LimitErrors, NotFoundErrors};
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, PathParams, valid};
use crate::fields;

/// The condition and notes of a checkin; nothing is required.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CheckinAssetRequest {
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::checkin_notes)]
    checkin_notes: Field<LoanNotes>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::condition)]
    condition: Field<Condition>,
}

impl CheckinAssetRequest {
    fn checkin(self) -> CheckinRequest {
        CheckinRequest {
            notes: self.checkin_notes.valid(),
            condition: self.condition.valid(),
        }
    }
}

/// An ended loan, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckinEnvelope {
    checkout: CheckinBody,
}

/// An ended loan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Checkin)]
struct CheckinBody {
    /// The id.
    #[schema(value_type = Uuid)]
    id: CheckoutId,
    /// The device's id.
    #[schema(value_type = Uuid)]
    device_id: DeviceId,
    /// When the device was checked in.
    #[schema(required)]
    checked_in_at: Option<Timestamp>,
    /// Notes on the checkin.
    #[schema(required)]
    checkin_notes: Option<String>,
    /// The condition at the checkin.
    #[schema(required)]
    condition: Option<String>,
}

impl From<Checkout> for CheckinBody {
    fn from(checkout: Checkout) -> Self {
        Self {
            id: checkout.id,
            device_id: checkout.device_id,
            checked_in_at: checkout.checked_in_at.map(Timestamp),
            checkin_notes: checkout.checkin_notes.map(LoanNotes::into_string),
            condition: checkout.checkin_condition.map(Condition::into_string),
        }
    }
}

/// Check a device in.
#[utoipa::path(
    tag = "assets",
    params(("id" = String, Path, description = "The device's id", format = Uuid)),
    request_body = CheckinAssetRequest,
    responses((status = 200, description = "Checked in", body = CheckinEnvelope), AccessErrors, NotFoundErrors, BodyErrors, LimitErrors),
)]
#[post("/{id}/checkin")]
pub(super) async fn checkin_asset(
    user: Authenticated,
    path: PathParams,
    body: Json<CheckinAssetRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|request| Ok((device(&path)?, request.checkin())));
    user.write_once(FEATURE, input, async |op, (device, request)| {
        let checkout = assets::check_in(op, device, request).await?.into();
        Ok((StatusCode::OK, CheckinEnvelope { checkout }))
    })
    .await
}
