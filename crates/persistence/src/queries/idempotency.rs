//! Queries on `idempotency_keys`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::query_dsl::methods;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use portal_domain::files::Sha256Digest;
use portal_domain::idempotency::{
    Answer, IdempotencyKey, KeyReader, KeySweepReader, KeyWriter, KeyedRequest,
};
use portal_domain::ids::{OrganizationId, UserId};
use portal_domain::store::StorageError;

use crate::conn::{Columns as _, RunQuery as _};
use crate::errors::written;
use crate::handles::{System, Tenant};
use crate::rows::idempotency::{AnsweredRow, ClaimRow};
use crate::schema::idempotency_keys;
use crate::sql_types::{DbId, Time};

#[diesel::dsl::auto_type(no_type_alias)]
fn request<'k>(org: DbId, user: DbId, key: &'k str) -> _ {
    idempotency_keys::table
        .filter(idempotency_keys::org_id.eq(org))
        .filter(idempotency_keys::user_id.eq(user))
        .filter(idempotency_keys::key.eq(key))
}

#[async_trait]
impl KeyReader for Tenant {
    async fn answered_request(
        &self,
        user: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<(Sha256Digest, Answer)>, StorageError> {
        request(self.org(), DbId::of(user), key.as_str())
            .select(AnsweredRow::columns())
            .entity::<AnsweredRow, _>(self.conn())
            .await
    }

    async fn has_answered(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        since: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let found: Option<DbId> = request(self.org(), DbId::of(user), key.as_str())
            .filter(idempotency_keys::created_at.ge(Time::from(since)))
            .select(idempotency_keys::user_id)
            .load_optional(self.conn())
            .await?;
        Ok(found.is_some())
    }
}

#[async_trait]
impl KeyWriter for Tenant {
    async fn claim_key(
        &self,
        user: UserId,
        request: &KeyedRequest,
        at: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let claim = ClaimRow {
            org_id: self.org(),
            user_id: DbId::of(user),
            key: request.key.to_string(),
            fingerprint: request.fingerprint.to_string(),
            created_at: Time::from(at),
        };
        // A row that is there is locked, and is taken over only if it has expired. One of a
        // transaction that is under way is waited for.
        let claimed = diesel::insert_into(idempotency_keys::table)
            .values(claim)
            .on_conflict((idempotency_keys::user_id, idempotency_keys::key))
            .do_update()
            .set((
                idempotency_keys::fingerprint.eq(request.fingerprint.to_string()),
                idempotency_keys::status.eq(None::<i32>),
                idempotency_keys::answer.eq(None::<String>),
                idempotency_keys::created_at.eq(Time::from(at)),
            ));
        let has_expired = idempotency_keys::created_at.lt(Time::from(since));
        methods::FilterDsl::filter(claimed, has_expired)
            .execute(self.conn())
            .await
    }

    async fn store_answer(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<(), StorageError> {
        let stored = diesel::update(request(self.org(), DbId::of(user), key.as_str()))
            .set((
                idempotency_keys::status.eq(Some(i32::from(answer.status))),
                idempotency_keys::answer.eq(Some(&answer.body)),
            ))
            .execute(self.conn())
            .await?;
        written("idempotency_keys", stored)
    }

    async fn delete_keys(&self, before: DateTime<Utc>) -> Result<(), StorageError> {
        let expired = idempotency_keys::table
            .filter(idempotency_keys::org_id.eq(self.org()))
            .filter(idempotency_keys::created_at.lt(Time::from(before)));
        diesel::delete(expired).execute(self.conn()).await?;
        Ok(())
    }
}

#[async_trait]
impl KeySweepReader for System {
    async fn organizations_with_keys(
        &self,
        before: DateTime<Utc>,
    ) -> Result<Vec<OrganizationId>, StorageError> {
        let ids: Vec<DbId> = idempotency_keys::table
            .filter(idempotency_keys::created_at.lt(Time::from(before)))
            .select(idempotency_keys::org_id)
            .distinct()
            .load_all(self.conn())
            .await?;
        Ok(ids.into_iter().map(DbId::typed).collect())
    }
}
