//! Rows of `asset_checkouts`.

use diesel::prelude::{Insertable, Queryable, Selectable};
use portal_domain::assets::{Checkout, Loan, RemindedLoan};
use portal_domain::store::StorageError;

use super::Place;
use super::devices::DeviceRow;
use crate::schema::asset_checkouts;
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = asset_checkouts, treat_none_as_default_value = false)]
pub(crate) struct CheckoutRow {
    id: DbId,
    org_id: DbId,
    device_id: DbId,
    checked_out_to: DbId,
    checked_out_to_name: String,
    checked_out_at: Time,
    expected_return_at: Option<Time>,
    checked_in_at: Option<Time>,
    checkout_notes: Option<String>,
    checkin_notes: Option<String>,
    condition: Option<String>,
    checkin_condition: Option<String>,
}

impl From<&Checkout> for CheckoutRow {
    fn from(checkout: &Checkout) -> Self {
        Self {
            id: DbId::of(checkout.id),
            org_id: DbId::of(checkout.organization_id),
            device_id: DbId::of(checkout.device_id),
            checked_out_to: DbId::of(checkout.checked_out_to),
            checked_out_to_name: checkout.checked_out_to_name.clone(),
            checked_out_at: Time::from(checkout.checked_out_at),
            expected_return_at: checkout.expected_return_at.map(Into::into),
            checked_in_at: checkout.checked_in_at.map(Into::into),
            checkout_notes: checkout.checkout_notes.as_ref().map(ToString::to_string),
            checkin_notes: checkout.checkin_notes.as_ref().map(ToString::to_string),
            condition: checkout.condition.as_ref().map(ToString::to_string),
            checkin_condition: checkout.checkin_condition.as_ref().map(ToString::to_string),
        }
    }
}

impl TryFrom<CheckoutRow> for Checkout {
    type Error = StorageError;

    fn try_from(row: CheckoutRow) -> Result<Self, StorageError> {
        let place = Place("asset_checkouts", row.id);
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            device_id: row.device_id.typed(),
            checked_out_to: row.checked_out_to.typed(),
            checked_out_to_name: row.checked_out_to_name,
            checked_out_at: row.checked_out_at.into(),
            expected_return_at: row.expected_return_at.map(Into::into),
            checked_in_at: row.checked_in_at.map(Into::into),
            checkout_notes: place.optional("checkout_notes", row.checkout_notes)?,
            checkin_notes: place.optional("checkin_notes", row.checkin_notes)?,
            condition: place.optional("condition", row.condition)?,
            checkin_condition: place.optional("checkin_condition", row.checkin_condition)?,
        })
    }
}

#[derive(Queryable, Selectable)]
pub(crate) struct LoanRow {
    #[diesel(embed)]
    checkout: CheckoutRow,
    #[diesel(embed)]
    device: DeviceRow,
}

impl TryFrom<LoanRow> for Loan {
    type Error = StorageError;

    fn try_from(row: LoanRow) -> Result<Self, StorageError> {
        let LoanRow { checkout, device } = row;
        Ok(Self {
            checkout: checkout.try_into()?,
            device: device.try_into()?,
        })
    }
}

/// A loan with what its borrower was reminded of.
#[derive(Queryable, Selectable)]
#[diesel(table_name = asset_checkouts)]
pub(crate) struct ReminderRow {
    id: DbId,
    expected_return_at: Option<Time>,
    due_reminded_for: Option<Time>,
    overdue_reminded_for: Option<Time>,
}

impl From<ReminderRow> for RemindedLoan {
    fn from(row: ReminderRow) -> Self {
        Self {
            checkout_id: row.id.typed(),
            expected_return_at: row.expected_return_at.map(Into::into),
            due_reminded_for: row.due_reminded_for.map(Into::into),
            overdue_reminded_for: row.overdue_reminded_for.map(Into::into),
        }
    }
}
