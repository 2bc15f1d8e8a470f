//! CORS, proxies, hosts, and the attributes of cookies that depend on them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that cannot do its part has to fail the test"
)]

use actix_web::cookie::SameSite;
use actix_web::http::Method;
use portal_domain::audit::AuditAction;
use portal_session::{CSRF_COOKIE, HttpConfig, SESSION_COOKIE};
use portal_test_support::{Caller as _, PASSWORD, Response, TestApp};
use serde_json::json;

use crate::support::cookies::attributes;

const APP: &str = "https://app.example";

fn named_origin(config: &mut HttpConfig) {
    config.cors_allowed_origins = vec![APP.to_owned()];
}

fn behind_proxies(config: &mut HttpConfig) {
    config.trusted_proxies = vec![
        "10.0.0.0/8".parse().unwrap(),
        "2001:db8:ffff::/48".parse().unwrap(),
    ];
}

/// A CORS preflight request.
async fn preflight(app: &TestApp, origin: &str) -> Response {
    app.anonymous()
        .call(Method::OPTIONS, "/profile")
        .header("origin", origin)
        .header("access-control-request-method", "PATCH")
        .header(
            "access-control-request-headers",
            "content-type, x-breeze-csrf",
        )
        .send()
        .await
}

/// The items of a list header, in lower case and sorted.
fn items(response: &Response, header: &str) -> Vec<String> {
    let header = response.header(header).unwrap_or_default();
    let mut items: Vec<_> = header
        .split(',')
        .map(|item| item.trim().to_ascii_lowercase())
        .collect();
    items.sort_unstable();
    items
}

#[actix_web::test]
async fn cors_preflight_of_an_allowed_origin_has_credentials() {
    let app = TestApp::with(named_origin).await;
    let response = preflight(&app, APP).await;
    assert_eq!(response.status(), 200);
    for (header, value) in [
        ("access-control-allow-origin", APP),
        ("access-control-allow-credentials", "true"),
    ] {
        assert_eq!(response.header(header).as_deref(), Some(value), "{header}");
    }
    let methods = items(&response, "access-control-allow-methods");
    for method in ["get", "post", "patch", "delete"] {
        assert!(methods.iter().any(|allowed| allowed == method), "{method}");
    }
    let headers = items(&response, "access-control-allow-headers");
    for header in ["content-type", "authorization", "x-breeze-csrf"] {
        assert!(headers.iter().any(|allowed| allowed == header), "{header}");
    }
    assert!(items(&response, "vary").contains(&"origin".to_owned()));
    assert_eq!(response.set_cookies(), [""; 0]);
}

#[actix_web::test]
async fn cors_headers_are_on_responses_of_any_status() {
    let app = TestApp::with(named_origin).await;
    let browser = app.cookie(&app.acme.ada).await;
    for (path, status) in [("/profile", 200), ("/unknown", 404), ("/tickets/x", 404)] {
        let response = browser
            .call(Method::GET, path)
            .header("origin", APP)
            .send()
            .await;
        assert_eq!(response.status(), status, "{path}");
        for (header, value) in [
            ("access-control-allow-origin", APP),
            ("access-control-allow-credentials", "true"),
        ] {
            assert_eq!(response.header(header).as_deref(), Some(value), "{path}");
        }
        assert!(items(&response, "vary").contains(&"origin".to_owned()));
    }
    let response = app
        .anonymous()
        .call(Method::GET, "/profile")
        .header("origin", APP)
        .send()
        .await;
    assert_eq!(response.status(), 401);
    assert_eq!(
        response.header("access-control-allow-origin").as_deref(),
        Some(APP)
    );
}

#[actix_web::test]
async fn cors_rejects_other_origins() {
    let app = TestApp::with(named_origin).await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let browser = app.cookie(&app.acme.ada).await;
    for origin in [
        "https://evil.example",
        "https://sub.app.example",
        "http://app.example",
        "https://app.example:444",
        "https://support.acme.example",
        "http://localhost:5173",
        "null",
    ] {
        let before = preflight(&app, origin).await;
        assert_eq!(before.header("access-control-allow-origin"), None);
        assert_eq!(before.header("access-control-allow-credentials"), None);
        let response = browser
            .call(Method::GET, "/profile")
            .header("origin", origin)
            .send()
            .await;
        assert_eq!(response.header("access-control-allow-origin"), None);
        assert_eq!(response.status(), 200, "the browser keeps it to itself");
    }
}

#[actix_web::test]
async fn cors_allows_loopback_only_in_development() {
    for (development, origin, answered) in [
        (true, "http://localhost:5173", true),
        (true, "http://127.0.0.1:3000", true),
        (true, "http://[::1]:3000", true),
        (true, "http://localhost.evil.example", false),
        (true, "https://evil.example", false),
        (false, "http://localhost:5173", false),
        (false, "http://127.0.0.1:3000", false),
    ] {
        let app = TestApp::with(|config| config.allow_loopback_origins = development).await;
        let response = preflight(&app, origin).await;
        let allowed = response.header("access-control-allow-origin");
        assert_eq!(
            allowed.as_deref(),
            answered.then_some(origin),
            "{development}"
        );
    }
}

