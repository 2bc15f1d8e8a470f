//! Rows of `organizations`.

use diesel::pg::Pg;
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use diesel::sqlite::Sqlite;
use portal_domain::organizations::Organization;
use portal_domain::store::StorageError;

use super::Table;
use crate::schema::organizations;
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = organizations,
    treat_none_as_default_value = false,
    check_for_backend(Pg, Sqlite)
)]
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
        let Organization {
            id,
            name,
            slug,
            time_zone,
            status,
            created_at,
            updated_at,
        } = organization;
        Self {
            id: DbId::of(*id),
            name: name.to_string(),
            slug: slug.to_string(),
            timezone: time_zone.to_string(),
            status: status.to_string(),
            created_at: Time::from(*created_at),
            updated_at: Time::from(*updated_at),
        }
    }
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StorageError;

    fn try_from(row: OrganizationRow) -> Result<Self, StorageError> {
        let OrganizationRow {
            id,
            name,
            slug,
            timezone,
            status,
            created_at,
            updated_at,
        } = row;
        let table = Table("organizations");
        Ok(Self {
            id: id.typed(),
            name: table.value("name", &name)?,
            slug: table.value("slug", &slug)?,
            time_zone: table.value("timezone", &timezone)?,
            status: table.value("status", &status)?,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
        })
    }
}
