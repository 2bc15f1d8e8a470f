//! Checking in a device.

use serde_json::json;

use super::{Checkout, Condition, LoanNotes};
use crate::actors::Customer;
use crate::audit::{Actor, AuditAction};
use crate::devices::Device;
use crate::ids::DeviceId;
use crate::operation::Operation;
use crate::storage_error::StorageError;

/// What the borrower reports at a checkin.
#[derive(Debug, Clone, Default)]
pub struct CheckinRequest {
    /// Notes.
    pub notes: Option<LoanNotes>,
    /// The device's condition.
    pub condition: Option<Condition>,
}

/// Why a device could not be returned.
#[derive(Debug, thiserror::Error)]
pub enum CheckinError {
    /// There is no such device.
    #[error("there is no such device")]
    NotFound,
    /// It is not checked out.
    #[error("the device is not checked out")]
    NotOut,
    /// Another user has it.
    #[error("somebody else has checked out the device")]
    NotTheBorrower,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Returns a device that the customer has borrowed, even if it can no longer be lent.
pub async fn check_in(
    op: &Operation<'_, Customer>,
    device: DeviceId,
    request: CheckinRequest,
) -> Result<Checkout, CheckinError> {
    let (device, checkout) = loaned(op, device).await?;
    if checkout.checked_out_to != op.by.account.user.id {
        return Err(CheckinError::NotTheBorrower);
    }
    close(
        op,
        AuditAction::PortalAssetCheckin,
        &device,
        checkout,
        request,
    )
    .await
}

/// Returns a device on behalf of the team, whoever has borrowed it, for example somebody who left.
pub async fn take_back(
    op: &Operation<'_, impl Actor>,
    device: DeviceId,
    request: CheckinRequest,
) -> Result<Checkout, CheckinError> {
    let (device, checkout) = loaned(op, device).await?;
    close(op, AuditAction::AssetCheckin, &device, checkout, request).await
}

async fn loaned(
    op: &Operation<'_, impl Actor>,
    device: DeviceId,
) -> Result<(Device, Checkout), CheckinError> {
    let device = op.tx.device(device).await?.ok_or(CheckinError::NotFound)?;
    let checkout = op
        .tx
        .active_checkout(device.id)
        .await?
        .ok_or(CheckinError::NotOut)?;
    Ok((device, checkout))
}

async fn close(
    op: &Operation<'_, impl Actor>,
    action: AuditAction,
    device: &Device,
    mut checkout: Checkout,
    request: CheckinRequest,
) -> Result<Checkout, CheckinError> {
    checkout.checked_in_at = Some(op.now());
    checkout.checkin_notes = request.notes;
    checkout.checkin_condition = request.condition;
    if !op.tx.close_checkout(&checkout).await? {
        return Err(CheckinError::NotOut);
    }
    let details = json!({ "deviceId": device.id });
    op.audit(action, (&checkout, device), details).await?;
    Ok(checkout)
}
