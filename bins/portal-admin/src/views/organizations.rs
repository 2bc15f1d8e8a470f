//! Organizations.

use portal_domain::organizations;
use portal_wire::Organization;
use serde::Serialize;

/// An organization.
#[derive(Debug, Serialize)]
pub(crate) struct OrganizationView {
    #[serde(flatten)]
    organization: Organization,
    slug: String,
    timezone: &'static str,
    status: &'static str,
}

impl OrganizationView {
    /// The columns of a table.
    pub(crate) const COLUMNS: &'static [&'static str] =
        &["id", "slug", "name", "timezone", "status"];
}

impl From<organizations::Organization> for OrganizationView {
    fn from(organization: organizations::Organization) -> Self {
        let organizations::Organization {
            id,
            name,
            slug,
            time_zone,
            status,
            created_at: _,
            updated_at: _,
        } = organization;
        Self {
            organization: Organization {
                id,
                name: name.into_string(),
            },
            slug: slug.to_string(),
            timezone: time_zone.as_str(),
            status: status.as_str(),
        }
    }
}
