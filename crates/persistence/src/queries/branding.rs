//! Queries on `portal_branding` and `domain_checks`.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, QueryDsl as _,
};
use portal_domain::branding::{
    Branding, BrandingReader, BrandingWriter, CustomDomain, DomainCheck, DomainReader,
};
use portal_domain::ids::OrganizationId;
use portal_domain::organizations::{Organization, OrganizationStatus};
use portal_domain::store::StorageError;
use portal_domain::values::DomainName;

use crate::conn::{Columns as _, RunQuery as _};
use crate::handles::{System, Tenant};
use crate::rows::branding::{BrandingRow, CustomDomainRow, DomainCheckRow, readable_domains};
use crate::rows::organizations::OrganizationRow;
use crate::schema::{domain_checks, organizations, portal_branding};
use crate::sql_types::DbId;

#[async_trait]
impl BrandingReader for Tenant {
    async fn own_organization(&self) -> Result<Option<Organization>, StorageError> {
        organizations::table
            .filter(organizations::id.eq(self.org()))
            .select(OrganizationRow::columns())
            .entity::<OrganizationRow, _>(self.conn())
            .await
    }

    async fn branding(&self) -> Result<Option<Branding>, StorageError> {
        portal_branding::table
            .filter(portal_branding::org_id.eq(self.org()))
            .select(BrandingRow::columns())
            .entity::<BrandingRow, _>(self.conn())
            .await
    }
}

#[async_trait]
impl BrandingWriter for Tenant {
    async fn save_branding(&self, branding: &Branding) -> Result<bool, StorageError> {
        self.check_owner("portal_branding", branding.organization_id)?;
        diesel::insert_into(portal_branding::table)
            .values(BrandingRow::from(branding))
            .on_conflict(portal_branding::org_id)
            .do_update()
            .set(BrandingRow::from(branding))
            .execute_or_conflict(self.conn(), "portal_branding")
            .await
    }

    async fn save_domain_check(&self, check: &DomainCheck) -> Result<(), StorageError> {
        let row = DomainCheckRow::new(self.org(), check);
        diesel::insert_into(domain_checks::table)
            .values(&row)
            .on_conflict(domain_checks::org_id)
            .do_update()
            .set(&row)
            .execute(self.conn())
            .await?;
        Ok(())
    }
}

#[async_trait]
impl DomainReader for System {
    async fn organization_by_domain(
        &self,
        domain: &DomainName,
    ) -> Result<Option<OrganizationId>, StorageError> {
        let found = portal_branding::table
            .filter(portal_branding::custom_domain.eq(domain.as_str()))
            .filter(portal_branding::domain_verified)
            .select(portal_branding::org_id)
            .load_optional::<DbId>(self.conn())
            .await?;
        Ok(found.map(DbId::typed))
    }

    async fn branding_by_domain(
        &self,
        domain: &DomainName,
    ) -> Result<Option<(Organization, Branding)>, StorageError> {
        let found = portal_branding::table
            .inner_join(organizations::table.on(organizations::id.eq(portal_branding::org_id)))
            .filter(portal_branding::custom_domain.eq(domain.as_str()))
            .filter(portal_branding::domain_verified)
            .filter(organizations::status.eq(OrganizationStatus::Active.as_str()))
            .select((OrganizationRow::columns(), BrandingRow::columns()))
            .load_optional::<(OrganizationRow, BrandingRow)>(self.conn())
            .await?;
        found
            .map(|(organization, branding)| Ok((organization.try_into()?, branding.try_into()?)))
            .transpose()
    }

    async fn custom_domains(&self) -> Result<Vec<CustomDomain>, StorageError> {
        let of_this_domain = domain_checks::org_id.eq(portal_branding::org_id).and(
            domain_checks::domain
                .nullable()
                .eq(portal_branding::custom_domain),
        );
        let rows = portal_branding::table
            .inner_join(organizations::table.on(organizations::id.eq(portal_branding::org_id)))
            .left_join(domain_checks::table.on(of_this_domain))
            .filter(portal_branding::custom_domain.is_not_null())
            .order((portal_branding::custom_domain, organizations::id))
            .select((
                portal_branding::id,
                OrganizationRow::columns(),
                portal_branding::custom_domain.assume_not_null(),
                portal_branding::domain_token,
                portal_branding::domain_verified,
                Option::<DomainCheckRow>::columns(),
            ))
            .load_all::<CustomDomainRow>(self.conn())
            .await?;
        Ok(readable_domains(rows))
    }
}
