//! Requesting a password reset.

use portal_domain::actors::Automation;
use portal_domain::branding::Feature;
use portal_domain::operation::Operation;
use portal_domain::profiles::{
    Account, SignInCandidate, UserError, UserStatus, invite, request_password_reset,
};
use portal_domain::store::TenantScope;
use portal_domain::values::EmailAddress;

use super::sign_in::SignInScope;
use super::{AttemptError, AuthService, Client};
use crate::rate_limits::FORGOT_PASSWORD;

/// Input of [`AuthService::forgot_password`].
#[derive(Debug, Clone)]
pub struct ForgotPassword {
    /// The user's address.
    pub email: EmailAddress,
    /// Where to look for accounts.
    pub scope: SignInScope,
}

impl AuthService {
    /// Sends the accounts of an address, if any, a mail with a reset link.
    ///
    /// Returns before they are looked up, so that neither the response nor its time reveals whether
    /// there are any (OWASP, Forgot Password Cheat Sheet). Accounts that were never set up are
    /// invited again. Disabled accounts, and organizations that have switched off resets, get no
    /// mail.
    pub async fn forgot_password(
        &self,
        client: &Client,
        request: ForgotPassword,
    ) -> Result<(), AttemptError> {
        // Stays counted, as every request succeeds.
        self.limiter
            .attempt(&FORGOT_PASSWORD, client.address, request.email.as_str())
            .await?;
        let service = self.clone();
        self.background.spawn(async move {
            if let Err(error) = service.send_links(request).await {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "a password reset could not be put into the outbox");
            }
        });
        Ok(())
    }

    async fn send_links(&self, request: ForgotPassword) -> Result<(), UserError> {
        let ForgotPassword { email, scope } = request;
        let candidates = self.candidates(&email, &scope).await?;
        let (active, others): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .map(|SignInCandidate { account, .. }| account)
            .filter(|account| account.features.is_enabled(Feature::PasswordReset))
            .partition(Account::is_active);

        if let Some(first) = active.first() {
            let scope = TenantScope::of(first.organization.id);
            let tx = self.store.begin(scope).await?;
            let op = Operation::new(&*tx, &Automation, &*self.env);
            request_password_reset(&op, &active).await?;
            tx.commit().await?;
        }
        let is_invited = |account: &Account| account.user.status == UserStatus::Invited;
        for account in others.into_iter().filter(is_invited) {
            let scope = TenantScope::of(account.organization.id);
            let tx = self.store.begin(scope).await?;
            let op = Operation::new(&*tx, &Automation, &*self.env);
            invite(&op, &account.user.email).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
