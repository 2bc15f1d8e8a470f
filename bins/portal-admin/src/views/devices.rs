//! Devices.

use portal_domain::devices;
use portal_domain::ids::OrganizationId;
use portal_wire::{Device, Timestamp};
use serde::Serialize;

/// A device, with the fields that customers do not see.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceView {
    #[serde(flatten)]
    device: Device,
    org_id: OrganizationId,
    is_ephemeral: bool,
    is_loanable: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl DeviceView {
    /// The columns of a table.
    pub(crate) const COLUMNS: &'static [&'static str] = &[
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

impl From<devices::Device> for DeviceView {
    fn from(device: devices::Device) -> Self {
        Self {
            org_id: device.organization_id,
            is_ephemeral: device.is_ephemeral,
            is_loanable: device.is_loanable,
            created_at: device.created_at.into(),
            updated_at: device.updated_at.into(),
            device: device.into(),
        }
    }
}
