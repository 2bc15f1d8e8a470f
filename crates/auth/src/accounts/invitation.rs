//! Accepting an invitation.

use portal_domain::operation::Operation;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::profiles::{
    self, Account, CredentialError, OneTimeTokenPurpose, Password, UserStatus,
};
use portal_domain::store::{TenantScope, transact};
use portal_domain::values::PersonName;

use super::{AttemptError, AuthService, Client, SignedIn, find_token, from_attempt_errors};
use crate::rate_limits::ACCEPT_INVITE;

/// Input of [`AuthService::accept_invitation`].
#[derive(Debug)]
pub struct AcceptInvitation {
    /// The token from the link.
    pub token: String,
    /// The user's new password.
    pub password: Password,
    /// The user's name; by default the one that the operator entered.
    pub name: Option<PersonName>,
}

/// Why an account was not set up.
#[derive(Debug, thiserror::Error)]
pub enum AcceptInvitationError {
    /// The token is unknown, voided or expired.
    #[error("the token is invalid")]
    InvalidToken,
    /// The user or the organization is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// The account is already set up.
    #[error("the account is already set up")]
    AlreadySetUp,
    /// The attempt could not be decided.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

from_attempt_errors!(AcceptInvitationError);

impl From<CredentialError> for AcceptInvitationError {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::TokenSpent => Self::InvalidToken,
            CredentialError::Storage(error) => error.into(),
        }
    }
}

impl AuthService {
    /// Sets up an account with a token from a mail, and signs its user in.
    pub async fn accept_invitation(
        &self,
        client: &Client,
        accept: AcceptInvitation,
    ) -> Result<SignedIn, AcceptInvitationError> {
        let schedule = self.schedule();
        let permit = self
            .limiter
            .attempt(&ACCEPT_INVITE, client.address, &accept.token)
            .await?;
        let is_undecided = |error: &_| matches!(error, AcceptInvitationError::Attempt(_));
        let outcome = self.decide_invitation(client, accept).await;
        let outcome = Self::conclude(permit, outcome, is_undecided).await;
        schedule.answer(outcome, |error| !is_undecided(error)).await
    }

    /// The account that a link from a mail sets up. Neither uses the token up nor counts against a
    /// rate limit, as a token cannot be guessed.
    pub async fn invited(
        &self,
        client: &Client,
        token: &str,
    ) -> Result<Account, AcceptInvitationError> {
        let (_, account) = self.find_invitation(client, token).await?;
        Ok(account)
    }

    async fn find_invitation(
        &self,
        client: &Client,
        token: &str,
    ) -> Result<(profiles::OneTimeToken, Account), AcceptInvitationError> {
        let (token, account) = find_token(
            &*self.store_for(client),
            token,
            OneTimeTokenPurpose::Invitation,
        )
        .await?
        .ok_or(AcceptInvitationError::InvalidToken)?;
        if account.user.status == UserStatus::Disabled
            || account.organization.status == OrganizationStatus::Disabled
        {
            return Err(AcceptInvitationError::Disabled);
        }
        // Before the token's validity, so that a used link leads to the sign-in page.
        if account.user.has_password {
            return Err(AcceptInvitationError::AlreadySetUp);
        }
        if !token.is_valid(self.env.now()) {
            return Err(AcceptInvitationError::InvalidToken);
        }
        Ok((token, account))
    }

    async fn decide_invitation(
        &self,
        client: &Client,
        accept: AcceptInvitation,
    ) -> Result<SignedIn, AcceptInvitationError> {
        let AcceptInvitation {
            token,
            password,
            name,
        } = accept;
        let (token, account) = self.find_invitation(client, &token).await?;

        let passwords = self
            .passwords
            .on_behalf_of(client.address, &account.user.id.to_string());
        let hash = passwords.hash(password.secret()).await?;
        let scope = TenantScope::of(account.organization.id);
        let by = client.acting_as(account);
        let user = transact(self.store_for(client).begin(scope).await?, async |tx| {
            let op = Operation::new(tx, &by, &*self.env);
            let user = profiles::accept_invitation(&op, &token, &hash, name).await?;
            profiles::record_sign_in(&op).await?;
            Ok::<_, AcceptInvitationError>(user)
        })
        .await?;
        let account = Account { user, ..by.account };
        Ok(self.signed_in(client, account).await?)
    }
}
