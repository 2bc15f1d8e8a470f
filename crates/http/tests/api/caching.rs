//! Cache headers and conditional requests.
#![expect(
    clippy::expect_used,
    reason = "a test whose world is not as it has to be fails"
)]

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_domain::branding::BrandingChanges;
use portal_test_support::{BearerUser, Caller, Response, TestApp};
use serde_json::json;

use crate::support::devices::{put, record};
use crate::support::id;

const BRANDING: &str = "public, max-age=300, s-maxage=3600, stale-while-revalidate=86400";
const CDN: &str = "public, max-age=3600, stale-while-revalidate=86400";
const LIST: &str = "private, max-age=15, stale-while-revalidate=90";
const PROFILE: &str = "private, max-age=15, stale-while-revalidate=60";
const DOMAIN: &str = "support.acme.example";

async fn conditional(caller: &impl Caller, path: &str, tag: &str) -> Response {
    let call = caller.call(Method::GET, path);
    call.replace_header("host", DOMAIN)
        .header("if-none-match", tag)
        .send()
        .await
}

async fn plain(caller: &impl Caller, path: &str) -> Response {
    let call = caller.call(Method::GET, path);
    call.replace_header("host", DOMAIN).send().await
}

fn tag(response: &Response) -> String {
    assert_eq!(response.status(), 200, "{response:?}");
    response.header("etag").expect("an ETag")
}

/// Every cacheable route, with its policy.
async fn kept(app: &TestApp, ada: &BearerUser) -> Vec<(String, &'static str)> {
    app.own_domain(&app.acme, DOMAIN).await;
    let ticket = ada.submit_ticket("Printer").await;
    vec![
        ("/branding".to_owned(), BRANDING),
        (format!("/branding/{DOMAIN}"), BRANDING),
        ("/devices".to_owned(), LIST),
        ("/tickets".to_owned(), LIST),
        ("/tickets/forms".to_owned(), LIST),
        (format!("/tickets/{}", id(&ticket)), LIST),
        ("/assets".to_owned(), LIST),
        ("/assets/checkouts".to_owned(), LIST),
        ("/profile".to_owned(), PROFILE),
    ]
}

#[actix_web::test]
async fn cache_headers_are_repeated_by_not_modified() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (path, policy) in kept(&app, &ada).await {
        let (vary, cdn) = match policy {
            BRANDING => ("Host", Some(CDN)),
            _ => ("Authorization, Cookie", None),
        };
        let full = plain(&ada, &path).await;
        let tag = tag(&full);
        assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}");
        let unchanged = conditional(&ada, &path, &tag).await;
        assert_eq!(unchanged.status(), 304, "{path}");
        assert_eq!(unchanged.text(), "", "{path}");
        assert_eq!(unchanged.header("content-type"), None, "{path}");
        for response in [full, unchanged] {
            assert_eq!(response.header("cache-control").as_deref(), Some(policy));
            assert_eq!(response.header("vary").as_deref(), Some(vary), "{path}");
            assert_eq!(response.header("cdn-cache-control").as_deref(), cdn);
            assert_eq!(response.header("etag").as_deref(), Some(tag.as_str()));
        }
    }
}

#[actix_web::test]
async fn other_responses_are_no_store() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let anonymous = app.anonymous();
    let mut responses = vec![
        anonymous.get("/branding").await,
        anonymous.get("/branding/nobody.example").await,
        anonymous.get("/openapi.json").await,
        anonymous.get("//healthz").await,
        anonymous.get("//readyz").await,
        anonymous.get("/nowhere").await,
        anonymous.login(&app.acme.ada).await,
        ada.get("/tickets/x").await,
        ada.get("/tickets?status=broken").await,
        ada.call(Method::PUT, "/tickets").send().await,
        ada.post("/tickets", &json!({})).await,
        ada.post("/tickets", &json!({ "subject": "S", "description": "D" }))
            .await,
        ada.patch("/profile", &json!({ "locale": "de" })).await,
    ];
    for path in ["/devices", "/tickets", "/assets", "/profile"] {
        responses.push(anonymous.get(path).await);
    }
    for response in responses {
        assert_eq!(
            response.header("cache-control").as_deref(),
            Some("no-store"),
            "{response:?}"
        );
        assert_eq!(response.header("etag"), None, "{response:?}");
        assert_eq!(response.header("cdn-cache-control"), None, "{response:?}");
    }
}

