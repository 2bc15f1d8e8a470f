//! Queries on `portal_users` and `one_time_tokens`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _};
use portal_domain::ids::{OneTimeTokenId, OrganizationId, UserId};
use portal_domain::profiles::{
    Account, AccountReader, Colleague, OneTimeToken, OneTimeTokenPurpose, PortalUser,
    ProfileReader, ProfileWriter, SignInCandidate, UserStatus,
};
use portal_domain::store::StorageError;
use portal_domain::values::EmailAddress;

use crate::conn::{Columns as _, RunQuery as _, load_on_backend};
use crate::errors::written;
use crate::handles::{System, Tenant};
use crate::rows::entities;
use crate::rows::profiles::{
    AccountRow, ColleagueRow, NewUserRow, SignInRow, TokenRow, UserChangesRow, UserRow,
};
use crate::schema::{one_time_tokens, organizations, portal_branding, portal_users};
use crate::sql_types::{DbId, Time};

/// Users with their organization and its branding.
#[diesel::dsl::auto_type(no_type_alias)]
fn accounts() -> _ {
    portal_users::table
        .inner_join(organizations::table.on(organizations::id.eq(portal_users::org_id)))
        .left_join(portal_branding::table.on(portal_branding::org_id.eq(portal_users::org_id)))
}

/// One user of an organization.
#[diesel::dsl::auto_type(no_type_alias)]
fn user(org: DbId, id: DbId) -> _ {
    portal_users::table.filter(portal_users::org_id.eq(org).and(portal_users::id.eq(id)))
}

/// A user's tokens for a purpose.
#[diesel::dsl::auto_type(no_type_alias)]
fn tokens_of(org: DbId, user: DbId, purpose: &'static str) -> _ {
    one_time_tokens::table
        .filter(one_time_tokens::org_id.eq(org))
        .filter(one_time_tokens::user_id.eq(user))
        .filter(one_time_tokens::purpose.eq(purpose))
}

#[async_trait]
impl ProfileReader for Tenant {
    async fn account(&self, id: UserId) -> Result<Option<Account>, StorageError> {
        accounts()
            .filter(portal_users::org_id.eq(self.org()))
            .filter(portal_users::id.eq(DbId::of(id)))
            .select(AccountRow::columns())
            .entity::<AccountRow, _>(self.conn())
            .await
    }

    async fn user_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<PortalUser>, StorageError> {
        portal_users::table
            .filter(portal_users::org_id.eq(self.org()))
            .filter(portal_users::email.eq(email.as_str()))
            .select(UserRow::columns())
            .entity::<UserRow, _>(self.conn())
            .await
    }

    async fn users(&self) -> Result<Vec<PortalUser>, StorageError> {
        portal_users::table
            .filter(portal_users::org_id.eq(self.org()))
            .order(portal_users::email)
            .select(UserRow::columns())
            .entities::<UserRow, _>(self.conn())
            .await
    }

    async fn active_users(&self) -> Result<Vec<Colleague>, StorageError> {
        portal_users::table
            .filter(portal_users::org_id.eq(self.org()))
            .filter(portal_users::status.eq(UserStatus::Active.as_str()))
            .order(portal_users::email)
            .select(ColleagueRow::columns())
            .entities::<ColleagueRow, _>(self.conn())
            .await
    }

    async fn password_hash(&self, id: UserId) -> Result<Option<String>, StorageError> {
        let hash = user(self.org(), DbId::of(id))
            .select(portal_users::password_hash)
            .load_optional::<Option<String>>(self.conn())
            .await?;
        Ok(hash.flatten())
    }
}

#[async_trait]
impl ProfileWriter for Tenant {
    async fn lock_user(&self, id: UserId) -> Result<Option<PortalUser>, StorageError> {
        let rows: Vec<UserRow> = load_on_backend!(
            self.conn(),
            user(self.org(), DbId::of(id)).select(UserRow::columns()),
            [for_no_key_update]
        )?;
        Ok(entities(rows)?.pop())
    }

    async fn add_user(
        &self,
        user: &PortalUser,
        password_hash: Option<&str>,
    ) -> Result<bool, StorageError> {
        self.check_owner("portal_users", user.organization_id)?;
        diesel::insert_into(portal_users::table)
            .values(NewUserRow::new(user, password_hash))
            .on_conflict((portal_users::org_id, portal_users::email))
            .do_nothing()
            .execute(self.conn())
            .await
    }

    async fn update_user(&self, changed: &PortalUser) -> Result<bool, StorageError> {
        diesel::update(user(self.org(), DbId::of(changed.id)))
            .set(UserChangesRow::from(changed))
            .execute_or_conflict(self.conn(), "portal_users")
            .await
    }

    async fn record_login(&self, id: UserId, at: DateTime<Utc>) -> Result<(), StorageError> {
        let updated = diesel::update(user(self.org(), DbId::of(id)))
            .set(portal_users::last_login_at.eq(Time::from(at)))
            .execute(self.conn())
            .await?;
        written("portal_users", updated)
    }

