//! Shared equipment: devices that customers borrow and return.

mod checkin;
mod checkout;
mod reminders;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::audit::{Audited, Resource};
use crate::devices::Device;
use crate::ids::{CheckoutId, DeviceId, OrganizationId, UserId};
use crate::pagination::{Page, PageRequest};
use crate::storage_error::StorageError;
use crate::text::text_value;
use crate::values::TimeZone;

pub use checkin::{CheckinError, CheckinRequest, check_in, take_back};
pub use checkout::{
    CheckoutError, CheckoutRequest, ExtendError, check_out, extend, import_checkout,
};
pub use reminders::{
    RemindedLoan, Reminder, ReminderReader, ReminderWriter, organizations_to_remind, remind,
};

text_value! {
    /// Notes on a checkout or checkin, up to 2000 characters.
    pub struct LoanNotes(multi_line, optional, 2000);
}

text_value! {
    /// The condition of a device: up to 100 characters on one line.
    pub struct Condition(single_line, optional, 100);
}

/// One checkout of a device, until its checkin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Its id.
    pub id: CheckoutId,
    /// The organization of device and borrower.
    pub organization_id: OrganizationId,
    /// The device.
    pub device_id: DeviceId,
    /// The borrower.
    pub checked_out_to: UserId,
    /// The borrower's name at that time.
    pub checked_out_to_name: String,
    /// When it was checked out.
    pub checked_out_at: DateTime<Utc>,
    /// When it is expected back.
    pub expected_return_at: Option<DateTime<Utc>>,
    /// When it was returned; absent while it is out.
    pub checked_in_at: Option<DateTime<Utc>>,
    /// The borrower's notes at the checkout.
    pub checkout_notes: Option<LoanNotes>,
    /// Notes at the checkin.
    pub checkin_notes: Option<LoanNotes>,
    /// The device's condition at the checkout.
    pub condition: Option<Condition>,
    /// The device's condition at the checkin.
    pub checkin_condition: Option<Condition>,
}

impl Checkout {
    /// Whether the device is still out.
    pub const fn is_out(&self) -> bool {
        self.checked_in_at.is_none()
    }

    /// Its place in lists of loans, which begin with the greatest: those out first, then the newest
    /// first; ties are broken by id.
    pub const fn position(&self) -> (bool, DateTime<Utc>, CheckoutId) {
        (self.is_out(), self.checked_out_at, self.id)
    }

    /// Whether the device is still out after the day of its expected return in `zone`.
    pub fn is_overdue(&self, zone: TimeZone, now: DateTime<Utc>) -> bool {
        self.is_out()
            && self
                .expected_return_at
                .is_some_and(|expected| zone.is_day_over(expected, now))
    }
}

/// A checkout goes by its device's hostname.
impl Audited for (&Checkout, &Device) {
    fn resource(&self) -> Resource {
        let (checkout, device) = self;
        Resource::new("asset_checkout", &checkout.id, &device.hostname)
    }
}

/// A loan and its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    /// The checkout.
    pub checkout: Checkout,
    /// The device.
    pub device: Device,
}

/// Reads loans.
#[async_trait]
pub trait AssetReader: Send + Sync {
    /// The devices that can be borrowed now; last seen first, never seen last.
    async fn available_assets(&self, page: PageRequest) -> Result<Page<Device>, StorageError>;

    /// A user's loans; active ones first, then the newest first.
    async fn loans_of(&self, user: UserId, page: PageRequest) -> Result<Page<Loan>, StorageError>;

    /// One loan.
    async fn loan(&self, id: CheckoutId) -> Result<Option<Loan>, StorageError>;

    /// All active loans, oldest first.
    async fn loans_out(&self) -> Result<Vec<Loan>, StorageError>;

    /// A device's active loan.
    async fn active_checkout(&self, device: DeviceId) -> Result<Option<Checkout>, StorageError>;
}

/// Writes loans.
#[async_trait]
pub trait AssetWriter: Send + Sync {
    /// Adds a loan; `false` when the device has an active one (a unique index in the database).
    async fn add_checkout(&self, checkout: &Checkout) -> Result<bool, StorageError>;

    /// Stores the return of a device; `false` when it was already returned.
    async fn close_checkout(&self, checkout: &Checkout) -> Result<bool, StorageError>;

    /// Sets the expected return of a loan; `false` when the device was already returned.
    async fn move_return(
        &self,
        id: CheckoutId,
        expected_return_at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
}
