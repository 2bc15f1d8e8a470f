//! The scripts of the demo organizations, as plain data.

use chrono_tz::Tz;
use portal_domain::devices::{DeviceStatus, OsType};
use portal_domain::tickets::{TicketPriority, TicketStatus};

use crate::clock::When;

/// An organization and everything that happened in it.
pub(crate) struct Organization {
    pub(crate) name: &'static str,
    /// By which it is found again.
    pub(crate) slug: &'static str,
    pub(crate) zone: Tz,
    pub(crate) since: When,
    pub(crate) branding: Branding,
    pub(crate) people: &'static [Person],
    pub(crate) devices: &'static [Device],
    /// Tickets, in groups.
    pub(crate) tickets: &'static [&'static [Ticket]],
    /// Loans; of one device in the order in which it was lent.
    pub(crate) loans: &'static [Loan],
}

/// How an organization looks, from its first day on.
pub(crate) struct Branding {
    pub(crate) primary_color: &'static str,
    pub(crate) secondary_color: &'static str,
    pub(crate) accent_color: &'static str,
    /// Already verified.
    pub(crate) custom_domain: &'static str,
    pub(crate) welcome_message: &'static str,
    pub(crate) support_email: &'static str,
    pub(crate) support_phone: &'static str,
    pub(crate) footer_text: &'static str,
}

/// A portal user.
pub(crate) struct Person {
    pub(crate) email: &'static str,
    pub(crate) name: Option<&'static str>,
    pub(crate) since: When,
    pub(crate) standing: Standing,
    /// What there is to see when signed in as them.
    pub(crate) remark: &'static str,
}

/// What became of a user.
pub(crate) enum Standing {
    /// They use the portal.
    Active {
        /// When they last signed in.
        last_sign_in: When,
    },
    /// They have not set up their account yet.
    Invited,
    /// They have left, and were disabled after all else.
    Left {
        /// When.
        at: When,
    },
}

/// A device as the inventory reports it today.
pub(crate) struct Device {
    pub(crate) hostname: &'static str,
    pub(crate) display_name: Option<&'static str>,
    pub(crate) os_type: OsType,
    pub(crate) os_version: &'static str,
    pub(crate) status: DeviceStatus,
    pub(crate) last_seen: Option<When>,
    pub(crate) is_ephemeral: bool,
    pub(crate) is_loanable: bool,
}

impl Device {
    /// A device that stays where it is, and was never seen.
    pub(crate) const fn fixed(
        hostname: &'static str,
        os_type: OsType,
        os_version: &'static str,
        status: DeviceStatus,
    ) -> Self {
        Self {
            hostname,
            display_name: None,
            os_type,
            os_version,
            status,
            last_seen: None,
            is_ephemeral: false,
            is_loanable: false,
        }
    }

    /// A device that people may borrow, and was never seen.
    pub(crate) const fn loanable(
        hostname: &'static str,
        os_type: OsType,
        os_version: &'static str,
        status: DeviceStatus,
    ) -> Self {
        let device = Self::fixed(hostname, os_type, os_version, status);
        Self {
            is_loanable: true,
            ..device
        }
    }

    /// A short-lived device, never seen.
    pub(crate) const fn ephemeral(
        hostname: &'static str,
        os_type: OsType,
        os_version: &'static str,
        status: DeviceStatus,
    ) -> Self {
        let device = Self::fixed(hostname, os_type, os_version, status);
        Self {
            is_ephemeral: true,
            ..device
        }
    }

    /// The device with the name that people call it by.
    pub(crate) const fn called(self, name: &'static str) -> Self {
        Self {
            display_name: Some(name),
            ..self
        }
    }

    /// The device, last seen at a moment.
    pub(crate) const fn seen(self, when: When) -> Self {
        Self {
            last_seen: Some(when),
            ..self
        }
    }
}

/// A ticket and what followed.
pub(crate) struct Ticket {
    /// The address of the submitter.
    pub(crate) by: &'static str,
    pub(crate) at: When,
    pub(crate) subject: &'static str,
    pub(crate) description: &'static str,
    pub(crate) priority: TicketPriority,
    /// What followed, in order.
    pub(crate) then: &'static [(When, Deed)],
}

/// Something done with a ticket.
pub(crate) enum Deed {
    /// The team acknowledges it with this priority.
    Triage(TicketPriority),
    /// The team gives it to a technician.
    Assign(&'static str),
    /// A technician answers.
    Reply(&'static str, &'static str),
    /// A technician leaves an internal note.
    Note(&'static str, &'static str),
    /// The submitter answers.
    Answer(&'static str),
    /// The team moves it to a status.
    Move(TicketStatus),
    /// The team notes its id and address in another system.
    Link(&'static str, &'static str),
    /// The submitter confirms that it is resolved.
    Confirm,
}

/// A loan of a device.
pub(crate) struct Loan {
    /// The address of the borrower.
    pub(crate) by: &'static str,
    pub(crate) hostname: &'static str,
    pub(crate) at: When,
    /// When it was first expected back.
    pub(crate) due: Option<When>,
    pub(crate) condition: Option<&'static str>,
    pub(crate) notes: Option<&'static str>,
    /// When the borrower asked for more time, and until when.
    pub(crate) extended: Option<(When, When)>,
    pub(crate) returned: Option<Return>,
}

/// The end of a loan.
pub(crate) struct Return {
    pub(crate) at: When,
    /// Whether the team took the device back, instead of the borrower returning it.
    pub(crate) by_team: bool,
    pub(crate) condition: Option<&'static str>,
    pub(crate) notes: Option<&'static str>,
}
