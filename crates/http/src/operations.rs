//! The routes of operators and proxies: `/metrics` and `/domains/allowed`.

use std::future::ready;
use std::sync::Arc;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use portal_domain::values::DomainName;
use portal_session::{Portal, RequestInfo};
use url::form_urlencoded;

use crate::error::ApiError;

/// Renders the metrics of the process in Prometheus' text format.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// The paths of [`operations`].
pub(crate) const PATHS: [&str; 2] = ["/metrics", "/domains/allowed"];

/// Registers the routes of operators and proxies, for a listener that only they reach.
pub fn operations(portal: Data<Portal>, metrics: RenderMetrics, config: &mut ServiceConfig) {
    let metrics = move || ready(plain_text(metrics()));
    config
        .app_data(portal)
        .route("/metrics", web::get().to(metrics))
        .route("/domains/allowed", web::get().to(domain_allowed));
}

fn plain_text(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text)
}

/// `GET /domains/allowed?domain=`: 200 if a proxy should get a certificate for the domain (Caddy's
/// on-demand TLS), because an active organization has verified it; else 404.
async fn domain_allowed(
    portal: Data<Portal>,
    info: RequestInfo,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let asked = form_urlencoded::parse(request.query_string().as_bytes())
        .find_map(|(name, value)| (name == "domain").then_some(value));
    let found = match asked.and_then(|domain| domain.parse::<DomainName>().ok()) {
        Some(domain) => {
            let found = portal.branding_by_domain(&domain, info.client.address);
            found.await?.is_some()
        }
        None => false,
    };
    Ok(if found {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::NotFound().finish()
    })
}
