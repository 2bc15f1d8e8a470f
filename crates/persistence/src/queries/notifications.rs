//! Queries on `mail_outbox`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods as _, QueryDsl as _};
use futures_util::future::try_join;
use portal_domain::ids::OutboxMailId;
use portal_domain::notifications::{
    MailClaim, OutboxBacklog, OutboxMail, OutboxMonitor, OutboxQueue, OutboxState, OutboxWriter,
};
use portal_domain::store::StorageError;
use uuid::Uuid;

use crate::conn::{Columns as _, Conn, RunQuery as _, load_on_backend};
use crate::errors::written;
use crate::handles::{System, Tenant};
use crate::rows::entities;
use crate::rows::notifications::MailRow;
use crate::schema::mail_outbox;
use crate::sql_types::{self, BigInt, DbId, Integer, Text, Time, UtcTimestamp};

/// The mails that are neither sent nor given up.
#[diesel::dsl::auto_type(no_type_alias)]
fn waiting() -> _ {
    mail_outbox::table
        .filter(mail_outbox::sent_at.is_null())
        .filter(mail_outbox::dead_at.is_null())
}

/// The error of a mail whose payload another version of this program wrote; where both are running,
/// that one may send it.
const UNREADABLE: &str = "this version cannot read what the mail is about";

/// One mail.
#[diesel::dsl::auto_type(no_type_alias)]
fn mail(id: DbId) -> _ {
    mail_outbox::table.filter(mail_outbox::id.eq(id))
}

#[async_trait]
impl OutboxWriter for Tenant {
    async fn add_mail(&self, mail: &OutboxMail) -> Result<(), StorageError> {
        self.check_owner("mail_outbox", mail.organization_id)?;
        diesel::insert_into(mail_outbox::table)
            .values(MailRow::from(mail))
            .execute(self.conn())
            .await?;
        Ok(())
    }
}

