//! Session and CSRF cookies of a response.

use actix_session::config::{CookieContentSecurity, PersistentSession, TtlExtensionPolicy};
use actix_session::{Session, SessionMiddleware};
use actix_web::body::MessageBody;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest};
use portal_auth::accounts::SignedIn;
use portal_auth::{SESSION_TTL, SessionId};

use super::store::{CookieSession, SessionAdapter};
use super::{CSRF_COOKIE, SESSION_COOKIE};
use crate::client::RequestInfo;
use crate::error::{ApiError, ErrorKind};
use crate::portal::Portal;

/// Left on an answer after which the client's cookies are worth nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClearCookies;

/// Left on a request whose answer carries both cookies, with the CSRF token for the second.
#[derive(Debug, Clone)]
pub(crate) struct Renewal {
    pub(crate) csrf_token: String,
}

fn lifetime() -> Duration {
    Duration::seconds(i64::try_from(SESSION_TTL.as_secs()).unwrap_or(i64::MAX))
}

/// The middleware that signs the session cookie, checks it, and sends it again with each answer,
/// so that its age slides as the session does.
pub(crate) fn session_middleware(
    portal: &Portal,
) -> SessionMiddleware<impl actix_session::storage::SessionStore + use<>> {
    let lifecycle = PersistentSession::default()
        .session_ttl(lifetime())
        .session_ttl_extension_policy(TtlExtensionPolicy::OnEveryRequest);
    SessionMiddleware::builder(
        SessionAdapter(portal.sessions.clone()),
        portal.cookie_key.clone(),
    )
    .cookie_name(SESSION_COOKIE.to_owned())
    .cookie_path("/".to_owned())
    .cookie_http_only(true)
    .cookie_same_site(portal.config.same_site)
    // `govern` knows how the request came, and adds it.
    .cookie_secure(false)
    .cookie_content_security(CookieContentSecurity::Signed)
    .session_lifecycle(lifecycle)
    .build()
}

/// Has the answer to this request carry the cookies of a session that was just made.
///
/// # Errors
///
/// Only a fault of the program.
pub(crate) fn establish(
    request: &HttpRequest,
    session: &Session,
    portal: &Portal,
    signed_in: &SignedIn,
) -> Result<(), ApiError> {
    CookieSession::put(session, &signed_in.session.token)
        .map_err(|error| ErrorKind::Internal(error.into()))?;
    let csrf_token = portal.csrf.issue(&signed_in.session.id);
    request.extensions_mut().insert(Renewal { csrf_token });
    Ok(())
}

/// The CSRF token to send: the one the client has, if it was made for this session, or a new one.
pub(super) fn csrf_token(request: &HttpRequest, portal: &Portal, session: &SessionId) -> String {
    request
        .cookie(CSRF_COOKIE)
        .map(|cookie| cookie.value().to_owned())
        .filter(|token| portal.csrf.verify(session, token))
        .unwrap_or_else(|| portal.csrf.issue(session))
}

/// Stands around [`session_middleware`]: keeps cookies from where they have no say, and decides
/// which the answer carries.
///
/// A bearer token decides alone, and who signs in brings nothing along: their cookies are not
/// looked at. Then the answer carries both cookies ([`Renewal`]), or removes both
/// ([`ClearCookies`]), or has none at all.
pub(crate) async fn govern<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if request.headers().contains_key(AUTHORIZATION) && is_bearer(request.request())
        || is_public(request.path())
    {
        request.headers_mut().remove(COOKIE);
    } else {
        keep_readable_cookies(request.headers_mut());
    }
    let mut response = next.call(request).await?;
    let request = response.request().clone();
    let Some(portal) = request.app_data::<Data<Portal>>() else {
        return Ok(response);
    };
    let renewal = request.extensions().get::<Renewal>().cloned();
    let clears = response
        .response()
        .extensions()
        .get::<ClearCookies>()
        .is_some();
    let sent: Vec<_> = response.headers_mut().remove(SET_COOKIE).collect();

    let info = RequestInfo::of(&request, &portal.config.trusted_proxies);
    let secure = is_secure(&info, portal);
    let template = |name, value: String, age| {
        Cookie::build(name, value)
            .path("/")
            .same_site(portal.config.same_site)
            .secure(secure)
            .max_age(age)
            .http_only(name == SESSION_COOKIE)
            .finish()
    };
    if clears {
        for name in [SESSION_COOKIE, CSRF_COOKIE] {
            let removal = template(name, String::new(), Duration::ZERO);
            response.response_mut().add_cookie(&removal)?;
        }
    } else if let Some(Renewal { csrf_token }) = renewal {
        // The signed value is `actix-session`'s; the rest is the same for both cookies.
        let signed = sent
            .iter()
            .filter_map(|value| Cookie::parse_encoded(value.to_str().ok()?).ok())
            .find(|cookie| cookie.name() == SESSION_COOKIE);
        if let Some(signed) = signed {
            let cookie = template(SESSION_COOKIE, signed.value().to_owned(), lifetime());
            response.response_mut().add_cookie(&cookie)?;
            let cookie = template(CSRF_COOKIE, csrf_token, lifetime());
            response.response_mut().add_cookie(&cookie)?;
        }
    }
    Ok(response)
}

/// Leaves out cookies that are no UTF-8. One of them, set by whatever else is on the domain, would
/// hide all others from who reads them.
fn keep_readable_cookies(headers: &mut HeaderMap) {
    let all: Vec<_> = headers.get_all(COOKIE).cloned().collect();
    if all
        .iter()
        .all(|value| str::from_utf8(value.as_bytes()).is_ok())
    {
        return;
    }
    let readable: Vec<_> = all
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|cookie| Some(str::from_utf8(cookie).ok()?.trim()))
        .collect();
    headers.remove(COOKIE);
    if let Ok(value) = HeaderValue::from_bytes(readable.join("; ").as_bytes()) {
        headers.insert(COOKIE, value);
    }
}

/// Whether cookies are to be sent back over HTTPS only.
pub(super) fn is_secure(info: &RequestInfo, portal: &Portal) -> bool {
    portal.config.force_secure_cookies
        || portal.config.public_url.scheme() == "https"
        || info.is_https
}

/// Whether a request authenticates itself by a bearer token, good or bad.
pub(super) fn is_bearer(request: &HttpRequest) -> bool {
    bearer_token(request).is_some()
}

/// What stands behind `Bearer` (in any case, RFC 9110, section 11.1) in `Authorization`.
pub(super) fn bearer_token(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether nobody's session is looked at on this path: all of `/auth` but signing out.
fn is_public(path: &str) -> bool {
    path.rsplit_once("/auth/")
        .is_some_and(|(_, action)| action != "logout")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_cookie_hides_no_other() {
        let mut headers = HeaderMap::new();
        for value in [&b"a=1; b=\xe4; c=3"[..], b"d=\xc3\xa4"] {
            headers.append(COOKIE, HeaderValue::from_bytes(value).unwrap());
        }
        keep_readable_cookies(&mut headers);
        let kept: Vec<_> = headers.get_all(COOKIE).collect();
        assert_eq!(kept, ["a=1; c=3; d=ä"]);
    }
}
