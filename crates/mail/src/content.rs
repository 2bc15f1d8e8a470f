//! The content of each kind of mail, as checked values.
//!
//! Nothing here has a `Debug` form: the links of some mails carry tokens.

use chrono::{DateTime, NaiveDate, Utc};
use portal_domain::devices::Device;
use portal_domain::organizations::OrganizationName;
use portal_domain::tickets::{Comment, Ticket, TicketStatus};
use portal_domain::values::{HttpUrl, PersonName, TimeZone};

/// What a mail says. Links are absolute.
pub enum Content {
    /// An account is waiting to be set up.
    Invitation {
        /// The user's name.
        name: Option<PersonName>,
        /// Where it is set up.
        link: String,
    },
    /// A new password may be chosen, for each of the address's accounts.
    PasswordReset {
        /// The user's name.
        name: Option<PersonName>,
        /// The accounts; never none.
        links: Vec<ResetLink>,
    },
    /// The password was changed.
    PasswordChanged {
        /// The user's name.
        name: Option<PersonName>,
        /// When it was.
        at: DateTime<Utc>,
        /// The clocks by which that is told.
        zone: TimeZone,
        /// The portal.
        link: String,
    },
    /// The ticket has arrived.
    TicketReceived {
        /// The submitter's name.
        name: Option<PersonName>,
        /// The ticket.
        ticket: Box<Ticket>,
        /// Where the submitter sees it.
        link: String,
    },
    /// The team has answered.
    TeamReplied {
        /// The submitter's name.
        name: Option<PersonName>,
        /// The ticket.
        ticket: Box<Ticket>,
        /// The answer.
        reply: Box<Comment>,
        /// Where the submitter sees it.
        link: String,
    },
    /// The ticket was moved to another status.
    StatusChanged {
        /// The submitter's name.
        name: Option<PersonName>,
        /// The ticket.
        ticket: Box<Ticket>,
        /// The status that it was moved to.
        status: TicketStatus,
        /// Where the submitter sees it.
        link: String,
    },
    /// A borrowed device is due.
    LoanDue {
        /// The borrower's name.
        name: Option<PersonName>,
        /// The device.
        device: Box<Device>,
        /// The day by which it is expected back.
        due: NaiveDate,
        /// The portal.
        link: String,
    },
    /// A borrowed device is overdue.
    LoanOverdue {
        /// The borrower's name.
        name: Option<PersonName>,
        /// The device.
        device: Box<Device>,
        /// The day by which it was expected back.
        due: NaiveDate,
        /// The portal.
        link: String,
    },
    /// A ticket was submitted; for the team.
    NewTicket {
        /// The ticket.
        ticket: Box<Ticket>,
        /// Where the team works on it, if anywhere outside.
        link: Option<HttpUrl>,
    },
    /// The customer has answered; for the team.
    CustomerReplied {
        /// The ticket.
        ticket: Box<Ticket>,
        /// The answer.
        reply: Box<Comment>,
        /// Where the team works on it, if anywhere outside.
        link: Option<HttpUrl>,
    },
}

/// A link by which one account gets a new password.
pub struct ResetLink {
    /// The account's organization.
    pub organization: OrganizationName,
    /// The link.
    pub url: String,
}
