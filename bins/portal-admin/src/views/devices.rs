//! Devices.

use portal_domain::devices::{Device, DisplayName};
use serde::Serialize;

use super::instant;
use crate::answer::Listed;

/// A device.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceView {
    id: String,
    org_id: String,
    hostname: String,
    display_name: Option<String>,
    os_type: &'static str,
    os_version: String,
    status: &'static str,
    last_seen_at: Option<String>,
    is_ephemeral: bool,
    is_loanable: bool,
    created_at: String,
    updated_at: String,
}

impl Listed for DeviceView {
    const COLUMNS: &'static [&'static str] = &[
        "hostname",
        "displayName",
        "osType",
        "osVersion",
        "status",
        "lastSeenAt",
        "isEphemeral",
        "isLoanable",
        "id",
    ];
}

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
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
            id: id.to_string(),
            org_id: organization_id.to_string(),
            hostname: hostname.into_string(),
            display_name: display_name.map(DisplayName::into_string),
            os_type: os_type.as_str(),
            os_version: os_version.into_string(),
            status: status.as_str(),
            last_seen_at: last_seen_at.map(instant),
            is_ephemeral,
            is_loanable,
            created_at: instant(created_at),
            updated_at: instant(updated_at),
        }
    }
}
