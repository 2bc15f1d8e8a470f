//! CSRF protection.
#![expect(
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part has to fail the test"
)]

use actix_web::http::Method;
use portal_session::{CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE};
use portal_test_support::{Call, Caller as _, CookieUser, Response, TestApp};
use serde_json::{Value, json};

use crate::support::endpoints::protected_changes;

fn forbidden(sentence: &str) -> (u16, Value) {
    (403, json!({ "error": sentence }))
}

/// A profile update with these cookies and this header.
fn change(app: &TestApp, session: &str, csrf: Option<&str>, header: Option<&str>) -> Call {
    let csrf = csrf.map_or_else(String::new, |csrf| format!("; {CSRF_COOKIE}={csrf}"));
    let call = app
        .anonymous()
        .call(Method::PATCH, "/profile")
        .header("cookie", &format!("{SESSION_COOKIE}={session}{csrf}"))
        .json(&json!({ "name": "Changed" }));
    match header {
        Some(header) => call.header(CSRF_HEADER, header),
        None => call,
    }
}

async fn name(browser: &CookieUser) -> Value {
    browser.get("/profile").await.json()["user"]["name"].clone()
}

/// A profile update by a browser's script, with more headers.
async fn change_with(browser: &CookieUser, headers: &[(&'static str, &str)]) -> Response {
    let mut call = browser.call(Method::PATCH, "/profile");
    for (name, value) in headers {
        call = call.replace_header(name, value);
    }
    call.json(&json!({ "name": "Changed" })).send().await
}

#[actix_web::test]
async fn every_change_by_cookie_requires_the_csrf_token() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    for (method, path) in protected_changes() {
        let response = browser
            .call_without_header(method.clone(), &path)
            .json(&json!({}))
            .send()
            .await;
        assert_eq!(
            response.parts(),
            forbidden("Missing CSRF header"),
            "{method} {path}"
        );
    }
    assert_eq!(browser.get("/profile").await.status(), 200);
}

#[actix_web::test]
async fn each_invalid_csrf_token_has_its_message() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let other = app.cookie(&app.acme.ada).await;
    let attacker = app.cookie(&app.acme.bob).await;
    let session = browser.session.borrow().clone();
    let [own, others, attackers] =
        [&browser, &other, &attacker].map(|browser| browser.csrf.borrow().clone());
    let (nonce, tag) = own.split_once('.').unwrap();
    let (_, others_tag) = attackers.split_once('.').unwrap();
    let forged = format!("{nonce}.{others_tag}");

    let (header, cookie, token) = (
        "Missing CSRF header",
        "Missing CSRF cookie",
        "Invalid CSRF token",
    );
    for (why, in_cookie, in_header, sentence) in [
        ("neither", None, None, header),
        ("no header", Some(own.as_str()), None, header),
        ("an empty header", Some(&*own), Some(""), header),
        ("no cookie", None, Some(&*own), cookie),
        ("an empty cookie", Some(""), Some(&*own), cookie),
        ("two tokens", Some(&*own), Some(&*others), token),
        ("another header", Some(&*own), Some("rubbish"), token),
        ("another cookie", Some("rubbish"), Some(&*own), token),
        ("a made-up pair", Some("rubbish"), Some("rubbish"), token),
        ("half a pair", Some(nonce), Some(nonce), token),
        ("the other half", Some(tag), Some(tag), token),
        ("a forged pair", Some(&*forged), Some(&*forged), token),
        (
            "a pair of the user's other session",
            Some(&*others),
            Some(&*others),
            token,
        ),
        (
            "a pair planted by an attacker who has an account",
            Some(&*attackers),
            Some(&*attackers),
            token,
        ),
    ] {
        let response = change(&app, &session, in_cookie, in_header).send().await;
        assert_eq!(response.parts(), forbidden(sentence), "{why}");
        assert!(
            !response
                .set_cookies()
                .iter()
                .any(|it| it.contains("Max-Age=0")),
            "the session is as good as before: {why}"
        );
    }
    assert_eq!(name(&browser).await, "Ada");
    let response = change(&app, &session, Some(&own), Some(&own)).send().await;
    assert_eq!(response.status(), 200);
    assert_eq!(name(&browser).await, "Changed");
}

#[actix_web::test]
async fn expired_session_is_reported_before_a_missing_csrf_token() {
    let app = TestApp::start().await;
    let response = change(&app, "rubbish", None, None).send().await;
    let body = json!({ "error": "Invalid or expired session" });
    assert_eq!(response.parts(), (401, body));
}

#[actix_web::test]
async fn csrf_tokens_stay_valid_for_the_session() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let first = browser.csrf.borrow().clone();

    // A browser that keeps the cookie keeps the token.
    let kept = browser.get("/profile").await.cookie(CSRF_COOKIE);
    assert_eq!(kept.as_ref(), Some(&first));

    // One that has lost it, or was planted another, is given a new one.
    let session = browser.session.borrow().clone();
    let mut tokens = vec![first];
    for lost in [None, Some("rubbish")] {
        let cookies = match lost {
            Some(planted) => format!("{SESSION_COOKIE}={session}; {CSRF_COOKIE}={planted}"),
            None => format!("{SESSION_COOKIE}={session}"),
        };
        let response = app
            .anonymous()
            .call(Method::GET, "/profile")
            .header("cookie", &cookies)
            .send()
            .await;
        let issued = response.cookie(CSRF_COOKIE).unwrap();
        assert!(!tokens.contains(&issued));
        tokens.push(issued);
    }
    for _ in 0..3 {
        app.env.advance(chrono::TimeDelta::hours(20));
        for token in &tokens {
            let response = change(&app, &session, Some(token), Some(token))
                .send()
                .await;
            assert_eq!(response.status(), 200);
        }
    }
}

