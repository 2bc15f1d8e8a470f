//! The directory of colleagues.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test whose world is not as it has to be fails"
)]

use portal_domain::branding::BrandingChanges;
use portal_test_support::{Caller, TestApp};
use serde_json::json;

async fn enable(app: &TestApp) {
    let changes = BrandingChanges {
        enable_colleagues: Some(true),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
}

async fn found(caller: &impl Caller, query: &str) -> Vec<String> {
    let response = caller.get(&format!("/colleagues{query}")).await;
    assert_eq!(response.status(), 200, "{query}: {response:?}");
    let body = response.json();
    let colleagues = body["data"].as_array().expect("a list").iter();
    colleagues
        .map(|colleague| colleague["email"].as_str().expect("an address").to_owned())
        .collect()
}

#[actix_web::test]
async fn the_directory_is_closed_until_the_organization_opens_it() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let expected = json!({
        "error": "The directory of colleagues is not enabled for this portal",
        "code": "PORTAL_COLLEAGUES_DISABLED",
    });
    assert_eq!(ada.get("/colleagues?q=bob").await.parts(), (403, expected));
    enable(&app).await;
    let bob =
        json!({ "id": app.acme.bob.id.to_string(), "name": "Bob", "email": "bob@acme.example" });
    let response = ada.get("/colleagues?q=BO").await;
    assert_eq!(response.parts(), (200, json!({ "data": [bob] })));
    let globex = app.bearer(&app.globex.ada).await;
    assert_eq!(globex.get("/colleagues").await.status(), 403);
}

#[actix_web::test]
async fn active_colleagues_are_found_by_the_beginning_of_name_or_address() {
    let app = TestApp::start().await;
    enable(&app).await;
    let ada = app.bearer(&app.acme.ada).await;
    let gone = app.person(app.acme.id, "bogdan@acme.example").await;
    app.disable_user(&gone).await;
    app.invited(&app.acme, "boris@acme.example").await;
    app.person(app.acme.id, "zoe@acme.example").await;
    for (query, expected) in [
        ("", &["bob@acme.example", "zoe@acme.example"][..]),
        ("?q=", &["bob@acme.example", "zoe@acme.example"]),
        ("?q=bo", &["bob@acme.example"]),
        ("?q=ZOE%40", &["zoe@acme.example"]),
        ("?q=somebody", &["zoe@acme.example"]),
        ("?q=ob", &[]),
        ("?q=acme", &[]),
        ("?q=ada", &[]),
        ("?q=%25", &[]),
    ] {
        assert_eq!(found(&ada, query).await, expected, "{query}");
    }
    let long = format!("/colleagues?q={}", "a".repeat(201));
    assert_eq!(ada.get(&long).await.status(), 400);
    for number in 0..25 {
        app.person(app.acme.id, &format!("n{number}@acme.example"))
            .await;
    }
    assert_eq!(found(&ada, "").await.len(), 20);
}
