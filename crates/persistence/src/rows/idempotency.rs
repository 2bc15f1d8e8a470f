//! Rows of `idempotency_keys`.

use diesel::prelude::{Insertable, Queryable, Selectable};
use portal_domain::files::Sha256Digest;
use portal_domain::idempotency::Answer;
use portal_domain::store::StorageError;

use super::Place;
use crate::schema::idempotency_keys;
use crate::sql_types::{DbId, Time};

/// A key that is being claimed.
#[derive(Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub(crate) struct ClaimRow {
    pub(crate) org_id: DbId,
    pub(crate) user_id: DbId,
    pub(crate) key: String,
    pub(crate) fingerprint: String,
    pub(crate) created_at: Time,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct AnsweredRow {
    user_id: DbId,
    fingerprint: String,
    status: Option<i32>,
    answer: Option<String>,
}

impl TryFrom<AnsweredRow> for (Sha256Digest, Answer) {
    type Error = StorageError;

    fn try_from(row: AnsweredRow) -> Result<Self, StorageError> {
        let place = Place("idempotency_keys", row.user_id);
        let status = row.status.and_then(|status| u16::try_from(status).ok());
        let answer = Answer {
            status: place.found("status", status)?,
            body: place.found("answer", row.answer)?,
        };
        Ok((place.value("fingerprint", &row.fingerprint)?, answer))
    }
}
