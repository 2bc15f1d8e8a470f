//! Rows of `portal_users` and `one_time_tokens`.

use diesel::dsl::IsNotNull;
use diesel::pg::Pg;
use diesel::prelude::{AsChangeset, ExpressionMethods as _, Insertable, Queryable, Selectable};
use diesel::sqlite::Sqlite;
use portal_domain::profiles::{Account, OneTimeToken, PortalUser, SignInCandidate};
use portal_domain::store::StorageError;

use super::Table;
use super::branding::FeaturesRow;
use super::organizations::OrganizationRow;
use crate::schema::{one_time_tokens, portal_users};
use crate::sql_types::{DbId, Time};

/// What is read of a user: all but the password's hash.
#[derive(Queryable, Selectable)]
#[diesel(table_name = portal_users, check_for_backend(Pg, Sqlite))]
pub(crate) struct UserRow {
    id: DbId,
    org_id: DbId,
    email: String,
    name: Option<String>,
    receive_notifications: bool,
    status: String,
    locale: Option<String>,
    last_login_at: Option<Time>,
    invited_at: Option<Time>,
    session_version: i64,
    #[diesel(
        select_expression = portal_users::password_hash.is_not_null(),
        select_expression_type = IsNotNull<portal_users::password_hash>
    )]
    has_password: bool,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<UserRow> for PortalUser {
    type Error = StorageError;

    fn try_from(row: UserRow) -> Result<Self, StorageError> {
        let UserRow {
            id,
            org_id,
            email,
            name,
            receive_notifications,
            status,
            locale,
            last_login_at,
            invited_at,
            session_version,
            has_password,
            created_at,
            updated_at,
        } = row;
        let table = Table("portal_users");
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            email: table.value("email", &email)?,
            name: table.optional("name", name.as_deref())?,
            receive_notifications,
            status: table.value("status", &status)?,
            locale: table.optional("locale", locale.as_deref())?,
            last_login_at: last_login_at.map(Into::into),
            invited_at: invited_at.map(Into::into),
            session_version,
            has_password,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
        })
    }
}

/// A user to be added.
#[derive(Insertable)]
#[diesel(table_name = portal_users, treat_none_as_default_value = false)]
pub(crate) struct NewUserRow {
    id: DbId,
    org_id: DbId,
    email: String,
    name: Option<String>,
    password_hash: Option<String>,
    receive_notifications: bool,
    status: String,
    locale: Option<String>,
    last_login_at: Option<Time>,
    invited_at: Option<Time>,
    session_version: i64,
    created_at: Time,
    updated_at: Time,
}

impl NewUserRow {
    /// The row of a user with this hash of their password.
    pub(crate) fn new(user: &PortalUser, password_hash: Option<&str>) -> Self {
        let PortalUser {
            id,
            organization_id,
            email,
            name,
            receive_notifications,
            status,
            locale,
            last_login_at,
            invited_at,
            session_version,
            has_password: _,
            created_at,
            updated_at,
        } = user;
        Self {
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            email: email.to_string(),
            name: name.as_ref().map(ToString::to_string),
            password_hash: password_hash.map(str::to_owned),
            receive_notifications: *receive_notifications,
            status: status.to_string(),
            locale: locale.map(|locale| locale.to_string()),
            last_login_at: last_login_at.map(Into::into),
            invited_at: invited_at.map(Into::into),
            session_version: *session_version,
            created_at: Time::from(*created_at),
            updated_at: Time::from(*updated_at),
        }
    }
}

/// What may be changed of a user; sign-ins, password and session version have their own ways.
#[derive(AsChangeset)]
#[diesel(table_name = portal_users, treat_none_as_null = true)]
pub(crate) struct UserChangesRow {
    email: String,
    name: Option<String>,
    receive_notifications: bool,
    status: String,
    locale: Option<String>,
    invited_at: Option<Time>,
    updated_at: Time,
}

impl From<&PortalUser> for UserChangesRow {
    fn from(user: &PortalUser) -> Self {
        let PortalUser {
            id: _,
            organization_id: _,
            email,
            name,
            receive_notifications,
            status,
            locale,
            last_login_at: _,
            invited_at,
            session_version: _,
            has_password: _,
            created_at: _,
            updated_at,
        } = user;
        Self {
            email: email.to_string(),
            name: name.as_ref().map(ToString::to_string),
            receive_notifications: *receive_notifications,
            status: status.to_string(),
            locale: locale.map(|locale| locale.to_string()),
            invited_at: invited_at.map(Into::into),
            updated_at: Time::from(*updated_at),
        }
    }
}

/// A user with their organization and, if it ever chose any, its features.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(Pg, Sqlite))]
pub(crate) struct AccountRow {
    #[diesel(embed)]
    user: UserRow,
    #[diesel(embed)]
    organization: OrganizationRow,
    #[diesel(embed)]
    features: Option<FeaturesRow>,
}

impl TryFrom<AccountRow> for Account {
    type Error = StorageError;

    fn try_from(row: AccountRow) -> Result<Self, StorageError> {
        let AccountRow {
            user,
            organization,
            features,
        } = row;
        Ok(Self {
            user: user.try_into()?,
            organization: organization.try_into()?,
            features: features.map(Into::into).unwrap_or_default(),
        })
    }
}

/// An account with the hash of its password.
#[derive(Queryable, Selectable)]
#[diesel(table_name = portal_users, check_for_backend(Pg, Sqlite))]
pub(crate) struct SignInRow {
    #[diesel(embed)]
    account: AccountRow,
    password_hash: Option<String>,
}

impl TryFrom<SignInRow> for SignInCandidate {
    type Error = StorageError;

    fn try_from(row: SignInRow) -> Result<Self, StorageError> {
        let SignInRow {
            account,
            password_hash,
        } = row;
        Ok(Self {
            account: account.try_into()?,
            password_hash,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(
    table_name = one_time_tokens,
    treat_none_as_default_value = false,
    check_for_backend(Pg, Sqlite)
)]
pub(crate) struct TokenRow {
    id: DbId,
    org_id: DbId,
    user_id: DbId,
    purpose: String,
    token_hash: String,
    created_at: Time,
    expires_at: Time,
    used_at: Option<Time>,
}

impl From<&OneTimeToken> for TokenRow {
    fn from(token: &OneTimeToken) -> Self {
        let OneTimeToken {
            id,
            organization_id,
            user_id,
            purpose,
            token_hash,
            created_at,
            expires_at,
            used_at,
        } = token;
        Self {
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            user_id: DbId::of(*user_id),
            purpose: purpose.to_string(),
            token_hash: token_hash.clone(),
            created_at: Time::from(*created_at),
            expires_at: Time::from(*expires_at),
            used_at: used_at.map(Into::into),
        }
    }
}

impl TryFrom<TokenRow> for OneTimeToken {
    type Error = StorageError;

    fn try_from(row: TokenRow) -> Result<Self, StorageError> {
        let TokenRow {
            id,
            org_id,
            user_id,
            purpose,
            token_hash,
            created_at,
            expires_at,
            used_at,
        } = row;
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            user_id: user_id.typed(),
            purpose: Table("one_time_tokens").value("purpose", &purpose)?,
            token_hash,
            created_at: created_at.into(),
            expires_at: expires_at.into(),
            used_at: used_at.map(Into::into),
        })
    }
}
