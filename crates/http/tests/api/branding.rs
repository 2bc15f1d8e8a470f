//! An organization's branding and feature toggles.

use actix_web::http::Method;
use portal_domain::branding::{self, BrandingChanges, BrandingError};
use portal_domain::operation::Operation;
use portal_domain::organizations::OrganizationStatus;
use portal_test_support::operator;
use portal_test_support::{Caller, Response, TestApp};
use serde_json::{Value, json};

use crate::support::devices::{put, record};
use crate::support::id;

/// The branding at a host.
async fn at_host(app: &TestApp, host: &str) -> Response {
    app.anonymous()
        .call(Method::GET, "/branding")
        .replace_header("host", host)
        .send()
        .await
}

async fn of_domain(app: &TestApp, domain: &str) -> Response {
    app.anonymous().get(&format!("/branding/{domain}")).await
}

fn not_found() -> (u16, Value) {
    (404, json!({ "error": "Branding not found" }))
}

#[actix_web::test]
async fn a_branding_has_every_key_whatever_is_set() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let bare = of_domain(&app, "support.acme.example").await.json();
    assert!(bare["branding"]["id"].is_string());
    let mut expected = json!({
        "id": bare["branding"]["id"],
        "orgId": app.acme.id.to_string(),
        "name": "Acme",
        "logoUrl": null,
        "faviconUrl": null,
        "primaryColor": null,
        "secondaryColor": null,
        "accentColor": null,
        "customDomain": "support.acme.example",
        "domainVerified": true,
        "welcomeMessage": null,
        "supportEmail": null,
        "supportPhone": null,
        "footerText": null,
        "customCss": null,
        "enableTickets": true,
        "enableAssetCheckout": true,
        "enableSelfService": true,
        "enablePasswordReset": true,
        "enableColleagues": false,
    });
    assert_eq!(bare, json!({ "branding": expected }));

    let changes = BrandingChanges {
        logo_url: Some("https://cdn.example/logo.svg".parse().ok()),
        favicon_url: Some("https://cdn.example/icon.png".parse().ok()),
        primary_color: Some("rebeccapurple".parse().ok()),
        secondary_color: Some("#ABC".parse().ok()),
        accent_color: Some("hsl(120, 100%, 50%)".parse().ok()),
        welcome_message: Some("Hello\nyou".parse().ok()),
        support_email: Some("Help@Acme.example".parse().ok()),
        support_phone: Some("+41 61 000 00 00".parse().ok()),
        footer_text: Some("Acme AG".parse().ok()),
        custom_css: Some("body { color: red }".parse().ok()),
        enable_tickets: Some(false),
        enable_asset_checkout: Some(false),
        enable_self_service: Some(false),
        enable_password_reset: Some(false),
        enable_colleagues: Some(true),
        custom_domain: None,
    };
    app.change_branding(&app.acme, changes).await;
    for (key, value) in [
        ("logoUrl", json!("https://cdn.example/logo.svg")),
        ("faviconUrl", json!("https://cdn.example/icon.png")),
        ("primaryColor", json!("#663399")),
        ("secondaryColor", json!("#aabbcc")),
        ("accentColor", json!("#00ff00")),
        ("welcomeMessage", json!("Hello\nyou")),
        ("supportEmail", json!("help@acme.example")),
        ("supportPhone", json!("+41 61 000 00 00")),
        ("footerText", json!("Acme AG")),
        ("customCss", json!("body { color: red }")),
        ("enableTickets", json!(false)),
        ("enableAssetCheckout", json!(false)),
        ("enableSelfService", json!(false)),
        ("enablePasswordReset", json!(false)),
        ("enableColleagues", json!(true)),
    ] {
        expected[key] = value;
    }
    let full = of_domain(&app, "support.acme.example").await.json();
    assert_eq!(full, json!({ "branding": expected }));
}

