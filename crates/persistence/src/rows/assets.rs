//! Rows of `asset_checkouts`.

use diesel::pg::Pg;
use diesel::prelude::{Insertable, Queryable, Selectable};
use diesel::sqlite::Sqlite;
use portal_domain::assets::{Checkout, Loan, RemindedLoan};
use portal_domain::store::StorageError;

use super::Table;
use super::devices::DeviceRow;
use crate::schema::asset_checkouts;
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(
    table_name = asset_checkouts,
    treat_none_as_default_value = false,
    check_for_backend(Pg, Sqlite)
)]
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
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            device_id: DbId::of(*device_id),
            checked_out_to: DbId::of(*checked_out_to),
            checked_out_to_name: checked_out_to_name.clone(),
            checked_out_at: Time::from(*checked_out_at),
            expected_return_at: expected_return_at.map(Into::into),
            checked_in_at: checked_in_at.map(Into::into),
            checkout_notes: checkout_notes.as_ref().map(ToString::to_string),
            checkin_notes: checkin_notes.as_ref().map(ToString::to_string),
            condition: condition.as_ref().map(ToString::to_string),
            checkin_condition: checkin_condition.as_ref().map(ToString::to_string),
        }
    }
}

impl TryFrom<CheckoutRow> for Checkout {
    type Error = StorageError;

    fn try_from(row: CheckoutRow) -> Result<Self, StorageError> {
        let CheckoutRow {
            id,
            org_id,
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
        } = row;
        let table = Table("asset_checkouts");
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            device_id: device_id.typed(),
            checked_out_to: checked_out_to.typed(),
            checked_out_to_name,
            checked_out_at: checked_out_at.into(),
            expected_return_at: expected_return_at.map(Into::into),
            checked_in_at: checked_in_at.map(Into::into),
            checkout_notes: table.optional("checkout_notes", checkout_notes.as_deref())?,
            checkin_notes: table.optional("checkin_notes", checkin_notes.as_deref())?,
            condition: table.optional("condition", condition.as_deref())?,
            checkin_condition: table.optional("checkin_condition", checkin_condition.as_deref())?,
        })
    }
}

/// A loan with its device.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(Pg, Sqlite))]
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
#[diesel(table_name = asset_checkouts, check_for_backend(Pg, Sqlite))]
pub(crate) struct ReminderRow {
    id: DbId,
    expected_return_at: Option<Time>,
    due_reminded_for: Option<Time>,
    overdue_reminded_for: Option<Time>,
}

impl From<ReminderRow> for RemindedLoan {
    fn from(row: ReminderRow) -> Self {
        let ReminderRow {
            id,
            expected_return_at,
            due_reminded_for,
            overdue_reminded_for,
        } = row;
        Self {
            checkout_id: id.typed(),
            expected_return_at: expected_return_at.map(Into::into),
            due_reminded_for: due_reminded_for.map(Into::into),
            overdue_reminded_for: overdue_reminded_for.map(Into::into),
        }
    }
}
