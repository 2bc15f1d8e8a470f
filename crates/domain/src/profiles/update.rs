//! Users change their own profile.

use serde_json::json;

use super::credentials::{lock, lock_in_session, set_password};
use super::{Locale, NotificationKind, PortalUser};
use crate::access::AccessError;
use crate::actors::Customer;
use crate::audit::AuditAction;
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::values::PersonName;

/// A user's changes to their own profile; absent fields stay as they are.
#[derive(Debug, Clone, Default)]
pub struct ProfileChanges {
    /// The new name.
    pub name: Option<PersonName>,
    /// Whether to send mails about tickets and loans at all.
    pub receive_notifications: Option<bool>,
    /// Whether to send those about the user's own tickets.
    pub notify_own_tickets: Option<bool>,
    /// Whether to send those about tickets in which the user takes part.
    pub notify_shared_tickets: Option<bool>,
    /// Whether to send those about loans.
    pub notify_loans: Option<bool>,
    /// The new language; an inner `None` unsets it.
    pub locale: Option<Option<Locale>>,
    /// The PHC string of the new password.
    pub password_hash: Option<String>,
}

/// Switches a kind of mails off.
pub async fn unsubscribe(
    op: &Operation<'_, Customer>,
    kind: NotificationKind,
) -> Result<PortalUser, StorageError> {
    let off = |of: NotificationKind| (kind == of).then_some(false);
    let changes = ProfileChanges {
        notify_own_tickets: off(NotificationKind::OwnTickets),
        notify_shared_tickets: off(NotificationKind::SharedTickets),
        notify_loans: off(NotificationKind::Loans),
        ..ProfileChanges::default()
    };
    apply(op, lock(op).await?, changes).await
}

/// Changes a profile and returns the changed user. Only fields whose values differ are changed and
/// audited; without any, nothing happens.
///
/// A new password raises the session version, which ends all sessions but those that the caller
/// updates to the returned user's version.
///
/// # Errors
///
/// [`AccessError::SessionEnded`] for a new password, if another one has ended the session meanwhile.
pub async fn update_profile(
    op: &Operation<'_, Customer>,
    changes: ProfileChanges,
) -> Result<PortalUser, AccessError> {
    let user = match changes.password_hash {
        Some(_) => lock_in_session(op).await?,
        None => lock(op).await?,
    };
    Ok(apply(op, user, changes).await?)
}

async fn apply(
    op: &Operation<'_, Customer>,
    mut user: PortalUser,
    changes: ProfileChanges,
) -> Result<PortalUser, StorageError> {
    let ProfileChanges {
        name,
        receive_notifications,
        notify_own_tickets,
        notify_shared_tickets,
        notify_loans,
        locale,
        password_hash,
    } = changes;

    let mut updated_fields = Vec::new();
    if name.is_some() && name != user.name {
        user.name = name;
        updated_fields.push("name");
    }
    let wanted = &mut user.notifications;
    for (change, present, field) in [
        (
            receive_notifications,
            &mut wanted.enabled,
            "receiveNotifications",
        ),
        (
            notify_own_tickets,
            &mut wanted.own_tickets,
            "notifyOwnTickets",
        ),
        (
            notify_shared_tickets,
            &mut wanted.shared_tickets,
            "notifySharedTickets",
        ),
        (notify_loans, &mut wanted.loans, "notifyLoans"),
    ] {
        if let Some(change) = change
            && change != *present
        {
            *present = change;
            updated_fields.push(field);
        }
    }
    if let Some(locale) = locale
        && locale != user.locale
    {
        user.locale = locale;
        updated_fields.push("locale");
    }
    if updated_fields.is_empty() && password_hash.is_none() {
        return Ok(user);
    }

    user.updated_at = op.now();
    op.tx.update_user(&user).await?;
    if let Some(hash) = &password_hash {
        user.session_version = set_password(op, &user, hash).await?;
    }
    let details =
        json!({ "updatedFields": updated_fields, "passwordUpdated": password_hash.is_some() });
    op.audit(AuditAction::PortalProfileUpdate, &user, details)
        .await?;
    Ok(user)
}
