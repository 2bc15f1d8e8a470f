//! Requesting a password reset.

use std::time::Duration;

use portal_domain::actors::Automation;
use portal_domain::branding::Feature;
use portal_domain::ids::UserId;
use portal_domain::operation::Operation;
use portal_domain::profiles::{
    Account, SignInCandidate, UserError, UserStatus, invite, request_password_reset,
};
use portal_domain::store::{StorageError, TenantScope};
use portal_domain::values::EmailAddress;
use tokio::time::{Instant, timeout};

use super::sign_in::SignInScope;
use super::{AttemptError, AuthService, Client};
use crate::rate_limits::FORGOT_PASSWORD;

/// How long a request waits for the database. A link is of no use to somebody who has given up.
const PATIENCE: Duration = Duration::from_mins(10);

/// How long it waits before its second try. Each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait between two tries, and so until a link is sent once the database is back.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

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
    /// They are looked up in the background, and the answer is on a schedule, so that neither the
    /// response nor its time reveals whether there are any (OWASP, Forgot Password Cheat Sheet).
    /// Without the database, the request is tried again for some minutes. Accounts that were never set
    /// up are invited again, on the user's own behalf. Disabled accounts, and organizations that have
    /// switched off resets, get no mail.
    pub async fn forgot_password(
        &self,
        client: &Client,
        request: ForgotPassword,
    ) -> Result<(), AttemptError> {
        let schedule = self.schedule();
        // Stays counted, as every request succeeds.
        self.limiter
            .attempt(&FORGOT_PASSWORD, client.address, request.email.as_str())
            .await?;
        let (service, by) = (self.clone(), client.clone());
        self.background.tasks.spawn(async move {
            if let Err(error) = service.send_links_in_time(&by, request).await {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "a password reset could not be put into the outbox");
            }
        });
        schedule.wait().await;
        Ok(())
    }

    /// Tries until the database is there, [`PATIENCE`] is over, or the process ends.
    async fn send_links_in_time(
        &self,
        client: &Client,
        request: ForgotPassword,
    ) -> Result<(), UserError> {
        let deadline = Instant::now() + PATIENCE;
        let mut wait = FIRST_WAIT;
        let mut done = Vec::new();
        loop {
            let error = match self.send_links(client, &request, &mut done).await {
                Err(error @ UserError::Storage(StorageError::Unavailable(_))) => error,
                outcome => return outcome,
            };
            if self.background.stopping.is_cancelled() || Instant::now() >= deadline {
                return Err(error);
            }
            tracing::warn!(
                seconds = wait.as_secs(),
                "a password reset waits for the database"
            );
            // What ends the process ends the wait, and leaves one last try.
            let stopping = self.background.stopping.cancelled();
            let _ = timeout(wait, stopping).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Sends the links to all accounts but those that are `done`, and notes which are.
    async fn send_links(
        &self,
        client: &Client,
        request: &ForgotPassword,
        done: &mut Vec<UserId>,
    ) -> Result<(), UserError> {
        let candidates = self
            .candidates(client, &request.email, &request.scope)
            .await?;
        let store = self.store_for(client);
        let (active, others): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .map(|SignInCandidate { account, .. }| account)
            .filter(|account| account.features.is_enabled(Feature::PasswordReset))
            .filter(|account| !done.contains(&account.user.id))
            .partition(Account::is_active);

        if let Some(first) = active.first() {
            let scope = TenantScope::of(first.organization.id);
            let tx = store.begin(scope).await?;
            let op = Operation::new(&*tx, &Automation, &*self.env);
            request_password_reset(&op, &active).await?;
            tx.commit().await?;
            done.extend(active.iter().map(|account| account.user.id));
        }
        let is_invited = |account: &Account| account.user.status == UserStatus::Invited;
        for account in others.into_iter().filter(is_invited) {
            let (id, scope) = (account.user.id, TenantScope::of(account.organization.id));
            // Not as the team, who did not ask for it.
            let by = client.acting_as(account);
            let tx = store.begin(scope).await?;
            let op = Operation::new(&*tx, &by, &*self.env);
            invite(&op, &by.account.user.email).await?;
            tx.commit().await?;
            done.push(id);
        }
        Ok(())
    }
}
