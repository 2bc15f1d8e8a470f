//! Ticket status transitions and their side effects.
//!
//! | who | may move a ticket |
//! |---|---|
//! | the team | to any status but `new`; a closed one only to `open` |
//! | a public reply of the team | from `new` to `open` |
//! | a reply of the customer | from `pending` or `resolved` to `open`; a closed ticket takes none |
//! | the customer's confirmation | from `resolved` to `closed` |

use chrono::{DateTime, Utc};

use super::{Ticket, TicketStatus};

/// A ticket cannot be moved to this status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ticket cannot be moved from {from} to {to}")]
pub struct InvalidTransition {
    /// The current status.
    pub from: TicketStatus,
    /// The requested status.
    pub to: TicketStatus,
}

impl Ticket {
    /// The ticket after the team set its status.
    pub fn moved_by_team(
        self,
        to: TicketStatus,
        now: DateTime<Utc>,
    ) -> Result<Self, InvalidTransition> {
        use TicketStatus::{Closed, New, Open};
        match (self.status, to) {
            (from, to) if from == to => Ok(self),
            (from, New) => Err(InvalidTransition { from, to: New }),
            (Closed, to) if to != Open => Err(InvalidTransition { from: Closed, to }),
            (_, to) => Ok(self.entering(to, now)),
        }
    }

    /// The ticket after a public reply of the team.
    #[must_use]
    pub fn replied_by_team(self, now: DateTime<Utc>) -> Self {
        let first_response_at = self.first_response_at.or(Some(now));
        let ticket = Self {
            first_response_at,
            updated_at: now,
            ..self
        };
        match ticket.status {
            TicketStatus::New => ticket.entering(TicketStatus::Open, now),
            _ => ticket,
        }
    }

    /// The ticket after a reply of the customer.
    pub fn replied_by_customer(self, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        match self.status {
            from @ TicketStatus::Closed => Err(InvalidTransition {
                from,
                to: TicketStatus::Open,
            }),
            TicketStatus::Pending | TicketStatus::Resolved => {
                Ok(self.entering(TicketStatus::Open, now))
            }
            TicketStatus::New | TicketStatus::Open | TicketStatus::OnHold => Ok(Self {
                updated_at: now,
                ..self
            }),
        }
    }

    /// The ticket after the customer confirmed that it is resolved.
    pub fn confirmed_by_customer(self, now: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        match self.status {
            TicketStatus::Resolved => Ok(self.entering(TicketStatus::Closed, now)),
            from => Err(InvalidTransition {
                from,
                to: TicketStatus::Closed,
            }),
        }
    }

    /// Sets the status, and when the ticket was resolved and closed.
    fn entering(self, status: TicketStatus, now: DateTime<Utc>) -> Self {
        let (resolved_at, closed_at) = match status {
            TicketStatus::Resolved => (Some(now), None),
            TicketStatus::Closed => (self.resolved_at, Some(now)),
            TicketStatus::New
            | TicketStatus::Open
            | TicketStatus::Pending
            | TicketStatus::OnHold => (None, None),
        };
        Self {
            status,
            resolved_at,
            closed_at,
            updated_at: now,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use TicketStatus::{Closed, New, OnHold, Open, Pending, Resolved};

    use super::*;
    use crate::tickets::tests::{later, ticket};

    #[test]
    fn the_team_sets_any_status_but_new_and_only_reopens_a_closed_ticket() {
        for from in TicketStatus::ALL.iter().copied() {
            for to in TicketStatus::ALL.iter().copied() {
                let legal = from == to || (to != New && (from != Closed || to == Open));
                let moved = ticket(from).moved_by_team(to, later(1));
                assert_eq!(moved.is_ok(), legal, "{from} to {to}");
                if let Ok(moved) = moved {
                    assert_eq!(moved.status, to);
                }
            }
        }
    }

    #[test]
    fn setting_the_current_status_is_idempotent() {
        let before = ticket(Resolved);
        assert_eq!(before.clone().moved_by_team(Resolved, later(1)), Ok(before));
    }

    #[test]
    fn the_times_of_resolving_and_closing_are_kept_until_the_ticket_is_reopened() {
        let resolved = ticket(Open).moved_by_team(Resolved, later(1)).unwrap();
        assert_eq!(
            (resolved.resolved_at, resolved.closed_at),
            (Some(later(1)), None)
        );
        let closed = resolved.confirmed_by_customer(later(2)).unwrap();
        assert_eq!(
            (closed.resolved_at, closed.closed_at),
            (Some(later(1)), Some(later(2)))
        );
        let reopened = closed.moved_by_team(Open, later(3)).unwrap();
        assert_eq!((reopened.resolved_at, reopened.closed_at), (None, None));
        assert_eq!(reopened.updated_at, later(3));
    }

    #[test]
    fn only_the_first_reply_of_the_team_is_the_first_response() {
        let answered = ticket(New).replied_by_team(later(1));
        assert_eq!(
            (answered.status, answered.first_response_at),
            (Open, Some(later(1)))
        );
        let again = answered
            .moved_by_team(OnHold, later(2))
            .unwrap()
            .replied_by_team(later(3));
        assert_eq!(
            (again.status, again.first_response_at),
            (OnHold, Some(later(1)))
        );
        assert_eq!(again.updated_at, later(3));
    }

    #[test]
    fn a_reply_of_the_customer_reopens_a_pending_or_resolved_ticket() {
        for (from, to) in [(New, New), (Open, Open), (OnHold, OnHold), (Pending, Open)] {
            assert_eq!(
                ticket(from).replied_by_customer(later(1)).unwrap().status,
                to,
                "{from}"
            );
        }
        let reopened = ticket(Open)
            .moved_by_team(Resolved, later(1))
            .unwrap()
            .replied_by_customer(later(2))
            .unwrap();
        assert_eq!((reopened.status, reopened.resolved_at), (Open, None));
        assert!(ticket(Closed).replied_by_customer(later(1)).is_err());
    }

    #[test]
    fn the_customer_closes_only_a_resolved_ticket() {
        for from in [New, Open, Pending, OnHold, Closed] {
            assert!(
                ticket(from).confirmed_by_customer(later(1)).is_err(),
                "{from}"
            );
        }
    }
}
