//! Operators create, enable and disable organizations.

use serde_json::json;

use super::{Organization, OrganizationName, OrganizationStatus, Slug};
use crate::actors::Operator;
use crate::audit::AuditAction;
use crate::ids::OrganizationId;
use crate::operation::SystemOperation;
use crate::storage_error::StorageError;
use crate::values::TimeZone;

/// An organization to be created.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// Its name.
    pub name: OrganizationName,
    /// Its slug; made from the name where absent.
    pub slug: Option<Slug>,
    /// Where its days begin and end.
    pub time_zone: TimeZone,
}

/// Why an organization could not be created or changed.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// The name has no letter or digit of which a slug could be made.
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
///
/// # Errors
///
/// See [`OrganizationError`].
pub async fn create(
    op: &SystemOperation<'_, Operator>,
    new: NewOrganization,
) -> Result<Organization, OrganizationError> {
    let NewOrganization {
        name,
        slug,
        time_zone,
    } = new;
    let slug = slug
        .or_else(|| Slug::from_name(&name))
        .ok_or(OrganizationError::SlugNeeded)?;
    let now = op.now();
    let organization = Organization {
        id: OrganizationId::generate(op),
        name,
        slug,
        time_zone,
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

/// Lets an organization's people in, or keeps them out. Setting the present status does nothing.
///
/// # Errors
///
/// See [`OrganizationError`].
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
    let action = match status {
        OrganizationStatus::Active => AuditAction::OrganizationEnable,
        OrganizationStatus::Disabled => AuditAction::OrganizationDisable,
    };
    audit(op, action, &organization).await?;
    Ok(organization)
}

/// The organization need not be there yet when the transaction begins, so the handle is not its.
async fn audit(
    op: &SystemOperation<'_, Operator>,
    action: AuditAction,
    organization: &Organization,
) -> Result<(), StorageError> {
    let entry = op.audit_entry(organization.id, action, organization, json!({}));
    op.tx.add_organization_audit_entry(&entry).await
}
