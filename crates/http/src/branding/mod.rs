//! `/branding`: how an organization's portal looks, for anybody who comes to its domain.

use actix_web::get;
use actix_web::web::Data;
use portal_domain::branding::{Branding, Color, CustomCss, DomainName, FeatureToggles};
use portal_domain::organizations::Organization;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::caching::{CachePolicy, Cached};
use crate::client::ClientInfo;
use crate::docs::{NotFoundErrors, NotModified};
use crate::error::{ApiError, ErrorKind};
use crate::extract::PathParams;
use crate::portal::Portal;

/// The routes under `/branding`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_branding).service(get_domain_branding);
}

/// A branding in its envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct BrandingEnvelope {
    branding: BrandingBody,
}

/// How an organization's portal looks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Branding)]
#[expect(clippy::struct_excessive_bools, reason = "as the wire has them")]
struct BrandingBody {
    id: String,
    org_id: String,
    /// The organization's name.
    name: String,
    #[schema(required)]
    logo_url: Option<String>,
    #[schema(required)]
    favicon_url: Option<String>,
    /// A colour, as `#rrggbb`.
    #[schema(required)]
    primary_color: Option<String>,
    #[schema(required)]
    secondary_color: Option<String>,
    #[schema(required)]
    accent_color: Option<String>,
    #[schema(required)]
    custom_domain: Option<String>,
    domain_verified: bool,
    #[schema(required)]
    welcome_message: Option<String>,
    #[schema(required)]
    support_email: Option<String>,
    #[schema(required)]
    support_phone: Option<String>,
    #[schema(required)]
    footer_text: Option<String>,
    #[schema(required)]
    custom_css: Option<String>,
    enable_tickets: bool,
    enable_asset_checkout: bool,
    enable_self_service: bool,
    enable_password_reset: bool,
}

impl From<(Organization, Branding)> for BrandingBody {
    fn from((organization, branding): (Organization, Branding)) -> Self {
        let Branding {
            id,
            organization_id,
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
            features:
                FeatureToggles {
                    tickets,
                    asset_checkout,
                    self_service,
                    password_reset,
                },
            created_at: _,
            updated_at: _,
        } = branding;
        let color = |color: Option<Color>| color.map(|color| color.as_str().to_owned());
        Self {
            id: id.to_string(),
            org_id: organization_id.to_string(),
            name: organization.name.into_string(),
            logo_url: logo_url.map(|url| url.as_str().to_owned()),
            favicon_url: favicon_url.map(|url| url.as_str().to_owned()),
            primary_color: color(primary_color),
            secondary_color: color(secondary_color),
            accent_color: color(accent_color),
            custom_domain: custom_domain.map(|domain| domain.as_str().to_owned()),
            domain_verified,
            welcome_message: welcome_message
                .map(portal_domain::branding::WelcomeMessage::into_string),
            support_email: support_email.map(|email| email.as_str().to_owned()),
            support_phone: support_phone.map(portal_domain::branding::PhoneNumber::into_string),
            footer_text: footer_text.map(portal_domain::branding::FooterText::into_string),
            custom_css: custom_css
                .as_ref()
                .map(CustomCss::as_str)
                .map(str::to_owned),
            enable_tickets: tickets,
            enable_asset_checkout: asset_checkout,
            enable_self_service: self_service,
            enable_password_reset: password_reset,
        }
    }
}

/// Branding of the organization whose verified domain this request came to.
#[utoipa::path(
    tag = "branding",
    responses((status = 200, description = "The branding", body = BrandingEnvelope), NotModified, NotFoundErrors),
)]
#[get("")]
pub(crate) async fn get_branding(
    portal: Data<Portal>,
    info: ClientInfo,
) -> Result<Cached<BrandingEnvelope>, ApiError> {
    find(&portal, DomainName::from_host(&info.host)).await
}

/// Branding of the organization for which a domain is verified.
#[utoipa::path(
    tag = "branding",
    params(("domain" = String, Path, description = "The domain", example = "support.acme.example")),
    responses((status = 200, description = "The branding", body = BrandingEnvelope), NotModified, NotFoundErrors),
)]
#[get("/{domain}")]
pub(crate) async fn get_domain_branding(
    portal: Data<Portal>,
    path: PathParams,
) -> Result<Cached<BrandingEnvelope>, ApiError> {
    let domain = path
        .get::<String>("domain")
        .and_then(|host| DomainName::from_host(&host));
    find(&portal, domain).await
}

async fn find(
    portal: &Portal,
    domain: Option<DomainName>,
) -> Result<Cached<BrandingEnvelope>, ApiError> {
    let domain = domain.ok_or(ErrorKind::BrandingNotFound)?;
    let system = portal.store.system_reader().await?;
    let found = system
        .branding_by_domain(&domain)
        .await?
        .ok_or(ErrorKind::BrandingNotFound)?;
    let body = BrandingEnvelope {
        branding: found.into(),
    };
    Ok(Cached::public(CachePolicy::Branding, body))
}
