//! Queries on the reminders of loans.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _};
use portal_domain::assets::{RemindedLoan, Reminder, ReminderReader, ReminderWriter};
use portal_domain::ids::{CheckoutId, OrganizationId};
use portal_domain::store::StorageError;

use super::open_checkout;
use crate::conn::{Columns as _, RunQuery as _};
use crate::handles::{System, Tenant};
use crate::rows::assets::ReminderRow;
use crate::schema::asset_checkouts;
use crate::sql_types::{DbId, Time};

/// Loans that are expected back until `until` and whose borrower was not reminded of that date.
#[diesel::dsl::auto_type(no_type_alias)]
fn due_for_reminder(now: Time, until: Time) -> _ {
    let overdue_not_reminded = asset_checkouts::overdue_reminded_for
        .is_null()
        .or(asset_checkouts::overdue_reminded_for.ne(asset_checkouts::expected_return_at));
    let due_not_reminded = asset_checkouts::due_reminded_for
        .is_null()
        .or(asset_checkouts::due_reminded_for.ne(asset_checkouts::expected_return_at));
    let overdue = asset_checkouts::expected_return_at
        .lt(now)
        .and(overdue_not_reminded);
    let due = asset_checkouts::expected_return_at
        .ge(now)
        .and(due_not_reminded);
    asset_checkouts::table
        .filter(asset_checkouts::checked_in_at.is_null())
        .filter(asset_checkouts::expected_return_at.le(until))
        .filter(overdue.or(due))
}

#[async_trait]
impl ReminderReader for System {
    async fn organizations_to_remind(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<OrganizationId>, StorageError> {
        let ids: Vec<DbId> = due_for_reminder(now.into(), until.into())
            .select(asset_checkouts::org_id)
            .distinct()
            .load_all(self.conn())
            .await?;
        Ok(ids.into_iter().map(DbId::typed).collect())
    }
}

#[async_trait]
impl ReminderWriter for Tenant {
    async fn loans_to_remind_of(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<RemindedLoan>, StorageError> {
        let rows = due_for_reminder(now.into(), until.into())
            .filter(asset_checkouts::org_id.eq(self.org()))
            .order((asset_checkouts::expected_return_at, asset_checkouts::id))
            .select(ReminderRow::columns())
            .load_all::<ReminderRow>(self.conn())
            .await?;
        Ok(rows.into_iter().map(RemindedLoan::from).collect())
    }

    async fn note_reminder(
        &self,
        id: CheckoutId,
        reminder: Reminder,
        expected_return_at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let date = Time::from(expected_return_at);
        // A concurrent transaction waits for this one, and then finds the note.
        let loan = open_checkout(self.org(), DbId::of(id))
            .filter(asset_checkouts::expected_return_at.eq(date));
        match reminder {
            Reminder::DueTomorrow => {
                let told = asset_checkouts::due_reminded_for;
                diesel::update(loan.filter(told.is_null().or(told.ne(date))))
                    .set(told.eq(date))
                    .execute(self.conn())
                    .await
            }
            Reminder::Overdue => {
                let told = asset_checkouts::overdue_reminded_for;
                diesel::update(loan.filter(told.is_null().or(told.ne(date))))
                    .set(told.eq(date))
                    .execute(self.conn())
                    .await
            }
        }
    }
}
