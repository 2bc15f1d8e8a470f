//! Forged and malformed form submissions.

use actix_web::http::Method;
use portal_session::SESSION_COOKIE;
use portal_test_support::PASSWORD;

use crate::browser::{Browser, hidden_fields};
use crate::start;

#[actix_web::test]
async fn form_without_csrf_token_is_forbidden() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let bob = Browser::signed_in(&app, &app.acme.bob).await;
    let html = bob.page("/profile").await;
    let foreign = hidden_fields(&html, "/profile").remove(0).1;
    for csrf in [None, Some(""), Some("nonsense"), Some(&*foreign)] {
        for path in ["/profile", "/profile/password", "/sign-out"] {
            let mut fields = vec![("name", "Mallory")];
            fields.extend(csrf.map(|csrf| ("csrf", csrf)));
            let response = browser.post(path, &fields).await;
            // A token of another session may be of a page that was opened before.
            let (status, text) = match csrf {
                None | Some("") => (403, "could not be accepted"),
                Some(_) => (422, "Nothing has been saved yet"),
            };
            assert_eq!(response.status(), status, "{path} {csrf:?}");
            assert!(response.text().contains(text), "{}", response.text());
        }
    }
    assert!(browser.page("/").await.contains("Hello, Ada"));
}

#[actix_web::test]
async fn form_in_another_encoding_is_rejected() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/profile").await;
    let csrf = hidden_fields(&html, "/profile").remove(0).1;
    for (name, status) in [("J%F6rg", 400), ("J%C3%B6rg", 303)] {
        let call = browser.call(Method::POST, "/profile").body(
            "application/x-www-form-urlencoded",
            format!("csrf={csrf}&name={name}"),
        );
        assert_eq!(browser.send(call).await.status(), status, "{name}");
    }
    assert!(browser.page("/").await.contains("Hello, Jörg"));
}

#[actix_web::test]
async fn cross_site_form_is_forbidden() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/profile").await;
    let csrf = hidden_fields(&html, "/profile").remove(0).1;
    let body = format!("csrf={csrf}&name=Mallory");
    for (header, value, status) in [
        ("origin", "https://evil.example", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("origin", "http://portal.example", 303),
        ("sec-fetch-site", "same-origin", 303),
        // from a page that sends no referrer
        ("origin", "null", 303),
    ] {
        let call = browser.call(Method::POST, "/profile").header(header, value);
        let call = call.body("application/x-www-form-urlencoded", body.clone());
        assert_eq!(
            browser.send(call).await.status(),
            status,
            "{header}: {value}"
        );
    }
}

#[actix_web::test]
async fn cross_site_sign_in_is_forbidden() {
    let app = start().await;
    let fields = [("email", &*app.acme.ada.email), ("password", PASSWORD)];
    // No cookie, no token.
    let browser = Browser::new(&app);
    assert_eq!(browser.post("/sign-in", &fields).await.status(), 403);
    // A cookie, and the token of another browser.
    let other = Browser::new(&app);
    let html = other.page("/sign-in").await;
    browser.page("/sign-in").await;
    let response = browser.submit_from(&html, "/sign-in", &fields).await;
    assert_eq!(response.status(), 422);
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn unsupported_media_type_is_rejected() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let call = browser
        .call(Method::POST, "/profile")
        .body("application/json", "{}");
    assert_eq!(browser.send(call).await.status(), 415);
    let long = format!("name={}", "x".repeat(1024 * 1024));
    let call = browser.call(Method::POST, "/profile");
    let call = call.body("application/x-www-form-urlencoded", long);
    assert_eq!(browser.send(call).await.status(), 413);
}