#[actix_web::test]
async fn if_none_match_accepts_lists_weak_tags_and_wildcards() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (path, _) in kept(&app, &ada).await {
        let weak = tag(&plain(&ada, &path).await);
        let strong = weak.trim_start_matches("W/");
        for (header, status) in [
            (weak.clone(), 304),
            (strong.to_owned(), 304),
            ("*".to_owned(), 304),
            (format!("\"other\", {weak}"), 304),
            (format!("W/\"a,b\" ,{strong},\"other\""), 304),
            (format!("  {weak}  "), 304),
            ("\"other\", W/\"another\"".to_owned(), 200),
            (strong.trim_matches('"').to_owned(), 200),
            (String::new(), 200),
            ("W/".to_owned(), 200),
            ("\"*\"".to_owned(), 200),
        ] {
            let response = conditional(&ada, &path, &header).await;
            assert_eq!(response.status(), status, "{path} {header}");
        }
        let call = ada.call(Method::GET, &path).replace_header("host", DOMAIN);
        let call = call.header("if-none-match", "\"other\"");
        let twice = call.header("if-none-match", &weak).send().await;
        assert_eq!(twice.status(), 304, "{path}");
    }
}

#[actix_web::test]
async fn etag_is_stable_while_the_response_is() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let again = app.bearer(&app.acme.ada).await;
    for (path, _) in kept(&app, &ada).await {
        let first = tag(&plain(&ada, &path).await);
        app.env.advance(TimeDelta::hours(1));
        assert_eq!(tag(&plain(&again, &path).await), first, "{path}");
    }
}

#[actix_web::test]
async fn etag_differs_between_users() {
    let app = TestApp::start().await;
    let callers = [
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.bob).await,
        app.bearer(&app.globex.ada).await,
    ];
    for path in [
        "/devices",
        "/tickets",
        "/tickets/forms",
        "/assets",
        "/assets/checkouts",
    ] {
        let mut tags = Vec::new();
        for caller in &callers {
            tags.push(tag(&caller.get(path).await));
        }
        let others = conditional(&callers[0], path, &tags[1]).await;
        assert_eq!(others.status(), 200, "{path}");
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 3, "{path}");
    }
}

#[actix_web::test]
async fn etag_differs_between_queries() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    // All answered with the same empty page.
    let mut tags = Vec::new();
    for path in [
        "/devices",
        "/assets",
        "/tickets",
        "/tickets?q=a",
        "/tickets?q=b",
        "/tickets?sort=priority",
        "/tickets?page=1",
        "/assets/checkouts",
    ] {
        tags.push(tag(&ada.get(path).await));
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count);
}

#[actix_web::test]
async fn etag_changes_with_the_content() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let paths: Vec<_> = kept(&app, &ada)
        .await
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !path.starts_with("/tickets/"))
        .collect();
    let mut before = Vec::new();
    for path in &paths {
        before.push(tag(&plain(&ada, path).await));
    }
    let colour = BrandingChanges {
        primary_color: Some("red".parse().ok()),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, colour).await;
    put(&app, &app.acme, record("one")).await;
    let lent = put(&app, &app.acme, record("two")).await;
    ada.check_out(&lent, &json!({})).await;
    ada.submit_ticket("Scanner").await;
    ada.patch("/profile", &json!({ "name": "Ada M." })).await;
    for (path, before) in paths.iter().zip(before) {
        let after = conditional(&ada, path, &before).await;
        assert_ne!(tag(&after), before, "{path}");
    }
}

#[actix_web::test]
async fn etag_changes_when_a_loan_becomes_overdue() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let body = json!({ "expectedReturnAt": "2026-01-31T10:00:00Z" });
    ada.check_out(&device, &body).await;
    let path = "/assets/checkouts";
    let before = tag(&ada.get(path).await);
    app.env.advance(TimeDelta::hours(14));
    assert_eq!(conditional(&ada, path, &before).await.status(), 304);
    app.env.advance(TimeDelta::hours(1));
    let after = conditional(&ada, path, &before).await;
    assert_eq!(after.json()["data"][0]["overdue"], true);
    assert_ne!(tag(&after), before);
}

#[actix_web::test]
async fn not_modified_renews_the_session_cookies() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    for path in ["/devices", "/tickets", "/assets", "/profile"] {
        let response = conditional(&browser, path, "*").await;
        assert_eq!(response.status(), 304, "{path}");
        let names: Vec<_> = response
            .set_cookies()
            .iter()
            .filter_map(|cookie| cookie.split_once('=').map(|(name, _)| name.to_owned()))
            .collect();
        assert_eq!(names.len(), 2, "{path}: {names:?}");
        for name in ["breeze_portal_session", "breeze_portal_csrf_token"] {
            assert!(names.iter().any(|set| set == name), "{path}: {names:?}");
        }
    }
    let program = app.bearer(&app.acme.ada).await;
    let response = conditional(&program, "/profile", "*").await;
    assert_eq!(response.set_cookies(), Vec::<String>::new());
}

#[actix_web::test]
async fn not_modified_requires_access() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let path = format!("/tickets/{}", id(&ticket));
    let bob = app.bearer(&app.acme.bob).await;
    assert_eq!(conditional(&bob, &path, "*").await.status(), 404);
    assert_eq!(
        conditional(&app.anonymous(), &path, "*").await.status(),
        401
    );
}
