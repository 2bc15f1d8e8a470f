//! The mails that users choose to get.

use crate::enums::text_enum;

text_enum! {
    /// A kind of mails that a user can switch off.
    pub enum NotificationKind: InvalidNotificationKind {
        /// Replies on the user's own tickets, and their status.
        OwnTickets = "own_tickets",
        /// The same of tickets in which the user takes part.
        SharedTickets = "shared_tickets",
        /// Reminders of loans.
        Loans = "loans",
    }
}

/// The mails that a user wants. Those about the account itself are always sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Notifications {
    /// Whether any are sent; the switches below count only where this is on.
    pub enabled: bool,
    /// See [`NotificationKind::OwnTickets`].
    pub own_tickets: bool,
    /// See [`NotificationKind::SharedTickets`].
    pub shared_tickets: bool,
    /// See [`NotificationKind::Loans`].
    pub loans: bool,
}

/// All of them, for a user who never chose.
impl Default for Notifications {
    fn default() -> Self {
        Self {
            enabled: true,
            own_tickets: true,
            shared_tickets: true,
            loans: true,
        }
    }
}

impl Notifications {
    /// Whether mails of a kind are sent.
    pub const fn wants(self, kind: NotificationKind) -> bool {
        self.enabled
            && match kind {
                NotificationKind::OwnTickets => self.own_tickets,
                NotificationKind::SharedTickets => self.shared_tickets,
                NotificationKind::Loans => self.loans,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_can_be_switched_off_alone_or_with_all() {
        let silent = Notifications {
            enabled: false,
            ..Notifications::default()
        };
        for off in NotificationKind::ALL.iter().copied() {
            let fewer = Notifications {
                enabled: true,
                own_tickets: off != NotificationKind::OwnTickets,
                shared_tickets: off != NotificationKind::SharedTickets,
                loans: off != NotificationKind::Loans,
            };
            for kind in NotificationKind::ALL.iter().copied() {
                assert_eq!(fewer.wants(kind), kind != off, "{kind} without {off}");
            }
            assert!(!silent.wants(off), "{off}");
        }
    }
}
