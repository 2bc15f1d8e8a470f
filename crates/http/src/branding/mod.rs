//! `/branding`: an organization's branding, which is public.

use actix_web::get;
use actix_web::web::Data;
use portal_domain::values::DomainName;
use portal_session::{Portal, RequestInfo};
use portal_wire::Branding;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{NotFoundErrors, NotModified};
use crate::error::{ApiError, Missing};
use crate::extract::PathParams;

/// The routes under `/branding`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_branding).service(get_domain_branding);
}

/// A branding, in its envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct BrandingEnvelope {
    branding: Branding,
}

/// Get the branding of the organization whose verified domain the request was sent to.
#[utoipa::path(
    tag = "branding",
    responses((status = 200, description = "The branding", body = BrandingEnvelope), NotModified, NotFoundErrors),
)]
#[get("")]
pub(crate) async fn get_branding(
    portal: Data<Portal>,
    info: RequestInfo,
) -> Result<Cached<BrandingEnvelope>, ApiError> {
    let policy = if info.is_host_forwarded {
        CachePolicy::ForwardedBranding
    } else {
        CachePolicy::Branding
    };
    find(&portal, DomainName::from_host(&info.host), &info, policy).await
}

/// Get the branding of the organization with a verified domain.
#[utoipa::path(
    tag = "branding",
    params(("domain" = String, Path, description = "The domain", example = "support.acme.example")),
    responses((status = 200, description = "The branding", body = BrandingEnvelope), NotModified, NotFoundErrors),
)]
#[get("/{domain}")]
pub(crate) async fn get_domain_branding(
    portal: Data<Portal>,
    info: RequestInfo,
    path: PathParams,
) -> Result<Cached<BrandingEnvelope>, ApiError> {
    let host: String = path.get("domain", Missing::Branding)?;
    let domain = DomainName::from_host(&host);
    find(&portal, domain, &info, CachePolicy::Branding).await
}

async fn find(
    portal: &Portal,
    domain: Option<DomainName>,
    info: &RequestInfo,
    policy: CachePolicy,
) -> Result<Cached<BrandingEnvelope>, ApiError> {
    let domain = domain.ok_or(Missing::Branding)?;
    let (organization, branding) = portal
        .branding_by_domain(&domain, info.client.address)
        .await?
        .ok_or(Missing::Branding)?;
    let body = BrandingEnvelope {
        branding: Branding::new(&organization, Some(&branding)),
    };
    Ok(Cached::public(policy, body))
}
