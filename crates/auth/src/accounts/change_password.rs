//! Changing the password of a signed-in user.

use portal_domain::access::{self, AccessError, Claims};
use portal_domain::profiles::{self, Password};
use portal_domain::store::{Asker, TenantReader};
use secrecy::SecretString;

use super::{AttemptError, AuthService, Client, from_attempt_errors};
use crate::passwords::Match;
use crate::rate_limits::CHANGE_PASSWORD;

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The session's claims are no longer valid.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The attempt could not be decided.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

from_attempt_errors!(ChangePasswordError);

impl AuthService {
    /// Sets a new password after verifying the current one, and ends all sessions of the user.
    pub async fn change_password(
        &self,
        client: &Client,
        claims: &Claims,
        current: &SecretString,
        new: &Password,
    ) -> Result<(), ChangePasswordError> {
        let user = claims.user_id.to_string();
        let permit = self
            .limiter
            .attempt(&CHANGE_PASSWORD, client.address, &user)
            .await?;
        let outcome = self.decide_change(client, claims, current, new).await;
        Self::conclude(permit, outcome, |error| {
            let access = matches!(error, ChangePasswordError::Access(AccessError::Storage(_)));
            access || matches!(error, ChangePasswordError::Attempt(_))
        })
        .await
    }

    async fn decide_change(
        &self,
        client: &Client,
        claims: &Claims,
        current: &SecretString,
        new: &Password,
    ) -> Result<(), ChangePasswordError> {
        let user = claims.user_id;
        let current_hash = async |reader: &dyn TenantReader| {
            reader
                .password_hash(user)
                .await
                .map_err(ChangePasswordError::from)
        };
        let store = self.store.on_behalf_of(Asker::User(user));
        let (_, current_hash) = access::read(&*store, claims, None, current_hash).await?;
        let passwords = self
            .passwords
            .on_behalf_of(client.address, &user.to_string());
        let verified = passwords.verify_each(current, vec![current_hash]).await?;
        if !verified.into_iter().all(Match::is_right) {
            return Err(ChangePasswordError::WrongPassword);
        }

        let hash = passwords.hash(new.secret()).await?;
        let (env, info) = (&*self.env, client.info.clone());
        access::write(&*store, env, claims, info, None, async |op| {
            profiles::change_password(op, &hash)
                .await
                .map_err(ChangePasswordError::from)
        })
        .await?;
        self.clear_sessions(user).await;
        Ok(())
    }
}
