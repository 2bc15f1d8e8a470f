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

/// What the borrower reports at a checkout.
#[derive(Debug, Clone, Default)]
pub struct CheckoutRequest {
    /// When they expect to return it.
    pub expected_return_at: Option<DateTime<Utc>>,
    /// Notes.
    pub notes: Option<LoanNotes>,
    /// The device's condition.
    pub condition: Option<Condition>,
}

/// Why a device could not be checked out.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// There is no such device, or it cannot be lent.
    #[error("there is no such device to be lent")]
    NotFound,
    /// It is checked out.
    #[error("the device is already checked out")]
    AlreadyOut,
    /// The day of the expected return is over.
    #[error("the day of the expected return is over")]
    DayOver,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Lends a device to the customer. The day of its expected return may be today at the earliest.
pub async fn check_out(
    op: &Operation<'_, Customer>,
    device: DeviceId,
    request: CheckoutRequest,
) -> Result<Checkout, CheckoutError> {
    let until = request.expected_return_at;
    if until.is_some_and(|until| is_day_over(op, until)) {
        return Err(CheckoutError::DayOver);
    }
    import_checkout(op, device, request).await
}

fn is_day_over(op: &Operation<'_, Customer>, until: DateTime<Utc>) -> bool {
    let zone = op.by.account.organization.time_zone;
    zone.is_day_over(until, op.now())
}

/// [`check_out`] for imports, whose loans may be overdue already.
pub async fn import_checkout(
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
    let checkout = Checkout {
        id: CheckoutId::generate(op),
        organization_id: user.organization_id,
        device_id: device.id,
        checked_out_to: user.id,
        checked_out_to_name: user.display_name().to_owned(),
        checked_out_at: op.now(),
        expected_return_at: request.expected_return_at,
        checked_in_at: None,
        checkout_notes: request.notes,
        checkin_notes: None,
        condition: request.condition,
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

/// Why a loan could not be extended.
#[derive(Debug, thiserror::Error)]
pub enum ExtendError {
    /// The customer has no such loan.
    #[error("there is no such loan of this customer")]
    NotFound,
    /// The device was returned.
    #[error("the device is not checked out")]
    NotOut,
    /// The day of the expected return is over.
    #[error("the day of the expected return is over")]
    DayOver,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Sets another expected return for a loan of the customer: today at the earliest. Setting the
/// present one does nothing.
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
    if !loan.checkout.is_out() {
        return Err(ExtendError::NotOut);
    }
    if loan.checkout.expected_return_at == Some(expected_return_at) {
        return Ok(loan);
    }
    if is_day_over(op, expected_return_at) {
        return Err(ExtendError::DayOver);
    }
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