/// Claims due mails with one statement.
///
/// `queue` finds the priorities and organizations that have mails waiting, `due` the due ones of
/// each, each by a step along the index `mail_outbox_due`: what the statement reads depends on how
/// many organizations are waiting and how many mails are wanted, not on how many there are. That is
/// so as long as no other index is used, which PostgreSQL would take for as good while its statistics
/// are old: hence the condition with `coalesce`, which is that of this index alone.
///
/// The parameters are numbered in the order in which they appear, as SQLite counts them.
macro_rules! claim_sql {
    ($listed:literal, $lock:literal) => {
        concat!(
            "WITH RECURSIVE queue(priority, org_id) AS (
                SELECT priority, org_id FROM mail_outbox WHERE id = (
                    SELECT next.id FROM mail_outbox AS next
                    WHERE coalesce(next.sent_at, next.dead_at) IS NULL
                    ORDER BY next.priority, next.org_id LIMIT 1
                )
                UNION ALL
                SELECT mail.priority, mail.org_id
                FROM queue JOIN mail_outbox AS mail ON mail.id = coalesce(
                    (
                        SELECT next.id FROM mail_outbox AS next
                        WHERE coalesce(next.sent_at, next.dead_at) IS NULL
                            AND next.priority = queue.priority AND next.org_id > queue.org_id
                        ORDER BY next.org_id LIMIT 1
                    ),
                    (
                        SELECT next.id FROM mail_outbox AS next
                        WHERE coalesce(next.sent_at, next.dead_at) IS NULL
                            AND next.priority > queue.priority
                        ORDER BY next.priority, next.org_id LIMIT 1
                    )
                )
            ),
            due(priority, org_id, turn, next_attempt_at, id) AS (
                SELECT mail.priority, mail.org_id, 1, mail.next_attempt_at, mail.id
                FROM queue JOIN mail_outbox AS mail ON mail.id = (
                    SELECT next.id FROM mail_outbox AS next
                    WHERE coalesce(next.sent_at, next.dead_at) IS NULL
                        AND next.priority = queue.priority AND next.org_id = queue.org_id
                        AND next.next_attempt_at <= $1
                    ORDER BY next.next_attempt_at, next.id LIMIT 1
                )
                WHERE queue.priority <= $2
                    AND (queue.priority = 0 OR queue.org_id NOT IN (",
            $listed,
            "))
                UNION ALL
                SELECT mail.priority, mail.org_id, due.turn + 1, mail.next_attempt_at, mail.id
                FROM due JOIN mail_outbox AS mail ON mail.id = (
                    SELECT next.id FROM mail_outbox AS next
                    WHERE coalesce(next.sent_at, next.dead_at) IS NULL
                        AND next.priority = due.priority AND next.org_id = due.org_id
                        AND (next.next_attempt_at, next.id) > (due.next_attempt_at, due.id)
                        AND next.next_attempt_at <= $1
                    ORDER BY next.next_attempt_at, next.id LIMIT 1
                )
                WHERE due.turn < $4
            )
            UPDATE mail_outbox SET next_attempt_at = $5, attempts = attempts + 1
            WHERE id IN (
                SELECT id FROM mail_outbox
                WHERE next_attempt_at <= $1 AND id IN (
                    SELECT id FROM due
                    ORDER BY priority, turn, org_id <= $6, org_id LIMIT $4
                )",
            $lock,
            ")
            RETURNING id, org_id, kind, payload, created_at, next_attempt_at, attempts,
                last_error, sent_at, dead_at, priority, retried_at"
        )
    };
}

const CLAIM_ON_POSTGRES: &str = claim_sql!(
    "SELECT value::uuid FROM jsonb_array_elements_text($3::jsonb)",
    " FOR UPDATE SKIP LOCKED"
);
const CLAIM_ON_SQLITE: &str = claim_sql!("SELECT value FROM json_each($3)", "");

impl System {
    async fn claim_rows(&self, claim: &MailClaim<'_>) -> Result<Vec<MailRow>, StorageError> {
        let sql = match self.conn() {
            Conn::Pg(_) => CLAIM_ON_POSTGRES,
            Conn::Sqlite(_) | Conn::Ended => CLAIM_ON_SQLITE,
        };
        let except: Vec<_> = claim.except.iter().map(ToString::to_string).collect();
        let after = claim.after.map_or_else(Uuid::nil, Uuid::from);
        let query = diesel::sql_query(sql)
            .bind::<UtcTimestamp, _>(Time::from(claim.now))
            .bind::<Integer, _>(claim.priority.rank())
            .bind::<Text, _>(serde_json::json!(except).to_string())
            .bind::<BigInt, _>(i64::from(claim.limit))
            .bind::<UtcTimestamp, _>(Time::from(claim.hidden_until))
            .bind::<sql_types::Uuid, _>(DbId::of(after));
        let mut rows: Vec<MailRow> = query.load_all(self.conn()).await?;
        rows.sort_by_key(MailRow::place);
        Ok(rows)
    }
}

#[async_trait]
impl OutboxMonitor for System {
    async fn outbox_backlog(&self) -> Result<OutboxBacklog, StorageError> {
        let oldest = waiting()
            .order(mail_outbox::created_at)
            .limit(1)
            .select(mail_outbox::created_at)
            .load_optional::<Time>(self.conn());
        let number = waiting().count().load_number(self.conn());
        let (oldest, waiting) = try_join(oldest, number).await?;
        Ok(OutboxBacklog {
            waiting,
            oldest: oldest.map(DateTime::from),
        })
    }
}

#[async_trait]
impl OutboxQueue for System {
    async fn claim_mails(&self, claim: &MailClaim<'_>) -> Result<Vec<OutboxMail>, StorageError> {
        loop {
            let rows = self.claim_rows(claim).await?;
            let found = !rows.is_empty();
            // One that cannot be read must not keep the others from being sent.
            let (readable, unreadable): (Vec<_>, Vec<_>) =
                rows.into_iter().partition(MailRow::is_readable);
            for row in unreadable {
                let is_over = row.unreadable_until() <= claim.hidden_until;
                let dead_at = is_over.then_some(claim.now);
                self.mark_mail_failed(row.id.typed(), UNREADABLE, claim.hidden_until, dead_at)
                    .await?;
            }
            if found && readable.is_empty() {
                continue;
            }
            return entities(readable);
        }
    }

    async fn extend_claims(
        &self,
        ids: &[OutboxMailId],
        hidden_until: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let ids = ids.iter().copied().map(DbId::of);
        diesel::update(waiting().filter(mail_outbox::id.eq_any(ids)))
            .set(mail_outbox::next_attempt_at.eq(Time::from(hidden_until)))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn mark_mails_sent(
        &self,
        ids: &[OutboxMailId],
        sent_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let ids = ids.iter().copied().map(DbId::of);
        let updated = diesel::update(mail_outbox::table.filter(mail_outbox::id.eq_any(ids)))
            .set(mail_outbox::sent_at.eq(Time::from(sent_at)))
            .execute(self.conn())
            .await?;
        written("mail_outbox", updated)
    }

    async fn mark_mail_failed(
        &self,
        id: OutboxMailId,
        error: &str,
        next_attempt_at: DateTime<Utc>,
        dead_at: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError> {
        let updated = diesel::update(mail(DbId::of(id)))
            .set((
                mail_outbox::last_error.eq(error),
                mail_outbox::next_attempt_at.eq(Time::from(next_attempt_at)),
                mail_outbox::dead_at.eq(dead_at.map(Time::from)),
            ))
            .execute(self.conn())
            .await?;
        written("mail_outbox", updated)
    }

    async fn mails(&self, state: OutboxState, limit: u32) -> Result<Vec<OutboxMail>, StorageError> {
        let rows: Vec<MailRow> = load_on_backend!(self.conn(), {
            let query = mail_outbox::table
                .filter(mail_outbox::sent_at.is_null())
                .order((mail_outbox::created_at, mail_outbox::id))
                .limit(limit.into())
                .select(MailRow::columns())
                .into_boxed();
            match state {
                OutboxState::Waiting => query.filter(mail_outbox::dead_at.is_null()),
                OutboxState::Dead => query.filter(mail_outbox::dead_at.is_not_null()),
            }
        })?;
        let (known, unknown): (Vec<_>, Vec<_>) = rows.into_iter().partition(MailRow::is_readable);
        for row in unknown {
            let id: OutboxMailId = row.id.typed();
            tracing::warn!(mail.id = %id, "mail not listed: {UNREADABLE}");
        }
        entities(known)
    }

    async fn retry_mail(&self, id: OutboxMailId, now: DateTime<Utc>) -> Result<bool, StorageError> {
        let unsent = mail(DbId::of(id)).filter(mail_outbox::sent_at.is_null());
        diesel::update(unsent)
            .set((
                mail_outbox::next_attempt_at.eq(Time::from(now)),
                mail_outbox::attempts.eq(0),
                mail_outbox::dead_at.eq(None::<Time>),
                mail_outbox::retried_at.eq(Time::from(now)),
            ))
            .execute(self.conn())
            .await
    }
}

#[cfg(test)]
mod tests {
    use diesel::QueryableByName;
    use tokio::runtime::Handle;
    use tokio::sync::Mutex;

    use super::*;
    use crate::config::{DatabaseConfig, Target};
    use crate::database::Database;
    use crate::pool::open_sqlite;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    #[tokio::test]
    async fn a_claim_looks_at_no_mail_that_it_does_not_take() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.db");
        let config = DatabaseConfig::new(Target::Sqlite(path.clone()));
        let database = Database::open(config.clone()).unwrap();
        database.migrate().await.unwrap();
        let pool = open_sqlite(&path, 1, config.busy_timeout(), Handle::current()).unwrap();
        let conn = Conn::Sqlite(Mutex::new(pool.get().await.unwrap()));
        let explained = diesel::sql_query(format!("EXPLAIN QUERY PLAN {CLAIM_ON_SQLITE}"));
        let steps: Vec<Step> = explained.load_all(&conn).await.unwrap();

        let through: Vec<_> = steps
            .iter()
            .filter_map(|step| step.detail.split_once("INDEX mail_outbox_"))
            .map(|(_, index)| index)
            .collect();
        assert_eq!(
            through,
            [
                "due",
                "due (priority=? AND org_id>?)",
                "due (priority>?)",
                "due (priority=? AND org_id=? AND next_attempt_at<?)",
                "due (priority=? AND org_id=? AND next_attempt_at>? AND next_attempt_at<?)",
            ]
        );
        // all else is found by its id
        let is_scan = |step: &&Step| step.detail.starts_with("SCAN mail");
        assert!(!steps.iter().any(|step| is_scan(&step)));
    }
}
