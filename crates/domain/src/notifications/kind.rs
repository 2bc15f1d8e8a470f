//! The kinds of mails.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::OutboxMail;
use crate::clients::ClientName;
use crate::ids::{CheckoutId, CommentId, OrganizationId, TicketId, UserId};
use crate::profiles::OneTimeTokenPurpose;

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
    /// To a user: somebody has signed in from a browser that the account did not know.
    NewSignIn {
        /// The user.
        user_id: UserId,
        /// The browser.
        client: ClientName,
        /// Its address.
        ip_address: Option<IpAddr>,
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

    /// The ticket that the mail is about.
    pub const fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::TicketReceived { ticket_id }
            | Self::TeamReplied { ticket_id, .. }
            | Self::StatusChanged { ticket_id, .. }
            | Self::SubmittedByColleague { ticket_id, .. }
            | Self::SubmittedForColleague { ticket_id, .. }
            | Self::ParticipantAdded { ticket_id, .. }
            | Self::ParticipantTeamReplied { ticket_id, .. }
            | Self::ParticipantStatusChanged { ticket_id, .. }
            | Self::ColleagueReplied { ticket_id, .. }
            | Self::NewTicket { ticket_id }
            | Self::CustomerReplied { ticket_id, .. } => Some(*ticket_id),
            Self::Invitation { .. }
            | Self::PasswordReset { .. }
            | Self::PasswordChanged { .. }
            | Self::NewSignIn { .. }
            | Self::LoanDue { .. }
            | Self::LoanOverdue { .. } => None,
        }
    }

    /// How soon the mail is sent, compared with others.
    pub const fn priority(&self) -> MailPriority {
        match self {
            Self::PasswordReset { .. } | Self::PasswordChanged { .. } | Self::NewSignIn { .. } => {
                MailPriority::Awaited
            }
            Self::Invitation { .. } => MailPriority::Account,
            _ => MailPriority::Notification,
        }
    }

    /// How long after its request the mail is still worth sending: as long as its link is valid, or
    /// else for the four days that a mail server may take to come back (RFC 5321, section 4.5.4.1).
    pub const fn lifetime(&self) -> TimeDelta {
        match self {
            Self::PasswordReset { .. } => OneTimeTokenPurpose::PasswordReset.lifetime(),
            Self::Invitation { .. } => OneTimeTokenPurpose::Invitation.lifetime(),
            _ => OutboxMail::LIFETIME,
        }
    }

    /// The name of the kind, for lists and logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::NewSignIn { .. } => "new_sign_in",
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

/// How soon a mail is sent, compared with others: those that come first in this order go first,
/// however many others are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailPriority {
    /// Somebody is waiting for it at this moment, or should act on it at once.
    Awaited,
    /// About an account, perhaps one of thousands that were created together.
    Account,
    /// A notification of what can also be seen in the portal.
    Notification,
}

impl MailPriority {
    /// The place in the order, from 0, as it is stored.
    pub const fn rank(self) -> i32 {
        match self {
            Self::Awaited => 0,
            Self::Account => 1,
            Self::Notification => 2,
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
