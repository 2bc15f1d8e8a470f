//! Error pages.

use portal_domain::branding::BrandingChanges;

use crate::browser::Browser;
use crate::start;

#[actix_web::test]
async fn errors_are_html_for_pages_and_json_for_the_api() {
    let app = start().await;
    let browser = Browser::new(&app);
    for path in ["/nothing-here", "/tickets/nothing/here", "/apiary"] {
        let response = browser.get(path).await;
        assert_eq!(response.status(), 404);
        assert!(
            response.text().contains("We cannot find this page"),
            "{path}"
        );
    }
    for path in ["/api", "/api/nothing", "/api/v1/portal/nothing", "/metrics"] {
        let response = browser.get(path).await;
        assert_eq!(
            (response.status(), &*response.error()),
            (404, "Not Found"),
            "{path}"
        );
    }
    assert_eq!(browser.get("/healthz").await.status(), 200);
    let response = browser.post("/healthz", &[]).await;
    assert_eq!(
        (response.status(), &*response.error()),
        (405, "Method not allowed")
    );
}

#[actix_web::test]
async fn error_page_has_the_users_navigation() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let response = browser.get("/nothing-here").await;
    assert_eq!(response.status(), 404);
    assert!(response.text().contains("action=\"/sign-out\""));
}

#[actix_web::test]
async fn disabled_feature_has_an_error_page() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let all = [
        "href=\"/tickets\"",
        "href=\"/devices\"",
        "href=\"/equipment\"",
    ];
    let html = browser.page("/").await;
    assert!(all.iter().all(|link| html.contains(link)));
    let changes = BrandingChanges {
        enable_tickets: Some(false),
        enable_asset_checkout: Some(false),
        enable_self_service: Some(false),
        enable_password_reset: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    let html = browser.page("/").await;
    assert!(!all.iter().any(|link| html.contains(link)), "{html}");
}

#[actix_web::test]
async fn inactive_account_has_an_error_page() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    app.disable_user(&app.acme.ada).await;
    let response = browser.get("/").await;
    assert_eq!(response.status(), 403);
    assert!(response.text().contains("This account is not active"));
    assert_eq!(browser.cookie(portal_session::SESSION_COOKIE), None);
    let response = browser.sign_in(&app.acme.ada.email).await;
    assert_eq!(response.status(), 403);
    assert!(response.text().contains("This account is not active"));
}
