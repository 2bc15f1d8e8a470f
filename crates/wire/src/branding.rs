//! Branding.

use portal_domain::branding::{self, CustomCss, FeatureToggles};
use portal_domain::ids::{BrandingId, OrganizationId};
use portal_domain::organizations::Organization;
use serde::Serialize;
use utoipa::ToSchema;

/// An organization's branding and features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "as the wire has them")]
pub struct Branding {
    /// The id.
    // None if nothing is set yet, which only operators ever see.
    #[schema(value_type = Uuid)]
    pub id: Option<BrandingId>,
    /// The organization's id.
    #[schema(value_type = Uuid)]
    pub org_id: OrganizationId,
    /// The organization's name.
    #[schema(example = "Acme")]
    pub name: String,
    /// The logo in the header.
    #[schema(required, format = "uri")]
    pub logo_url: Option<String>,
    /// The icon of the browser's tab.
    #[schema(required, format = "uri")]
    pub favicon_url: Option<String>,
    /// The main colour, as `#rrggbb`.
    #[schema(required, example = "#0b5fff")]
    pub primary_color: Option<String>,
    /// The second colour.
    #[schema(required)]
    pub secondary_color: Option<String>,
    /// The colour of links and buttons.
    #[schema(required)]
    pub accent_color: Option<String>,
    /// The organization's own domain.
    #[schema(required, example = "support.acme.example")]
    pub custom_domain: Option<String>,
    /// Whether the organization has proved that it owns the domain.
    pub domain_verified: bool,
    /// The welcome on the sign-in page.
    #[schema(required)]
    pub welcome_message: Option<String>,
    /// The email address for help.
    #[schema(required, format = Email)]
    pub support_email: Option<String>,
    /// The phone number for help.
    #[schema(required)]
    pub support_phone: Option<String>,
    /// The text at the foot of every page.
    #[schema(required)]
    pub footer_text: Option<String>,
    /// A style sheet for the portal's pages.
    #[schema(required)]
    pub custom_css: Option<String>,
    /// Whether people can submit and follow tickets.
    pub enable_tickets: bool,
    /// Whether people can borrow devices.
    pub enable_asset_checkout: bool,
    /// Whether people can see the organization's devices.
    pub enable_self_service: bool,
    /// Whether people can reset a forgotten password by mail.
    pub enable_password_reset: bool,
    /// Whether people can look up colleagues in the directory.
    pub enable_colleagues: bool,
}

impl Branding {
    /// An organization's branding; the defaults if it has none.
    pub fn new(organization: &Organization, branding: Option<&branding::Branding>) -> Self {
        match branding {
            Some(branding) => Self::set(organization, branding),
            None => Self::unset(organization, FeatureToggles::default()),
        }
    }

    fn set(organization: &Organization, branding: &branding::Branding) -> Self {
        let branding::Branding {
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
            id: Some(*id),
            logo_url: text(logo_url.as_ref()),
            favicon_url: text(favicon_url.as_ref()),
            primary_color: text(primary_color.as_ref()),
            secondary_color: text(secondary_color.as_ref()),
            accent_color: text(accent_color.as_ref()),
            custom_domain: text(custom_domain.as_ref()),
            domain_verified: *domain_verified,
            welcome_message: text(welcome_message.as_ref()),
            support_email: text(support_email.as_ref()),
            support_phone: text(support_phone.as_ref()),
            footer_text: text(footer_text.as_ref()),
            custom_css: custom_css
                .as_ref()
                .map(CustomCss::as_str)
                .map(str::to_owned),
            ..Self::unset(organization, *features)
        }
    }

    fn unset(organization: &Organization, features: FeatureToggles) -> Self {
        let FeatureToggles {
            tickets,
            asset_checkout,
            self_service,
            password_reset,
            colleagues,
        } = features;
        Self {
            id: None,
            org_id: organization.id,
            name: organization.name.to_string(),
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
            enable_tickets: tickets,
            enable_asset_checkout: asset_checkout,
            enable_self_service: self_service,
            enable_password_reset: password_reset,
            enable_colleagues: colleagues,
        }
    }
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}