#[actix_web::test]
async fn get_requires_no_csrf_token() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    for method in [Method::GET, Method::HEAD] {
        let response = browser
            .call_without_header(method.clone(), "/profile")
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site")
            .send()
            .await;
        assert_eq!(response.status(), 200, "{method}");
    }
}

#[actix_web::test]
async fn bearer_token_requires_no_csrf_token() {
    let app = TestApp::start().await;
    let program = app.bearer(&app.acme.ada).await;
    let response = program
        .call(Method::PATCH, "/profile")
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "cross-site")
        .json(&json!({ "name": "Changed" }))
        .send()
        .await;
    assert_eq!(response.status(), 200);
}

#[actix_web::test]
async fn sec_fetch_site_blocks_cross_site_requests() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    for (site, allowed) in [
        ("same-origin", true),
        ("same-site", true),
        ("cross-site", false),
        ("none", false),
        ("rubbish", false),
    ] {
        let response = change_with(&browser, &[("sec-fetch-site", site)]).await;
        if allowed {
            assert_eq!(response.status(), 200, "{site}");
        } else {
            let expected = forbidden("Cross-site request blocked");
            assert_eq!(response.parts(), expected, "{site}");
        }
    }
}

/// Sends a change with an `Origin` to a host.
async fn from_origin(browser: &CookieUser, host: &str, origin: &str) -> (u16, Value) {
    let headers = [("host", host), ("origin", origin)];
    let response = change_with(browser, &headers).await;
    match response.status() {
        200 => (200, Value::Null),
        _ => response.parts(),
    }
}

fn allowed() -> (u16, Value) {
    (200, Value::Null)
}

fn foreign() -> (u16, Value) {
    forbidden("Invalid request origin")
}

#[actix_web::test]
async fn origins_of_the_portal_and_of_cors_settings_are_allowed() {
    let app = TestApp::with(|config| {
        config.public_url = "https://portal.example:8443".parse().unwrap();
        config.cors_allowed_origins = vec!["https://app.example".to_owned()];
    })
    .await;
    let browser = app.cookie(&app.acme.ada).await;
    let own = "portal.example:8443";
    for (host, origin, expected) in [
        (own, "https://portal.example:8443", allowed()),
        (own, "https://PORTAL.example:8443", allowed()),
        (own, "https://app.example", allowed()),
        ("whatever.example", "https://app.example", allowed()),
        (own, "https://portal.example", foreign()),
        (own, "http://portal.example:8443", foreign()),
        (own, "https://evil.example", foreign()),
        (own, "https://portal.example.evil.example:8443", foreign()),
        (own, "https://sub.app.example", foreign()),
        (own, "http://app.example", foreign()),
        (own, "https://app.example:444", foreign()),
        (own, "null", foreign()),
        (own, "", foreign()),
        (own, "rubbish", foreign()),
        // The host that a request names is not the portal's because a page of it says so.
        ("evil.example", "https://evil.example", foreign()),
        ("evil.example", "https://portal.example:8443", foreign()),
        // Only in development.
        (own, "http://localhost:5173", foreign()),
        ("localhost:5173", "http://localhost:5173", foreign()),
    ] {
        let response = from_origin(&browser, host, origin).await;
        assert_eq!(response, expected, "{origin} at {host}");
    }
}

#[actix_web::test]
async fn verified_domain_is_an_allowed_origin_only_on_its_own_host() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "support.acme.example").await;
    app.own_domain(&app.globex, "help.globex.example").await;
    let browser = app.cookie(&app.acme.ada).await;
    let (acme, globex) = ("support.acme.example", "help.globex.example");
    for (host, origin, expected) in [
        (acme, "https://support.acme.example", allowed()),
        (globex, "https://help.globex.example", allowed()),
        (
            "Support.Acme.Example",
            "https://support.acme.example",
            allowed(),
        ),
        (acme, "https://help.globex.example", foreign()),
        (globex, "https://support.acme.example", foreign()),
        ("portal.example", "https://support.acme.example", foreign()),
        (acme, "http://portal.example", foreign()),
        (acme, "https://support.acme.example:444", foreign()),
    ] {
        let response = from_origin(&browser, host, origin).await;
        assert_eq!(response, expected, "{origin} at {host}");
    }
}

#[actix_web::test]
async fn unverified_domain_is_not_an_allowed_origin() {
    let app = TestApp::start().await;
    app.claim_domain(&app.acme, "support.acme.example").await;
    let browser = app.cookie(&app.acme.ada).await;
    let (host, origin) = ("support.acme.example", "https://support.acme.example");
    assert_eq!(from_origin(&browser, host, origin).await, foreign());
    app.own_domain(&app.acme, "support.acme.example").await;
    assert_eq!(from_origin(&browser, host, origin).await, allowed());
    app.claim_domain(&app.acme, "other.acme.example").await;
    assert_eq!(from_origin(&browser, host, origin).await, foreign());
}

#[actix_web::test]
async fn loopback_origins_are_allowed_in_development() {
    let app = TestApp::with(|config| config.allow_loopback_origins = true).await;
    let browser = app.cookie(&app.acme.ada).await;
    for (origin, expected) in [
        ("http://localhost:5173", allowed()),
        ("https://localhost", allowed()),
        ("http://127.0.0.1:3000", allowed()),
        ("http://[::1]:3000", allowed()),
        ("http://localhost.evil.example", foreign()),
        ("http://127.0.0.1.evil.example", foreign()),
        ("http://192.168.0.1", foreign()),
        ("null", foreign()),
    ] {
        let response = from_origin(&browser, "portal.example", origin).await;
        assert_eq!(response, expected, "{origin}");
    }
}
