//! Organizations.

use portal_domain::ids::OrganizationId;
use serde::Serialize;
use utoipa::ToSchema;

/// An organization, as little of it as its people have to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Organization {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: OrganizationId,
    /// Its name.
    #[schema(example = "Acme")]
    pub name: String,
}
