//! Operators create, invite, update, enable and disable users.

use serde_json::json;

use super::{Account, Locale, Notifications, OneTimeTokenPurpose, PortalUser, Role, UserStatus};
use crate::actors::{Automation, Operator};
use crate::audit::{Actor, AuditAction};
use crate::ids::UserId;
use crate::notifications::{MailKind, ResetAccount};
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::text;
use crate::values::{EmailAddress, PersonName};

/// Input of [`create`].
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub name: Option<PersonName>,
    /// What they may do; a member, if it is not said.
    pub role: Option<Role>,
    /// Their language, if known; they can choose another.
    pub locale: Option<Locale>,
    /// The PHC string of their password; without one they are invited.
    pub password_hash: Option<String>,
}

/// An operator's changes to a user; absent fields stay as they are.
#[derive(Debug, Clone, Default)]
pub struct UserChanges {
    /// The new address.
    pub email: Option<EmailAddress>,
    /// The new name.
    pub name: Option<PersonName>,
    /// The new role.
    pub role: Option<Role>,
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
    /// The account is already set up.
    #[error("{0} has already set up the account")]
    AlreadySetUp(EmailAddress),
    /// The user is disabled and must be enabled first.
    #[error("{0} is disabled; enable the user first")]
    Disabled(EmailAddress),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Creates a user: active with a password, otherwise invited, by mail if `send_invitation`.
pub async fn create(
    op: &Operation<'_, Operator>,
    new: NewUser,
    send_invitation: bool,
) -> Result<PortalUser, UserError> {
    let now = op.now();
    let invited = new.password_hash.is_none();
    let user = PortalUser {
        id: UserId::generate(op),
        organization_id: op.organization(),
        email: new.email,
        name: new.name,
        role: new.role.unwrap_or_default(),
        notifications: Notifications::default(),
        status: if invited {
            UserStatus::Invited
        } else {
            UserStatus::Active
        },
        locale: new.locale,
        last_login_at: None,
        invited_at: (invited && send_invitation).then_some(now),
        session_version: 1,
        has_password: !invited,
        created_at: now,
        updated_at: now,
    };
    if !op.tx.add_user(&user, new.password_hash.as_deref()).await? {
        return Err(UserError::EmailTaken(user.email));
    }
    if invited && send_invitation {
        op.mail(MailKind::Invitation { user_id: user.id }).await?;
    }
    let details = json!({ "status": user.status.as_str(), "role": user.role.as_str() });
    op.audit(AuditAction::UserCreate, &user, details).await?;
    Ok(user)
}

/// Sends another invitation to a user who has not set up their account.
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

/// Disables a user and ends their sessions. Idempotent.
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
    op.tx
        .void_tokens(user.id, OneTimeTokenPurpose::ALL, op.now())
        .await?;
    op.audit(AuditAction::UserDisable, &user, json!({})).await?;
    Ok(user)
}

/// Enables a user: active with a password, otherwise invited as before. Idempotent.
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

/// Changes a user's address, name or role. A new address voids the links sent to the old one.
pub async fn update(
    op: &Operation<'_, Operator>,
    email: &EmailAddress,
    changes: UserChanges,
) -> Result<PortalUser, UserError> {
    let mut user = find(op, email).await?;
    let UserChanges { email, name, role } = changes;
    let email = email.filter(|email| *email != user.email);
    let name = name.filter(|name| user.name.as_ref() != Some(name));
    let mut updated_fields = Vec::new();
    if let Some(email) = email {
        user.email = email;
        op.tx
            .void_tokens(user.id, OneTimeTokenPurpose::ALL, op.now())
            .await?;
        updated_fields.push("email");
    }
    if let Some(name) = name {
        user.name = Some(name);
        updated_fields.push("name");
    }
    if let Some(role) = role
        && role != user.role
    {
        user.role = role;
        updated_fields.push("role");
    }
    if updated_fields.is_empty() {
        return Ok(user);
    }
    save(op, &mut user).await?;
    let mut details = json!({ "updatedFields": updated_fields });
    if updated_fields.contains(&"role")
        && let Some(details) = details.as_object_mut()
    {
        details.insert("role".to_owned(), json!(user.role.as_str()));
    }
    op.audit(AuditAction::UserUpdate, &user, details).await?;
    Ok(user)
}

/// The effect of importing one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserImport {
    /// The user was created.
    Created,
    /// The user's name or role was changed.
    Updated,
    /// The user was up to date.
    Unchanged,
}

/// Imports one user of a list: creates a missing user, and updates name and role of an existing one
/// where the list has them; language and password stay. Only new users are invited, so a second
/// import sends no mail.
pub async fn import(
    op: &Operation<'_, Operator>,
    new: NewUser,
    send_invitation: bool,
) -> Result<UserImport, UserError> {
    let Some(user) = op.tx.user_by_email(&new.email).await? else {
        create(op, new, send_invitation).await?;
        return Ok(UserImport::Created);
    };
    let NewUser {
        email, name, role, ..
    } = new;
    let trimmed = |name: &Option<PersonName>| {
        let name = name.as_ref().map(PersonName::as_str);
        name.map(|name| text::trim(name).to_owned())
    };
    let changes = UserChanges {
        email: None,
        name: name.filter(|name| trimmed(&Some(name.clone())) != trimmed(&user.name)),
        role: role.filter(|role| *role != user.role),
    };
    if changes.name.is_none() && changes.role.is_none() {
        return Ok(UserImport::Unchanged);
    }
    update(op, &email, changes).await?;
    Ok(UserImport::Updated)
}

/// Adds the mail for a forgotten password to the outbox of this transaction's organization: one
/// mail with a link for each of the accounts, which all have the same address.
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
