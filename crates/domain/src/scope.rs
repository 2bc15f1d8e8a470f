//! The organization that a handle is opened for.

use crate::ids::OrganizationId;

/// The organization on whose data a handle works.
///
/// The HTTP layer makes one from a session, and an operator's command from its `--org`: never take
/// one from a request's path, query or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantScope(OrganizationId);

impl TenantScope {
    /// The scope of an organization that the caller has authority over.
    pub const fn of(organization: OrganizationId) -> Self {
        Self(organization)
    }

    /// The organization.
    pub const fn organization(self) -> OrganizationId {
        self.0
    }
}
