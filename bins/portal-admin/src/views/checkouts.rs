//! Loans of devices.

use chrono::{DateTime, Utc};
use portal_domain::assets::{Checkout, Condition, Loan, LoanNotes};
use portal_domain::devices::DisplayName;
use serde::Serialize;

use super::instant;
use crate::answer::Listed;

/// A loan with what identifies its device.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckoutView {
    id: String,
    org_id: String,
    device_id: String,
    hostname: String,
    display_name: Option<String>,
    checked_out_to: String,
    checked_out_to_name: String,
    checked_out_at: String,
    expected_return_at: Option<String>,
    checked_in_at: Option<String>,
    checkout_notes: Option<String>,
    checkin_notes: Option<String>,
    condition: Option<String>,
    checkin_condition: Option<String>,
    overdue: bool,
}

impl Listed for CheckoutView {
    const COLUMNS: &'static [&'static str] = &[
        "hostname",
        "displayName",
        "checkedOutToName",
        "checkedOutAt",
        "expectedReturnAt",
        "overdue",
        "deviceId",
    ];
}

impl CheckoutView {
    /// The loan as it is at `now`.
    pub(crate) fn new(loan: Loan, now: DateTime<Utc>) -> Self {
        let Loan { checkout, device } = loan;
        let overdue = checkout.is_overdue(now);
        let Checkout {
            id,
            organization_id,
            device_id,
            checked_out_to,
            checked_out_to_name,
            checked_out_at,
            expected_return_at,
            checked_in_at,
            checkout_notes,
            checkin_notes,
            condition,
            checkin_condition,
        } = checkout;
        Self {
            id: id.to_string(),
            org_id: organization_id.to_string(),
            device_id: device_id.to_string(),
            hostname: device.hostname.into_string(),
            display_name: device.display_name.map(DisplayName::into_string),
            checked_out_to: checked_out_to.to_string(),
            checked_out_to_name,
            checked_out_at: instant(checked_out_at),
            expected_return_at: expected_return_at.map(instant),
            checked_in_at: checked_in_at.map(instant),
            checkout_notes: checkout_notes.map(LoanNotes::into_string),
            checkin_notes: checkin_notes.map(LoanNotes::into_string),
            condition: condition.map(Condition::into_string),
            checkin_condition: checkin_condition.map(Condition::into_string),
            overdue,
        }
    }
}
