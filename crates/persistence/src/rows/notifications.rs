//! Rows of `mail_outbox`.

use diesel::pg::Pg;
use diesel::prelude::{Insertable, Queryable, Selectable};
use diesel::sqlite::Sqlite;
use portal_domain::notifications::{MailKind, OutboxMail};
use portal_domain::store::StorageError;

use crate::schema::mail_outbox;
use crate::sql_types::{DbId, Json, Time};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = mail_outbox, check_for_backend(Pg, Sqlite))]
pub(crate) struct MailRow {
    pub(crate) id: DbId,
    org_id: DbId,
    kind: String,
    payload: Json<MailKind>,
    created_at: Time,
    pub(crate) next_attempt_at: Time,
    pub(crate) attempts: i32,
    last_error: Option<String>,
    sent_at: Option<Time>,
    dead_at: Option<Time>,
}

impl From<&OutboxMail> for MailRow {
    fn from(mail: &OutboxMail) -> Self {
        let OutboxMail {
            id,
            organization_id,
            kind,
            created_at,
            next_attempt_at,
            attempts,
            last_error,
            sent_at,
            dead_at,
        } = mail;
        Self {
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            kind: kind.name().to_owned(),
            payload: Json(kind.clone()),
            created_at: Time::from(*created_at),
            next_attempt_at: Time::from(*next_attempt_at),
            attempts: *attempts,
            last_error: last_error.clone(),
            sent_at: sent_at.map(Into::into),
            dead_at: dead_at.map(Into::into),
        }
    }
}

impl TryFrom<MailRow> for OutboxMail {
    type Error = StorageError;

    fn try_from(row: MailRow) -> Result<Self, StorageError> {
        let MailRow {
            id,
            org_id,
            kind: _,
            payload: Json(kind),
            created_at,
            next_attempt_at,
            attempts,
            last_error,
            sent_at,
            dead_at,
        } = row;
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            kind,
            created_at: created_at.into(),
            next_attempt_at: next_attempt_at.into(),
            attempts,
            last_error,
            sent_at: sent_at.map(Into::into),
            dead_at: dead_at.map(Into::into),
        })
    }
}
