//! `POST /assets/{id}/checkout`.

use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use portal_domain::assets::{self, Checkout, CheckoutRequest, Condition, LoanNotes};
use portal_domain::branding::Feature;
use portal_domain::ids::{CheckoutId, DeviceId, UserId};
use portal_wire::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::docs::{BodyErrors, ConflictErrors, MemberErrors, NotFoundErrors};
use crate::error::{ApiError, ErrorKind};
use crate::extract::{FieldErrors, Json, PathParams, optional, parses};
use crate::fields;
use crate::session::Member;

/// A device to be checked out; nothing is required.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckoutAssetRequest {
    #[validate(custom(function = "is_instant"))]
    #[schema(schema_with = fields::optional_return_date)]
    expected_return_at: Option<String>,
    #[validate(custom(function = "parses::<LoanNotes>"))]
    #[schema(schema_with = fields::checkout_notes)]
    checkout_notes: Option<String>,
    #[validate(custom(function = "parses::<Condition>"))]
    #[schema(schema_with = fields::condition)]
    condition: Option<String>,
}

impl CheckoutAssetRequest {
    fn request(&self) -> Result<CheckoutRequest, ApiError> {
        let Self {
            expected_return_at,
            checkout_notes,
            condition,
        } = self;
        Ok(CheckoutRequest {
            expected_return_at: instant("expectedReturnAt", expected_return_at.as_deref())?,
            notes: optional("checkoutNotes", checkout_notes.as_deref())?,
            condition: optional("condition", condition.as_deref())?,
        })
    }
}

/// The instant in a field.
pub(super) fn instant(
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<DateTime<Utc>>, ApiError> {
    text.map(portal_domain::instant::parse)
        .transpose()
        .map_err(|error| FieldErrors::of(field, error.to_string()).into())
}

/// For `#[validate(custom(function = "is_instant"))]`.
pub(super) fn is_instant(text: &str) -> Result<(), ValidationError> {
    match portal_domain::instant::parse(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(ValidationError::new("instant").with_message(error.to_string().into())),
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
    responses((status = 201, description = "Checked out", body = CheckoutEnvelope), MemberErrors, NotFoundErrors, ConflictErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[post("/{id}/checkout")]
pub(super) async fn checkout_asset(
    member: Member,
    path: PathParams,
    body: Json<CheckoutAssetRequest>,
) -> Result<HttpResponse, ApiError> {
    let checkout = member
        .write(Some(Feature::AssetCheckout), async |op| {
            let request = body.valid()?.request()?;
            let id: DeviceId = path.get("id").ok_or(ErrorKind::AssetNotFound)?;
            Ok(assets::check_out(op, id, request).await?)
        })
        .await?;
    Ok(HttpResponse::Created().json(CheckoutEnvelope {
        checkout: checkout.into(),
    }))
}
