//! The cookie with a browser's device tokens: one for each account that it has signed in to, as
//! several people may share a browser, and one person may have several accounts.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{COOKIE, HeaderMap};
use actix_web::{HttpMessage as _, HttpRequest};
use portal_auth::DeviceToken;
use portal_auth::accounts::SignedIn;

use crate::DEVICE_COOKIE;
use crate::portal::Portal;

/// How many accounts a browser is known to; the ones signed in to last.
const MAX_TOKENS: usize = 8;

/// Between the tokens of a cookie.
const SEPARATOR: char = '~';

/// The value of the cookie that the response of a request sets.
struct Remembered(String);

/// The tokens in a request's cookies, whatever they are. Read from the headers, as parsed cookies are
/// kept, and those of some requests are yet to be dropped.
pub(crate) fn presented(headers: &HeaderMap) -> Vec<DeviceToken> {
    let values = headers
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == DEVICE_COOKIE)
        .flat_map(|(_, value)| value.split(SEPARATOR))
        .filter(|token| !token.is_empty())
        .take(MAX_TOKENS)
        .map(|token| DeviceToken::from(token.to_owned()))
        .collect()
}

/// Has the response to a request set the cookie, with a new token beside those of other accounts.
pub(crate) fn remember(request: &HttpRequest, portal: &Portal, signed_in: &SignedIn) {
    let now = portal.env.now();
    let others = presented(request.headers()).into_iter().filter(|token| {
        let user = portal.devices.user(token, now);
        user.is_some_and(|user| user != signed_in.account.user.id)
    });
    let tokens = [signed_in.device_token.clone()].into_iter().chain(others);
    let tokens = tokens.take(MAX_TOKENS);
    let mut value = String::new();
    for token in tokens {
        if !value.is_empty() {
            value.push(SEPARATOR);
        }
        value.push_str(token.expose());
    }
    request.extensions_mut().insert(Remembered(value));
}

/// The cookie, where the request has signed somebody in.
pub(crate) fn cookie_to_set(request: &HttpRequest) -> Option<Cookie<'static>> {
    let Remembered(value) = request.extensions_mut().remove::<Remembered>()?;
    let lifetime = Duration::seconds(DeviceToken::LIFETIME.num_seconds());
    Some(
        Cookie::build(DEVICE_COOKIE, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(lifetime)
            .finish(),
    )
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_presents_several_tokens_but_not_any_number() {
        let mut headers = HeaderMap::new();
        for value in [
            "a=1; breeze_portal_device=one~two~; b=2",
            "breeze_portal_device=three",
            "breeze_portal_devices=no; =; breeze_portal_device; breeze_portal_device=",
        ] {
            headers.append(COOKIE, HeaderValue::from_static(value));
        }
        let tokens = |headers: &HeaderMap| -> Vec<String> {
            let tokens = presented(headers).into_iter();
            tokens.map(|token| token.expose().to_owned()).collect()
        };
        assert_eq!(tokens(&headers), ["one", "two", "three"]);
        let many = format!("breeze_portal_device={}", ["x"; 50].join("~"));
        headers.insert(COOKIE, HeaderValue::from_str(&many).unwrap());
        assert_eq!(tokens(&headers).len(), MAX_TOKENS);
    }
}