/// Signs in from an address with more headers, and returns the audited address.
async fn recorded_address(app: &TestApp, peer: &str, headers: &[(&'static str, &str)]) -> String {
    let mut call = app
        .anonymous()
        .call(Method::POST, "/auth/login")
        .from_address(peer)
        .json(&json!({ "email": "ada@acme.example", "password": PASSWORD }));
    for (name, value) in headers {
        call = call.header(name, value);
    }
    assert_eq!(call.send().await.status(), 200);
    let log = app.audited(app.acme.id, AuditAction::PortalAuthLogin).await;
    let [entry] = log.as_slice() else {
        panic!("one entry: {log:?}");
    };
    entry.ip_address.unwrap().to_string()
}

#[actix_web::test]
async fn client_is_the_rightmost_untrusted_address() {
    for (peer, forwarded, client) in [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", Some("198.51.100.1"), "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", Some("198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", Some("6.6.6.6, 198.51.100.1"), "198.51.100.1"),
        (
            "10.0.0.1",
            Some("6.6.6.6,198.51.100.1,10.2.3.4"),
            "198.51.100.1",
        ),
        (
            "10.0.0.1",
            Some("2001:db8::7, 2001:db8:ffff::1"),
            "2001:db8::7",
        ),
        ("2001:db8:ffff::2", Some("198.51.100.1"), "198.51.100.1"),
        ("::ffff:10.0.0.1", Some("198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", Some("rubbish"), "10.0.0.1"),
    ] {
        let app = TestApp::with(behind_proxies).await;
        let headers: Vec<_> = forwarded
            .map(|chain| ("x-forwarded-for", chain))
            .into_iter()
            .collect();
        let recorded = recorded_address(&app, peer, &headers).await;
        assert_eq!(recorded, client, "{peer} {forwarded:?}");
    }
}

#[actix_web::test]
async fn forwarded_header_is_ignored() {
    let app = TestApp::with(behind_proxies).await;
    let header = (
        "forwarded",
        "for=198.51.100.1;proto=https;host=evil.example",
    );
    let recorded = recorded_address(&app, "10.0.0.1", &[header]).await;
    assert_eq!(recorded, "10.0.0.1");
}

#[actix_web::test]
async fn forwarded_host_requires_a_trusted_proxy() {
    let app = TestApp::with(behind_proxies).await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let (domain, portal) = ("support.acme.example", "portal.example");
    for (peer, host, forwarded, status) in [
        ("203.0.113.9", domain, None, 200),
        ("203.0.113.9", portal, None, 404),
        ("203.0.113.9", portal, Some(domain), 404),
        ("203.0.113.9", domain, Some(portal), 200),
        ("10.0.0.1", portal, Some(domain), 200),
        (
            "10.0.0.1",
            "internal:8080",
            Some("SUPPORT.acme.example:443"),
            200,
        ),
        ("10.0.0.1", domain, Some(portal), 404),
        ("10.0.0.1", domain, None, 200),
    ] {
        let call = app
            .anonymous()
            .call(Method::GET, "/branding")
            .from_address(peer)
            .replace_header("host", host);
        let call = match forwarded {
            Some(forwarded) => call.header("x-forwarded-host", forwarded),
            None => call,
        };
        let response = call.send().await;
        assert_eq!(response.status(), status, "{peer} {host} {forwarded:?}");
    }
}

#[actix_web::test]
async fn no_shared_cache_keeps_a_branding_for_another_host_than_the_requests() {
    let app = TestApp::with(behind_proxies).await;
    app.own_domain(&app.acme, "support.acme.example").await;
    app.own_domain(&app.globex, "help.globex.example").await;
    for (host, forwarded, kept_by, vary) in [
        ("support.acme.example", None, "public", "Host"),
        (
            "support.acme.example",
            Some("support.acme.example"),
            "public",
            "Host",
        ),
        (
            "support.acme.example",
            Some("SUPPORT.acme.example"),
            "public",
            "Host",
        ),
        (
            "support.acme.example",
            Some("help.globex.example"),
            "private",
            "Host, X-Forwarded-Host",
        ),
        (
            "internal:8080",
            Some("help.globex.example"),
            "private",
            "Host, X-Forwarded-Host",
        ),
    ] {
        let mut call = app
            .anonymous()
            .call(Method::GET, "/branding")
            .from_address("10.0.0.1")
            .replace_header("host", host);
        if let Some(forwarded) = forwarded {
            call = call.header("x-forwarded-host", forwarded);
        }
        let response = call.send().await;
        assert_eq!(response.status(), 200, "{host} {forwarded:?}");
        let policy = response.header("cache-control").unwrap();
        assert!(
            policy.starts_with(kept_by),
            "{host} {forwarded:?}: {policy}"
        );
        let cdn = response.header("cdn-cache-control");
        assert_eq!(cdn.is_some(), kept_by == "public", "{host} {forwarded:?}");
        assert_eq!(response.header("vary").as_deref(), Some(vary));
    }
}

#[actix_web::test]
async fn every_response_varies_by_origin_where_other_origins_may_call() {
    for (configure, varies) in [
        (named_origin as fn(&mut HttpConfig), true),
        (
            |config: &mut HttpConfig| config.allow_loopback_origins = true,
            true,
        ),
        (|_: &mut HttpConfig| (), false),
    ] {
        let app = TestApp::with(configure).await;
        app.own_domain(&app.acme, "support.acme.example").await;
        let path = "/branding/support.acme.example";
        let tag = app.anonymous().get(path).await.header("etag").unwrap();
        for call in [
            app.anonymous().call(Method::GET, path),
            app.anonymous()
                .call(Method::GET, path)
                .header("if-none-match", &tag),
            app.anonymous()
                .call(Method::GET, "/branding/unknown.example"),
            app.anonymous().call(Method::GET, "/profile"),
            app.anonymous().call(Method::GET, "//healthz"),
        ] {
            let response = call.send().await;
            let found = items(&response, "vary").contains(&"origin".to_owned());
            assert_eq!(found, varies, "{response:?}");
        }
    }
}

#[actix_web::test]
async fn a_request_without_one_valid_host_is_malformed() {
    let app = TestApp::with(behind_proxies).await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let call = |path| app.anonymous().call(Method::GET, path);
    for path in ["/branding", "//healthz", "/nowhere"] {
        for host in [
            "",
            "a b",
            "user@support.acme.example",
            "a:b",
            "support.acme.example/x",
        ] {
            let response = call(path).replace_header("host", host).send().await;
            assert_eq!(response.parts().0, 400, "{path} {host:?}");
            assert_eq!(response.error(), "Bad Request");
        }
        let twice = call(path).header("host", "portal.example").send().await;
        assert_eq!(twice.status(), 400, "{path}");
    }
    for (peer, status) in [("10.0.0.1", 400), ("203.0.113.9", 404)] {
        let call = call("/branding").from_address(peer);
        let response = call.header("x-forwarded-host", "a b").send().await;
        assert_eq!(response.status(), status, "{peer}");
    }
}

/// Whether the cookies of a login are `Secure`: both, or neither.
async fn are_secure(app: &TestApp, peer: &str, headers: &[(&'static str, &str)]) -> bool {
    let mut call = app
        .anonymous()
        .call(Method::POST, "/auth/login")
        .from_address(peer)
        .json(&json!({ "email": "ada@acme.example", "password": PASSWORD }));
    for (name, value) in headers {
        call = call.header(name, value);
    }
    let response = call.send().await;
    let [session, csrf] = [SESSION_COOKIE, CSRF_COOKIE].map(|name| {
        let attributes = attributes(&response, name).expect("a cookie");
        attributes.iter().any(|attribute| attribute == "Secure")
    });
    assert_eq!(session, csrf);
    session
}

#[actix_web::test]
async fn cookies_are_secure_over_https() {
    let (stranger, proxy) = ("203.0.113.9", "10.0.0.1");
    let app = TestApp::with(behind_proxies).await;
    for (peer, headers, secure) in [
        (stranger, &[][..], false),
        (stranger, &[("x-forwarded-proto", "https")], false),
        (proxy, &[], false),
        (proxy, &[("x-forwarded-proto", "https")], true),
        (proxy, &[("x-forwarded-proto", "HTTPS")], true),
        (proxy, &[("x-forwarded-proto", "http")], false),
        (proxy, &[("forwarded", "proto=https")], false),
    ] {
        let found = are_secure(&app, peer, headers).await;
        assert_eq!(found, secure, "{peer} {headers:?}");
    }
}

#[actix_web::test]
async fn cookies_are_secure_by_public_url_or_setting() {
    let peer = "203.0.113.9";
    let https = |config: &mut HttpConfig| {
        config.public_url = "https://portal.example".parse().unwrap();
    };
    assert!(are_secure(&TestApp::with(https).await, peer, &[]).await);
    let forced = |config: &mut HttpConfig| config.force_secure_cookies = true;
    assert!(are_secure(&TestApp::with(forced).await, peer, &[]).await);
    assert!(!are_secure(&TestApp::start().await, peer, &[]).await);
}

#[actix_web::test]
async fn same_site_of_cookies_is_configurable() {
    for (same_site, attribute) in [
        (SameSite::Lax, "SameSite=Lax"),
        (SameSite::Strict, "SameSite=Strict"),
        (SameSite::None, "SameSite=None"),
    ] {
        let app = TestApp::with(|config| {
            config.same_site = same_site;
            config.force_secure_cookies = true;
        })
        .await;
        let login = app.anonymous().login(&app.acme.ada).await;
        let browser = app.cookie(&app.acme.ada).await;
        let logout = browser.post_empty("/auth/logout").await;
        for (response, name) in [
            (&login, SESSION_COOKIE),
            (&login, CSRF_COOKIE),
            (&logout, SESSION_COOKIE),
            (&logout, CSRF_COOKIE),
        ] {
            let attributes = attributes(response, name).expect("a cookie");
            for expected in [attribute, "Secure", "Path=/"] {
                assert!(
                    attributes.iter().any(|found| found == expected),
                    "{name}: {expected} in {attributes:?}"
                );
            }
        }
    }
}
