//! The cookies of responses.

use portal_session::{CSRF_COOKIE, DEVICE_COOKIE, SESSION_COOKIE};
use portal_test_support::Response;

/// The attributes of a cookie that a response sets, in alphabetical order.
pub(crate) fn attributes(response: &Response, name: &str) -> Option<Vec<String>> {
    let cookies = response.set_cookies();
    let mut of_this_name = cookies.iter().filter(|cookie| {
        cookie
            .split_once('=')
            .is_some_and(|(found, _)| found == name)
    });
    let cookie = of_this_name.next()?;
    assert!(
        of_this_name.next().is_none(),
        "{name} is set once: {cookies:?}"
    );
    let mut attributes: Vec<_> = cookie.split("; ").skip(1).map(ToOwned::to_owned).collect();
    attributes.sort_unstable();
    Some(attributes)
}

/// The response signs somebody in: it sets both cookies for a day, and that of the device for longer.
pub(crate) fn assert_signs_in(response: &Response) {
    assert_eq!(response.set_cookies().len(), 3, "{response:?}");
    assert_sets_session_cookies(response);
    assert_eq!(
        attributes(response, DEVICE_COOKIE).expect("the device cookie"),
        ["HttpOnly", "Max-Age=34560000", "Path=/", "SameSite=Lax"]
    );
}

/// The response sets both cookies for a day, and no other.
pub(crate) fn assert_sets_both_cookies(response: &Response) {
    assert_eq!(response.set_cookies().len(), 2, "{response:?}");
    assert_sets_session_cookies(response);
}

fn assert_sets_session_cookies(response: &Response) {
    let session = attributes(response, SESSION_COOKIE).expect("the session cookie");
    assert_eq!(
        session,
        ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Lax"]
    );
    let csrf = attributes(response, CSRF_COOKIE).expect("the CSRF cookie");
    assert_eq!(csrf, ["Max-Age=86400", "Path=/", "SameSite=Lax"]);
    for name in [SESSION_COOKIE, CSRF_COOKIE] {
        assert_ne!(response.cookie(name).as_deref(), Some(""), "{name}");
    }
}

/// The response removes both cookies from the browser, and sets no other.
pub(crate) fn assert_clears_both_cookies(response: &Response) {
    assert_eq!(response.set_cookies().len(), 2, "{response:?}");
    for (name, expected) in [
        (
            SESSION_COOKIE,
            &["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax"][..],
        ),
        (CSRF_COOKIE, &["Max-Age=0", "Path=/", "SameSite=Lax"]),
    ] {
        assert_eq!(response.cookie(name).as_deref(), Some(""), "{name}");
        let attributes = attributes(response, name).unwrap();
        // Older browsers read a date in the past instead.
        let (expires, attributes): (Vec<_>, Vec<_>) = attributes
            .into_iter()
            .partition(|attribute| attribute.starts_with("Expires="));
        assert_eq!(expires.len(), 1, "{name}");
        assert_eq!(attributes, expected, "{name}");
    }
}
