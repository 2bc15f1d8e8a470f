//! CSRF protection.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, ORIGIN};
use portal_auth::SessionId;
use portal_domain::store::{Asker, StorageError};
use url::Url;

use crate::body::{self, FormFields};
use crate::cookies::cookie_values;
use crate::error::RequestError;
use crate::portal::{HttpConfig, Portal};
use crate::request_info::RequestInfo;
use crate::{CSRF_COOKIE, CSRF_FIELD, CSRF_HEADER};

/// Why a request may have been forged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CsrfError {
    /// The header is missing.
    #[error("Missing CSRF header")]
    MissingHeader,
    /// The cookie is missing.
    #[error("Missing CSRF cookie")]
    MissingCookie,
    /// The token differs from the cookie's, is missing from a form, or is of another session.
    #[error("Invalid CSRF token")]
    InvalidToken,
    /// The page that sent the request has an origin that is not allowed.
    #[error("Invalid request origin")]
    InvalidOrigin,
    /// The browser says that the request comes from another site.
    #[error("Cross-site request blocked")]
    CrossSite,
}

/// Checks a script's request with cookies: the header must repeat the cookie's token, and the
/// origin must be allowed.
///
/// # Errors
///
/// [`RequestError::Csrf`], and those of storage, which knows the custom domains.
pub(crate) async fn check_header(
    request: &HttpRequest,
    portal: &Portal,
    session: &SessionId,
) -> Result<(), RequestError> {
    let header = header(request, CSRF_HEADER).ok_or(CsrfError::MissingHeader)?;
    let mut cookies = cookie_values(request, CSRF_COOKIE).into_iter().peekable();
    cookies.peek().ok_or(CsrfError::MissingCookie)?;
    // The signature is compared in constant time; whether header and cookie are equal is no secret.
    if !cookies.any(|cookie| cookie == header) || !portal.csrf.verify(session, header) {
        return Err(CsrfError::InvalidToken.into());
    }
    if request.headers().contains_key(ORIGIN) {
        check_origin(request, portal).await?;
    }
    check_fetch_site(request)
}

/// A form that was sent from a page of the portal.
#[derive(Debug)]
pub enum SubmittedForm<T> {
    /// Its CSRF token is valid.
    Valid(T, FormFields),
    /// Its CSRF token was issued to another session or visitor: somebody has signed in or out since
    /// the page was opened. It may be shown again, but must not change anything.
    Outdated(FormFields),
    /// Nobody is signed in any more. It may be shown again, but must not change anything.
    SignedOut(FormFields),
}

/// Reads a form that was sent from a page of the portal, and finds the one of these sessions that
/// its CSRF token was issued to.
///
/// A page that sends no referrer sends the origin `null` (Fetch Standard, "append a request
/// `Origin` header"); then only `Sec-Fetch-Site` counts.
///
/// # Errors
///
/// [`RequestError::Csrf`] for a foreign page and for a form without a token, those of storage, which
/// knows the custom domains, and those of the body.
pub(crate) async fn read_form(
    request: &HttpRequest,
    payload: Payload,
    portal: &Portal,
    sessions: &[SessionId],
) -> Result<(FormFields, Option<SessionId>), RequestError> {
    check_page(request, portal).await?;
    let fields = body::form_fields(request, payload).await?;
    let session = sender(&fields, portal, sessions)?;
    Ok((fields, session))
}

/// What becomes of a form without a session, `why` there is none: it is kept if a page of the portal
/// sent it, which `read` finds out. A body that cannot be read, or may be forged, does not matter to
/// somebody who has to sign in anyway; that something failed does.
pub(crate) async fn without_session<T>(
    why: RequestError,
    read: impl Future<Output = Result<FormFields, RequestError>>,
) -> Result<SubmittedForm<T>, RequestError> {
    if !matches!(
        why,
        RequestError::MissingCredentials | RequestError::InvalidSession
    ) {
        return Err(why);
    }
    match read.await {
        Ok(fields) => Ok(SubmittedForm::SignedOut(fields)),
        Err(fault @ RequestError::Fault(_)) => Err(fault),
        Err(_) => Err(why),
    }
}

/// Checks the page that sent a form; see [`read_form`].
pub(crate) async fn check_page(request: &HttpRequest, portal: &Portal) -> Result<(), RequestError> {
    let origin = request.headers().get(ORIGIN);
    if origin.is_some_and(|origin| origin != "null") {
        check_origin(request, portal).await?;
    }
    check_fetch_site(request)
}

