//! Domains. Branding is printed as the API's type.

use portal_domain::branding::{Branding, BrandingError, CustomDomain, domain_proof};
use portal_domain::ids::OrganizationId;
use portal_wire::Timestamp;
use serde::Serialize;

/// An organization's domain, and the TXT record that proves its ownership.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomainView {
    org_id: Option<OrganizationId>,
    custom_domain: String,
    domain_verified: bool,
    record_name: String,
    record_value: String,
}

impl DomainView {
    /// The domain of a branding; an error if there is none.
    pub(crate) fn new(branding: Option<&Branding>) -> Result<Self, BrandingError> {
        let proof = domain_proof(branding)?;
        Ok(Self {
            org_id: branding.map(|branding| branding.organization_id),
            custom_domain: proof.domain.to_string(),
            domain_verified: branding.is_some_and(|branding| branding.domain_verified),
            record_name: proof.record_name,
            record_value: proof.record_value,
        })
    }
}

/// An organization's domain and the last look at its TXT record, in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomDomainView {
    custom_domain: String,
    organization: String,
    org_id: OrganizationId,
    domain_verified: bool,
    record_name: String,
    record_value: String,
    checked_at: Option<Timestamp>,
    record_missing_since: Option<Timestamp>,
}

impl CustomDomainView {
    /// The columns of a table.
    pub(crate) const COLUMNS: &'static [&'static str] = &[
        "customDomain",
        "organization",
        "domainVerified",
        "checkedAt",
        "recordMissingSince",
    ];
}

impl From<CustomDomain> for CustomDomainView {
    fn from(domain: CustomDomain) -> Self {
        let check = domain.check.filter(|_| domain.verified);
        let missing_since = check.as_ref().and_then(|check| check.missing_since);
        Self {
            custom_domain: domain.proof.domain.to_string(),
            organization: domain.organization.slug.to_string(),
            org_id: domain.organization.id,
            domain_verified: domain.verified,
            record_name: domain.proof.record_name,
            record_value: domain.proof.record_value,
            checked_at: check.map(|check| check.checked_at.into()),
            record_missing_since: missing_since.map(Into::into),
        }
    }
}
