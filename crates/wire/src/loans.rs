//! Loans of devices.

use chrono::{DateTime, Utc};
use portal_domain::assets::{self, Condition, LoanNotes};
use portal_domain::devices::DisplayName;
use portal_domain::ids::{CheckoutId, DeviceId};
use portal_domain::values::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Timestamp;

/// A loan, with its device's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Loan {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: CheckoutId,
    /// The device's id.
    #[schema(value_type = Uuid)]
    pub device_id: DeviceId,
    /// The device's hostname.
    #[schema(example = "acme-loan-03")]
    pub hostname: String,
    /// The device's display name.
    #[schema(required, example = "Conference notebook")]
    pub display_name: Option<String>,
    /// When the device was checked out.
    pub checked_out_at: Timestamp,
    /// When the device is expected back.
    #[schema(required)]
    pub expected_return_at: Option<Timestamp>,
    /// When the device was checked in.
    #[schema(required)]
    pub checked_in_at: Option<Timestamp>,
    /// Notes on the checkout.
    #[schema(required)]
    pub checkout_notes: Option<String>,
    /// Notes on the checkin.
    #[schema(required)]
    pub checkin_notes: Option<String>,
    /// The condition at the checkout.
    #[schema(required)]
    pub condition: Option<String>,
    /// The condition at the checkin.
    #[schema(required)]
    pub checkin_condition: Option<String>,
    /// Whether the device is still out after the day on which it was expected back, in the
    /// organization's time zone.
    pub overdue: bool,
}

impl Loan {
    /// A loan as it is at `now` in the organization's time zone.
    pub fn new(loan: assets::Loan, zone: TimeZone, now: DateTime<Utc>) -> Self {
        let overdue = loan.checkout.is_overdue(zone, now);
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
            id,
            device_id,
            hostname: device.hostname.into_string(),
            display_name: device.display_name.map(DisplayName::into_string),
            checked_out_at: Timestamp(checked_out_at),
            expected_return_at: expected_return_at.map(Timestamp),
            checked_in_at: checked_in_at.map(Timestamp),
            checkout_notes: checkout_notes.map(LoanNotes::into_string),
            checkin_notes: checkin_notes.map(LoanNotes::into_string),
            condition: condition.map(Condition::into_string),
            checkin_condition: checkin_condition.map(Condition::into_string),
            overdue,
        }
    }
}
