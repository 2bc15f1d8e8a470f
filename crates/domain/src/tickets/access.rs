//! Who may see a ticket, and who may do what with it.
//!
//! | | sees it, replies | is told by mail | closes it, adds and removes participants |
//! |---|---|---|---|
//! | the submitter | yes | yes | yes |
//! | a participant | yes | yes | only leaves it |
//! | a manager of the organization | yes | as submitter or participant | yes |
//! | anybody else, former participants too | no | no | no |
//!
//! A [`Viewer`] stands for the second column. The store looks for participants and the viewer's role
//! in the query for the tickets, by one condition that lists, totals, searches and single tickets
//! share; so a change takes effect with the next request. [`Relation`] stands for the last.

use super::Ticket;
use crate::actors::Customer;
use crate::enums::text_enum;
use crate::ids::{TicketId, UserId};
use crate::operation::Operation;
use crate::profiles::{PortalUser, Role};
use crate::storage_error::StorageError;

/// Who looks at tickets, and so which ones there are for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Viewer {
    /// The team, which sees all tickets of the organization.
    #[default]
    Team,
    /// A customer, who sees their own tickets and those in which they take part; as a manager, all.
    Customer(UserId),
}

text_enum! {
    /// A part of the tickets that a customer may see.
    #[derive(Default)]
    pub enum TicketScope: InvalidTicketScope {
        /// Those that they submitted.
        #[default]
        Mine = "mine",
        /// Those of others in which they take part.
        Shared = "shared",
        /// For managers: all.
        Organization = "organization",
    }
}

/// Only managers may do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only managers of the organization may do this")]
pub struct NotAManager;

/// Checks that a user may list the tickets of a scope. Without the check, the list would be empty.
pub fn may_list(user: &PortalUser, scope: TicketScope) -> Result<(), NotAManager> {
    match scope {
        TicketScope::Mine | TicketScope::Shared => Ok(()),
        TicketScope::Organization => check_manager(user),
    }
}

/// Checks that a user is a manager of their organization.
pub(super) fn check_manager(user: &PortalUser) -> Result<(), NotAManager> {
    match user.role {
        Role::Manager => Ok(()),
        Role::Member => Err(NotAManager),
    }
}

/// What a customer is to a ticket that they may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It is their ticket.
    Submitter,
    /// They manage its organization.
    Manager,
    /// They take part in it.
    Participant,
}

impl Relation {
    /// What a user is to a ticket that they may see.
    pub fn of(user: &PortalUser, ticket: &Ticket) -> Self {
        if ticket.submitted_by == user.id {
            Self::Submitter
        } else if user.role == Role::Manager {
            Self::Manager
        } else {
            Self::Participant
        }
    }

    /// Whether they may close the ticket, and add and remove participants. Everybody may leave.
    pub const fn is_in_charge(self) -> bool {
        matches!(self, Self::Submitter | Self::Manager)
    }
}

/// A ticket that the customer may see, locked, and what they are to it.
pub(super) async fn lock_visible(
    op: &Operation<'_, Customer>,
    id: TicketId,
) -> Result<Option<(Ticket, Relation)>, StorageError> {
    // Locked before it is looked at: somebody who was removed meanwhile does not see it.
    if op.tx.lock_ticket(id).await?.is_none() {
        return Ok(None);
    }
    let user = &op.by.account.user;
    let ticket = op.tx.visible_ticket(user.id, id).await?;
    Ok(ticket.map(|ticket| {
        let relation = Relation::of(user, &ticket);
        (ticket, relation)
    }))
}
