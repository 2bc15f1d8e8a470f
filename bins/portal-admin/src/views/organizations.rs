//! Organizations.

use portal_domain::organizations::Organization;
use serde::Serialize;

use crate::answer::Listed;

/// An organization.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationView {
    id: String,
    name: String,
    slug: String,
    timezone: &'static str,
    status: &'static str,
}

impl Listed for OrganizationView {
    const COLUMNS: &'static [&'static str] = &["id", "slug", "name", "timezone", "status"];
}

impl From<Organization> for OrganizationView {
    fn from(organization: Organization) -> Self {
        let Organization {
            id,
            name,
            slug,
            time_zone,
            status,
            created_at: _,
            updated_at: _,
        } = organization;
        Self {
            id: id.to_string(),
            name: name.into_string(),
            slug: slug.to_string(),
            timezone: time_zone.as_str(),
            status: status.as_str(),
        }
    }
}
