//! Rows of `organizations`.

use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use portal_domain::organizations::Organization;
use portal_domain::store::StorageError;

use super::Place;
use crate::schema::organizations;
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations, treat_none_as_default_value = false)]
pub(crate) struct OrganizationRow {
    id: DbId,
    name: String,
    slug: String,
    timezone: String,
    status: String,
    created_at: Time,
    updated_at: Time,
}

impl From<&Organization> for OrganizationRow {
    fn from(organization: &Organization) -> Self {
        Self {
            id: DbId::of(organization.id),
            name: organization.name.to_string(),
            slug: organization.slug.to_string(),
            timezone: organization.time_zone.to_string(),
            status: organization.status.to_string(),
            created_at: Time::from(organization.created_at),
            updated_at: Time::from(organization.updated_at),
        }
    }
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StorageError;

    fn try_from(row: OrganizationRow) -> Result<Self, StorageError> {
        let place = Place("organizations", row.id);
        Ok(Self {
            id: row.id.typed(),
            name: place.text("name", row.name)?,
            slug: place.value("slug", &row.slug)?,
            time_zone: place.value("timezone", &row.timezone)?,
            status: place.value("status", &row.status)?,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}
