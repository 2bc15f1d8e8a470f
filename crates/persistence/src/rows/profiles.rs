//! Rows of `portal_users` and `one_time_tokens`.

use diesel::dsl::IsNotNull;
use diesel::prelude::{AsChangeset, ExpressionMethods as _, Insertable, Queryable, Selectable};
use portal_domain::profiles::{
    Account, Colleague, Notifications, OneTimeToken, PortalUser, SignInCandidate,
};
use portal_domain::store::StorageError;

use super::Place;
use super::branding::FeaturesRow;
use super::organizations::OrganizationRow;
use crate::schema::{one_time_tokens, portal_users};
use crate::sql_types::{DbId, Time};

/// What `update_user` replaces.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = portal_users, treat_none_as_default_value = false, treat_none_as_null = true)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub(crate) struct UserChangesRow {
    email: String,
    name: Option<String>,
    role: String,
    receive_notifications: bool,
    notify_own_tickets: bool,
    notify_shared_tickets: bool,
    notify_loans: bool,
    status: String,
    locale: Option<String>,
    invited_at: Option<Time>,
    updated_at: Time,
}

impl From<&PortalUser> for UserChangesRow {
    fn from(user: &PortalUser) -> Self {
        Self {
            email: user.email.to_string(),
            name: user.name.as_ref().map(ToString::to_string),
            role: user.role.to_string(),
            receive_notifications: user.notifications.enabled,
            notify_own_tickets: user.notifications.own_tickets,
            notify_shared_tickets: user.notifications.shared_tickets,
            notify_loans: user.notifications.loans,
            status: user.status.to_string(),
            locale: user.locale.map(|locale| locale.to_string()),
            invited_at: user.invited_at.map(Into::into),
            updated_at: Time::from(user.updated_at),
        }
    }
}

/// All columns but the password's hash.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = portal_users, treat_none_as_default_value = false)]
pub(crate) struct PlainUserRow {
    id: DbId,
    org_id: DbId,
    #[diesel(embed)]
    changes: UserChangesRow,
    last_login_at: Option<Time>,
    session_version: i64,
    created_at: Time,
}

#[derive(Insertable)]
#[diesel(table_name = portal_users, treat_none_as_default_value = false)]
pub(crate) struct NewUserRow {
    #[diesel(embed)]
    user: PlainUserRow,
    password_hash: Option<String>,
}

impl NewUserRow {
    pub(crate) fn new(user: &PortalUser, password_hash: Option<&str>) -> Self {
        Self {
            user: PlainUserRow {
                id: DbId::of(user.id),
                org_id: DbId::of(user.organization_id),
                changes: user.into(),
                last_login_at: user.last_login_at.map(Into::into),
                session_version: user.session_version,
                created_at: Time::from(user.created_at),
            },
            password_hash: password_hash.map(str::to_owned),
        }
    }
}

/// What is read of a user: whether there is a password, but not its hash.
#[derive(Queryable, Selectable)]
#[diesel(table_name = portal_users)]
pub(crate) struct UserRow {
    #[diesel(embed)]
    user: PlainUserRow,
    #[diesel(
        select_expression = portal_users::password_hash.is_not_null(),
        select_expression_type = IsNotNull<portal_users::password_hash>
    )]
    has_password: bool,
}

impl TryFrom<UserRow> for PortalUser {
    type Error = StorageError;

    fn try_from(UserRow { user, has_password }: UserRow) -> Result<Self, StorageError> {
        let place = Place("portal_users", user.id);
        Ok(Self {
            id: user.id.typed(),
            organization_id: user.org_id.typed(),
            email: place.text("email", user.changes.email)?,
            name: place.optional_text("name", user.changes.name)?,
            role: place.value("role", &user.changes.role)?,
            notifications: Notifications {
                enabled: user.changes.receive_notifications,
                own_tickets: user.changes.notify_own_tickets,
                shared_tickets: user.changes.notify_shared_tickets,
                loans: user.changes.notify_loans,
            },
            status: place.value("status", &user.changes.status)?,
            locale: place.optional("locale", user.changes.locale)?,
            last_login_at: user.last_login_at.map(Into::into),
            invited_at: user.changes.invited_at.map(Into::into),
            session_version: user.session_version,
            has_password,
            created_at: user.created_at.into(),
            updated_at: user.changes.updated_at.into(),
        })
    }
}

/// What colleagues see of a user.
#[derive(Queryable, Selectable)]
#[diesel(table_name = portal_users)]
pub(crate) struct ColleagueRow {
    id: DbId,
    name: Option<String>,
    email: String,
}

impl TryFrom<ColleagueRow> for Colleague {
    type Error = StorageError;

    fn try_from(row: ColleagueRow) -> Result<Self, StorageError> {
        let place = Place("portal_users", row.id);
        Ok(Self {
            id: row.id.typed(),
            name: place.optional_text("name", row.name)?,
            email: place.text("email", row.email)?,
        })
    }
}

/// A user with their organization and, if it ever chose any, its features.
#[derive(Queryable, Selectable)]
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
        Ok(Self {
            user: row.user.try_into()?,
            organization: row.organization.try_into()?,
            features: row.features.map(Into::into).unwrap_or_default(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = portal_users)]
pub(crate) struct SignInRow {
    #[diesel(embed)]
    account: AccountRow,
    password_hash: Option<String>,
}

impl TryFrom<SignInRow> for SignInCandidate {
    type Error = StorageError;

    fn try_from(row: SignInRow) -> Result<Self, StorageError> {
        Ok(Self {
            account: row.account.try_into()?,
            password_hash: row.password_hash,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = one_time_tokens, treat_none_as_default_value = false)]
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
        Self {
            id: DbId::of(token.id),
            org_id: DbId::of(token.organization_id),
            user_id: DbId::of(token.user_id),
            purpose: token.purpose.to_string(),
            token_hash: token.token_hash.clone(),
            created_at: Time::from(token.created_at),
            expires_at: Time::from(token.expires_at),
            used_at: token.used_at.map(Into::into),
        }
    }
}

impl TryFrom<TokenRow> for OneTimeToken {
    type Error = StorageError;

    fn try_from(row: TokenRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            user_id: row.user_id.typed(),
            purpose: Place("one_time_tokens", row.id).value("purpose", &row.purpose)?,
            token_hash: row.token_hash,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
            used_at: row.used_at.map(Into::into),
        })
    }
}