    async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<i64, StorageError> {
        diesel::update(user(self.org(), DbId::of(id)))
            .set((
                portal_users::password_hash.eq(hash),
                portal_users::session_version.eq(portal_users::session_version + 1),
            ))
            .returning(portal_users::session_version)
            .load_optional::<i64>(self.conn())
            .await?
            .ok_or(StorageError::Missing("portal_users"))
    }

    async fn upgrade_password_hash(
        &self,
        id: UserId,
        verified: &str,
        upgraded: &str,
    ) -> Result<bool, StorageError> {
        let unchanged = portal_users::password_hash.eq(verified);
        diesel::update(user(self.org(), DbId::of(id)).filter(unchanged))
            .set(portal_users::password_hash.eq(upgraded))
            .execute(self.conn())
            .await
    }

    async fn raise_session_version(&self, id: UserId) -> Result<i64, StorageError> {
        diesel::update(user(self.org(), DbId::of(id)))
            .set(portal_users::session_version.eq(portal_users::session_version + 1))
            .returning(portal_users::session_version)
            .load_optional::<i64>(self.conn())
            .await?
            .ok_or(StorageError::Missing("portal_users"))
    }

    async fn add_token(&self, token: &OneTimeToken) -> Result<(), StorageError> {
        self.check_owner("one_time_tokens", token.organization_id)?;
        diesel::insert_into(one_time_tokens::table)
            .values(TokenRow::from(token))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn use_token(
        &self,
        id: OneTimeTokenId,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let now = Time::from(now);
        let good = one_time_tokens::table
            .filter(one_time_tokens::org_id.eq(self.org()))
            .filter(one_time_tokens::id.eq(DbId::of(id)))
            .filter(one_time_tokens::used_at.is_null())
            .filter(one_time_tokens::expires_at.gt(now));
        diesel::update(good)
            .set(one_time_tokens::used_at.eq(now))
            .execute(self.conn())
            .await
    }

    async fn has_token_after(
        &self,
        user: UserId,
        purpose: OneTimeTokenPurpose,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let later = tokens_of(self.org(), DbId::of(user), purpose.as_str())
            .filter(one_time_tokens::expires_at.gt(Time::from(expires_at)));
        Ok(later.count().load_number(self.conn()).await? > 0)
    }

    async fn void_tokens_before(
        &self,
        user: UserId,
        purpose: OneTimeTokenPurpose,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let earlier = tokens_of(self.org(), DbId::of(user), purpose.as_str())
            .filter(one_time_tokens::expires_at.lt(Time::from(expires_at)))
            .filter(one_time_tokens::used_at.is_null());
        diesel::update(earlier)
            .set(one_time_tokens::used_at.eq(Time::from(now)))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn void_tokens(
        &self,
        user: UserId,
        purposes: &[OneTimeTokenPurpose],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let purposes = purposes.iter().map(|purpose| purpose.as_str());
        let unused = one_time_tokens::table
            .filter(one_time_tokens::org_id.eq(self.org()))
            .filter(one_time_tokens::user_id.eq(DbId::of(user)))
            .filter(one_time_tokens::purpose.eq_any(purposes))
            .filter(one_time_tokens::used_at.is_null());
        diesel::update(unused)
            .set(one_time_tokens::used_at.eq(Time::from(now)))
            .execute(self.conn())
            .await?;
        Ok(())
    }
}

#[async_trait]
impl AccountReader for System {
    async fn sign_in_candidates(
        &self,
        email: &EmailAddress,
        organization: Option<OrganizationId>,
    ) -> Result<Vec<SignInCandidate>, StorageError> {
        let rows: Vec<SignInRow> = load_on_backend!(self.conn(), {
            let mut query = accounts()
                .filter(portal_users::email.eq(email.as_str()))
                .order(portal_users::id)
                .limit(SignInCandidate::MAX.into())
                .select(SignInRow::columns())
                .into_boxed();
            if let Some(organization) = organization {
                query = query.filter(portal_users::org_id.eq(DbId::of(organization)));
            }
            query
        })?;
        entities(rows)
    }

    async fn token_by_hash(
        &self,
        token_hash: &str,
    ) -> Result<Option<(OneTimeToken, Account)>, StorageError> {
        let of_its_user = one_time_tokens::user_id
            .eq(portal_users::id)
            .and(one_time_tokens::org_id.eq(portal_users::org_id));
        let found = accounts()
            .inner_join(one_time_tokens::table.on(of_its_user))
            .filter(one_time_tokens::token_hash.eq(token_hash))
            .select((TokenRow::columns(), AccountRow::columns()))
            .load_optional::<(TokenRow, AccountRow)>(self.conn())
            .await?;
        found
            .map(|(token, account)| Ok((token.try_into()?, account.try_into()?)))
            .transpose()
    }
}
