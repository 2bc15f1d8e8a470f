//! CSRF protection.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, ORIGIN};
use portal_auth::SessionId;
use portal_domain::values::DomainName;
use url::Url;

use super::{CSRF_COOKIE, CSRF_HEADER};
use crate::client::RequestInfo;
use crate::error::{ApiError, ErrorKind};
use crate::portal::Portal;

/// Why a request may have been forged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CsrfError {
    /// The header is missing.
    MissingHeader,
    /// The cookie is missing.
    MissingCookie,
    /// They differ, or were made for another session.
    InvalidToken,
    /// It comes from a page of somebody else's.
    ForeignOrigin,
    /// The browser says that it comes from another site.
    CrossSite,
}

impl CsrfError {
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::MissingHeader => "Missing CSRF header",
            Self::MissingCookie => "Missing CSRF cookie",
            Self::InvalidToken => "Invalid CSRF token",
            Self::ForeignOrigin => "Invalid request origin",
            Self::CrossSite => "Cross-site request blocked",
        }
    }
}

/// Makes sure that a request authenticated by cookie was not forged.
///
/// # Errors
///
/// [`ErrorKind::Csrf`], and those of storage, which knows the custom domains.
pub(super) async fn check(
    request: &HttpRequest,
    portal: &Portal,
    session: &SessionId,
) -> Result<(), ApiError> {
    let header = header(request, CSRF_HEADER).ok_or(ErrorKind::Csrf(CsrfError::MissingHeader))?;
    let cookie = request
        .cookie(CSRF_COOKIE)
        .filter(|cookie| !cookie.value().is_empty());
    let cookie = cookie.ok_or(ErrorKind::Csrf(CsrfError::MissingCookie))?;
    // The signature is compared in constant time; that both are the same is no secret.
    if header != cookie.value() || !portal.csrf.verify(session, header) {
        return Err(ErrorKind::Csrf(CsrfError::InvalidToken).into());
    }
    check_origin(request, portal).await?;
    check_fetch_site(request)
}

/// Makes sure that the request comes from a page of the portal, where it says where from.
pub(super) async fn check_origin(request: &HttpRequest, portal: &Portal) -> Result<(), ApiError> {
    if request.headers().contains_key(ORIGIN) {
        let info = RequestInfo::of(request, &portal.config.trusted_proxies);
        let origin = header(request, ORIGIN.as_str()).unwrap_or_default();
        if !is_allowed(origin, &info, portal).await? {
            return Err(ErrorKind::Csrf(CsrfError::ForeignOrigin).into());
        }
    }
    Ok(())
}

/// Makes sure that the browser does not say that the request comes from another site.
pub(super) fn check_fetch_site(request: &HttpRequest) -> Result<(), ApiError> {
    match header(request, "sec-fetch-site") {
        None | Some("same-origin" | "same-site") => Ok(()),
        Some(_) => Err(ErrorKind::Csrf(CsrfError::CrossSite).into()),
    }
}

fn header<'r>(request: &'r HttpRequest, name: &'static str) -> Option<&'r str> {
    let value = request.headers().get(HeaderName::from_static(name))?;
    // What is no text is there all the same, and fits nothing.
    let value = value.to_str().unwrap_or("\u{fffd}").trim();
    (!value.is_empty()).then_some(value)
}

/// Whether pages of this origin may send requests here.
async fn is_allowed(origin: &str, info: &RequestInfo, portal: &Portal) -> Result<bool, ApiError> {
    let Ok(parsed) = Url::parse(origin) else {
        return Ok(false);
    };
    let ascii = parsed.origin().ascii_serialization();
    if is_allowed_across_origins(&parsed, &ascii, portal) {
        return Ok(true);
    }
    // From here on only the request's own host is allowed, if that host is one of the portal's.
    let own_host = Url::parse(&format!("{}://{}", parsed.scheme(), info.host)).ok();
    let is_own = own_host.is_some_and(|own| own.origin() == parsed.origin());
    if !is_own || (info.is_https && parsed.scheme() != "https") {
        return Ok(false);
    }
    if portal.config.public_url.origin() == parsed.origin() {
        return Ok(true);
    }
    let public_host = portal.config.public_url.host_str();
    match info.custom_domain(public_host) {
        Some(domain) => is_verified(&domain, portal).await,
        None => Ok(false),
    }
}

async fn is_verified(domain: &DomainName, portal: &Portal) -> Result<bool, ApiError> {
    let system = portal.store.system_reader().await?;
    Ok(system.organization_by_domain(domain).await?.is_some())
}

/// Whether pages of this origin may call whatever host they ask for, with credentials.
pub(crate) fn is_allowed_across_origins(origin: &Url, ascii: &str, portal: &Portal) -> bool {
    let config = &portal.config;
    config
        .cors_allowed_origins
        .iter()
        .any(|allowed| allowed == ascii)
        || (config.allow_loopback_origins && is_loopback(origin))
}

fn is_loopback(origin: &Url) -> bool {
    match origin.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
