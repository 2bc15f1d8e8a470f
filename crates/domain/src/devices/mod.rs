//! An organization's devices, as its inventory reports them.

mod upsert;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::audit::{Audited, Resource};
use crate::enums::text_enum;
use crate::ids::{DeviceId, OrganizationId};
use crate::pagination::{Page, PageRequest};
use crate::storage_error::StorageError;
use crate::text::{search_key, text_value};
use crate::values::SearchWords;

pub use upsert::{
    DeviceChanges, DeviceError, DeviceRecord, Upserted, create, save, update, upsert,
};

text_value! {
    /// A device's hostname; unique within its organization by its
    /// [`name_key`](crate::text::name_key).
    pub struct Hostname(single_line, required, 255);
}

text_value! {
    /// A device's name for people.
    pub struct DisplayName(single_line, required, 255);
}

text_value! {
    /// The version of a device's operating system, as the inventory reports it.
    pub struct OsVersion(single_line, required, 100);
}

text_enum! {
    /// A device's operating system.
    pub enum OsType: InvalidOsType {
        Windows = "windows",
        MacOs = "macos",
        Linux = "linux",
    }
}

impl OsType {
    /// The product name, the same in every language.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::MacOs => "macOS",
            Self::Linux => "Linux",
        }
    }
}

text_enum! {
    /// A device's status.
    pub enum DeviceStatus: InvalidDeviceStatus {
        /// Connected.
        Online = "online",
        /// Not connected.
        Offline = "offline",
        /// Being worked on.
        Maintenance = "maintenance",
        /// No longer in use.
        Decommissioned = "decommissioned",
        /// Isolated for security.
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
    /// Its hostname.
    pub hostname: Hostname,
    /// Its name for people.
    pub display_name: Option<DisplayName>,
    /// Its operating system.
    pub os_type: OsType,
    /// The version of its operating system.
    pub os_version: OsVersion,
    /// Its status.
    pub status: DeviceStatus,
    /// When it was last connected.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Whether it is short-lived, such as a build machine; hidden from customers.
    pub is_ephemeral: bool,
    /// Whether customers may borrow it.
    pub is_loanable: bool,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Device {
    /// Its display name, or else its hostname.
    pub fn name(&self) -> &str {
        let name = self.display_name.as_ref().map(DisplayName::as_str);
        name.unwrap_or_else(|| self.hostname.as_str())
    }

    /// Its operating system and version. The version may include the name, such as `Debian 12.11`.
    pub fn system(&self) -> String {
        let version = self.os_version.as_str();
        if version.starts_with(|c: char| c.is_ascii_digit()) {
            format!("{} {version}", self.os_type.label())
        } else {
            version.to_owned()
        }
    }

    /// Its place in lists, which begin with the greatest: last seen first, never seen last; ties
    /// are broken by id.
    pub const fn position(&self) -> (Option<DateTime<Utc>>, DeviceId) {
        (self.last_seen_at, self.id)
    }

    /// Whether it can be lent, checked out or not.
    pub fn can_be_lent(&self) -> bool {
        self.is_loanable && !self.is_ephemeral && self.status != DeviceStatus::Decommissioned
    }
}

impl Audited for Device {
    fn resource(&self) -> Resource {
        Resource::new("device", &self.id, &self.hostname)
    }
}

/// The text that a search looks in, stored with the device: the [`search_key`] of its names.
pub fn search_text(hostname: &str, display_name: Option<&str>) -> String {
    match display_name {
        None => search_key(hostname),
        // Search words contain no line feed, so no match spans both names.
        Some(display_name) => search_key(&format!("{hostname}\n{display_name}")),
    }
}

/// Selects devices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceFilter<'w> {
    /// Also short-lived devices.
    pub include_ephemeral: bool,
    /// Only those that have each of these words in one of their names, see [`search_text`].
    pub words: Option<&'w SearchWords>,
}

/// Reads devices.
#[async_trait]
pub trait DeviceReader: Send + Sync {
    /// The matching devices; last seen first, never seen last.
    async fn devices(
        &self,
        filter: DeviceFilter<'_>,
        page: PageRequest,
    ) -> Result<Page<Device>, StorageError>;

    /// One device.
    async fn device(&self, id: DeviceId) -> Result<Option<Device>, StorageError>;

    /// The device with this hostname, by its [`name_key`](crate::text::name_key) or the key that an
    /// [earlier release](crate::text::earlier_name_keys) gave it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::SystemEnvironment;

    fn device(display_name: Option<&str>, os_type: OsType, os_version: &str) -> Device {
        Device {
            id: DeviceId::generate(&SystemEnvironment),
            organization_id: OrganizationId::generate(&SystemEnvironment),
            hostname: "acme-lt-014".parse().unwrap(),
            display_name: display_name.map(|name| name.parse().unwrap()),
            os_type,
            os_version: os_version.parse().unwrap(),
            status: DeviceStatus::Online,
            last_seen_at: None,
            is_ephemeral: false,
            is_loanable: true,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_device_goes_by_its_display_name_or_else_its_hostname() {
        assert_eq!(device(None, OsType::Linux, "12").name(), "acme-lt-014");
        let named = device(Some("Ada's notebook"), OsType::Linux, "12");
        assert_eq!(named.name(), "Ada's notebook");
    }

    #[test]
    fn a_search_finds_a_device_by_either_name() {
        let text = search_text("acme-lt-014", Some("Straße 5: Beamer"));
        for (words, is_found) in [
            ("", true),
            ("LT-014", true),
            ("strasse", true),
            ("beamer 014", true),
            ("beamer 015", false),
            ("acme-lt-014straße", false),
            ("linux", false),
            ("%", false),
        ] {
            let words: SearchWords = words.parse().unwrap();
            assert_eq!(words.occur_in(&text), is_found, "{words:?}");
        }
    }

    #[test]
    fn the_names_of_a_device_do_not_change_each_other() {
        for (hostname, display_name) in [
            ("PC-1", "Büro"),
            ("e", "\u{301}"),
            ("I", "\u{307}"),
            ("ΟΔΟΣ", "\u{200d}\u{345}ΟΔΟΣ"),
        ] {
            let keys = [search_text(hostname, None), search_text(display_name, None)];
            let both = search_text(hostname, Some(display_name));
            assert_eq!(both, keys.join("\n"));
        }
    }

    #[test]
    fn an_operating_system_is_named_once() {
        for (os_type, version, system) in [
            (OsType::Windows, "11 24H2", "Windows 11 24H2"),
            (OsType::MacOs, "15.5", "macOS 15.5"),
            (OsType::Linux, "Debian 12.11", "Debian 12.11"),
        ] {
            assert_eq!(device(None, os_type, version).system(), system);
        }
    }
}
