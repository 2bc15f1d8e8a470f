//! The devices of an organization, as its inventory reports them.

mod upsert;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::enums::text_enum;
use crate::ids::{DeviceId, OrganizationId};
use crate::pagination::{Page, PageRequest};
use crate::store::StorageError;
use crate::text::text_value;

pub use upsert::{DeviceChanges, DeviceError, DeviceRecord, Upserted, create, update, upsert};

text_value! {
    /// The name by which a device knows itself; unique within its organization, case ignored.
    pub struct Hostname(single_line, required, 255);
}

text_value! {
    /// The name by which people know a device.
    pub struct DisplayName(single_line, required, 255);
}

text_value! {
    /// The version of a device's operating system, as it reports it.
    pub struct OsVersion(single_line, required, 100);
}

text_enum! {
    /// A device's operating system.
    pub enum OsType: InvalidOsType {
        /// Microsoft Windows.
        Windows = "windows",
        /// Apple macOS.
        MacOs = "macos",
        /// Linux.
        Linux = "linux",
    }
}

text_enum! {
    /// What state a device is in.
    pub enum DeviceStatus: InvalidDeviceStatus {
        /// In touch.
        Online = "online",
        /// Not in touch.
        Offline = "offline",
        /// Being worked on.
        Maintenance = "maintenance",
        /// No longer in use.
        Decommissioned = "decommissioned",
        /// Cut off for safety.
        Quarantined = "quarantined",
        /// Installing updates.
        Updating = "updating",
        /// Not enrolled yet.
        Pending = "pending",
    }
}

/// A device of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// The name by which it knows itself.
    pub hostname: Hostname,
    /// The name by which people know it.
    pub display_name: Option<DisplayName>,
    /// Its operating system.
    pub os_type: OsType,
    /// The version of that.
    pub os_version: OsVersion,
    /// What state it is in.
    pub status: DeviceStatus,
    /// When it was last in touch.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Whether it is short-lived, such as a build machine; customers never see those.
    pub is_ephemeral: bool,
    /// Whether people may borrow it.
    pub is_loanable: bool,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Device {
    /// Whether it may be lent at all, be it out or not.
    pub fn can_be_lent(&self) -> bool {
        self.is_loanable && !self.is_ephemeral && self.status != DeviceStatus::Decommissioned
    }
}

/// Which devices are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceFilter {
    /// Also the short-lived ones, which customers never see.
    pub include_ephemeral: bool,
}

/// Reads devices.
#[async_trait]
pub trait DeviceReader: Send + Sync {
    /// The devices that match; last seen first, never seen last.
    async fn devices(
        &self,
        filter: DeviceFilter,
        page: PageRequest,
    ) -> Result<Page<Device>, StorageError>;

    /// One device.
    async fn device(&self, id: DeviceId) -> Result<Option<Device>, StorageError>;

    /// The device with this hostname, case ignored.
    async fn device_by_hostname(&self, hostname: &Hostname)
    -> Result<Option<Device>, StorageError>;
}

/// Writes devices.
#[async_trait]
pub trait DeviceWriter: Send + Sync {
    /// Adds a device; `false` when its hostname is taken.
    async fn add_device(&self, device: &Device) -> Result<bool, StorageError>;

    /// Replaces the row of a device.
    async fn update_device(&self, device: &Device) -> Result<(), StorageError>;
}
