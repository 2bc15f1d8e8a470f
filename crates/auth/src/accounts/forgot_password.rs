//! Requesting a password reset.

use portal_domain::actors::Automation;
use portal_domain::branding::Feature;
use portal_domain::operation::Operation;
use portal_domain::profiles::{
    Account, SignInCandidate, UserError, UserStatus, invite, request_password_reset,
};
use portal_domain::store::TenantScope;
use portal_domain::values::EmailAddress;

use super::sign_in::{Scoped, SignInScope};
use super::{AttemptError, AuthService, Client};
use crate::rate_limits::FORGOT_PASSWORD;

/// Somebody who has forgotten a password.
#[derive(Debug, Clone)]
pub struct ForgotPassword {
    /// The address.
    pub email: EmailAddress,
    /// Where they wanted to sign in.
    pub scope: SignInScope,
}

impl AuthService {
    /// Sees to it that the address, if anybody has it, is sent a link.
    ///
    /// Returns before anything is looked up, so that neither answer nor time tells whether anybody
    /// has it. AuthService that were never set up are invited again; accounts that are shut out, and
    /// organizations that do not offer it, get nothing.
    ///
    /// # Errors
    ///
    /// [`AttemptError::RateLimited`] and [`AttemptError::State`] only.
    pub async fn forgot_password(
        &self,
        client: &Client,
        request: ForgotPassword,
    ) -> Result<(), AttemptError> {
        // Never cleared: an attempt succeeds for everybody.
        self.limiter
            .attempt(&FORGOT_PASSWORD, client.address, request.email.as_str())
            .await?;
        let accounts = self.clone();
        self.background.spawn(async move {
            if let Err(error) = accounts.send_links(request).await {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "a password reset could not be put into the outbox");
            }
        });
        Ok(())
    }

    async fn send_links(&self, request: ForgotPassword) -> Result<(), UserError> {
        let ForgotPassword { email, scope } = request;
        let candidates = {
            let system = self.store.system_reader().await?;
            match scope.resolve(&*system).await? {
                Scoped::Any => system.sign_in_candidates(&email, None).await?,
                Scoped::One(one) => system.sign_in_candidates(&email, Some(one)).await?,
                Scoped::Nobody => Vec::new(),
            }
        };
        let (active, others): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .map(|SignInCandidate { account, .. }| account)
            .filter(|account| account.features.is_enabled(Feature::PasswordReset))
            .partition(Account::is_active);

        if let Some(first) = active.first() {
            let tx = self
                .store
                .begin(TenantScope::of(first.organization.id))
                .await?;
            let op = Operation::new(&*tx, &Automation, &*self.env);
            request_password_reset(&op, &active).await?;
            tx.commit().await?;
        }
        for account in others
            .into_iter()
            .filter(|one| one.user.status == UserStatus::Invited)
        {
            let tx = self
                .store
                .begin(TenantScope::of(account.organization.id))
                .await?;
            let op = Operation::new(&*tx, &Automation, &*self.env);
            invite(&op, &account.user.email).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
