//! Resetting a password by a one-time token.

use portal_domain::branding::Feature;
use portal_domain::operation::Operation;
use portal_domain::profiles::{self, Account, CredentialError, OneTimeTokenPurpose, Password};
use portal_domain::store::{TenantScope, transact};

use super::{AttemptError, AuthService, Client, find_token, from_attempt_errors};
use crate::rate_limits::RESET_PASSWORD;

/// Why a password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The token is unknown, used or expired.
    #[error("the token is invalid")]
    InvalidToken,
    /// The organization has switched off password resets.
    #[error("the organization does not offer password resets")]
    Disabled,
    /// The attempt could not be decided.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

from_attempt_errors!(ResetPasswordError);

impl From<CredentialError> for ResetPasswordError {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::TokenSpent => Self::InvalidToken,
            CredentialError::Storage(error) => error.into(),
        }
    }
}

impl AuthService {
    /// Sets a new password with a token from a mail, and ends all sessions of the account.
    pub async fn reset_password(
        &self,
        client: &Client,
        token: &str,
        password: &Password,
    ) -> Result<(), ResetPasswordError> {
        let schedule = self.schedule();
        let permit = self
            .limiter
            .attempt(&RESET_PASSWORD, client.address, token)
            .await?;
        let is_undecided = |error: &_| matches!(error, ResetPasswordError::Attempt(_));
        let outcome = self.decide_reset(client, token, password).await;
        let outcome = Self::conclude(permit, outcome, is_undecided).await;
        schedule.answer(outcome, |error| !is_undecided(error)).await
    }

    /// The account whose password a link from a mail resets. Neither uses the token up nor counts
    /// against a rate limit, as a token cannot be guessed.
    pub async fn resettable(
        &self,
        client: &Client,
        token: &str,
    ) -> Result<Account, ResetPasswordError> {
        let (_, account) = self.find_reset(client, token).await?;
        Ok(account)
    }

    async fn find_reset(
        &self,
        client: &Client,
        token: &str,
    ) -> Result<(profiles::OneTimeToken, Account), ResetPasswordError> {
        let (token, account) = find_token(
            &*self.store_for(client),
            token,
            OneTimeTokenPurpose::PasswordReset,
        )
        .await?
        .filter(|(token, account)| token.is_valid(self.env.now()) && account.is_active())
        .ok_or(ResetPasswordError::InvalidToken)?;
        if !account.features.is_enabled(Feature::PasswordReset) {
            return Err(ResetPasswordError::Disabled);
        }
        Ok((token, account))
    }

    async fn decide_reset(
        &self,
        client: &Client,
        token: &str,
        password: &Password,
    ) -> Result<(), ResetPasswordError> {
        let (token, account) = self.find_reset(client, token).await?;

        let passwords = self
            .passwords
            .on_behalf_of(client.address, &account.user.id.to_string());
        let hash = passwords.hash(password.secret()).await?;
        let scope = TenantScope::of(account.organization.id);
        let by = client.acting_as(account);
        transact(self.store_for(client).begin(scope).await?, async |tx| {
            let op = Operation::new(tx, &by, &*self.env);
            profiles::reset_password(&op, &token, &hash)
                .await
                .map_err(ResetPasswordError::from)
        })
        .await?;
        self.clear_sessions(by.account.user.id).await;
        Ok(())
    }
}
