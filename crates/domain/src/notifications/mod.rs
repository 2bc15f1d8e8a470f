//! The mail outbox: rows written in the transaction of the change that they report.
//!
//! A row names the kind of mail and the ids of what it is about, never a text or a token: the
//! sender reads the present state, mints tokens for links, and renders the mail.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::ids::{CheckoutId, CommentId, OrganizationId, OutboxMailId, TicketId, UserId};
use crate::storage_error::StorageError;

/// The kind of a mail, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum MailKind {
    /// To a user: their account is ready to be set up.
    Invitation {
        /// The user.
        user_id: UserId,
    },
    /// To one address: a link for each account that it has.
    PasswordReset {
        /// The accounts, each with its organization.
        accounts: Vec<ResetAccount>,
    },
    /// To a user: the password was changed.
    PasswordChanged {
        /// The user.
        user_id: UserId,
    },
    /// To the submitter: the ticket has arrived.
    TicketReceived {
        /// The ticket.
        ticket_id: TicketId,
    },
    /// To the submitter: the team has answered.
    TeamReplied {
        /// The ticket.
        ticket_id: TicketId,
        /// The answer.
        comment_id: CommentId,
    },
    /// To the submitter: the ticket has another status.
    StatusChanged {
        /// The ticket.
        ticket_id: TicketId,
        /// The status that it was moved to, in its textual form.
        status: String,
    },
    /// To the submitter: a manager submitted the ticket for them.
    SubmittedByColleague {
        /// The ticket.
        ticket_id: TicketId,
        /// The manager.
        user_id: UserId,
    },
    /// To a manager: the ticket that they submitted for a colleague has arrived.
    SubmittedForColleague {
        /// The ticket.
        ticket_id: TicketId,
        /// The manager.
        user_id: UserId,
    },
    /// To a participant: they take part in the ticket from now on.
    ParticipantAdded {
        /// The ticket.
        ticket_id: TicketId,
        /// The participant.
        user_id: UserId,
    },
    /// To a participant: the team has answered.
    ParticipantTeamReplied {
        /// The ticket.
        ticket_id: TicketId,
        /// The answer.
        comment_id: CommentId,
        /// The participant.
        user_id: UserId,
    },
    /// To a participant: the ticket has another status.
    ParticipantStatusChanged {
        /// The ticket.
        ticket_id: TicketId,
        /// The status that it was moved to, in its textual form.
        status: String,
        /// The participant.
        user_id: UserId,
    },
    /// To the submitter or a participant: a colleague has answered.
    ColleagueReplied {
        /// The ticket.
        ticket_id: TicketId,
        /// The answer.
        comment_id: CommentId,
        /// The recipient.
        user_id: UserId,
    },
    /// To the borrower: the loan is due tomorrow.
    LoanDue {
        /// The checkout.
        checkout_id: CheckoutId,
    },
    /// To the borrower: the loan is overdue.
    LoanOverdue {
        /// The checkout.
        checkout_id: CheckoutId,
    },
    /// To the team: a ticket was submitted.
    NewTicket {
        /// The ticket.
        ticket_id: TicketId,
    },
    /// To the team: the customer has answered.
    CustomerReplied {
        /// The ticket.
        ticket_id: TicketId,
        /// The answer.
        comment_id: CommentId,
    },
}

impl MailKind {
    /// [`TeamReplied`](Self::TeamReplied).
    pub const fn team_replied(ticket_id: TicketId, comment_id: CommentId) -> Self {
        Self::TeamReplied {
            ticket_id,
            comment_id,
        }
    }

    /// [`CustomerReplied`](Self::CustomerReplied).
    pub const fn customer_replied(ticket_id: TicketId, comment_id: CommentId) -> Self {
        Self::CustomerReplied {
            ticket_id,
            comment_id,
        }
    }

    /// [`StatusChanged`](Self::StatusChanged), to a status in its textual form.
    pub fn status_changed(ticket_id: TicketId, status: &str) -> Self {
        Self::StatusChanged {
            ticket_id,
            status: status.to_owned(),
        }
    }

    /// The name of the kind, for lists and logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::TicketReceived { .. } => "ticket_received",
            Self::TeamReplied { .. } => "team_replied",
            Self::StatusChanged { .. } => "status_changed",
            Self::SubmittedByColleague { .. } => "submitted_by_colleague",
            Self::SubmittedForColleague { .. } => "submitted_for_colleague",
            Self::ParticipantAdded { .. } => "participant_added",
            Self::ParticipantTeamReplied { .. } => "participant_team_replied",
            Self::ParticipantStatusChanged { .. } => "participant_status_changed",
            Self::ColleagueReplied { .. } => "colleague_replied",
            Self::LoanDue { .. } => "loan_due",
            Self::LoanOverdue { .. } => "loan_overdue",
            Self::NewTicket { .. } => "new_ticket",
            Self::CustomerReplied { .. } => "customer_replied",
        }
    }
}

/// An account for which a password may be reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetAccount {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The user.
    pub user_id: UserId,
}

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
}

impl OutboxMail {
    /// Attempts before a mail becomes a dead letter.
    pub const MAX_ATTEMPTS: i32 = 10;

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
        }
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
    /// Given up after [`OutboxMail::MAX_ATTEMPTS`].
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

/// The sender's side of the outbox, across organizations.
#[async_trait]
pub trait OutboxQueue: Send + Sync {
    /// Claims up to `limit` mails that are due at `now`, oldest first: counts an attempt for each,
    /// and hides them from other senders until `hidden_until`.
    async fn claim_mails(
        &self,
        now: DateTime<Utc>,
        hidden_until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StorageError>;

    /// Records that a mail was sent.
    async fn mark_mail_sent(
        &self,
        id: OutboxMailId,
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

    /// Makes an unsent mail due at `now`, with all its attempts again; `false` when there is none
    /// of this id.
    async fn retry_mail(&self, id: OutboxMailId, now: DateTime<Utc>) -> Result<bool, StorageError>;
}
