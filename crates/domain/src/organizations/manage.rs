//! Operators create, enable and disable organizations.

use serde_json::json;

use super::{Organization, OrganizationName, OrganizationStatus, Slug};
use crate::actors::Operator;
use crate::audit::AuditAction;
use crate::ids::OrganizationId;
use crate::operation::SystemOperation;
use crate::storage_error::StorageError;
use crate::values::TimeZone;

/// Input of [`create`].
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// Its name.
    pub name: OrganizationName,
    /// Its slug; by default made from the name.
    pub slug: Option<Slug>,
    /// Its time zone.
    pub time_zone: TimeZone,
}

/// Why an organization could not be created or changed.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// The name has no letter or digit to make a slug from.
    #[error("a slug cannot be made from this name; give one")]
    SlugNeeded,
    /// Another organization has this slug.
    #[error("the slug `{0}` is taken")]
    SlugTaken(Slug),
    /// There is no such organization.
    #[error("there is no organization {0}")]
    NotFound(OrganizationId),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Creates an active organization.
pub async fn create(
    op: &SystemOperation<'_, Operator>,
    new: NewOrganization,
) -> Result<Organization, OrganizationError> {
    let slug = new
        .slug
        .or_else(|| Slug::from_name(&new.name))
        .ok_or(OrganizationError::SlugNeeded)?;
    let now = op.now();
    let organization = Organization {
        id: OrganizationId::generate(op),
        name: new.name,
        slug,
        time_zone: new.time_zone,
        status: OrganizationStatus::Active,
        created_at: now,
        updated_at: now,
    };
    if !op.tx.add_organization(&organization).await? {
        return Err(OrganizationError::SlugTaken(organization.slug));
    }
    audit(op, AuditAction::OrganizationCreate, &organization).await?;
    Ok(organization)
}

/// Enables or disables an organization. Setting the current status does nothing. Disabling ends the
/// sessions of all users, which stay ended when the organization is enabled again.
pub async fn set_status(
    op: &SystemOperation<'_, Operator>,
    id: OrganizationId,
    status: OrganizationStatus,
) -> Result<Organization, OrganizationError> {
    let mut organization = op
        .tx
        .organization(id)
        .await?
        .ok_or(OrganizationError::NotFound(id))?;
    if organization.status == status {
        return Ok(organization);
    }
    organization.status = status;
    organization.updated_at = op.now();
    op.tx.update_organization(&organization).await?;
    if status == OrganizationStatus::Disabled {
        op.tx.raise_session_versions(id).await?;
    }
    let action = match status {
        OrganizationStatus::Active => AuditAction::OrganizationEnable,
        OrganizationStatus::Disabled => AuditAction::OrganizationDisable,
    };
    audit(op, action, &organization).await?;
    Ok(organization)
}

/// Unlike [`Operation::audit`](crate::operation::Operation::audit), for a transaction that is not
/// scoped to the organization, as that may not exist when the transaction begins.
async fn audit(
    op: &SystemOperation<'_, Operator>,
    action: AuditAction,
    organization: &Organization,
) -> Result<(), StorageError> {
    let entry = op.audit_entry(organization.id, action, organization, json!({}));
    op.tx.add_organization_audit_entry(&entry).await
}
