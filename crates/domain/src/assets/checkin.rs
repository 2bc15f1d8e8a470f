//! Checking in a device.

use serde_json::json;

use super::{Checkout, Condition, LoanNotes};
use crate::access::Customer;
use crate::audit::{Actor, AuditAction, record};
use crate::devices::Device;
use crate::environment::Environment;
use crate::ids::DeviceId;
use crate::storage_error::StorageError;
use crate::store::TenantWork;

/// What somebody says when returning a device.
#[derive(Debug, Clone, Default)]
pub struct CheckinRequest {
    /// Anything worth knowing.
    pub notes: Option<LoanNotes>,
    /// The condition that it is in.
    pub condition: Option<Condition>,
}

/// Why a device could not be returned.
#[derive(Debug, thiserror::Error)]
pub enum CheckinError {
    /// There is no such device.
    #[error("there is no such device")]
    NotFound,
    /// Nobody has it.
    #[error("the device is not checked out")]
    NotOut,
    /// Somebody else has it.
    #[error("somebody else has checked out the device")]
    NotTheBorrower,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Takes a device back from the customer who has it, also one that may be lent no longer.
///
/// # Errors
///
/// See [`CheckinError`].
pub async fn check_in(
    work: &dyn TenantWork,
    env: &dyn Environment,
    customer: &Customer,
    device: DeviceId,
    request: CheckinRequest,
) -> Result<Checkout, CheckinError> {
    let (device, checkout) = loaned(work, device).await?;
    if checkout.checked_out_to != customer.account.user.id {
        return Err(CheckinError::NotTheBorrower);
    }
    let action = AuditAction::PortalAssetCheckin;
    close(
        work,
        env,
        &customer.into(),
        action,
        &device,
        checkout,
        request,
    )
    .await
}

/// Takes a device back on behalf of the team, whoever has it: for a borrower who has left.
///
/// # Errors
///
/// See [`CheckinError`].
pub async fn take_back(
    work: &dyn TenantWork,
    env: &dyn Environment,
    device: DeviceId,
    request: CheckinRequest,
) -> Result<Checkout, CheckinError> {
    let (device, checkout) = loaned(work, device).await?;
    close(
        work,
        env,
        &Actor::System,
        AuditAction::AssetCheckin,
        &device,
        checkout,
        request,
    )
    .await
}

async fn loaned(
    work: &dyn TenantWork,
    device: DeviceId,
) -> Result<(Device, Checkout), CheckinError> {
    let device = work.device(device).await?.ok_or(CheckinError::NotFound)?;
    let checkout = work
        .active_checkout(device.id)
        .await?
        .ok_or(CheckinError::NotOut)?;
    Ok((device, checkout))
}

async fn close(
    work: &dyn TenantWork,
    env: &dyn Environment,
    actor: &Actor,
    action: AuditAction,
    device: &Device,
    mut checkout: Checkout,
    request: CheckinRequest,
) -> Result<Checkout, CheckinError> {
    checkout.checked_in_at = Some(env.now());
    checkout.checkin_notes = request.notes;
    checkout.checkin_condition = request.condition;
    if !work.close_checkout(&checkout).await? {
        return Err(CheckinError::NotOut);
    }
    let resource = (&checkout, device);
    record(
        work,
        env,
        actor,
        action,
        resource,
        json!({ "deviceId": device.id }),
    )
    .await?;
    Ok(checkout)
}
