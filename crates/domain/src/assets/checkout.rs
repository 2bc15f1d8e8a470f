//! Checking out a device and extending a loan.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Checkout, Condition, Loan, LoanNotes};
use crate::actors::Customer;
use crate::audit::AuditAction;
use crate::devices::Device;
use crate::ids::{CheckoutId, DeviceId};
use crate::operation::Operation;
use crate::storage_error::StorageError;

/// What somebody says when taking a device.
#[derive(Debug, Clone, Default)]
pub struct CheckoutRequest {
    /// When they expect to return it.
    pub expected_return_at: Option<DateTime<Utc>>,
    /// Anything else.
    pub notes: Option<LoanNotes>,
    /// The condition that it is in.
    pub condition: Option<Condition>,
}

/// Why a device could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// There is no such device to be lent.
    #[error("there is no such device to be lent")]
    NotFound,
    /// Somebody has it.
    #[error("the device is already checked out")]
    AlreadyOut,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Lends a device to the customer.
///
/// # Errors
///
/// See [`CheckoutError`].
pub async fn check_out(
    op: &Operation<'_, Customer>,
    device: DeviceId,
    request: CheckoutRequest,
) -> Result<Checkout, CheckoutError> {
    let device = op
        .tx
        .device(device)
        .await?
        .filter(Device::can_be_lent)
        .ok_or(CheckoutError::NotFound)?;
    let user = &op.by.account.user;
    let CheckoutRequest {
        expected_return_at,
        notes,
        condition,
    } = request;
    let checkout = Checkout {
        id: CheckoutId::generate(op),
        organization_id: user.organization_id,
        device_id: device.id,
        checked_out_to: user.id,
        checked_out_to_name: user.display_name().to_owned(),
        checked_out_at: op.now(),
        expected_return_at,
        checked_in_at: None,
        checkout_notes: notes,
        checkin_notes: None,
        condition,
        checkin_condition: None,
    };
    if !op.tx.add_checkout(&checkout).await? {
        return Err(CheckoutError::AlreadyOut);
    }
    let details = json!({ "deviceId": device.id });
    let action = AuditAction::PortalAssetCheckout;
    op.audit(action, (&checkout, &device), details).await?;
    Ok(checkout)
}

/// Why a return could not be moved.
#[derive(Debug, thiserror::Error)]
pub enum ExtendError {
    /// The customer has no such loan.
    #[error("there is no such loan of this customer")]
    NotFound,
    /// The device was returned.
    #[error("the device is not checked out")]
    NotOut,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Moves the date on which the customer will return what they have out.
///
/// # Errors
///
/// See [`ExtendError`].
pub async fn extend(
    op: &Operation<'_, Customer>,
    id: CheckoutId,
    expected_return_at: DateTime<Utc>,
) -> Result<Loan, ExtendError> {
    let mut loan = op
        .tx
        .loan(id)
        .await?
        .filter(|loan| loan.checkout.checked_out_to == op.by.account.user.id)
        .ok_or(ExtendError::NotFound)?;
    if !op.tx.move_return(id, expected_return_at).await? {
        return Err(ExtendError::NotOut);
    }
    loan.checkout.expected_return_at = Some(expected_return_at);
    let details = json!({ "deviceId": loan.device.id });
    let action = AuditAction::PortalAssetExtend;
    op.audit(action, (&loan.checkout, &loan.device), details)
        .await?;
    Ok(loan)
}
