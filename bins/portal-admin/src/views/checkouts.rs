//! Loans of devices.

use chrono::{DateTime, Utc};
use portal_domain::assets;
use portal_domain::ids::{OrganizationId, UserId};
use portal_domain::values::TimeZone;
use portal_wire::Loan;
use serde::Serialize;

/// A loan, with its borrower.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckoutView {
    #[serde(flatten)]
    loan: Loan,
    org_id: OrganizationId,
    checked_out_to: UserId,
    checked_out_to_name: String,
}

impl CheckoutView {
    /// The columns of a table.
    pub(crate) const COLUMNS: &'static [&'static str] = &[
        "hostname",
        "displayName",
        "checkedOutToName",
        "checkedOutAt",
        "expectedReturnAt",
        "overdue",
        "deviceId",
    ];

    /// A loan as of `now` in the organization's time zone.
    pub(crate) fn new(loan: assets::Loan, zone: TimeZone, now: DateTime<Utc>) -> Self {
        let checkout = &loan.checkout;
        Self {
            org_id: checkout.organization_id,
            checked_out_to: checkout.checked_out_to,
            checked_out_to_name: checkout.checked_out_to_name.clone(),
            loan: Loan::new(loan, zone, now),
        }
    }
}
