//! The mail outbox: rows written in the transaction of the change that they report.
//!
//! A row names the kind of mail and the ids of what it is about, never a text or a token: the
//! sender reads the present state, mints tokens for links, and renders the mail.

mod kind;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::environment::Environment;
use crate::ids::{OrganizationId, OutboxMailId};
use crate::storage_error::StorageError;

pub use kind::{MailKind, MailPriority, ResetAccount};

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// Its id; also the stable part of the mail's `Message-ID`.
    pub id: OutboxMailId,
    /// The organization that it concerns.
    pub organization_id: OrganizationId,
    /// Its kind.
    pub kind: MailKind,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it is due (again).
    pub next_attempt_at: DateTime<Utc>,
    /// How many attempts to send it were begun.
    pub attempts: i32,
    /// Why the last attempt failed; it holds no address or token.
    pub last_error: Option<String>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it became a dead letter.
    pub dead_at: Option<DateTime<Utc>>,
    /// When an operator last had it tried anew.
    pub retried_at: Option<DateTime<Utc>>,
}

impl OutboxMail {
    /// How long a mail is tried whose kind sets no shorter time.
    pub const LIFETIME: TimeDelta = TimeDelta::days(4);

    /// A mail to be sent at once.
    pub fn new(env: &dyn Environment, organization_id: OrganizationId, kind: MailKind) -> Self {
        let now = env.now();
        Self {
            id: OutboxMailId::generate(env),
            organization_id,
            kind,
            created_at: now,
            next_attempt_at: now,
            attempts: 0,
            last_error: None,
            sent_at: None,
            dead_at: None,
            retried_at: None,
        }
    }

    /// When it was asked for: when it was added, or when an operator last had it tried anew. Its
    /// lifetime and that of its links count from then.
    pub fn requested_at(&self) -> DateTime<Utc> {
        self.retried_at.unwrap_or(self.created_at)
    }

    /// When it is given up, if it was not sent by then.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.requested_at() + self.kind.lifetime()
    }
}

/// Writes the outbox.
#[async_trait]
pub trait OutboxWriter: Send + Sync {
    /// Adds a mail.
    async fn add_mail(&self, mail: &OutboxMail) -> Result<(), StorageError>;
}

/// A state of mails in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// Neither sent nor dead.
    Waiting,
    /// Given up: refused for good, or not sent within its lifetime.
    Dead,
}

/// The size and age of the outbox, for monitoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxBacklog {
    /// How many mails are waiting.
    pub waiting: i64,
    /// When the oldest of them was added.
    pub oldest: Option<DateTime<Utc>>,
}

/// Monitors the outbox, across organizations.
#[async_trait]
pub trait OutboxMonitor: Send + Sync {
    /// The mails that are still to be sent.
    async fn outbox_backlog(&self) -> Result<OutboxBacklog, StorageError>;
}

/// Which mails to claim.
#[derive(Debug, Clone, Copy)]
pub struct MailClaim<'a> {
    /// The present: what is due by then.
    pub now: DateTime<Utc>,
    /// When the mails are due again unless their outcome was recorded by then.
    pub hidden_until: DateTime<Utc>,
    /// How many at most.
    pub limit: u32,
    /// The last priority to take from.
    pub priority: MailPriority,
    /// The organization that had the last turn.
    pub after: Option<OrganizationId>,
    /// Organizations to take nothing from.
    pub except: &'a [OrganizationId],
}

/// The sender's side of the outbox, across organizations.
#[async_trait]
pub trait OutboxQueue: Send + Sync {
    /// Claims mails that are due: counts an attempt for each, and hides them from other senders.
    ///
    /// They are taken in the order of their [`priority`](MailKind::priority), within it in turns
    /// from one organization after the other, and from an organization in the order in which they
    /// fell due.
    async fn claim_mails(&self, claim: &MailClaim<'_>) -> Result<Vec<OutboxMail>, StorageError>;

    /// Hides claimed mails, whose delivery goes on, for longer.
    async fn extend_claims(
        &self,
        ids: &[OutboxMailId],
        hidden_until: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Records that mails were sent.
    async fn mark_mails_sent(
        &self,
        ids: &[OutboxMailId],
        sent_at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Records why an attempt failed and when the next one is due, or with `dead_at`, that there
    /// is none.
    async fn mark_mail_failed(
        &self,
        id: OutboxMailId,
        error: &str,
        next_attempt_at: DateTime<Utc>,
        dead_at: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError>;

    /// The mails in a state, oldest first, at most `limit`.
    async fn mails(&self, state: OutboxState, limit: u32) -> Result<Vec<OutboxMail>, StorageError>;

    /// Makes an unsent mail due at `now`, as if it was asked for then; `false` when there is none of
    /// this id.
    async fn retry_mail(&self, id: OutboxMailId, now: DateTime<Utc>) -> Result<bool, StorageError>;
}
