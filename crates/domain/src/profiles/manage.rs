//! Operators create, invite, update, enable and disable users.

use serde_json::json;

use super::{Account, Locale, PortalUser, UserStatus};
use crate::audit::{Actor, AuditAction, record};
use crate::environment::Environment;
use crate::ids::UserId;
use crate::notifications::{MailKind, ResetAccount, enqueue};
use crate::storage_error::StorageError;
use crate::store::TenantWork;
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
    work: &dyn TenantWork,
    env: &dyn Environment,
    new: NewUser,
    send_invitation: bool,
) -> Result<PortalUser, UserError> {
    let NewUser {
        email,
        name,
        locale,
        password_hash,
    } = new;
    let now = env.now();
    let invited = password_hash.is_none();
    let user = PortalUser {
        id: UserId::generate(env),
        organization_id: work.scope().organization(),
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
    if !work.add_user(&user, password_hash.as_deref()).await? {
        return Err(UserError::EmailTaken(user.email));
    }
    if invited && send_invitation {
        enqueue(work, env, MailKind::Invitation { user_id: user.id }).await?;
    }
    let details = json!({ "status": user.status.as_str() });
    record(
        work,
        env,
        &Actor::System,
        AuditAction::UserCreate,
        &user,
        details,
    )
    .await?;
    Ok(user)
}

/// Sends somebody who has not set up their account another invitation.
///
/// # Errors
///
/// See [`UserError`].
pub async fn invite(
    work: &dyn TenantWork,
    env: &dyn Environment,
    email: &EmailAddress,
) -> Result<PortalUser, UserError> {
    let mut user = find(work, email).await?;
    match user.status {
        UserStatus::Disabled => return Err(UserError::Disabled(user.email)),
        UserStatus::Active => return Err(UserError::AlreadySetUp(user.email)),
        UserStatus::Invited => {}
    }
    user.invited_at = Some(env.now());
    save(work, env, &mut user).await?;
    enqueue(work, env, MailKind::Invitation { user_id: user.id }).await?;
    record(
        work,
        env,
        &Actor::System,
        AuditAction::UserInvite,
        &user,
        json!({}),
    )
    .await?;
    Ok(user)
}

/// Shuts somebody out and ends their sessions. Doing it again does nothing.
///
/// # Errors
///
/// [`UserError::NotFound`], and those of storage.
pub async fn disable(
    work: &dyn TenantWork,
    env: &dyn Environment,
    email: &EmailAddress,
) -> Result<PortalUser, UserError> {
    let mut user = find(work, email).await?;
    if user.status == UserStatus::Disabled {
        return Ok(user);
    }
    user.status = UserStatus::Disabled;
    save(work, env, &mut user).await?;
    user.session_version = work.raise_session_version(user.id).await?;
    work.void_tokens(user.id, None, env.now()).await?;
    record(
        work,
        env,
        &Actor::System,
        AuditAction::UserDisable,
        &user,
        json!({}),
    )
    .await?;
    Ok(user)
}

/// Lets somebody in again: active where they have a password, else invited as before. Doing it
/// again does nothing.
///
/// # Errors
///
/// [`UserError::NotFound`], and those of storage.
pub async fn enable(
    work: &dyn TenantWork,
    env: &dyn Environment,
    email: &EmailAddress,
) -> Result<PortalUser, UserError> {
    let mut user = find(work, email).await?;
    if user.status != UserStatus::Disabled {
        return Ok(user);
    }
    user.status = if user.has_password {
        UserStatus::Active
    } else {
        UserStatus::Invited
    };
    save(work, env, &mut user).await?;
    record(
        work,
        env,
        &Actor::System,
        AuditAction::UserEnable,
        &user,
        json!({}),
    )
    .await?;
    Ok(user)
}

/// Changes somebody's address or name. Another address makes links sent to the old one useless.
///
/// # Errors
///
/// [`UserError::NotFound`], [`UserError::EmailTaken`], and those of storage.
pub async fn update(
    work: &dyn TenantWork,
    env: &dyn Environment,
    email: &EmailAddress,
    changes: UserChanges,
) -> Result<PortalUser, UserError> {
    let mut user = find(work, email).await?;
    let UserChanges { email, name } = changes;
    let email = email.filter(|email| *email != user.email);
    let name = name.filter(|name| user.name.as_ref() != Some(name));
    let mut updated_fields = Vec::new();
    if let Some(email) = email {
        user.email = email;
        work.void_tokens(user.id, None, env.now()).await?;
        updated_fields.push("email");
    }
    if let Some(name) = name {
        user.name = Some(name);
        updated_fields.push("name");
    }
    if updated_fields.is_empty() {
        return Ok(user);
    }
    save(work, env, &mut user).await?;
    let details = json!({ "updatedFields": updated_fields });
    record(
        work,
        env,
        &Actor::System,
        AuditAction::UserUpdate,
        &user,
        details,
    )
    .await?;
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
    work: &dyn TenantWork,
    env: &dyn Environment,
    new: NewUser,
    send_invitation: bool,
) -> Result<UserImport, UserError> {
    let Some(user) = work.user_by_email(&new.email).await? else {
        create(work, env, new, send_invitation).await?;
        return Ok(UserImport::Created);
    };
    let NewUser { email, name, .. } = new;
    if name.is_none() || name == user.name {
        return Ok(UserImport::Unchanged);
    }
    update(work, env, &email, UserChanges { email: None, name }).await?;
    Ok(UserImport::Updated)
}

/// Puts the mail for a forgotten password into the outbox: to `accounts`, which all have the same
/// address, one mail with a link for each; it belongs to the organization of this transaction.
///
/// # Errors
///
/// Those of storage.
pub async fn request_password_reset(
    work: &dyn TenantWork,
    env: &dyn Environment,
    accounts: &[Account],
) -> Result<(), StorageError> {
    let accounts = accounts
        .iter()
        .map(|account| ResetAccount {
            organization_id: account.organization.id,
            user_id: account.user.id,
        })
        .collect();
    enqueue(work, env, MailKind::PasswordReset { accounts }).await
}

async fn find(work: &dyn TenantWork, email: &EmailAddress) -> Result<PortalUser, UserError> {
    let found = match work.user_by_email(email).await? {
        Some(user) => work.lock_user(user.id).await?,
        None => None,
    };
    found.ok_or_else(|| UserError::NotFound(email.clone()))
}

async fn save(
    work: &dyn TenantWork,
    env: &dyn Environment,
    user: &mut PortalUser,
) -> Result<(), UserError> {
    user.updated_at = env.now();
    if work.update_user(user).await? {
        Ok(())
    } else {
        Err(UserError::EmailTaken(user.email.clone()))
    }
}
