//! Mails about accounts.

use chrono::{DateTime, Utc};
use portal_auth::OneTimeToken;
use portal_domain::actors::Automation;
use portal_domain::branding::Feature;
use portal_domain::ids::UserId;
use portal_domain::notifications::ResetAccount;
use portal_domain::operation::Operation;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::profiles::{self, Account, OneTimeTokenPurpose, PortalUser, UserStatus};
use portal_domain::store::{StorageError, TenantScope, TenantTransaction, finish};
use portal_domain::values::EmailAddress;

use super::{Draft, DraftError, Drafter, found};
use crate::content::{Content, ResetLink};
use crate::render::Brand;

/// One account's part of a mail about a forgotten password.
struct Reset {
    user: PortalUser,
    brand: Brand,
    link: ResetLink,
}

impl Drafter<'_> {
    pub(super) async fn invitation(
        &self,
        scope: TenantScope,
        user: UserId,
    ) -> Result<Draft, DraftError> {
        let tx = self.store.begin(scope).await?;
        let drafted = self.invitation_in(&*tx, user).await;
        finish(tx, drafted).await
    }

    async fn invitation_in(
        &self,
        tx: &dyn TenantTransaction,
        user: UserId,
    ) -> Result<Draft, DraftError> {
        let account = locked_account(tx, user).await?;
        if account.user.status != UserStatus::Invited {
            return Err(DraftError::Unwanted("the account is disabled or set up"));
        }
        if account.organization.status != OrganizationStatus::Active {
            return Err(DraftError::Unwanted("the organization is disabled"));
        }
        let from = self.sender(tx).await?;
        let token = self.mint(tx, user, OneTimeTokenPurpose::Invitation).await?;
        let link = from.links.accept_invite(&token);
        let content = Content::Invitation {
            name: account.user.name.clone(),
            link,
        };
        Ok(Draft::to_user(&account.user, from.brand(), content))
    }

    /// One mail for all accounts that (still) have the same address; a link is never sent to an
    /// address other than its account's own.
    pub(super) async fn password_reset(
        &self,
        accounts: &[ResetAccount],
    ) -> Result<Draft, DraftError> {
        let mut resets: Vec<Reset> = Vec::new();
        for account in accounts {
            let to = resets.first().map(|reset| &reset.user.email);
            match self.reset(*account, to).await {
                Ok(reset) => resets.push(reset),
                Err(DraftError::Unwanted(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let (user, brand) = match resets.as_slice() {
            [] => {
                return Err(DraftError::Unwanted(
                    "no account whose password may be reset",
                ));
            }
            [only] => (only.user.clone(), only.brand.clone()),
            [first, ..] => (first.user.clone(), Brand::neutral(self.neutral_name)),
        };
        let links = resets.into_iter().map(|reset| reset.link).collect();
        let content = Content::PasswordReset {
            name: user.name.clone(),
            links,
        };
        Ok(Draft::to_user(&user, brand, content))
    }

    async fn reset(
        &self,
        account: ResetAccount,
        to: Option<&EmailAddress>,
    ) -> Result<Reset, DraftError> {
        let tx = self
            .store
            .begin(TenantScope::of(account.organization_id))
            .await?;
        let reset = self.reset_in(&*tx, account.user_id, to).await;
        finish(tx, reset).await
    }

    async fn reset_in(
        &self,
        tx: &dyn TenantTransaction,
        user: UserId,
        to: Option<&EmailAddress>,
    ) -> Result<Reset, DraftError> {
        let account = locked_account(tx, user).await?;
        if !account.is_active() {
            return Err(DraftError::Unwanted("the account is not active"));
        }
        if !account.features.is_enabled(Feature::PasswordReset) {
            return Err(DraftError::Unwanted("the organization allows no resets"));
        }
        if to.is_some_and(|to| *to != account.user.email) {
            return Err(DraftError::Unwanted(
                "the account has another address by now",
            ));
        }
        let from = self.sender(tx).await?;
        let token = self
            .mint(tx, user, OneTimeTokenPurpose::PasswordReset)
            .await?;
        let url = from.links.reset_password(&token);
        Ok(Reset {
            user: account.user,
            brand: from.brand(),
            link: ResetLink {
                organization: from.organization.name,
                url,
            },
        })
    }

    pub(super) async fn password_changed(
        &self,
        scope: TenantScope,
        user: UserId,
        at: DateTime<Utc>,
    ) -> Result<Draft, DraftError> {
        let reader = self.store.reader(scope).await?;
        let user = found(reader.account(user).await?, "no such user")?.user;
        let from = self.sender(&*reader).await?;
        let link = from.links.home();
        let content = Content::PasswordChanged {
            name: user.name.clone(),
            at,
            zone: from.organization.time_zone,
            link,
        };
        Ok(Draft::to_user(&user, from.brand(), content))
    }

    async fn mint(
        &self,
        tx: &dyn TenantTransaction,
        user: UserId,
        purpose: OneTimeTokenPurpose,
    ) -> Result<OneTimeToken, StorageError> {
        let token = OneTimeToken::generate();
        let op = Operation::new(tx, &Automation, self.env);
        profiles::mint_token(&op, user, purpose, token.hash().into()).await?;
        Ok(token)
    }
}

/// An account whose user's row nobody else changes until this transaction ends.
async fn locked_account(tx: &dyn TenantTransaction, user: UserId) -> Result<Account, DraftError> {
    found(tx.lock_user(user).await?, "no such user")?;
    found(tx.account(user).await?, "no such user")
}