#[actix_web::test]
async fn domain_is_found_in_any_spelling() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "Bücher.example").await;
    let expected = (200, of_domain(&app, "xn--bcher-kva.example").await.json());
    assert_eq!(
        expected.1["branding"]["customDomain"],
        "xn--bcher-kva.example"
    );
    for host in [
        "xn--bcher-kva.example",
        "XN--BCHER-KVA.example",
        "xn--bcher-kva.EXAMPLE.",
        "xn--bcher-kva.example:8443",
        "xn--bcher-kva.example.:80",
    ] {
        assert_eq!(at_host(&app, host).await.parts(), expected, "{host}");
        assert_eq!(of_domain(&app, host).await.parts(), expected, "{host}");
    }
    for domain in ["b%C3%BCcher.example", "B%C3%9Ccher.example."] {
        assert_eq!(of_domain(&app, domain).await.parts(), expected, "{domain}");
    }
}

#[actix_web::test]
async fn unverified_domain_is_not_found() {
    let app = TestApp::start().await;
    app.claim_domain(&app.acme, "support.acme.example").await;
    for host in [
        "support.acme.example",
        "acme.example",
        "portal.example",
        "localhost",
        "127.0.0.1",
        "[::1]",
    ] {
        assert_eq!(at_host(&app, host).await.parts(), not_found(), "{host}");
    }
    for domain in [
        "support.acme.example",
        "acme.example",
        "localhost",
        "127.0.0.1",
        "%5B::1%5D",
        "%00",
        "%ff",
        "..%2f",
        "%25",
        "a%20b.example",
        &format!("{}.example", "a".repeat(64)),
        &"a.".repeat(2_000),
    ] {
        assert_eq!(
            of_domain(&app, domain).await.parts(),
            not_found(),
            "{domain}"
        );
    }
}

#[actix_web::test]
async fn changed_domain_has_to_be_verified_again() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "one.acme.example").await;
    app.claim_domain(&app.acme, "two.acme.example").await;
    for domain in ["one.acme.example", "two.acme.example"] {
        assert_eq!(of_domain(&app, domain).await.parts(), not_found());
    }
    app.own_domain(&app.acme, "two.acme.example").await;
    assert_eq!(of_domain(&app, "two.acme.example").await.status(), 200);
}

#[actix_web::test]
async fn domain_belongs_to_the_organization_that_verified_it() {
    let app = TestApp::start().await;
    app.claim_domain(&app.globex, "shared.example").await;
    app.own_domain(&app.acme, "shared.example").await;
    let shown = of_domain(&app, "shared.example").await.json();
    assert_eq!(shown["branding"]["name"], "Acme");

    let tx = app.store.begin(app.globex.scope()).await.unwrap();
    let second = branding::verify_domain(&Operation::new(&*tx, &operator(), &*app.env)).await;
    assert!(matches!(second, Err(BrandingError::DomainTaken(_))));
    tx.rollback().await.unwrap();
    let shown = of_domain(&app, "shared.example").await.json();
    assert_eq!(shown["branding"]["name"], "Acme");
}

#[actix_web::test]
async fn branding_of_a_disabled_organization_is_not_found() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "support.acme.example").await;
    for (status, expected) in [
        (OrganizationStatus::Disabled, 404),
        (OrganizationStatus::Active, 200),
    ] {
        app.set_organization_status(app.acme.id, status).await;
        let host = at_host(&app, "support.acme.example").await;
        let domain = of_domain(&app, "support.acme.example").await;
        assert_eq!((host.status(), domain.status()), (expected, expected));
    }
}

#[actix_web::test]
async fn branding_is_public_and_ignores_sessions() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let response = app
        .anonymous()
        .call(Method::GET, "/branding/support.acme.example")
        .header("authorization", "Bearer nonsense")
        .header("cookie", "breeze_portal_session=nonsense")
        .send()
        .await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.set_cookies(), Vec::<String>::new());
}

/// A feature with its routes.
struct Part {
    switched: fn(bool) -> BrandingChanges,
    refusal: Value,
    routes: Vec<(Method, String)>,
}

