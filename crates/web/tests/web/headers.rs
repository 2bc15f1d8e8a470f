//! Headers of responses.

use crate::browser::{Browser, attribute};
use crate::start;

#[actix_web::test]
async fn pages_have_security_headers() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    for path in ["/", "/profile", "/nothing-here"] {
        let response = browser.get(path).await;
        let policy = response.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("content-language", "en"),
            ("content-type", "text/html; charset=utf-8"),
        ] {
            assert_eq!(
                response.header(name).as_deref(),
                Some(value),
                "{path} {name}"
            );
        }
        assert!(response.header("permissions-policy").is_some());
        assert!(response.header("x-request-id").is_some());
        assert_eq!(response.header("strict-transport-security"), None);
        for inline in [" style=", "<style", "onclick=", "javascript:"] {
            assert!(!response.text().contains(inline), "{path}: {inline}");
        }
    }
}

#[actix_web::test]
async fn hsts_is_sent_over_https_alone() {
    let app = portal_test_support::TestApp::with_pages(
        |config| {
            config.public_url = "https://portal.example".parse().unwrap();
            config.trusted_proxies = vec!["10.0.0.1/32".parse().unwrap()];
        },
        portal_web::routes,
    )
    .await;
    for (peer, scheme, is_https) in [
        ("10.0.0.1", Some("https"), true),
        ("10.0.0.1", Some("http"), false),
        ("10.0.0.1", Some("https, http"), false),
        ("10.0.0.1", None, false),
        ("203.0.113.9", Some("https"), false),
        ("203.0.113.9", None, false),
    ] {
        let browser = Browser::new(&app);
        let mut call = browser
            .call(actix_web::http::Method::GET, "/sign-in")
            .from_address(peer);
        if let Some(scheme) = scheme {
            call = call.header("x-forwarded-proto", scheme);
        }
        let response = browser.send(call).await;
        let header = response.header("strict-transport-security");
        assert_eq!(header.is_some(), is_https, "{peer} {scheme:?}");
        // The public address is HTTPS, wherever this request was sent to.
        let cookies = response.set_cookies();
        assert!(cookies.iter().all(|cookie| cookie.contains("Secure")));
    }
}

#[actix_web::test]
async fn page_loads_two_immutable_files() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/").await;
    let style = attribute(html.split("rel=\"stylesheet\"").nth(1).unwrap(), "href");
    let script = attribute(html.split("<script").nth(1).unwrap(), "src");
    assert_eq!(html.matches("rel=\"stylesheet\"").count(), 1);
    assert_eq!(html.matches("<script").count(), 1);
    let mut size = 0;
    for (path, content_type) in [
        (style, "text/css; charset=utf-8"),
        (script, "text/javascript; charset=utf-8"),
    ] {
        let response = browser.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.header("content-type").unwrap(), content_type);
        let kept = "public, max-age=31536000, immutable";
        assert_eq!(response.header("cache-control").unwrap(), kept);
        size += response.text().len();
    }
    assert!(size < 60_000, "{size}");
    let response = browser
        .get("/static/0123456789abcdef/none-none-none/portal.css")
        .await;
    assert_eq!(response.header("cache-control").unwrap(), "no-store");
}

#[actix_web::test]
async fn pages_are_compressed() {
    let app = start().await;
    let browser = Browser::new(&app);
    for (accepted, chosen) in [
        ("gzip", Some("gzip")),
        ("br, gzip", Some("gzip")),
        ("br", None),
    ] {
        let call = browser.call(actix_web::http::Method::GET, "/sign-in");
        let response = browser.send(call.header("accept-encoding", accepted)).await;
        assert_eq!(response.status(), 200, "{accepted}");
        assert_eq!(
            response.header("content-encoding").as_deref(),
            chosen,
            "{accepted}"
        );
    }
}

#[actix_web::test]
async fn cookies_are_http_only_and_same_site() {
    let app = start().await;
    let response = Browser::new(&app).get("/sign-in").await;
    let cookies = response.set_cookies();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookies[0].contains(part), "{cookies:?}");
    }
}
