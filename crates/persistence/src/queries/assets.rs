//! Queries on `asset_checkouts`.

mod reminders;

use std::cmp::Reverse;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::dsl::not;
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _};
use portal_domain::assets::{AssetReader, AssetWriter, Checkout, Loan};
use portal_domain::devices::{Device, DeviceStatus};
use portal_domain::ids::{CheckoutId, DeviceId, UserId};
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::store::StorageError;

use super::devices::ordered;
use super::{End, Window, window_of};
use crate::conn::{Columns as _, RunQuery as _, load_on_backend};
use crate::handles::Tenant;
use crate::rows::assets::{CheckoutRow, LoanRow};
use crate::rows::devices::DeviceRow;
use crate::rows::entities;
use crate::schema::{asset_checkouts, devices};
use crate::sql_types::{DbId, Time};

/// Loans of an organization, with their devices.
#[diesel::dsl::auto_type(no_type_alias)]
fn loans(org: DbId) -> _ {
    let same_device = devices::id
        .eq(asset_checkouts::device_id)
        .and(devices::org_id.eq(asset_checkouts::org_id));
    asset_checkouts::table
        .inner_join(devices::table.on(same_device))
        .filter(asset_checkouts::org_id.eq(org))
}

/// One loan of an organization, unless it is over.
#[diesel::dsl::auto_type(no_type_alias)]
fn open_checkout(org: DbId, id: DbId) -> _ {
    asset_checkouts::table
        .filter(asset_checkouts::org_id.eq(org))
        .filter(asset_checkouts::id.eq(id))
        .filter(asset_checkouts::checked_in_at.is_null())
}

#[async_trait]
impl AssetReader for Tenant {
    async fn available_assets(&self, request: PageRequest) -> Result<Page<Device>, StorageError> {
        // The same rule as `Device::can_be_lent`, and nobody has it out.
        let available = || {
            // Of a condition on each device, PostgreSQL would expect that next to none passes, and
            // not read them in order until a page is full.
            let out = asset_checkouts::table
                .filter(asset_checkouts::org_id.eq(self.org()))
                .filter(asset_checkouts::checked_in_at.is_null())
                .select(asset_checkouts::device_id);
            devices::table
                .filter(devices::org_id.eq(self.org()))
                .filter(devices::is_loanable)
                .filter(not(devices::is_ephemeral))
                .filter(devices::status.ne(DeviceStatus::Decommissioned.as_str()))
                .filter(not(devices::id.eq_any(out)))
        };
        let items = |window: Window| async move {
            let rows: Vec<DeviceRow> = load_on_backend!(
                self.conn(),
                ordered!(available().into_boxed(), window.end)
                    .limit(window.limit)
                    .offset(window.offset)
                    .select(DeviceRow::columns())
            )?;
            entities(rows)
        };
        let total = available().count().load_number(self.conn());
        let mut page: Page<Device> = window_of(request, total, items).await?;
        page.items.sort_by_key(|device| Reverse(device.position()));
        Ok(page)
    }

    async fn loans_of(
        &self,
        user: UserId,
        request: PageRequest,
    ) -> Result<Page<Loan>, StorageError> {
        let own = || asset_checkouts::checked_out_to.eq(DbId::of(user));
        let items = |window: Window| async move {
            let rows: Vec<LoanRow> = load_on_backend!(self.conn(), {
                let query = loans(self.org()).filter(own()).into_boxed();
                let is_back = asset_checkouts::checked_in_at.is_not_null();
                let (at, id) = (asset_checkouts::checked_out_at, asset_checkouts::id);
                let query = match window.end {
                    End::First => query.order((is_back, at.desc(), id.desc())),
                    End::Last => query.order((is_back.desc(), at.asc(), id.asc())),
                };
                query
                    .limit(window.limit)
                    .offset(window.offset)
                    .select(LoanRow::columns())
            })?;
            entities(rows)
        };
        // Counted without the devices: the foreign key gives each loan one.
        let total = asset_checkouts::table
            .filter(asset_checkouts::org_id.eq(self.org()))
            .filter(own())
            .count()
            .load_number(self.conn());
        let mut page: Page<Loan> = window_of(request, total, items).await?;
        page.items
            .sort_by_key(|loan| Reverse(loan.checkout.position()));
        Ok(page)
    }

    async fn loan(&self, id: CheckoutId) -> Result<Option<Loan>, StorageError> {
        loans(self.org())
            .filter(asset_checkouts::id.eq(DbId::of(id)))
            .select(LoanRow::columns())
            .entity::<LoanRow, _>(self.conn())
            .await
    }

    async fn loans_out(&self) -> Result<Vec<Loan>, StorageError> {
        loans(self.org())
            .filter(asset_checkouts::checked_in_at.is_null())
            .order((asset_checkouts::checked_out_at, asset_checkouts::id))
            .select(LoanRow::columns())
            .entities::<LoanRow, _>(self.conn())
            .await
    }

    async fn active_checkout(&self, device: DeviceId) -> Result<Option<Checkout>, StorageError> {
        asset_checkouts::table
            .filter(asset_checkouts::org_id.eq(self.org()))
            .filter(asset_checkouts::device_id.eq(DbId::of(device)))
            .filter(asset_checkouts::checked_in_at.is_null())
            .select(CheckoutRow::columns())
            .entity::<CheckoutRow, _>(self.conn())
            .await
    }
}

#[async_trait]
impl AssetWriter for Tenant {
    async fn add_checkout(&self, checkout: &Checkout) -> Result<bool, StorageError> {
        self.check_owner("asset_checkouts", checkout.organization_id)?;
        diesel::insert_into(asset_checkouts::table)
            .values(CheckoutRow::from(checkout))
            .on_conflict_do_nothing()
            .execute(self.conn())
            .await
    }

    async fn close_checkout(&self, checkout: &Checkout) -> Result<bool, StorageError> {
        let notes = checkout.checkin_notes.as_ref().map(ToString::to_string);
        let condition = checkout.checkin_condition.as_ref().map(ToString::to_string);
        diesel::update(open_checkout(self.org(), DbId::of(checkout.id)))
            .set((
                asset_checkouts::checked_in_at.eq(checkout.checked_in_at.map(Time::from)),
                asset_checkouts::checkin_notes.eq(notes),
                asset_checkouts::checkin_condition.eq(condition),
            ))
            .execute(self.conn())
            .await
    }

    async fn move_return(
        &self,
        id: CheckoutId,
        expected_return_at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        diesel::update(open_checkout(self.org(), DbId::of(id)))
            .set(asset_checkouts::expected_return_at.eq(Time::from(expected_return_at)))
            .execute(self.conn())
            .await
    }
}
