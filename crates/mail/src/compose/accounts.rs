//! Mails about accounts.

use chrono::{DateTime, Utc};
use portal_auth::OneTimeToken;
use portal_domain::actors::Automation;
use portal_domain::branding::{Brand, Feature};
use portal_domain::ids::UserId;
use portal_domain::notifications::ResetAccount;
use portal_domain::operation::Operation;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::profiles::{self, Account, OneTimeTokenPurpose, PortalUser, UserStatus};
use portal_domain::store::{TenantScope, TenantTransaction, finish};

use super::{ComposeError, Composer, Sender, ensure, found};
use crate::outgoing::Letter;
use crate::render::{ResetLink, SignInPlace};

/// A user with a link by which they choose a password.
struct UserLink {
    user: PortalUser,
    sender: Sender,
    url: String,
}

/// What a token is asked for.
struct TokenRequest {
    user: UserId,
    purpose: OneTimeTokenPurpose,
    requested_at: DateTime<Utc>,
}

impl TokenRequest {
    fn expires_at(&self) -> DateTime<Utc> {
        self.requested_at + self.purpose.lifetime()
    }
}

impl Composer<'_> {
    pub(super) async fn invitation(
        &self,
        scope: TenantScope,
        user: UserId,
        requested_at: DateTime<Utc>,
    ) -> Result<Letter, ComposeError> {
        let check = |account: &Account| {
            let is_invited = account.user.status == UserStatus::Invited;
            ensure(is_invited, "the account is disabled or set up")?;
            let is_active = account.organization.status == OrganizationStatus::Active;
            ensure(is_active, "the organization is disabled")
        };
        let request = TokenRequest {
            user,
            purpose: OneTimeTokenPurpose::Invitation,
            requested_at,
        };
        let UserLink { user, sender, url } = self.link(scope, &request, check).await?;
        let valid_for = request.expires_at() - self.env.now();
        Letter::to_user(user, sender.brand, |mail| mail.invitation(&url, valid_for))
    }

    /// One mail for all accounts that (still) have the same address; a link is never sent to an
    /// address other than its account's own.
    pub(super) async fn password_reset(
        &self,
        accounts: &[ResetAccount],
        requested_at: DateTime<Utc>,
    ) -> Result<Letter, ComposeError> {
        let mut first: Option<(PortalUser, Brand)> = None;
        let mut links = Vec::new();
        let purpose = OneTimeTokenPurpose::PasswordReset;
        for account in accounts {
            let to = first.as_ref().map(|(user, _)| &user.email);
            let check = |account: &Account| {
                ensure(account.is_active(), "the account is not active")?;
                let is_allowed = account.features.is_enabled(Feature::PasswordReset);
                ensure(is_allowed, "the organization allows no resets")?;
                let is_same = to.is_none_or(|to| *to == account.user.email);
                ensure(is_same, "the account has another address by now")
            };
            let scope = TenantScope::of(account.organization_id);
            let request = TokenRequest {
                user: account.user_id,
                purpose,
                requested_at,
            };
            match self.link(scope, &request, check).await {
                Ok(UserLink { user, sender, url }) => {
                    let organization = sender.organization.name;
                    links.push(ResetLink { organization, url });
                    first.get_or_insert((user, sender.brand));
                }
                Err(ComposeError::Skipped(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let (user, mut brand) = found(first, "no account whose password may be reset")?;
        if links.len() > 1 {
            brand = Brand {
                name: self.from.name().map(str::to_owned),
                ..Brand::default()
            };
        }
        let valid_for = requested_at + purpose.lifetime() - self.env.now();
        Letter::to_user(user, brand, |mail| mail.password_reset(&links, valid_for))
    }

    /// Mints a token for an account that passes the check.
    async fn link(
        &self,
        scope: TenantScope,
        request: &TokenRequest,
        check: impl Fn(&Account) -> Result<(), ComposeError> + Send,
    ) -> Result<UserLink, ComposeError> {
        let tx = self.store.begin(scope).await?;
        let link = self.link_in(&*tx, request, check).await;
        finish(tx, link).await
    }

    async fn link_in(
        &self,
        tx: &dyn TenantTransaction,
        request: &TokenRequest,
        check: impl Fn(&Account) -> Result<(), ComposeError> + Send,
    ) -> Result<UserLink, ComposeError> {
        let TokenRequest {
            user,
            purpose,
            requested_at,
        } = *request;
        // Nobody else changes the user until this transaction ends.
        found(tx.lock_user(user).await?, "no such user")?;
        let account = found(tx.account(user).await?, "no such user")?;
        check(&account)?;
        let sender = self.sender(tx).await?;
        let token = OneTimeToken::generate();
        let op = Operation::new(tx, &Automation, self.env);
        let minted = profiles::mint_token(&op, user, purpose, requested_at, token.hash()).await?;
        ensure(minted, "a newer request has taken its place")?;
        Ok(UserLink {
            user: account.user,
            url: sender.links.choose_password(purpose, &token),
            sender,
        })
    }

    pub(super) async fn password_changed(
        &self,
        scope: TenantScope,
        user: UserId,
        at: DateTime<Utc>,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let user = found(reader.account(user).await?, "no such user")?.user;
        let sender = self.sender(&*reader).await?;
        let zone = sender.organization.time_zone;
        let link = sender.links.home();
        Letter::to_user(user, sender.brand, |mail| {
            mail.password_changed(at, zone, &link)
        })
    }

    pub(super) async fn new_sign_in(
        &self,
        scope: TenantScope,
        user: UserId,
        sign_in: SignInPlace,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let user = found(reader.account(user).await?, "no such user")?.user;
        let sender = self.sender(&*reader).await?;
        let zone = sender.organization.time_zone;
        let link = sender.links.home();
        Letter::to_user(user, sender.brand, |mail| {
            mail.new_sign_in(&sign_in, zone, &link)
        })
    }
}
