//! Rows of `mail_outbox`.

use chrono::{DateTime, Utc};
use diesel::prelude::{Insertable, Queryable, QueryableByName, Selectable};
use portal_domain::ids::OutboxMailId;
use portal_domain::notifications::{MailKind, OutboxMail};
use portal_domain::store::StorageError;
use serde::{Deserialize, Serialize};

use crate::schema::mail_outbox;
use crate::sql_types::{DbId, Json, Time};

/// A payload, or one that only another version of this program understands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Payload {
    Known(MailKind),
    Unknown(serde_json::Value),
}

#[derive(Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = mail_outbox, treat_none_as_default_value = false)]
pub(crate) struct MailRow {
    pub(crate) id: DbId,
    org_id: DbId,
    kind: String,
    payload: Json<Payload>,
    created_at: Time,
    pub(crate) next_attempt_at: Time,
    pub(crate) attempts: i32,
    last_error: Option<String>,
    sent_at: Option<Time>,
    dead_at: Option<Time>,
    priority: i32,
    retried_at: Option<Time>,
}

impl MailRow {
    /// When a mail is given up that nobody can read.
    pub(crate) fn unreadable_until(&self) -> DateTime<Utc> {
        let requested_at = self.retried_at.unwrap_or(self.created_at);
        DateTime::from(requested_at) + OutboxMail::LIFETIME
    }

    /// Its place among those that were claimed with it.
    pub(crate) fn place(&self) -> (i32, DateTime<Utc>, OutboxMailId) {
        (self.priority, self.created_at.into(), self.id.typed())
    }

    pub(crate) const fn is_readable(&self) -> bool {
        matches!(self.payload, Json(Payload::Known(_)))
    }
}

impl From<&OutboxMail> for MailRow {
    fn from(mail: &OutboxMail) -> Self {
        Self {
            id: DbId::of(mail.id),
            org_id: DbId::of(mail.organization_id),
            kind: mail.kind.name().to_owned(),
            payload: Json(Payload::Known(mail.kind.clone())),
            created_at: Time::from(mail.created_at),
            next_attempt_at: Time::from(mail.next_attempt_at),
            attempts: mail.attempts,
            last_error: mail.last_error.clone(),
            sent_at: mail.sent_at.map(Into::into),
            dead_at: mail.dead_at.map(Into::into),
            priority: mail.kind.priority().rank(),
            retried_at: mail.retried_at.map(Into::into),
        }
    }
}

impl TryFrom<MailRow> for OutboxMail {
    type Error = StorageError;

    fn try_from(row: MailRow) -> Result<Self, StorageError> {
        let Payload::Known(kind) = row.payload.0 else {
            return Err(StorageError::Corrupt {
                table: "mail_outbox",
                column: "kind",
                value: row.kind,
            });
        };
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            kind,
            created_at: row.created_at.into(),
            next_attempt_at: row.next_attempt_at.into(),
            attempts: row.attempts,
            last_error: row.last_error,
            sent_at: row.sent_at.map(Into::into),
            dead_at: row.dead_at.map(Into::into),
            retried_at: row.retried_at.map(Into::into),
        })
    }
}
