//! Session and CSRF cookies of a response.
//!
//! A response carries both cookies, removes both ([`clear`]), or has none of them. One that signs
//! somebody in carries the browser's device tokens, too.

use std::borrow::Cow;

use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_session::storage::SessionStore;
use actix_session::{SessionExt as _, SessionMiddleware, SessionStatus};
use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, CookieJar, Key};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};
use portal_auth::{Purpose, SESSION_TTL, SecretKey, SessionId, SessionToken};

use crate::authenticated::bearer_token;
use crate::devices;
use crate::portal::Portal;
use crate::request_info::RequestInfo;
use crate::store::{CookieSession, SessionAdapter};
use crate::{CSRF_COOKIE, SESSION_COOKIE};

/// The keys that sign the session cookie.
pub(crate) struct CookieKeys {
    current: Key,
    /// What it signed is still good.
    previous: Option<Key>,
}

impl CookieKeys {
    /// The keys that `secret` yields for [`Purpose::SessionCookie`].
    pub(crate) fn new(secret: &SecretKey) -> Self {
        let key = |bytes: [u8; 64]| Key::from(&bytes);
        Self {
            current: key(secret.derive(Purpose::SessionCookie)),
            previous: secret.derive_previous(Purpose::SessionCookie).map(key),
        }
    }
}

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
        portal.cookie_keys.current.clone(),
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

