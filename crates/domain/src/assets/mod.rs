//! Shared equipment: devices that people borrow and return.

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

pub use checkin::{CheckinError, CheckinRequest, check_in, take_back};
pub use checkout::{CheckoutError, CheckoutRequest, ExtendError, check_out, extend};
pub use reminders::{
    RemindedLoan, Reminder, ReminderReader, ReminderWriter, organizations_to_remind, remind,
};

text_value! {
    /// Notes about a loan or a return: text of up to 2000 characters.
    pub struct LoanNotes(multi_line, optional, 2000);
}

text_value! {
    /// The condition of a device: up to 100 characters on one line.
    pub struct Condition(single_line, optional, 100);
}

/// One loan of a device, from its checkout to its checkin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Its id.
    pub id: CheckoutId,
    /// The organization of both device and borrower.
    pub organization_id: OrganizationId,
    /// The device.
    pub device_id: DeviceId,
    /// The borrower.
    pub checked_out_to: UserId,
    /// The borrower's name when they took it.
    pub checked_out_to_name: String,
    /// When it was taken.
    pub checked_out_at: DateTime<Utc>,
    /// When it is expected back.
    pub expected_return_at: Option<DateTime<Utc>>,
    /// When it was returned; absent while it is out.
    pub checked_in_at: Option<DateTime<Utc>>,
    /// What the borrower noted when taking it.
    pub checkout_notes: Option<LoanNotes>,
    /// What was noted at the return.
    pub checkin_notes: Option<LoanNotes>,
    /// The condition in which it was taken.
    pub condition: Option<Condition>,
    /// The condition in which it was returned.
    pub checkin_condition: Option<Condition>,
}

impl Checkout {
    /// Whether the device is still out.
    pub const fn is_out(&self) -> bool {
        self.checked_in_at.is_none()
    }

    /// Whether the device is still out after the moment it was expected back.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.is_out()
            && self
                .expected_return_at
                .is_some_and(|expected| expected < now)
    }
}

/// A checkout goes by its device's hostname.
impl Audited for (&Checkout, &Device) {
    fn resource(&self) -> Resource {
        let (checkout, device) = self;
        Resource::new("asset_checkout", &checkout.id, &device.hostname)
    }
}

/// A loan with the device that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    /// The loan.
    pub checkout: Checkout,
    /// The device.
    pub device: Device,
}

/// Reads loans.
#[async_trait]
pub trait AssetReader: Send + Sync {
    /// The devices that may be lent and that nobody has out; last seen first, never seen last.
    async fn available_assets(&self, page: PageRequest) -> Result<Page<Device>, StorageError>;

    /// A user's loans; those still out first, then the newest first.
    async fn loans_of(&self, user: UserId, page: PageRequest) -> Result<Page<Loan>, StorageError>;

    /// One loan.
    async fn loan(&self, id: CheckoutId) -> Result<Option<Loan>, StorageError>;

    /// Everybody's loans that are out, oldest first; with `overdue_at`, those overdue then.
    async fn loans_out(&self, overdue_at: Option<DateTime<Utc>>)
    -> Result<Vec<Loan>, StorageError>;

    /// The loan by which a device is out.
    async fn active_checkout(&self, device: DeviceId) -> Result<Option<Checkout>, StorageError>;
}

/// Writes loans.
#[async_trait]
pub trait AssetWriter: Send + Sync {
    /// Adds a loan; `false` when the device is out, which the database itself makes sure of.
    async fn add_checkout(&self, checkout: &Checkout) -> Result<bool, StorageError>;

    /// Notes the return of a loan; `false` when it was already returned.
    async fn close_checkout(&self, checkout: &Checkout) -> Result<bool, StorageError>;

    /// Moves the date of return of a loan; `false` when it was already returned.
    async fn move_return(
        &self,
        id: CheckoutId,
        expected_return_at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
}
