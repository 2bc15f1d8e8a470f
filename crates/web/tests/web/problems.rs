//! Where there is no page.

use portal_domain::branding::BrandingChanges;

use crate::browser::Browser;
use crate::start;

#[actix_web::test]
async fn people_get_a_page_and_programs_get_json() {
    let app = start().await;
    let browser = Browser::new(&app);
    for path in ["/nothing-here", "/tickets/nothing/here", "/apiary"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), 404);
        assert!(answer.text().contains("We cannot find this page"), "{path}");
    }
    for path in ["/api", "/api/nothing", "/api/v1/portal/nothing", "/metrics"] {
        let answer = browser.get(path).await;
        assert_eq!(
            (answer.status(), &*answer.error()),
            (404, "Not Found"),
            "{path}"
        );
    }
    assert_eq!(browser.get("/healthz").await.status(), 200);
    let answer = browser.post("/healthz", &[]).await;
    assert_eq!(
        (answer.status(), &*answer.error()),
        (405, "Method not allowed")
    );
}

#[actix_web::test]
async fn a_problem_is_shown_in_the_visitors_own_frame() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let answer = browser.get("/nothing-here").await;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().contains("action=\"/sign-out\""));
}

#[actix_web::test]
async fn what_is_switched_off_is_gone() {
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
async fn who_was_shut_out_is_told_so() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    app.disable_user(&app.acme.ada).await;
    let answer = browser.get("/").await;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().contains("This account is not active"));
    assert_eq!(browser.cookie(portal_session::SESSION_COOKIE), None);
    let answer = browser.sign_in(&app.acme.ada.email).await;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().contains("This account is not active"));
}
