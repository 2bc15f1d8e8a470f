//! Loans of devices.

use chrono::{DateTime, Utc};
use portal_domain::assets;
use portal_domain::ids::{CheckoutId, DeviceId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Timestamp;

/// A loan, with what identifies its device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Loan {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: CheckoutId,
    /// The device.
    #[schema(value_type = Uuid)]
    pub device_id: DeviceId,
    /// The name by which the device knows itself.
    #[schema(example = "acme-loan-03")]
    pub hostname: String,
    /// The name by which people know the device.
    #[schema(required, example = "Conference notebook")]
    pub display_name: Option<String>,
    /// When it was taken.
    pub checked_out_at: Timestamp,
    /// When it is expected back.
    #[schema(required)]
    pub expected_return_at: Option<Timestamp>,
    /// When it was returned.
    #[schema(required)]
    pub checked_in_at: Option<Timestamp>,
    /// What was noted when it was taken.
    #[schema(required)]
    pub checkout_notes: Option<String>,
    /// What was noted when it was returned.
    #[schema(required)]
    pub checkin_notes: Option<String>,
    /// The condition in which it was taken.
    #[schema(required)]
    pub condition: Option<String>,
    /// The condition in which it was returned.
    #[schema(required)]
    pub checkin_condition: Option<String>,
    /// Whether it is still out after it was expected back.
    pub overdue: bool,
}

impl Loan {
    /// A loan as it is at `now`.
    pub fn new(loan: &assets::Loan, now: DateTime<Utc>) -> Self {
        let assets::Loan { checkout, device } = loan;
        let assets::Checkout {
            id,
            organization_id: _,
            device_id,
            checked_out_to: _,
            checked_out_to_name: _,
            checked_out_at,
            expected_return_at,
            checked_in_at,
            checkout_notes,
            checkin_notes,
            condition,
            checkin_condition,
        } = checkout;
        Self {
            id: *id,
            device_id: *device_id,
            hostname: device.hostname.to_string(),
            display_name: device.display_name.as_ref().map(ToString::to_string),
            checked_out_at: Timestamp(*checked_out_at),
            expected_return_at: expected_return_at.map(Timestamp),
            checked_in_at: checked_in_at.map(Timestamp),
            checkout_notes: checkout_notes.as_ref().map(ToString::to_string),
            checkin_notes: checkin_notes.as_ref().map(ToString::to_string),
            condition: condition.as_ref().map(ToString::to_string),
            checkin_condition: checkin_condition.as_ref().map(ToString::to_string),
            overdue: checkout.is_overdue(now),
        }
    }
}
