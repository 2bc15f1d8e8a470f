//! Devices.

use portal_domain::devices::{self, DisplayName};
use portal_domain::ids::DeviceId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{DeviceStatus, OsType, Timestamp};

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: DeviceId,
    /// The hostname.
    #[schema(example = "acme-lt-014")]
    pub hostname: String,
    /// The display name.
    #[schema(required, example = "Ada's notebook")]
    pub display_name: Option<String>,
    /// The operating system.
    pub os_type: OsType,
    /// The version of the operating system.
    #[schema(example = "11 24H2")]
    pub os_version: String,
    /// The status.
    pub status: DeviceStatus,
    /// When it last reported.
    #[schema(required)]
    pub last_seen_at: Option<Timestamp>,
}

impl From<devices::Device> for Device {
    fn from(device: devices::Device) -> Self {
        let devices::Device {
            id,
            organization_id: _,
            hostname,
            display_name,
            os_type,
            os_version,
            status,
            last_seen_at,
            is_ephemeral: _,
            is_loanable: _,
            created_at: _,
            updated_at: _,
        } = device;
        Self {
            id,
            hostname: hostname.into_string(),
            display_name: display_name.map(DisplayName::into_string),
            os_type: OsType(os_type),
            os_version: os_version.into_string(),
            status: DeviceStatus(status),
            last_seen_at: last_seen_at.map(Timestamp),
        }
    }
}
