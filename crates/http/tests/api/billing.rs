//! `/quotes` and `/invoices`.

use portal_test_support::{Caller as _, TestApp};
use serde_json::json;

#[actix_web::test]
async fn quotes_and_invoices_are_empty_and_tell_an_ended_session() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for path in ["/quotes", "/invoices"] {
        let response = ada.get(&format!("{path}?page=3&limit=7")).await;
        let pagination = json!({ "page": 3, "limit": 7, "total": 0 });
        let list = json!({ "data": [], "pagination": pagination });
        assert_eq!((response.status(), response.json()), (200, list), "{path}");
        assert_eq!(response.header("cache-control").unwrap(), "no-store");
        assert_eq!(app.anonymous().get(path).await.status(), 401, "{path}");
    }
    ada.post("/auth/logout", &json!({})).await;
    for path in ["/quotes", "/invoices"] {
        assert_eq!(ada.get(path).await.status(), 401, "{path}");
    }
}
