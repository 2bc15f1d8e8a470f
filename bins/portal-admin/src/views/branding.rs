//! Domains. Branding is printed as the API's type.

use portal_domain::branding::{Branding, BrandingError, domain_proof};
use portal_domain::ids::OrganizationId;
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
