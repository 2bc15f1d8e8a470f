//! Creates and updates devices from an inventory; an unchanged record changes nothing.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Device, DeviceStatus, DisplayName, Hostname, OsType, OsVersion};
use crate::audit::{Actor, AuditAction};
use crate::ids::DeviceId;
use crate::operation::Operation;
use crate::storage_error::StorageError;

/// A device as an inventory reports it.
#[derive(Debug, Clone)]
pub struct DeviceRecord {
    /// Its hostname, which identifies it.
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
    /// Whether it is short-lived.
    pub is_ephemeral: bool,
    /// Whether customers may borrow it.
    pub is_loanable: bool,
}

/// Changes to a device; absent fields stay as they are, an inner `None` unsets one.
#[derive(Debug, Clone, Default)]
pub struct DeviceChanges {
    /// Its name for people.
    pub display_name: Option<Option<DisplayName>>,
    /// Its operating system.
    pub os_type: Option<OsType>,
    /// The version of its operating system.
    pub os_version: Option<OsVersion>,
    /// Its status.
    pub status: Option<DeviceStatus>,
    /// When it was last connected.
    pub last_seen_at: Option<Option<DateTime<Utc>>>,
    /// Whether it is short-lived.
    pub is_ephemeral: Option<bool>,
    /// Whether customers may borrow it.
    pub is_loanable: Option<bool>,
}

/// The effect of an upsert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upserted {
    /// The device was added.
    Created(Device),
    /// The device was changed.
    Updated(Device),
    /// The device was up to date.
    Unchanged(Device),
}

impl Upserted {
    /// The device after the upsert.
    pub fn into_device(self) -> Device {
        match self {
            Self::Created(device) | Self::Updated(device) | Self::Unchanged(device) => device,
        }
    }
}

/// Why a device could not be added or changed.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The organization has another device with this hostname.
    #[error("the organization already has a device called {0}")]
    HostnameTaken(Hostname),
    /// The organization has no such device.
    #[error("the organization has no device called {0}")]
    NotFound(Hostname),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Adds a device.
pub async fn create(
    op: &Operation<'_, impl Actor>,
    device: DeviceRecord,
) -> Result<Device, DeviceError> {
    let now = op.now();
    let device = Device {
        id: DeviceId::generate(op),
        organization_id: op.organization(),
        hostname: device.hostname,
        display_name: device.display_name,
        os_type: device.os_type,
        os_version: device.os_version,
        status: device.status,
        last_seen_at: device.last_seen_at,
        is_ephemeral: device.is_ephemeral,
        is_loanable: device.is_loanable,
        created_at: now,
        updated_at: now,
    };
    // One that an earlier release added may have another key.
    let known = op.tx.device_by_hostname(&device.hostname).await?;
    if known.is_some() || !op.tx.add_device(&device).await? {
        return Err(DeviceError::HostnameTaken(device.hostname));
    }
    op.audit(AuditAction::DeviceCreate, &device, json!({}))
        .await?;
    Ok(device)
}

/// Changes the device with this hostname, ignoring case, and returns it.
pub async fn update(
    op: &Operation<'_, impl Actor>,
    hostname: &Hostname,
    changes: DeviceChanges,
) -> Result<Device, DeviceError> {
    let device = op
        .tx
        .device_by_hostname(hostname)
        .await?
        .ok_or_else(|| DeviceError::NotFound(hostname.clone()))?;
    Ok(save(op, device, changes).await?.into_device())
}

/// Adds or changes a device as an inventory reports it.
pub async fn upsert(
    op: &Operation<'_, impl Actor>,
    device: DeviceRecord,
) -> Result<Upserted, DeviceError> {
    let Some(present) = op.tx.device_by_hostname(&device.hostname).await? else {
        return Ok(Upserted::Created(create(op, device).await?));
    };
    let changes = DeviceChanges {
        display_name: Some(device.display_name),
        os_type: Some(device.os_type),
        os_version: Some(device.os_version),
        status: Some(device.status),
        last_seen_at: Some(device.last_seen_at),
        is_ephemeral: Some(device.is_ephemeral),
        is_loanable: Some(device.is_loanable),
    };
    Ok(save(op, present, changes).await?)
}

/// Changes a device that was just read.
pub async fn save(
    op: &Operation<'_, impl Actor>,
    present: Device,
    changes: DeviceChanges,
) -> Result<Upserted, StorageError> {
    let DeviceChanges {
        display_name,
        os_type,
        os_version,
        status,
        last_seen_at,
        is_ephemeral,
        is_loanable,
    } = changes;
    let mut device = Device {
        display_name: display_name.unwrap_or_else(|| present.display_name.clone()),
        os_type: os_type.unwrap_or(present.os_type),
        os_version: os_version.unwrap_or_else(|| present.os_version.clone()),
        status: status.unwrap_or(present.status),
        last_seen_at: last_seen_at.unwrap_or(present.last_seen_at),
        is_ephemeral: is_ephemeral.unwrap_or(present.is_ephemeral),
        is_loanable: is_loanable.unwrap_or(present.is_loanable),
        ..present.clone()
    };
    if device == present {
        return Ok(Upserted::Unchanged(device));
    }
    device.updated_at = op.now();
    op.tx.update_device(&device).await?;
    op.audit(AuditAction::DeviceUpdate, &device, json!({}))
        .await?;
    Ok(Upserted::Updated(device))
}
