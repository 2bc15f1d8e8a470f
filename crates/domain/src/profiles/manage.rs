//! Operators create, invite, update, enable and disable users.

use serde_json::json;

use super::{Account, Locale, PortalUser, UserStatus};
use crate::actors::{Automation, Operator};
use crate::audit::{Actor, AuditAction};
use crate::ids::UserId;
use crate::notifications::{MailKind, ResetAccount};
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::text;
use crate::values::{EmailAddress, PersonName};

/// A user to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub name: Option<PersonName>,
    /// Their language, where it is known; they can choose another.
    pub locale: Option<Locale>,
    /// The PHC string of their password; without one they are invited to set it.
    pub password_hash: Option<String>,
}

/// The changes that an operator wants; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UserChanges {
    /// Another address.
    pub email: Option<EmailAddress>,
    /// Another name.
    pub name: Option<PersonName>,
}

/// Why a user could not be created or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The organization has another user with this address.
    #[error("the organization already has a user with the address {0}")]
    EmailTaken(EmailAddress),
    /// The organization has no user with this address.
    #[error("the organization has no user with the address {0}")]
    NotFound(EmailAddress),
    /// There is nothing to be invited to: the account is set up.
    #[error("{0} has already set up the account")]
    AlreadySetUp(EmailAddress),
    /// The user is disabled, and has to be enabled first.
    #[error("{0} is disabled; enable the user first")]
    Disabled(EmailAddress),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Creates a user: active where a password is given, else invited, by mail if `send_invitation`.
///
/// # Errors
///
/// [`UserError::EmailTaken`], and those of storage.
pub async fn create(
    op: &Operation<'_, Operator>,
    new: NewUser,
    send_invitation: bool,
) -> Result<PortalUser, UserError> {
    let NewUser {
        email,
        name,
        locale,
        password_hash,
    } = new;
    let now = op.now();
    let invited = password_hash.is_none();
    let user = PortalUser {
        id: UserId::generate(op),
        organization_id: op.organization(),
        email,
        name,
        receive_notifications: true,
        status: if invited {
            UserStatus::Invited
        } else {
            UserStatus::Active
        },
        locale,
        last_login_at: None,
        invited_at: (invited && send_invitation).then_some(now),
        session_version: 1,
        has_password: !invited,
        created_at: now,
        updated_at: now,
    };
    if !op.tx.add_user(&user, password_hash.as_deref()).await? {
        return Err(UserError::EmailTaken(user.email));
    }
    if invited && send_invitation {
        op.mail(MailKind::Invitation { user_id: user.id }).await?;
    }
    let details = json!({ "status": user.status.as_str() });
    op.audit(AuditAction::UserCreate, &user, details).await?;
    Ok(user)
}

/// Sends somebody who has not set up their account another invitation.
///
/// # Errors
///
/// See [`UserError`].
pub async fn invite(
    op: &Operation<'_, impl Actor>,
    email: &EmailAddress,
) -> Result<PortalUser, UserError> {
    let mut user = find(op, email).await?;
    match user.status {
        UserStatus::Disabled => return Err(UserError::Disabled(user.email)),
        UserStatus::Active => return Err(UserError::AlreadySetUp(user.email)),
        UserStatus::Invited => {}
    }
    user.invited_at = Some(op.now());
    save(op, &mut user).await?;
    op.mail(MailKind::Invitation { user_id: user.id }).await?;
    op.audit(AuditAction::UserInvite, &user, json!({})).await?;
    Ok(user)
}

/// Shuts somebody out and ends their sessions. Doing it again does nothing.
///
/// # Errors
///
/// [`UserError::NotFound`], and those of storage.
pub async fn disable(
    op: &Operation<'_, Operator>,
    email: &EmailAddress,
) -> Result<PortalUser, UserError> {
    let mut user = find(op, email).await?;
    if user.status == UserStatus::Disabled {
        return Ok(user);
    }
    user.status = UserStatus::Disabled;
    save(op, &mut user).await?;
    user.session_version = op.tx.raise_session_version(user.id).await?;
    op.tx.void_tokens(user.id, None, op.now()).await?;
    op.audit(AuditAction::UserDisable, &user, json!({})).await?;
    Ok(user)
}