/// The features of `acme`, with paths to objects of `ada`.
async fn parts(app: &TestApp, ada: &impl Caller) -> [Part; 3] {
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Hello").await;
    let ticket = format!("/tickets/{}", id(&ticket));
    let said = format!("{ticket}/comments/{}", id(&said));
    let device = put(app, &app.acme, record("one")).await;
    let lent = put(app, &app.acme, record("two")).await;
    let checkout = ada.check_out(&lent, &json!({})).await;
    let no_ticket = "/tickets/x";
    [
        Part {
            switched: |on| BrandingChanges {
                enable_tickets: Some(on),
                ..BrandingChanges::default()
            },
            refusal: json!({
                "error": "Ticketing is not enabled for this portal",
                "code": "PORTAL_TICKETS_DISABLED",
            }),
            routes: vec![
                (Method::GET, "/tickets".to_owned()),
                (Method::GET, "/tickets?status=broken".to_owned()),
                (Method::POST, "/tickets".to_owned()),
                (Method::GET, "/tickets/forms".to_owned()),
                (Method::GET, no_ticket.to_owned()),
                (Method::GET, ticket.clone()),
                (Method::POST, format!("{ticket}/close")),
                (Method::POST, format!("{ticket}/comments")),
                (Method::POST, format!("{no_ticket}/comments")),
                (Method::PATCH, said.clone()),
                (Method::DELETE, said),
            ],
        },
        Part {
            switched: |on| BrandingChanges {
                enable_self_service: Some(on),
                ..BrandingChanges::default()
            },
            refusal: json!({
                "error": "Self-service device access is not enabled for this portal",
                "code": "PORTAL_SELF_SERVICE_DISABLED",
            }),
            routes: vec![(Method::GET, "/devices".to_owned())],
        },
        Part {
            switched: |on| BrandingChanges {
                enable_asset_checkout: Some(on),
                ..BrandingChanges::default()
            },
            refusal: json!({
                "error": "Asset checkout is not enabled for this portal",
                "code": "PORTAL_ASSET_CHECKOUT_DISABLED",
            }),
            routes: vec![
                (Method::GET, "/assets".to_owned()),
                (Method::GET, "/assets/checkouts".to_owned()),
                (Method::POST, format!("/assets/{device}/checkout")),
                (Method::POST, "/assets/x/checkout".to_owned()),
                (Method::POST, format!("/assets/{lent}/checkin")),
                (
                    Method::PATCH,
                    format!("/assets/checkouts/{}", id(&checkout)),
                ),
            ],
        },
    ]
}

#[actix_web::test]
async fn disabled_feature_is_reported_before_invalid_input() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for part in parts(&app, &ada).await {
        app.change_branding(&app.acme, (part.switched)(false)).await;
        for (method, path) in &part.routes {
            let call = || ada.call(method.clone(), path).header("if-none-match", "*");
            let bad = call().body("application/json", "{");
            for call in [call(), bad] {
                let response = call.send().await;
                assert_eq!(
                    response.parts(),
                    (403, part.refusal.clone()),
                    "{method} {path}"
                );
                assert_eq!(response.header("cache-control").unwrap(), "no-store");
                assert_eq!(response.header("etag"), None);
            }
        }
        app.change_branding(&app.acme, (part.switched)(true)).await;
        for (method, path) in &part.routes {
            let response = ada.call(method.clone(), path).send().await;
            assert_ne!(response.status(), 403, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn feature_toggle_affects_only_its_feature_and_organization() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let globex = app.bearer(&app.globex.ada).await;
    let lists = ["/tickets", "/devices", "/assets", "/profile"];
    for (number, part) in parts(&app, &ada).await.iter().enumerate() {
        app.change_branding(&app.acme, (part.switched)(false)).await;
        for (other, path) in lists.iter().enumerate() {
            let expected = if other == number { 403 } else { 200 };
            assert_eq!(ada.get(path).await.status(), expected, "{path}");
            assert_eq!(globex.get(path).await.status(), 200, "{path}");
        }
        app.change_branding(&app.acme, (part.switched)(true)).await;
    }
}

#[actix_web::test]
async fn unauthorized_is_reported_before_a_disabled_feature() {
    let app = TestApp::start().await;
    let changes = BrandingChanges {
        enable_tickets: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    assert_eq!(app.anonymous().get("/tickets").await.status(), 401);
}
