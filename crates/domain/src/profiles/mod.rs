//! Portal users: their profiles, their credentials, and how operators manage them.

mod colleagues;
mod credentials;
mod manage;
mod notifications;
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

pub use colleagues::{Colleague, NameStart, colleagues};
pub use credentials::{
    CredentialError, accept_invitation, announce_sign_in, change_password, mint_token,
    record_failed_sign_in, record_session_end, record_sign_in, record_sign_out, reset_password,
};
pub use manage::{
    NewUser, UserChanges, UserError, UserImport, create, disable, enable, import, invite,
    request_password_reset, update,
};
pub use notifications::{InvalidNotificationKind, NotificationKind, Notifications};
pub use password::{Password, PasswordError, TypedPassword};
pub use update::{ProfileChanges, unsubscribe, update_profile};

text_enum! {
    /// Whether a user can sign in.
    pub enum UserStatus: InvalidUserStatus {
        Active = "active",
        /// The user has not set up the account yet.
        Invited = "invited",
        /// An operator has disabled the user.
        Disabled = "disabled",
    }
}

text_enum! {
    /// What a user may do beyond their own things.
    #[derive(Default)]
    pub enum Role: InvalidRole {
        /// Sees what is their own, and what others share with them.
        #[default]
        Member = "member",
        /// Also sees the tickets of the whole organization, and submits them for others.
        Manager = "manager",
    }
}

text_enum! {
    /// A language of the portal.
    pub enum Locale: InvalidLocale {
        English = "en",
        German = "de",
    }
}

/// A user of one organization's portal.
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
    /// What they may do.
    pub role: Role,
    /// The mails that they want.
    pub notifications: Notifications,
    /// Whether they can sign in.
    pub status: UserStatus,
    /// The language they chose.
    pub locale: Option<Locale>,
    /// When they last signed in.
    pub last_login_at: Option<DateTime<Utc>>,
    /// When they were last invited.
    pub invited_at: Option<DateTime<Utc>>,
    /// Raised to end all sessions: those of an older version are invalid.
    pub session_version: i64,
    /// Whether they have a password.
    pub has_password: bool,
    /// When they were created.
    pub created_at: DateTime<Utc>,
    /// When they were last changed.
    pub updated_at: DateTime<Utc>,
}

impl PortalUser {
    /// The name shown to others: their name, or else their address.
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

/// A user, their organization and its features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: PortalUser,
    /// Their organization.
    pub organization: Organization,
    /// The organization's features.
    pub features: FeatureToggles,
}

impl Account {
    /// Whether both the user and the organization are active.
    pub fn is_active(&self) -> bool {
        self.user.status == UserStatus::Active
            && self.organization.status == OrganizationStatus::Active
    }
}

/// An account whose address matches a sign-in.
#[derive(Clone)]
pub struct SignInCandidate {
    /// The account.
    pub account: Account,
    /// The PHC string of its password; absent until it is set up.
    pub password_hash: Option<String>,
}

text_enum! {
    /// What a one-time token is for.
    pub enum OneTimeTokenPurpose: InvalidOneTimeTokenPurpose {
        PasswordReset = "password_reset",
        Invitation = "invitation",
    }
}

impl OneTimeTokenPurpose {
    /// How long a token is valid.
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::PasswordReset => TimeDelta::hours(1),
            Self::Invitation => TimeDelta::days(7),
        }
    }
}

/// A one-time token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// Its id.
    pub id: OneTimeTokenId,
    /// The organization of its user.
    pub organization_id: OrganizationId,
    /// Its user.
    pub user_id: UserId,
    /// What it is for.
    pub purpose: OneTimeTokenPurpose,
    /// Its hash; the token itself is not stored.
    pub token_hash: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// When it was used, or voided by a newer request or a password change.
    pub used_at: Option<DateTime<Utc>>,
}

impl OneTimeToken {
    /// Whether it is neither used nor expired.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
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

    /// The active users.
    async fn active_users(&self) -> Result<Vec<Colleague>, StorageError>;

    /// The PHC string of a user's password.
    async fn password_hash(&self, id: UserId) -> Result<Option<String>, StorageError>;
}

/// Writes users and their one-time tokens.
#[async_trait]
pub trait ProfileWriter: Send + Sync {
    /// A user, whose row is locked until this transaction ends.
    async fn lock_user(&self, id: UserId) -> Result<Option<PortalUser>, StorageError>;

    /// Adds a user; `false` when the address is taken.
    async fn add_user(
        &self,
        user: &PortalUser,
        password_hash: Option<&str>,
    ) -> Result<bool, StorageError>;

    /// Updates a user's address, name, role, notifications, status, language and invitation;
    /// `false` when the address is taken.
    async fn update_user(&self, user: &PortalUser) -> Result<bool, StorageError>;

    /// Sets when a user last signed in.
    async fn record_login(&self, id: UserId, at: DateTime<Utc>) -> Result<(), StorageError>;

    /// Sets a user's password and raises their session version, which it returns.
    async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<i64, StorageError>;

    /// Replaces a password's hash with a stronger one of the same password; `false` when the stored
    /// hash is no longer `verified`.
    async fn upgrade_password_hash(
        &self,
        id: UserId,
        verified: &str,
        upgraded: &str,
    ) -> Result<bool, StorageError>;

    /// Raises a user's session version, which ends their sessions, and returns the new one.
    async fn raise_session_version(&self, id: UserId) -> Result<i64, StorageError>;

    /// Adds a one-time token.
    async fn add_token(&self, token: &OneTimeToken) -> Result<(), StorageError>;

    /// Marks a token as used; `false` when it was used already or had expired by `now`.
    async fn use_token(&self, id: OneTimeTokenId, now: DateTime<Utc>)
    -> Result<bool, StorageError>;

    /// Whether a user has a token, used or not, that expires after an instant. As all tokens of a
    /// purpose live equally long, it was requested later than one that expires then.
    async fn has_token_after(
        &self,
        user: UserId,
        purpose: OneTimeTokenPurpose,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;

    /// Voids a user's unused tokens that expire before an instant, which is to say that they were
    /// requested earlier.
    async fn void_tokens_before(
        &self,
        user: UserId,
        purpose: OneTimeTokenPurpose,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Voids a user's unused tokens for these purposes.
    async fn void_tokens(
        &self,
        user: UserId,
        purposes: &[OneTimeTokenPurpose],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
}

/// Finds accounts in all organizations.
#[async_trait]
pub trait AccountReader: Send + Sync {
    /// The accounts of an address, in one organization or in all, in the order of their ids, at
    /// most [`SignInCandidate::MAX`].
    async fn sign_in_candidates(
        &self,
        email: &EmailAddress,
        organization: Option<OrganizationId>,
    ) -> Result<Vec<SignInCandidate>, StorageError>;

    /// The token with this hash, and its account.
    async fn token_by_hash(
        &self,
        token_hash: &str,
    ) -> Result<Option<(OneTimeToken, Account)>, StorageError>;
}

impl SignInCandidate {
    /// The maximum number of accounts tried per sign-in; each costs a password verification.
    pub const MAX: u32 = 10;
}
