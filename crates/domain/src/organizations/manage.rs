//! Operators create, enable and disable organizations.

use serde_json::json;

use super::{Organization, OrganizationName, OrganizationStatus, Slug};
use crate::audit::{Actor, AuditAction, AuditEntry};
use crate::environment::Environment;
use crate::ids::OrganizationId;
use crate::storage_error::StorageError;
use crate::store::SystemWork;
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
    work: &dyn SystemWork,
    env: &dyn Environment,
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
    let now = env.now();
    let organization = Organization {
        id: OrganizationId::generate(env),
        name,
        slug,
        time_zone,
        status: OrganizationStatus::Active,
        created_at: now,
        updated_at: now,
    };
    if !work.add_organization(&organization).await? {
        return Err(OrganizationError::SlugTaken(organization.slug));
    }
    record(work, env, AuditAction::OrganizationCreate, &organization).await?;
    Ok(organization)
}

/// Lets an organization's people in, or keeps them out. Setting the present status does nothing.
///
/// # Errors
///
/// See [`OrganizationError`].
pub async fn set_status(
    work: &dyn SystemWork,
    env: &dyn Environment,
    id: OrganizationId,
    status: OrganizationStatus,
) -> Result<Organization, OrganizationError> {
    let mut organization = work
        .organization(id)
        .await?
        .ok_or(OrganizationError::NotFound(id))?;
    if organization.status == status {
        return Ok(organization);
    }
    organization.status = status;
    organization.updated_at = env.now();
    work.update_organization(&organization).await?;
    let action = match status {
        OrganizationStatus::Active => AuditAction::OrganizationEnable,
        OrganizationStatus::Disabled => AuditAction::OrganizationDisable,
    };
    record(work, env, action, &organization).await?;
    Ok(organization)
}

async fn record(
    work: &dyn SystemWork,
    env: &dyn Environment,
    action: AuditAction,
    organization: &Organization,
) -> Result<(), StorageError> {
    let resource = organization;
    let entry = AuditEntry::new(
        env,
        organization.id,
        &Actor::System,
        action,
        resource,
        json!({}),
    );
    work.add_organization_audit_entry(&entry).await
}
