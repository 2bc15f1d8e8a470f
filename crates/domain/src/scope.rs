//! The organization that a database handle is scoped to.

use crate::ids::OrganizationId;

/// The organization that a database handle is scoped to.
///
/// The HTTP layer takes it from the session, an operator's command from `--org`. Never take it from
/// a request's path, query or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantScope(OrganizationId);

impl TenantScope {
    /// The scope of an organization; the caller has checked the authority over it.
    pub const fn of(organization: OrganizationId) -> Self {
        Self(organization)
    }

    /// The organization.
    pub const fn organization(self) -> OrganizationId {
        self.0
    }
}
