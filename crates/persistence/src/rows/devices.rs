//! Rows of `devices`.

use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use portal_domain::devices::{Device, DisplayName, Hostname, search_text};
use portal_domain::store::StorageError;
use portal_domain::text::name_key;

use super::Place;
use crate::schema::devices;
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = devices, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct DeviceRow {
    id: DbId,
    org_id: DbId,
    hostname: String,
    hostname_key: String,
    display_name: Option<String>,
    os_type: String,
    os_version: String,
    status: String,
    last_seen_at: Option<Time>,
    is_ephemeral: bool,
    is_loanable: bool,
    created_at: Time,
    updated_at: Time,
}

/// Equal for all spellings of a hostname.
pub(crate) fn hostname_key(hostname: &Hostname) -> String {
    name_key(hostname.as_str())
}

/// A device as it is written: with the text that searches look in.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = devices, treat_none_as_default_value = false)]
pub(crate) struct WrittenDeviceRow {
    #[diesel(embed)]
    device: DeviceRow,
    search_text: String,
}

impl From<&Device> for WrittenDeviceRow {
    fn from(device: &Device) -> Self {
        let display_name = device.display_name.as_ref().map(DisplayName::as_str);
        Self {
            device: device.into(),
            search_text: search_text(device.hostname.as_str(), display_name),
        }
    }
}

impl From<&Device> for DeviceRow {
    fn from(device: &Device) -> Self {
        Self {
            id: DbId::of(device.id),
            org_id: DbId::of(device.organization_id),
            hostname: device.hostname.to_string(),
            hostname_key: hostname_key(&device.hostname),
            display_name: device.display_name.as_ref().map(ToString::to_string),
            os_type: device.os_type.to_string(),
            os_version: device.os_version.to_string(),
            status: device.status.to_string(),
            last_seen_at: device.last_seen_at.map(Into::into),
            is_ephemeral: device.is_ephemeral,
            is_loanable: device.is_loanable,
            created_at: Time::from(device.created_at),
            updated_at: Time::from(device.updated_at),
        }
    }
}

impl TryFrom<DeviceRow> for Device {
    type Error = StorageError;

    fn try_from(row: DeviceRow) -> Result<Self, StorageError> {
        let place = Place("devices", row.id);
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            hostname: place.text("hostname", row.hostname)?,
            display_name: place.optional_text("display_name", row.display_name)?,
            os_type: place.value("os_type", &row.os_type)?,
            os_version: place.text("os_version", row.os_version)?,
            status: place.value("status", &row.status)?,
            last_seen_at: row.last_seen_at.map(Into::into),
            is_ephemeral: row.is_ephemeral,
            is_loanable: row.is_loanable,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}
