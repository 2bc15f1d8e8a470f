//! Storing password hashes, one-time tokens and sign-ins.
//!
//! `portal-auth` hashes the passwords and verifies them.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{OneTimeToken, OneTimeTokenPurpose, PortalUser, UserStatus};
use crate::access::AccessError;
use crate::actors::{Automation, Customer};
use crate::audit::{Actor, AuditAction};
use crate::clients::ClientName;
use crate::ids::{OneTimeTokenId, UserId};
use crate::notifications::MailKind;
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::values::PersonName;

/// Why a password could not be set.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The token was used or voided, or has expired.
    #[error("the token is no longer valid")]
    TokenSpent,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Records a sign-in.
pub async fn record_sign_in(op: &Operation<'_, Customer>) -> Result<(), StorageError> {
    let user = &op.by.account.user;
    op.tx.record_login(user.id, op.now()).await?;
    op.audit(AuditAction::PortalAuthLogin, user, json!({}))
        .await
}

/// Tells a user that somebody has signed in from a browser that the account did not know. Nobody is
/// told of an account's first sign-in, before which it knows no browser.
pub async fn announce_sign_in(op: &Operation<'_, Customer>) -> Result<(), StorageError> {
    let Customer { account, client } = op.by;
    if account.user.last_login_at.is_none() {
        return Ok(());
    }
    op.mail(MailKind::NewSignIn {
        user_id: account.user.id,
        client: ClientName::of(client.user_agent.as_deref()),
        ip_address: client.ip_address,
    })
    .await
}

/// Records that a user ended one of their other sessions, by its public id.
pub async fn record_session_end(
    op: &Operation<'_, Customer>,
    session: Uuid,
) -> Result<(), StorageError> {
    let user = &op.by.account.user;
    let details = json!({ "sessionId": session });
    op.audit(AuditAction::PortalAuthLogout, user, details).await
}

/// Records a sign-out.
pub async fn record_sign_out(op: &Operation<'_, Customer>) -> Result<(), StorageError> {
    let user = &op.by.account.user;
    op.audit(AuditAction::PortalAuthLogout, user, json!({}))
        .await
}

/// Records a failed attempt to sign in as this user.
pub async fn record_failed_sign_in(op: &Operation<'_, Customer>) -> Result<(), StorageError> {
    let user = &op.by.account.user;
    let action = AuditAction::PortalAuthLoginFailed;
    let entry = op.audit_entry(op.organization(), action, user, json!({}));
    op.tx.add_audit_entry(&entry.failed()).await
}

/// Stores a new token by its hash, and voids the user's tokens of the same purpose that were
/// requested earlier; `false`, with nothing done, when one was requested later.
///
/// Its lifetime counts from the request. Several tokens of one request are valid beside each other,
/// for copies of the mail that carries them: the first one that is used voids the others.
pub async fn mint_token(
    op: &Operation<'_, Automation>,
    user: UserId,
    purpose: OneTimeTokenPurpose,
    requested_at: DateTime<Utc>,
    token_hash: String,
) -> Result<bool, StorageError> {
    let (now, expires_at) = (op.now(), requested_at + purpose.lifetime());
    if op.tx.has_token_after(user, purpose, expires_at).await? {
        return Ok(false);
    }
    op.tx
        .void_tokens_before(user, purpose, expires_at, now)
        .await?;
    let token = OneTimeToken {
        id: OneTimeTokenId::generate(op),
        organization_id: op.organization(),
        user_id: user,
        purpose,
        token_hash,
        created_at: now,
        expires_at,
        used_at: None,
    };
    op.tx.add_token(&token).await?;
    Ok(true)
}

/// Sets a new password with a reset token, which is used up. All sessions of the user end.
pub async fn reset_password(
    op: &Operation<'_, Customer>,
    token: &OneTimeToken,
    password_hash: &str,
) -> Result<(), CredentialError> {
    let user = lock(op).await?;
    if !op.tx.use_token(token.id, op.now()).await? {
        return Err(CredentialError::TokenSpent);
    }
    set_password(op, &user, password_hash).await?;
    op.audit(AuditAction::PortalAuthPasswordReset, &user, json!({}))
        .await?;
    Ok(())
}

/// Sets up an account with its invitation, which is used up, and returns the changed user.
pub async fn accept_invitation(
    op: &Operation<'_, Customer>,
    token: &OneTimeToken,
    password_hash: &str,
    name: Option<PersonName>,
) -> Result<PortalUser, CredentialError> {
    let now = op.now();
    let mut user = lock(op).await?;
    if !op.tx.use_token(token.id, now).await? {
        return Err(CredentialError::TokenSpent);
    }
    user.session_version = op.tx.set_password_hash(user.id, password_hash).await?;
    op.tx
        .void_tokens(user.id, OneTimeTokenPurpose::ALL, now)
        .await?;
    user.has_password = true;
    user.status = UserStatus::Active;
    user.name = name.or(user.name);
    user.updated_at = now;
    op.tx.update_user(&user).await?;
    op.audit(AuditAction::PortalAuthInviteAccept, &user, json!({}))
        .await?;
    Ok(user)
}

/// Sets a new password. The caller has verified the current one. All sessions of the user end.
///
/// # Errors
///
/// [`AccessError::SessionEnded`] if another new password has ended the session meanwhile.
pub async fn change_password(
    op: &Operation<'_, Customer>,
    password_hash: &str,
) -> Result<(), AccessError> {
    let user = lock_in_session(op).await?;
    set_password(op, &user, password_hash).await?;
    op.audit(AuditAction::PortalProfilePasswordChange, &user, json!({}))
        .await?;
    Ok(())
}

/// The user as they are now, locked: what was read before may have been changed since. Whatever sets a
/// password locks the user before it touches their tokens, so that no two of them wait for each other.
pub(super) async fn lock(op: &Operation<'_, Customer>) -> Result<PortalUser, StorageError> {
    let user = op.tx.lock_user(op.by.account.user.id).await?;
    user.ok_or(StorageError::Missing("portal_users"))
}

/// [`lock`]s the user, if no other new password has ended the session that was let in.
pub(super) async fn lock_in_session(
    op: &Operation<'_, Customer>,
) -> Result<PortalUser, AccessError> {
    let user = lock(op).await?;
    if user.session_version != op.by.account.user.session_version {
        return Err(AccessError::SessionEnded);
    }
    Ok(user)
}

/// Sets a password, ends the user's sessions, voids their tokens and mails them. Returns the new
/// session version.
pub(super) async fn set_password(
    op: &Operation<'_, impl Actor>,
    user: &PortalUser,
    password_hash: &str,
) -> Result<i64, StorageError> {
    let (now, purpose) = (op.now(), OneTimeTokenPurpose::PasswordReset);
    let session_version = op.tx.set_password_hash(user.id, password_hash).await?;
    op.tx
        .void_tokens(user.id, OneTimeTokenPurpose::ALL, now)
        .await?;
    // A reset that was asked for before may still wait to be mailed. A used token stands for a newer
    // request, to which it gives way.
    let id = OneTimeTokenId::generate(op);
    op.tx
        .add_token(&OneTimeToken {
            id,
            organization_id: user.organization_id,
            user_id: user.id,
            purpose,
            // No token has this hash.
            token_hash: id.to_string(),
            created_at: now,
            expires_at: now + purpose.lifetime(),
            used_at: Some(now),
        })
        .await?;
    op.mail(MailKind::PasswordChanged { user_id: user.id })
        .await?;
    Ok(session_version)
}
