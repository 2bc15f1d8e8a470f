//! For which domains a proxy gets certificates.

use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use portal_domain::organizations::OrganizationStatus;
use portal_test_support::TestApp;

/// The status of `/domains/allowed` with this query.
async fn allowed(app: &TestApp, query: &str) -> StatusCode {
    let portal = app.portal.clone();
    let metrics = std::sync::Arc::new(String::new);
    let service = App::new().configure(|config| portal_http::operations(portal, metrics, config));
    let service = init_service(service).await;
    let request = TestRequest::with_uri(&format!("/domains/allowed{query}")).to_request();
    call_service(&service, request).await.status()
}

#[actix_web::test]
async fn certificates_are_for_verified_domains_of_active_organizations() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "support.acme.example").await;
    app.claim_domain(&app.globex, "support.globex.example")
        .await;
    for (query, status) in [
        ("?domain=support.acme.example", StatusCode::OK),
        ("?domain=SUPPORT.acme.example", StatusCode::OK),
        ("?domain=support.globex.example", StatusCode::NOT_FOUND),
        ("?domain=acme.example", StatusCode::NOT_FOUND),
        ("?domain=x.support.acme.example", StatusCode::NOT_FOUND),
        ("?domain=not%20a%20domain", StatusCode::NOT_FOUND),
        ("?domain=", StatusCode::NOT_FOUND),
        ("", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(allowed(&app, query).await, status, "{query}");
    }
    app.set_organization_status(app.acme.id, OrganizationStatus::Disabled)
        .await;
    let disabled = allowed(&app, "?domain=support.acme.example").await;
    assert_eq!(disabled, StatusCode::NOT_FOUND);
}
