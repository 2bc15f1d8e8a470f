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

use crate::conn::{Columns as _, RunQuery as _, load_on_backend};
use crate::errors::written;
use crate::handles::{System, Tenant};
use crate::rows::entities;
use crate::rows::notifications::MailRow;
use crate::schema::mail_outbox;
use crate::sql_types::{DbId, Time};

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
