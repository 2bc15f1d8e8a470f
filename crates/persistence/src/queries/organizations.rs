//! Queries on `organizations`.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use portal_domain::audit::AuditEntry;
use portal_domain::ids::OrganizationId;
use portal_domain::organizations::{Organization, OrganizationReader, OrganizationWriter, Slug};
use portal_domain::store::StorageError;

use crate::conn::{Columns as _, RunQuery as _};
use crate::errors::written;
use crate::handles::System;
use crate::rows::audit::AuditRow;
use crate::rows::organizations::OrganizationRow;
use crate::schema::{audit_logs, organizations, portal_users};
use crate::sql_types::DbId;

#[async_trait]
impl OrganizationReader for System {
    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, StorageError> {
        organizations::table
            .filter(organizations::id.eq(DbId::of(id)))
            .select(OrganizationRow::columns())
            .entity::<OrganizationRow, _>(self.conn())
            .await
    }

    async fn organization_by_slug(
        &self,
        slug: &Slug,
    ) -> Result<Option<Organization>, StorageError> {
        organizations::table
            .filter(organizations::slug.eq(slug.as_str()))
            .select(OrganizationRow::columns())
            .entity::<OrganizationRow, _>(self.conn())
            .await
    }

    async fn organizations(&self) -> Result<Vec<Organization>, StorageError> {
        organizations::table
            .order((organizations::name, organizations::id))
            .select(OrganizationRow::columns())
            .entities::<OrganizationRow, _>(self.conn())
            .await
    }
}

#[async_trait]
impl OrganizationWriter for System {
    async fn add_organization(&self, organization: &Organization) -> Result<bool, StorageError> {
        diesel::insert_into(organizations::table)
            .values(OrganizationRow::from(organization))
            .on_conflict(organizations::slug)
            .do_nothing()
            .execute(self.conn())
            .await
    }

    async fn update_organization(&self, organization: &Organization) -> Result<(), StorageError> {
        let id = DbId::of(organization.id);
        let updated = diesel::update(organizations::table.filter(organizations::id.eq(id)))
            .set(OrganizationRow::from(organization))
            .execute(self.conn())
            .await?;
        written("organizations", updated)
    }

    async fn raise_session_versions(&self, id: OrganizationId) -> Result<(), StorageError> {
        diesel::update(portal_users::table.filter(portal_users::org_id.eq(DbId::of(id))))
            .set(portal_users::session_version.eq(portal_users::session_version + 1))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn add_organization_audit_entry(&self, entry: &AuditEntry) -> Result<(), StorageError> {
        diesel::insert_into(audit_logs::table)
            .values(AuditRow::from(entry))
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
