//! Session and CSRF cookies of a response.
//!
//! A response carries both cookies, removes both ([`clear`]), or has none of them.

use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_session::storage::SessionStore;
use actix_session::{SessionExt as _, SessionMiddleware, SessionStatus};
use actix_web::body::MessageBody;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};
use portal_auth::{SESSION_TTL, SessionId, SessionToken};

use crate::authenticated::bearer_token;
use crate::portal::Portal;
use crate::request_info::RequestInfo;
use crate::store::{CookieSession, SessionAdapter};
use crate::{CSRF_COOKIE, SESSION_COOKIE};

/// Marks a response that removes the session's cookies.
#[derive(Debug, Clone, Copy)]
struct ClearCookies;

/// Removes the session's cookies with this response.
pub fn clear(response: &mut HttpResponse) {
    response.extensions_mut().insert(ClearCookies);
}

fn lifetime() -> Duration {
    Duration::try_from(SESSION_TTL).unwrap_or(Duration::MAX)
}

/// Middleware that signs and checks the session cookie. [`csrf_cookie`] goes inside it, and
/// [`cookie_policy`] around it:
///
/// ```no_run
/// # use actix_web::{middleware::from_fn, web};
/// # use portal_session::{Portal, cookies};
/// # fn example(portal: &Portal) -> impl actix_web::dev::HttpServiceFactory {
/// web::scope("/tickets")
///     .wrap(from_fn(cookies::csrf_cookie))
///     .wrap(cookies::session_cookie(portal))
///     .wrap(from_fn(cookies::cookie_policy))
/// # }
/// ```
pub fn session_cookie(portal: &Portal) -> SessionMiddleware<impl SessionStore + use<>> {
    SessionMiddleware::builder(
        SessionAdapter(portal.sessions.clone()),
        portal.cookie_key.clone(),
    )
    .cookie_name(SESSION_COOKIE.to_owned())
    .cookie_path("/".to_owned())
    .cookie_http_only(true)
    .cookie_same_site(portal.config.same_site)
    // `cookie_policy` adds `Secure` over HTTPS.
    .cookie_secure(false)
    .cookie_content_security(CookieContentSecurity::Signed)
    .session_lifecycle(PersistentSession::default().session_ttl(lifetime()))
    .build()
}

/// Middleware that sends the CSRF cookie along with the session cookie, and removes both after
/// [`clear`].
///
/// # Errors
///
/// Those of the service, and faults of the program.
pub async fn csrf_cookie<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let request = response.request().clone();
    let portal = Portal::of(&request).map_err(actix_web::error::ErrorInternalServerError)?;
    let session = request.get_session();
    let cookie = |name: &'static str, value: String| {
        Cookie::build(name, value)
            .path("/")
            .same_site(portal.config.same_site)
            .max_age(lifetime())
            .http_only(name == SESSION_COOKIE)
            .finish()
    };
    let removal = |name| {
        let mut cookie = cookie(name, String::new());
        cookie.make_removal();
        cookie
    };
    let found = CookieSession::of(&session);
    let clears = response.response().extensions().contains::<ClearCookies>();
    if clears {
        if found.is_some() {
            session.purge();
        } else {
            // `actix-session` removes no cookie of a session that it did not find.
            response
                .response_mut()
                .add_cookie(&removal(SESSION_COOKIE))?;
        }
        response.response_mut().add_cookie(&removal(CSRF_COOKIE))?;
    } else if session.status() != SessionStatus::Unchanged
        && let Some(id) = found.as_ref().and_then(id)
    {
        let token = csrf_token(&request, portal, &id);
        let cookie = cookie(CSRF_COOKIE, token);
        response.response_mut().add_cookie(&cookie)?;
    }
    Ok(response)
}

fn id(session: &CookieSession) -> Option<SessionId> {
    match session {
        CookieSession::Live { id, .. } => Some(*id),
        CookieSession::New { token } => Some(token.parse::<SessionToken>().ok()?.id()),
        CookieSession::Unavailable(_) => None,
    }
}

/// The CSRF token of the request's cookie, if it was issued for this session, or a new one.
fn csrf_token(request: &HttpRequest, portal: &Portal, session: &SessionId) -> String {
    request
        .cookie(CSRF_COOKIE)
        .map(|cookie| cookie.value().to_owned())
        .filter(|token| portal.csrf.verify(session, token))
        .unwrap_or_else(|| portal.csrf.issue(session))
}

/// The outermost of the three: removes the cookies of a request with a bearer token, which takes
/// precedence, and makes the cookies of a response `Secure` if [`RequestInfo::is_secure`].
///
/// # Errors
///
/// Those of the service.
pub async fn cookie_policy<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if bearer_token(request.request()).is_some() {
        request.headers_mut().remove(COOKIE);
    } else {
        keep_readable_cookies(request.headers_mut());
    }
    let mut response = next.call(request).await?;
    let is_secure = Portal::of(response.request())
        .is_ok_and(|portal| RequestInfo::of(response.request(), &portal.config).is_secure);
    if is_secure {
        let cookies: Vec<_> = response.headers_mut().remove(SET_COOKIE).collect();
        for cookie in cookies {
            let secure = [cookie.as_bytes(), b"; Secure"].concat();
            let secure = HeaderValue::from_bytes(&secure).map_err(Error::from)?;
            response.headers_mut().append(SET_COOKIE, secure);
        }
    }
    Ok(response)
}

/// Drops cookies that are not UTF-8: one of them, set by another site on the domain, would make
/// the others unreadable.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_cookie_does_not_hide_others() {
        let mut headers = HeaderMap::new();
        for value in [&b"a=1; b=\xe4; c=3"[..], b"d=\xc3\xa4"] {
            headers.append(COOKIE, HeaderValue::from_bytes(value).unwrap());
        }
        keep_readable_cookies(&mut headers);
        let kept: Vec<_> = headers.get_all(COOKIE).collect();
        assert_eq!(kept, ["a=1; c=3; d=ä"]);
    }
}