/// Middleware that sends the CSRF cookie along with the session cookie, and the device cookie along
/// with that of a new session. Removes the first two after [`clear`].
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
    if let Some(cookie) = devices::cookie_to_set(&request) {
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

/// The CSRF token of the request's cookie, if it was issued for this session under the current key, or
/// a new one.
fn csrf_token(request: &HttpRequest, portal: &Portal, session: &SessionId) -> String {
    cookie_values(request, CSRF_COOKIE)
        .into_iter()
        .find(|token| portal.csrf.is_current(session, token))
        .unwrap_or_else(|| portal.csrf.issue(session))
}

/// The values of all cookies of this name that are not empty. Whatever else is on the domain may
/// have set one of the same name, and their order says nothing (RFC 6265, section 5.4).
pub(crate) fn cookie_values(request: &HttpRequest, name: &str) -> Vec<String> {
    let cookies = request.cookies();
    let cookies = cookies.iter().flat_map(|cookies| cookies.iter());
    cookies
        .filter(|cookie| cookie.name() == name && !cookie.value().is_empty())
        .map(|cookie| cookie.value().to_owned())
        .collect()
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
    } else if let Ok(portal) = Portal::of(request.request()) {
        let portal = portal.clone();
        keep_own_cookies(request.headers_mut(), &portal.cookie_keys);
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

/// Drops cookies that something else on the domain has set and that would hide the portal's own:
/// those that are not UTF-8, which would make all others unreadable, and session cookies without
/// our signature beside one that has it. A session cookie that cannot be decoded counts as an
/// invalid one, not as none. One that the previous key signed is signed anew, as `actix-session` knows
/// the current key alone.
fn keep_own_cookies(headers: &mut HeaderMap, keys: &CookieKeys) {
    let all: Vec<_> = headers.get_all(COOKIE).cloned().collect();
    let mut pairs: Vec<_> = all
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(readable)
        .collect();
    let sessions = pairs.iter().filter(|pair| is_session(pair));
    // One alone is `actix-session`'s to check.
    let is_for_us = match sessions.clone().count() {
        0 => false,
        1 => keys.previous.is_some(),
        _ => true,
    };
    if is_for_us && let Some(own) = sessions.clone().find_map(|pair| signed(pair, keys)) {
        pairs.retain(|pair| !is_session(pair));
        pairs.push(Cow::Owned(own));
    }
    headers.remove(COOKIE);
    if let Ok(value) = HeaderValue::from_bytes(pairs.join("; ").as_bytes())
        && !value.is_empty()
    {
        headers.insert(COOKIE, value);
    }
}

/// A cookie as `actix-session` can read it; `None` for another's cookie that is not UTF-8.
fn readable(pair: &[u8]) -> Option<Cow<'_, str>> {
    let text = String::from_utf8_lossy(pair.trim_ascii());
    let is_utf8 = matches!(text, Cow::Borrowed(_));
    if !is_session(&text) {
        return is_utf8.then_some(text);
    }
    let is_decodable = is_utf8 && Cookie::parse_encoded(&*text).is_ok();
    Some(if is_decodable {
        text
    } else {
        Cow::Owned(format!("{SESSION_COOKIE}=unreadable"))
    })
}

fn is_session(pair: &str) -> bool {
    pair.split_once('=')
        .is_some_and(|(name, _)| name.trim() == SESSION_COOKIE)
}

/// A session cookie that `actix-session` has signed, as it signs it now.
fn signed(pair: &str, keys: &CookieKeys) -> Option<String> {
    let cookie = Cookie::parse_encoded(pair.to_owned()).ok()?;
    let mut jar = CookieJar::new();
    jar.add_original(cookie);
    if jar.signed(&keys.current).get(SESSION_COOKIE).is_some() {
        return Some(pair.to_owned());
    }
    let opened = jar.signed(keys.previous.as_ref()?).get(SESSION_COOKIE)?;
    let renewed = Cookie::new(SESSION_COOKIE, opened.value().to_owned());
    jar.signed_mut(&keys.current).add(renewed);
    Some(jar.get(SESSION_COOKIE)?.encoded().to_string())
}

#[cfg(test)]
mod tests {
    use portal_test_support::properties::{for_all, header_with};

    use super::*;

    fn kept(values: &[&[u8]], keys: &CookieKeys) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COOKIE, HeaderValue::from_bytes(value).unwrap());
        }
        keep_own_cookies(&mut headers, keys);
        let kept = headers.get_all(COOKIE);
        kept.map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap())
            .collect()
    }

    /// The session cookie of a token, as `actix-session` signs it.
    fn signed_by(key: &Key) -> String {
        let mut jar = CookieJar::new();
        jar.signed_mut(key)
            .add(Cookie::new(SESSION_COOKIE, "token"));
        jar.get(SESSION_COOKIE).unwrap().encoded().to_string()
    }

    #[test]
    fn a_session_cookie_of_the_previous_key_is_signed_anew() {
        let [old, new] = [SecretKey::random(), SecretKey::random()];
        let keys = CookieKeys::new(&new.clone().with_previous(&old));
        let ours = signed_by(&keys.current);
        let theirs = signed_by(&CookieKeys::new(&old).current);
        for cookies in [
            theirs.clone(),
            format!("a=1; {theirs}"),
            format!("{SESSION_COOKIE}=garbage; {theirs}"),
            ours.clone(),
        ] {
            let kept = kept(&[cookies.as_bytes()], &keys).remove(0);
            assert!(kept.ends_with(&ours), "{kept}");
            assert!(!kept.contains("garbage"), "{kept}");
        }
        // Once the previous key is gone, it is a foreign one.
        let alone = CookieKeys::new(&new);
        assert_eq!(kept(&[theirs.as_bytes()], &alone), [theirs.as_str()]);
    }

    #[test]
    fn our_session_cookie_survives_whatever_stands_beside_it() {
        let keys = CookieKeys::new(&SecretKey::random());
        let ours = signed_by(&keys.current);
        let noise = || {
            header_with(&[
                ";",
                "; ",
                "=",
                "a=1",
                ",",
                "\"",
                "%ff",
                "%",
                SESSION_COOKIE,
                CSRF_COOKIE,
                " ",
            ])
        };
        for_all(1_000, (noise(), noise()), |(before, behind)| {
            let header = [&before[..], b"; ", ours.as_bytes(), b"; ", &behind].concat();
            let kept = kept(&[&header], &keys).concat();
            assert!(kept.split("; ").any(|cookie| cookie == ours), "{kept:?}");
            // No other of this name is left to hide it.
            assert_eq!(
                kept.split("; ").filter(|cookie| is_session(cookie)).count(),
                1
            );
        });
    }

    #[test]
    fn an_unreadable_cookie_hides_no_other() {
        let keys = CookieKeys::new(&SecretKey::random());
        let kept = kept(&[b"a=1; b=\xe4; c=3", b"d=\xc3\xa4"], &keys);
        assert_eq!(kept, ["a=1; c=3; d=ä"]);
    }

    #[test]
    fn a_session_cookie_that_cannot_be_decoded_is_an_invalid_one() {
        let keys = CookieKeys::new(&SecretKey::random());
        let invalid = format!("{SESSION_COOKIE}=unreadable");
        for value in [&b"%AF"[..], b"%ff%fe", b"\xe4"] {
            let cookie = [SESSION_COOKIE.as_bytes(), b"=", value].concat();
            assert_eq!(kept(&[&cookie], &keys), [invalid.as_str()]);
        }
    }

    #[test]
    fn a_foreign_session_cookie_hides_not_ours_in_front_or_behind() {
        let keys = CookieKeys::new(&SecretKey::random());
        let ours = signed_by(&keys.current);
        let foreign = format!("{SESSION_COOKIE}=garbage");
        for cookies in [
            format!("{foreign}; a=1; {ours}"),
            format!("{ours}; a=1; {foreign}"),
            format!("{foreign}; a=1; {ours}; {foreign}"),
        ] {
            let kept = kept(&[cookies.as_bytes()], &keys).remove(0);
            assert!(kept.contains(&ours) && kept.contains("a=1"), "{kept}");
            assert!(!kept.contains("garbage"), "{kept}");
        }
        // Alone, a foreign cookie is an invalid session, which is reported and removed.
        assert_eq!(kept(&[foreign.as_bytes()], &keys), [foreign.as_str()]);
    }
}
