//! Storing password hashes, one-time tokens and sign-ins.
//!
//! Passwords come here hashed: how, and how somebody proves who they are, is `portal-auth`'s.

use serde_json::json;

use super::{Account, OneTimeToken, OneTimeTokenPurpose, PortalUser, UserStatus};
use crate::access::Customer;
use crate::audit::{AuditAction, AuditEntry, ClientInfo, record};
use crate::environment::Environment;
use crate::ids::{OneTimeTokenId, UserId};
use crate::notifications::{MailKind, enqueue};
use crate::storage_error::StorageError;
use crate::store::TenantWork;
use crate::values::PersonName;

/// Why a password could not be set.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The token was used, or made useless, or has expired.
    #[error("the token is no longer good")]
    TokenSpent,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Notes that somebody signed in.
///
/// # Errors
///
/// Those of storage.
pub async fn record_sign_in(
    work: &dyn TenantWork,
    env: &dyn Environment,
    user: &PortalUser,
    origin: &ClientInfo,
) -> Result<(), StorageError> {
    work.record_login(user.id, env.now()).await?;
    let actor = user.acting_from(origin);
    record(
        work,
        env,
        &actor,
        AuditAction::PortalAuthLogin,
        user,
        json!({}),
    )
    .await
}

/// Notes that somebody signed out.
///
/// # Errors
///
/// Those of storage.
pub async fn record_sign_out(
    work: &dyn TenantWork,
    env: &dyn Environment,
    customer: &Customer,
) -> Result<(), StorageError> {
    let user = &customer.account.user;
    let (action, resource) = (AuditAction::PortalAuthLogout, user);
    record(work, env, &customer.into(), action, resource, json!({})).await
}

/// Notes that somebody failed to sign in as this user.
///
/// # Errors
///
/// Those of storage.
pub async fn record_failed_sign_in(
    work: &dyn TenantWork,
    env: &dyn Environment,
    user: &PortalUser,
    origin: &ClientInfo,
) -> Result<(), StorageError> {
    let organization = user.organization_id;
    let (actor, resource) = (user.acting_from(origin), user);
    let action = AuditAction::PortalAuthLoginFailed;
    let entry = AuditEntry::new(env, organization, &actor, action, resource, json!({}));
    work.add_audit_entry(&entry.failed()).await
}

/// Stores a freshly minted token by its hash; older ones of its purpose are good no longer.
///
/// # Errors
///
/// Those of storage.
pub async fn mint_token(
    work: &dyn TenantWork,
    env: &dyn Environment,
    user: UserId,
    purpose: OneTimeTokenPurpose,
    token_hash: String,
) -> Result<(), StorageError> {
    let now = env.now();
    work.void_tokens(user, Some(purpose), now).await?;
    work.add_token(&OneTimeToken {
        id: OneTimeTokenId::generate(env),
        organization_id: work.scope().organization(),
        user_id: user,
        purpose,
        token_hash,
        created_at: now,
        expires_at: now + purpose.lifetime(),
        used_at: None,
    })
    .await
}

/// Sets a new password by a reset token, which is used up. Every session of the user ends.
///
/// # Errors
///
/// [`CredentialError::TokenSpent`], and those of storage.
pub async fn reset_password(
    work: &dyn TenantWork,
    env: &dyn Environment,
    account: &Account,
    token: &OneTimeToken,
    password_hash: &str,
    origin: &ClientInfo,
) -> Result<(), CredentialError> {
    let user = &account.user;
    if !work.use_token(token.id, env.now()).await? {
        return Err(CredentialError::TokenSpent);
    }
    set_password(work, env, user, password_hash).await?;
    let (action, resource) = (AuditAction::PortalAuthPasswordReset, user);
    record(
        work,
        env,
        &user.acting_from(origin),
        action,
        resource,
        json!({}),
    )
    .await?;
    Ok(())
}

/// Sets up an account by its invitation, which is used up, and gives the user as they are then.
///
/// # Errors
///
/// [`CredentialError::TokenSpent`], and those of storage.
pub async fn accept_invitation(
    work: &dyn TenantWork,
    env: &dyn Environment,
    account: &Account,
    token: &OneTimeToken,
    password_hash: &str,
    name: Option<PersonName>,
    origin: &ClientInfo,
) -> Result<PortalUser, CredentialError> {
    let now = env.now();
    if !work.use_token(token.id, now).await? {
        return Err(CredentialError::TokenSpent);
    }
    let mut user = account.user.clone();
    user.session_version = work.set_password_hash(user.id, password_hash).await?;
    work.void_tokens(user.id, None, now).await?;
    user.has_password = true;
    user.status = UserStatus::Active;
    user.name = name.or(user.name);
    user.updated_at = now;
    work.update_user(&user).await?;
    let (action, resource) = (AuditAction::PortalAuthInviteAccept, &user);
    record(
        work,
        env,
        &user.acting_from(origin),
        action,
        resource,
        json!({}),
    )
    .await?;
    Ok(user)
}

/// Sets a new password for somebody who has shown the present one. Every session of theirs ends.
///
/// # Errors
///
/// Those of storage.
pub async fn change_password(
    work: &dyn TenantWork,
    env: &dyn Environment,
    customer: &Customer,
    password_hash: &str,
) -> Result<(), StorageError> {
    let user = &customer.account.user;
    set_password(work, env, user, password_hash).await?;
    let (action, resource) = (AuditAction::PortalProfilePasswordChange, user);
    record(work, env, &customer.into(), action, resource, json!({})).await
}

/// What every change of a password brings: dead sessions, dead tokens, and a mail to its owner.
/// Returns the new session version.
pub(super) async fn set_password(
    work: &dyn TenantWork,
    env: &dyn Environment,
    user: &PortalUser,
    password_hash: &str,
) -> Result<i64, StorageError> {
    let session_version = work.set_password_hash(user.id, password_hash).await?;
    work.void_tokens(user.id, None, env.now()).await?;
    enqueue(work, env, MailKind::PasswordChanged { user_id: user.id }).await?;
    Ok(session_version)
}
