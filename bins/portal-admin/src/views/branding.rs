//! Branding and domains.

use portal_domain::branding::{Branding, BrandingError, FeatureToggles, domain_proof};
use portal_domain::organizations::Organization;
use serde::Serialize;

/// An organization's branding, with the keys of the API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the API's independent switches"
)]
pub(crate) struct BrandingView {
    id: Option<String>,
    org_id: String,
    name: String,
    logo_url: Option<String>,
    favicon_url: Option<String>,
    primary_color: Option<String>,
    secondary_color: Option<String>,
    accent_color: Option<String>,
    custom_domain: Option<String>,
    domain_verified: bool,
    welcome_message: Option<String>,
    support_email: Option<String>,
    support_phone: Option<String>,
    footer_text: Option<String>,
    custom_css: Option<String>,
    enable_tickets: bool,
    enable_asset_checkout: bool,
    enable_self_service: bool,
    enable_password_reset: bool,
}

impl BrandingView {
    /// The branding of an organization, of which it may have chosen none.
    pub(crate) fn new(organization: Organization, branding: Option<Branding>) -> Self {
        let Some(branding) = branding else {
            return Self::unset(organization);
        };
        let Branding {
            id,
            organization_id: _,
            logo_url,
            favicon_url,
            primary_color,
            secondary_color,
            accent_color,
            custom_domain,
            domain_verified,
            domain_token: _,
            welcome_message,
            support_email,
            support_phone,
            footer_text,
            custom_css,
            features,
            created_at: _,
            updated_at: _,
        } = branding;
        Self {
            id: Some(id.to_string()),
            logo_url: text(logo_url),
            favicon_url: text(favicon_url),
            primary_color: primary_color.map(|color| color.as_str().to_owned()),
            secondary_color: secondary_color.map(|color| color.as_str().to_owned()),
            accent_color: accent_color.map(|color| color.as_str().to_owned()),
            custom_domain: text(custom_domain),
            domain_verified,
            welcome_message: text(welcome_message),
            support_email: text(support_email),
            support_phone: text(support_phone),
            footer_text: text(footer_text),
            custom_css: custom_css.map(|css| css.as_str().to_owned()),
            ..Self::unset(organization).with(features)
        }
    }

    fn unset(organization: Organization) -> Self {
        let none = Self {
            id: None,
            org_id: organization.id.to_string(),
            name: organization.name.into_string(),
            logo_url: None,
            favicon_url: None,
            primary_color: None,
            secondary_color: None,
            accent_color: None,
            custom_domain: None,
            domain_verified: false,
            welcome_message: None,
            support_email: None,
            support_phone: None,
            footer_text: None,
            custom_css: None,
            enable_tickets: false,
            enable_asset_checkout: false,
            enable_self_service: false,
            enable_password_reset: false,
        };
        none.with(FeatureToggles::default())
    }

    fn with(self, features: FeatureToggles) -> Self {
        let FeatureToggles {
            tickets,
            asset_checkout,
            self_service,
            password_reset,
        } = features;
        Self {
            enable_tickets: tickets,
            enable_asset_checkout: asset_checkout,
            enable_self_service: self_service,
            enable_password_reset: password_reset,
            ..self
        }
    }
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// An organization's domain, and the TXT record by which it shows that the domain is its own.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomainView {
    domain: String,
    record_name: String,
    record_value: String,
    verified: bool,
}

impl DomainView {
    /// The domain of a branding; it is an error that there is none.
    pub(crate) fn new(branding: Option<&Branding>) -> Result<Self, BrandingError> {
        let proof = domain_proof(branding)?;
        Ok(Self {
            domain: proof.domain.to_string(),
            record_name: proof.record_name,
            record_value: proof.record_value,
            verified: branding.is_some_and(|branding| branding.domain_verified),
        })
    }
}
