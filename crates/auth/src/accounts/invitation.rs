//! Accepting an invitation.

use portal_domain::operation::Operation;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::profiles::{
    self, Account, CredentialError, OneTimeTokenPurpose, Password, UserStatus,
};
use portal_domain::store::{TenantScope, transact};
use portal_domain::values::PersonName;

use super::{AttemptError, AuthService, Client, SignedIn, from_attempt_errors};
use crate::rate_limits::ACCEPT_INVITE;
use crate::tokens::OneTimeToken;

/// Somebody who follows an invitation.
#[derive(Debug)]
pub struct AcceptInvitation {
    /// The token of the link, as it was presented.
    pub token: String,
    /// The password that they choose.
    pub password: Password,
    /// Their name, unless what the operator wrote may stay.
    pub name: Option<PersonName>,
}

/// Why an account was not set up.
#[derive(Debug, thiserror::Error)]
pub enum AcceptInvitationError {
    /// The token is unknown, made useless or expired.
    #[error("the token is not good")]
    InvalidToken,
    /// The user or the organization was shut out.
    #[error("the account is disabled")]
    Disabled,
    /// The account has a password.
    #[error("the account is already set up")]
    AlreadySetUp,
    /// Nothing could be decided.
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
    /// Sets up an account by a token from a mail, and lets its user in.
    pub async fn accept_invitation(
        &self,
        client: &Client,
        accept: AcceptInvitation,
    ) -> Result<SignedIn, AcceptInvitationError> {
        let permit = self
            .limiter
            .attempt(&ACCEPT_INVITE, client.address, &accept.token)
            .await?;
        let outcome = self.decide_invitation(client, accept).await;
        Self::conclude(permit, outcome, |error| {
            matches!(error, AcceptInvitationError::Attempt(_))
        })
        .await
    }

    /// The account that a link from a mail sets up. Nothing is used up, and nothing is counted: a
    /// token is too long to be guessed.
    pub async fn invited(&self, token: &str) -> Result<Account, AcceptInvitationError> {
        let (_, account) = self.find_invitation(token).await?;
        Ok(account)
    }

    async fn find_invitation(
        &self,
        token: &str,
    ) -> Result<(profiles::OneTimeToken, Account), AcceptInvitationError> {
        let token: OneTimeToken = token
            .parse()
            .ok()
            .ok_or(AcceptInvitationError::InvalidToken)?;

        let found = self
            .store
            .system_reader()
            .await?
            .token_by_hash(token.hash().as_str())
            .await?;
        let (token, account) = found
            .filter(|(token, _)| token.purpose == OneTimeTokenPurpose::Invitation)
            .ok_or(AcceptInvitationError::InvalidToken)?;
        if account.user.status == UserStatus::Disabled
            || account.organization.status == OrganizationStatus::Disabled
        {
            return Err(AcceptInvitationError::Disabled);
        }
        // Before the token's own state: who opens a used link again is to sign in, not to worry.
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
        let (token, account) = self.find_invitation(&token).await?;

        let hash = self.passwords.hash(password.secret()).await?;
        let scope = TenantScope::of(account.organization.id);
        let by = client.acting_as(account);
        let user = transact(self.store.begin(scope).await?, async |tx| {
            let op = Operation::new(tx, &by, &*self.env);
            let user = profiles::accept_invitation(&op, &token, &hash, name).await?;
            profiles::record_sign_in(&op).await?;
            Ok::<_, AcceptInvitationError>(user)
        })
        .await?;
        let account = Account { user, ..by.account };
        let session = self.open_session(&account.user).await?;
        Ok(SignedIn { account, session })
    }
}