/// The one of these sessions that the token of a form was issued to.
///
/// # Errors
///
/// [`CsrfError::InvalidToken`] for a form without a token.
pub(crate) fn sender(
    fields: &[(String, String)],
    portal: &Portal,
    sessions: &[SessionId],
) -> Result<Option<SessionId>, CsrfError> {
    let token = fields
        .iter()
        .find(|(name, token)| name == CSRF_FIELD && !token.is_empty());
    let (_, token) = token.ok_or(CsrfError::InvalidToken)?;
    let session = sessions
        .iter()
        .find(|session| portal.csrf.verify(session, token));
    Ok(session.copied())
}

/// Checks the origin of the page that sent the request.
async fn check_origin(request: &HttpRequest, portal: &Portal) -> Result<(), RequestError> {
    let info = RequestInfo::of(request, &portal.config);
    let origin = header(request, ORIGIN.as_str()).unwrap_or_default();
    if is_allowed(origin, &info, portal).await? {
        Ok(())
    } else {
        Err(CsrfError::InvalidOrigin.into())
    }
}

/// Rejects requests that the browser marks as cross-site.
fn check_fetch_site(request: &HttpRequest) -> Result<(), RequestError> {
    match header(request, "sec-fetch-site") {
        None | Some("same-origin" | "same-site") => Ok(()),
        Some(_) => Err(CsrfError::CrossSite.into()),
    }
}

fn header<'r>(request: &'r HttpRequest, name: &'static str) -> Option<&'r str> {
    let value = request.headers().get(HeaderName::from_static(name))?;
    // A value that is not text counts as present, but equals nothing.
    let value = value.to_str().unwrap_or("\u{fffd}").trim();
    (!value.is_empty()).then_some(value)
}

/// Whether pages of this origin may send requests.
async fn is_allowed(
    origin: &str,
    info: &RequestInfo,
    portal: &Portal,
) -> Result<bool, StorageError> {
    let Ok(origin) = Url::parse(origin) else {
        return Ok(false);
    };
    if is_cors_allowed(&origin, &portal.config) {
        return Ok(true);
    }
    // Otherwise the origin must be the request's own host, and that a host of the portal.
    let own_host = Url::parse(&format!("{}://{}", origin.scheme(), info.host)).ok();
    let is_own = own_host.is_some_and(|own| own.origin() == origin.origin());
    if !is_own || (info.is_https && origin.scheme() != "https") {
        return Ok(false);
    }
    if portal.config.public_url.origin() == origin.origin() {
        return Ok(true);
    }
    match &info.custom_domain {
        Some(domain) => {
            let asker = Asker::client(info.client.address);
            let reader = portal.store.on_behalf_of(asker).lookup().await?;
            Ok(reader.organization_by_domain(domain).await?.is_some())
        }
        None => Ok(false),
    }
}

/// Whether pages of this origin may call the API on any host, with credentials.
pub fn is_cors_allowed(origin: &Url, config: &HttpConfig) -> bool {
    let ascii = origin.origin().ascii_serialization();
    config.cors_allowed_origins.contains(&ascii)
        || (config.allow_loopback_origins && is_loopback(origin))
}

/// Whether an address leads to the own machine.
pub(crate) fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;
    use crate::error::Fault;

    async fn signed_out(
        why: RequestError,
        read: Result<FormFields, RequestError>,
    ) -> Result<SubmittedForm<()>, RequestError> {
        without_session(why, ready(read)).await
    }

    #[tokio::test]
    async fn a_form_without_a_session_is_kept_if_a_page_of_the_portal_sent_it() {
        let fields = vec![("subject".to_owned(), "Printer".to_owned())];
        let kept = signed_out(RequestError::InvalidSession, Ok(fields.clone())).await;
        assert!(matches!(kept, Ok(SubmittedForm::SignedOut(kept)) if kept == fields));
        for unread in [
            RequestError::Csrf(CsrfError::InvalidOrigin),
            RequestError::BodyTooLarge,
            RequestError::MalformedBody,
        ] {
            let refused = signed_out(RequestError::InvalidSession, Err(unread)).await;
            assert!(matches!(refused, Err(RequestError::InvalidSession)));
        }
    }

    #[tokio::test]
    async fn what_failed_is_told_whether_or_not_somebody_is_signed_in() {
        let fault = || RequestError::Fault(Fault::internal("broken"));
        let failed = signed_out(RequestError::MissingCredentials, Err(fault())).await;
        assert!(matches!(failed, Err(RequestError::Fault(_))));
        let failed = signed_out(fault(), Ok(Vec::new())).await;
        assert!(matches!(failed, Err(RequestError::Fault(_))));
    }
}
