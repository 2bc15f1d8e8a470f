//! Organizations.

use portal_domain::ids::OrganizationId;
use serde::Serialize;
use utoipa::ToSchema;

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Organization {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: OrganizationId,
    /// The name.
    #[schema(example = "Acme")]
    pub name: String,
}
