//! Portal users: the people who sign in, their profiles, and how operators manage them.

mod credentials;
mod manage;
pub mod password;
mod update;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{Audited, Resource};
use crate::branding::FeatureToggles;
use crate::enums::text_enum;
use crate::ids::{OneTimeTokenId, OrganizationId, UserId};
use crate::organizations::{Organization, OrganizationStatus};
use crate::storage_error::StorageError;
use crate::values::{EmailAddress, PersonName};

pub use credentials::{
    CredentialError, accept_invitation, change_password, mint_token, record_failed_sign_in,
    record_sign_in, record_sign_out, reset_password,
};
pub use manage::{
    NewUser, UserChanges, UserError, UserImport, create, disable, enable, import, invite,
    request_password_reset, update,
};
pub use password::{Password, PasswordError};
pub use update::{ProfileChanges, update_profile};

text_enum! {
    /// Whether somebody can sign in.
    pub enum UserStatus: InvalidUserStatus {
        /// They can.
        Active = "active",
        /// They have not set up their account yet.
        Invited = "invited",
        /// They were shut out.
        Disabled = "disabled",
    }
}

text_enum! {
    /// A language of the portal.
    pub enum Locale: InvalidLocale {
        /// English.
        English = "en",
        /// German.
        German = "de",
    }
}

/// Somebody who may use one organization's portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalUser {
    /// Their id.
    pub id: UserId,
    /// Their organization.
    pub organization_id: OrganizationId,
    /// Their address; unique within the organization.
    pub email: EmailAddress,
    /// Their name.
    pub name: Option<PersonName>,
    /// Whether they want mails about tickets and loans.
    pub receive_notifications: bool,
    /// Whether they can sign in.
    pub status: UserStatus,
    /// The language they chose.
    pub locale: Option<Locale>,
    /// When they last signed in.
    pub last_login_at: Option<DateTime<Utc>>,
    /// When they were last invited.
    pub invited_at: Option<DateTime<Utc>>,
    /// Raised by whatever ends their sessions; a session made under another version is dead.
    pub session_version: i64,
    /// Whether they have set up a password.
    pub has_password: bool,
    /// When they were created.
    pub created_at: DateTime<Utc>,
    /// When they were last changed.
    pub updated_at: DateTime<Utc>,
}

impl PortalUser {
    /// What others see them called: their name, or else their address.
    pub fn display_name(&self) -> &str {
        self.name
            .as_ref()
            .map_or(self.email.as_str(), PersonName::as_str)
    }
}

impl Audited for PortalUser {
    fn resource(&self) -> Resource {
        Resource::new("portal_user", &self.id, &self.email)
    }
}

/// A user with the organization that they belong to and what it offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: PortalUser,
    /// Their organization.
    pub organization: Organization,
    /// The features that the organization has switched on.
    pub features: FeatureToggles,
}

impl Account {
    /// Whether this account can be used: both the user and the organization are active.
    pub fn is_active(&self) -> bool {
        self.user.status == UserStatus::Active
            && self.organization.status == OrganizationStatus::Active
    }
}

/// An account that a sign-in may be for.
#[derive(Clone)]
pub struct SignInCandidate {
    /// The account.
    pub account: Account,
    /// The PHC string of its password; absent until it is set up.
    pub password_hash: Option<String>,
}

text_enum! {
    /// What a one-time token allows.
    pub enum OneTimeTokenPurpose: InvalidOneTimeTokenPurpose {
        /// Setting a new password.
        PasswordReset = "password_reset",
        /// Setting up an account.
        Invitation = "invitation",
    }
}

impl OneTimeTokenPurpose {
    /// How long such a token is good for.
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::PasswordReset => TimeDelta::hours(1),
            Self::Invitation => TimeDelta::days(7),
        }
    }
}

/// The stored side of a one-time token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// Its id.
    pub id: OneTimeTokenId,
    /// The organization of its user.
    pub organization_id: OrganizationId,
    /// Its user.
    pub user_id: UserId,
    /// What it allows.
    pub purpose: OneTimeTokenPurpose,
    /// The hash by which it is found; the token itself is nowhere kept.
    pub token_hash: String,
    /// When it was minted.
    pub created_at: DateTime<Utc>,
    /// When it ceases to be good.
    pub expires_at: DateTime<Utc>,
    /// When it was used, or made useless by a newer one or a password change.
    pub used_at: Option<DateTime<Utc>>,
}

impl OneTimeToken {
    /// Whether it still allows what it is for.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

/// Reads users.
#[async_trait]
pub trait ProfileReader: Send + Sync {
    /// A user with their organization and its toggles.
    async fn account(&self, id: UserId) -> Result<Option<Account>, StorageError>;

    /// The user with this address.
    async fn user_by_email(&self, email: &EmailAddress)
    -> Result<Option<PortalUser>, StorageError>;

    /// All users, by address.
    async fn users(&self) -> Result<Vec<PortalUser>, StorageError>;

    /// The PHC string of a user's password.
    async fn password_hash(&self, id: UserId) -> Result<Option<String>, StorageError>;
}

/// Writes users and their one-time tokens.
#[async_trait]
pub trait ProfileWriter: Send + Sync {
    /// A user, whose row nobody else changes until this transaction ends.
    async fn lock_user(&self, id: UserId) -> Result<Option<PortalUser>, StorageError>;

    /// Adds a user; `false` when the address is taken.
    async fn add_user(
        &self,
        user: &PortalUser,
        password_hash: Option<&str>,
    ) -> Result<bool, StorageError>;

    /// Replaces address, name, notifications, status, language and invitation of a user; `false`
    /// when the address is taken.
    async fn update_user(&self, user: &PortalUser) -> Result<bool, StorageError>;

    /// Notes when a user last signed in.
    async fn record_login(&self, id: UserId, at: DateTime<Utc>) -> Result<(), StorageError>;

    /// Sets a user's password and raises their session version, which it returns.
    async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<i64, StorageError>;

    /// Replaces a password's hash by another of the same password; `false` when the hash is no
    /// longer `verified`.
    async fn upgrade_password_hash(
        &self,
        id: UserId,
        verified: &str,
        upgraded: &str,
    ) -> Result<bool, StorageError>;

    /// Raises a user's session version, which ends their sessions, and returns it.
    async fn raise_session_version(&self, id: UserId) -> Result<i64, StorageError>;

    /// Adds a one-time token.
    async fn add_token(&self, token: &OneTimeToken) -> Result<(), StorageError>;

    /// Uses a token up; `false` when it was used or had expired by `now`.
    async fn use_token(&self, id: OneTimeTokenId, now: DateTime<Utc>)
    -> Result<bool, StorageError>;

    /// Makes a user's unused tokens for these purposes useless.
    async fn void_tokens(
        &self,
        user: UserId,
        purposes: &[OneTimeTokenPurpose],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
}

/// Finds accounts before an organization is known.
#[async_trait]
pub trait AccountReader: Send + Sync {
    /// The accounts of an address, in one organization or in all, in the order of their ids, at
    /// most [`SignInCandidate::MAX`].
    async fn sign_in_candidates(
        &self,
        email: &EmailAddress,
        organization: Option<OrganizationId>,
    ) -> Result<Vec<SignInCandidate>, StorageError>;

    /// The token with this hash, and the account that it is for.
    async fn token_by_hash(
        &self,
        token_hash: &str,
    ) -> Result<Option<(OneTimeToken, Account)>, StorageError>;
}

impl SignInCandidate {
    /// The most accounts of one address that are considered; each costs a password verification.
    pub const MAX: u32 = 10;
}
