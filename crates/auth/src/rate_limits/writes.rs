//! Limits on the changes that signed-in users make.
//!
//! They keep one customer, and one organization, from taking the database, the outbox and the
//! team's attention away from all others. Unlike a [`Limit`](super::Limit) on attempts to
//! authenticate they block nobody: the next change is possible as soon as an earlier one is a
//! minute old.

use std::time::Duration;

use portal_domain::ids::{OrganizationId, UserId};

/// How many changes may be made in [`WINDOW`](Self::WINDOW); 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteLimits {
    /// By one user.
    pub per_user: u32,
    /// By all users of one organization together.
    pub per_organization: u32,
}

impl WriteLimits {
    /// The sliding window in which changes are counted.
    pub const WINDOW: Duration = Duration::from_mins(1);

    /// Without limits.
    pub const NONE: Self = Self {
        per_user: 0,
        per_organization: 0,
    };

    /// Whether nothing is limited, so that nothing need be counted.
    pub const fn are_none(&self) -> bool {
        self.per_user == 0 && self.per_organization == 0
    }
}

/// 60 by a user, 600 by an organization.
impl Default for WriteLimits {
    fn default() -> Self {
        Self {
            per_user: 60,
            per_organization: 600,
        }
    }
}

/// Who makes a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// The user.
    pub user: UserId,
    /// The user's organization.
    pub organization: OrganizationId,
}