/// Lets somebody in again: active where they have a password, else invited as before. Doing it
/// again does nothing.
///
/// # Errors
///
/// [`UserError::NotFound`], and those of storage.
pub async fn enable(
    op: &Operation<'_, Operator>,
    email: &EmailAddress,
) -> Result<PortalUser, UserError> {
    let mut user = find(op, email).await?;
    if user.status != UserStatus::Disabled {
        return Ok(user);
    }
    user.status = if user.has_password {
        UserStatus::Active
    } else {
        UserStatus::Invited
    };
    save(op, &mut user).await?;
    op.audit(AuditAction::UserEnable, &user, json!({})).await?;
    Ok(user)
}

/// Changes somebody's address or name. Another address makes links sent to the old one useless.
///
/// # Errors
///
/// [`UserError::NotFound`], [`UserError::EmailTaken`], and those of storage.
pub async fn update(
    op: &Operation<'_, Operator>,
    email: &EmailAddress,
    changes: UserChanges,
) -> Result<PortalUser, UserError> {
    let mut user = find(op, email).await?;
    let UserChanges { email, name } = changes;
    let email = email.filter(|email| *email != user.email);
    let name = name.filter(|name| user.name.as_ref() != Some(name));
    let mut updated_fields = Vec::new();
    if let Some(email) = email {
        user.email = email;
        op.tx.void_tokens(user.id, None, op.now()).await?;
        updated_fields.push("email");
    }
    if let Some(name) = name {
        user.name = Some(name);
        updated_fields.push("name");
    }
    if updated_fields.is_empty() {
        return Ok(user);
    }
    save(op, &mut user).await?;
    let details = json!({ "updatedFields": updated_fields });
    op.audit(AuditAction::UserUpdate, &user, details).await?;
    Ok(user)
}

/// What an import did with one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserImport {
    /// A user was created.
    Created,
    /// A user's name was changed.
    Updated,
    /// The user was already as the line says.
    Unchanged,
}

/// Brings one user of a list in: creates who is missing and renames who is called otherwise. Only
/// who is created is invited, so importing the same list again sends nothing. The language and the
/// password of who is there are their own, and stay.
///
/// # Errors
///
/// Those of storage.
pub async fn import(
    op: &Operation<'_, Operator>,
    new: NewUser,
    send_invitation: bool,
) -> Result<UserImport, UserError> {
    let Some(user) = op.tx.user_by_email(&new.email).await? else {
        create(op, new, send_invitation).await?;
        return Ok(UserImport::Created);
    };
    let NewUser { email, name, .. } = new;
    let trimmed = |name: &Option<PersonName>| {
        let name = name.as_ref().map(PersonName::as_str);
        name.map(|name| text::trim(name).to_owned())
    };
    if name.is_none() || trimmed(&name) == trimmed(&user.name) {
        return Ok(UserImport::Unchanged);
    }
    update(op, &email, UserChanges { email: None, name }).await?;
    Ok(UserImport::Updated)
}

/// Puts the mail for a forgotten password into the outbox: to `accounts`, which all have the same
/// address, one mail with a link for each; it belongs to the organization of this transaction.
///
/// # Errors
///
/// Those of storage.
pub async fn request_password_reset(
    op: &Operation<'_, Automation>,
    accounts: &[Account],
) -> Result<(), StorageError> {
    let accounts = accounts
        .iter()
        .map(|account| ResetAccount {
            organization_id: account.organization.id,
            user_id: account.user.id,
        })
        .collect();
    op.mail(MailKind::PasswordReset { accounts }).await
}

async fn find(
    op: &Operation<'_, impl Actor>,
    email: &EmailAddress,
) -> Result<PortalUser, UserError> {
    let found = match op.tx.user_by_email(email).await? {
        Some(user) => op.tx.lock_user(user.id).await?,
        None => None,
    };
    found.ok_or_else(|| UserError::NotFound(email.clone()))
}

async fn save(op: &Operation<'_, impl Actor>, user: &mut PortalUser) -> Result<(), UserError> {
    user.updated_at = op.now();
    if op.tx.update_user(user).await? {
        Ok(())
    } else {
        Err(UserError::EmailTaken(user.email.clone()))
    }
}
