//! Rows of `devices`.

use diesel::pg::Pg;
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use diesel::sqlite::Sqlite;
use portal_domain::devices::{Device, Hostname};
use portal_domain::store::StorageError;
use portal_domain::text::name_key;

use super::Table;
use crate::schema::devices;
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = devices,
    treat_none_as_default_value = false,
    treat_none_as_null = true,
    check_for_backend(Pg, Sqlite)
)]
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

/// What is the same for all spellings of a hostname.
pub(crate) fn hostname_key(hostname: &Hostname) -> String {
    name_key(hostname.as_str())
}

impl From<&Device> for DeviceRow {
    fn from(device: &Device) -> Self {
        let Device {
            id,
            organization_id,
            hostname,
            display_name,
            os_type,
            os_version,
            status,
            last_seen_at,
            is_ephemeral,
            is_loanable,
            created_at,
            updated_at,
        } = device;
        Self {
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            hostname: hostname.to_string(),
            hostname_key: hostname_key(hostname),
            display_name: display_name.as_ref().map(ToString::to_string),
            os_type: os_type.to_string(),
            os_version: os_version.to_string(),
            status: status.to_string(),
            last_seen_at: last_seen_at.map(Into::into),
            is_ephemeral: *is_ephemeral,
            is_loanable: *is_loanable,
            created_at: Time::from(*created_at),
            updated_at: Time::from(*updated_at),
        }
    }
}

impl TryFrom<DeviceRow> for Device {
    type Error = StorageError;

    fn try_from(row: DeviceRow) -> Result<Self, StorageError> {
        let DeviceRow {
            id,
            org_id,
            hostname,
            hostname_key: _,
            display_name,
            os_type,
            os_version,
            status,
            last_seen_at,
            is_ephemeral,
            is_loanable,
            created_at,
            updated_at,
        } = row;
        let table = Table("devices");
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            hostname: table.value("hostname", &hostname)?,
            display_name: table.optional("display_name", display_name.as_deref())?,
            os_type: table.value("os_type", &os_type)?,
            os_version: table.value("os_version", &os_version)?,
            status: table.value("status", &status)?,
            last_seen_at: last_seen_at.map(Into::into),
            is_ephemeral,
            is_loanable,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
        })
    }
}
