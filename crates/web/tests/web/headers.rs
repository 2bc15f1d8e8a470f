//! The headers of every kind of answer.

use crate::browser::{Browser, attribute};
use crate::start;

#[actix_web::test]
async fn pages_keep_to_themselves() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    for path in ["/", "/profile", "/nothing-here"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy").unwrap();
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
            assert_eq!(answer.header(name).as_deref(), Some(value), "{path} {name}");
        }
        assert!(answer.header("permissions-policy").is_some());
        assert!(answer.header("x-request-id").is_some());
        assert_eq!(answer.header("strict-transport-security"), None);
        for inline in [" style=", "<style", "onclick=", "javascript:"] {
            assert!(!answer.text().contains(inline), "{path}: {inline}");
        }
    }
}

#[actix_web::test]
async fn over_https_it_stays_https() {
    let app = portal_test_support::TestApp::with_pages(
        |config| config.public_url = "https://portal.example".parse().unwrap(),
        portal_web::routes,
    )
    .await;
    let answer = Browser::new(&app).get("/sign-in").await;
    assert!(answer.header("strict-transport-security").is_some());
    assert!(
        answer
            .set_cookies()
            .iter()
            .all(|cookie| cookie.contains("Secure"))
    );
}

#[actix_web::test]
async fn a_page_needs_two_files_which_are_kept_for_ever() {
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
        let answer = browser.get(&path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.header("content-type").unwrap(), content_type);
        let kept = "public, max-age=31536000, immutable";
        assert_eq!(answer.header("cache-control").unwrap(), kept);
        size += answer.text().len();
    }
    assert!(size < 60_000, "{size}");
    let answer = browser
        .get("/static/0123456789abcdef/none-none-none/portal.css")
        .await;
    assert_eq!(answer.header("cache-control").unwrap(), "no-store");
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
        let answer = browser.send(call.header("accept-encoding", accepted)).await;
        assert_eq!(answer.status(), 200, "{accepted}");
        assert_eq!(
            answer.header("content-encoding").as_deref(),
            chosen,
            "{accepted}"
        );
    }
}

#[actix_web::test]
async fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
    let app = start().await;
    let answer = Browser::new(&app).get("/sign-in").await;
    let cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookies[0].contains(part), "{cookies:?}");
    }
}
