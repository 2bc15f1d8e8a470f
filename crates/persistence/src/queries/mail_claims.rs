//! The claim of mails that are due.

use portal_domain::notifications::MailClaim;
use portal_domain::store::StorageError;
use uuid::Uuid;

use crate::conn::{Conn, RunQuery as _};
use crate::handles::System;
use crate::rows::notifications::MailRow;
use crate::sql_types::{self, BigInt, DbId, Integer, Text, Time, UtcTimestamp};

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
    /// Claims due mails, whether this version can read them or not.
    pub(super) async fn claim_rows(
        &self,
        claim: &MailClaim<'_>,
    ) -> Result<Vec<MailRow>, StorageError> {
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

#[cfg(test)]
mod tests {
    use diesel::QueryableByName;
    use tokio::runtime::Handle;

    use super::*;
    use crate::config::{DatabaseConfig, Target};
    use crate::database::Database;
    use crate::sqlite::{SqliteSession, open_sqlite};

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
        let conn = pool.get().await.unwrap();
        let conn = Conn::Sqlite(SqliteSession::new(conn, Handle::current()));
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
