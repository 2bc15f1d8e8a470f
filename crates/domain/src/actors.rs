//! Who acts in an [operation](crate::operation::Operation).

use crate::audit::{Actor, ActorRecord, ActorType, ClientInfo};
use crate::profiles::Account;
use crate::values::PersonName;

/// A signed-in portal user.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The user, their organization and its features.
    pub account: Account,
    /// Where the request came from.
    pub client: ClientInfo,
}

impl Actor for Customer {
    fn record(&self) -> ActorRecord {
        let user = &self.account.user;
        ActorRecord {
            kind: ActorType::User,
            id: Some(user.id),
            email: Some(user.email.to_string()),
            name: None,
            client: self.client.clone(),
        }
    }
}

/// A member of the support team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technician {
    /// Their name, which customers see.
    pub name: PersonName,
}

impl Technician {
    /// A technician of this name.
    pub const fn named(name: PersonName) -> Self {
        Self { name }
    }
}

impl Actor for Technician {
    fn record(&self) -> ActorRecord {
        ActorRecord::system(Some(&self.name))
    }
}

/// Manages the portal's organizations, users, branding and devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Their name, or that of the program acting for them.
    pub name: PersonName,
}

impl Operator {
    /// An operator of this name.
    pub const fn named(name: PersonName) -> Self {
        Self { name }
    }
}

impl Actor for Operator {
    fn record(&self) -> ActorRecord {
        ActorRecord::system(Some(&self.name))
    }
}

/// The portal itself: scheduled and background work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Automation;

impl Actor for Automation {
    fn record(&self) -> ActorRecord {
        ActorRecord::system(None)
    }
}
