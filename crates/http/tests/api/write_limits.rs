//! Limits on changes. `crates/auth/tests/state/writes.rs` has the rules that need no HTTP.

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_auth::WriteLimits;
use portal_domain::branding::BrandingChanges;
use portal_session::HttpConfig;
use portal_test_support::{BearerUser, Caller as _, Response, TestApp};
use serde_json::{Value, json};

use crate::support::endpoints::{By, World, documented, endpoints};

/// The changes by `ada` that [`World`] begins with.
const BY_ADA: u32 = 4;

/// What changes something and is not counted: a session can always be ended, and a change of
/// password has a limit of its own.
const NOT_COUNTED: [&str; 3] = ["logout", "end_session", "change_password"];

fn limits(per_user: u32, per_organization: u32) -> impl FnOnce(&mut HttpConfig) {
    move |config| {
        config.write_limits = WriteLimits {
            per_user,
            per_organization,
        }
    }
}

fn ticket() -> Value {
    json!({ "subject": "Printer", "description": "It is on fire." })
}

async fn submit(user: &BearerUser) -> Response {
    user.post("/tickets", &ticket()).await
}

#[track_caller]
fn assert_refused(response: &Response, retry_after: u32) {
    let sentence = "Too many requests. Please try again later.";
    assert_eq!(response.parts(), (429, json!({ "error": sentence })));
    let expected = retry_after.to_string();
    assert_eq!(response.header("retry-after"), Some(expected));
}

#[actix_web::test]
async fn every_change_of_a_signed_in_user_counts() {
    for endpoint in endpoints() {
        let [anonymous, owner, ..] = endpoint.statuses;
        if anonymous != 401 || endpoint.method == Method::GET {
            continue;
        }
        let world = World::with(limits(BY_ADA, 0)).await;
        let path = world.path(&endpoint);
        let call = world.call(By::Owner, endpoint.method.clone(), &path).await;
        let response = endpoint.send(call).await;
        if NOT_COUNTED.contains(&endpoint.operation) {
            assert_eq!(response.status(), owner, "{}", endpoint.operation);
            continue;
        }
        assert_refused(&response, 60);
        let operations = documented(&world.app);
        let (_, _, operation) = operations
            .iter()
            .find(|(_, _, operation)| operation["operationId"] == endpoint.operation)
            .unwrap();
        let documented = &operation["responses"]["429"];
        assert!(documented.is_object(), "{}", endpoint.operation);
    }
}

#[actix_web::test]
async fn reading_does_not_count() {
    let world = World::with(limits(BY_ADA, 0)).await;
    for endpoint in endpoints() {
        if endpoint.method == Method::GET {
            let path = world.path(&endpoint);
            let call = world.call(By::Owner, Method::GET, &path).await;
            assert_eq!(endpoint.send(call).await.status(), 200, "{path}");
        }
    }
}

#[actix_web::test]
async fn a_user_can_go_on_as_soon_as_a_change_is_a_minute_old() {
    let app = TestApp::with(limits(2, 0)).await;
    let ada = app.bearer(&app.acme.ada).await;
    assert_eq!(submit(&ada).await.status(), 201);
    app.env.advance(TimeDelta::milliseconds(20_500));
    assert_eq!(submit(&ada).await.status(), 201);
    assert_refused(&submit(&ada).await, 40);
    // By another session too.
    assert_refused(&submit(&app.bearer(&app.acme.ada).await).await, 40);
    app.env.advance(TimeDelta::milliseconds(39_500));
    assert_eq!(submit(&ada).await.status(), 201);
    assert_refused(&submit(&ada).await, 21);
    let tickets = ada.get("/tickets").await.json();
    assert_eq!(tickets["pagination"]["total"], 3);
}

#[actix_web::test]
async fn an_organization_is_limited_as_a_whole_and_others_are_not() {
    let app = TestApp::with(limits(0, 3)).await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    for user in [&ada, &bob, &ada] {
        assert_eq!(submit(user).await.status(), 201);
    }
    for user in [&ada, &bob] {
        assert_refused(&submit(user).await, 60);
    }
    let stranger = app.bearer(&app.globex.ada).await;
    assert_eq!(submit(&stranger).await.status(), 201);
}

#[actix_web::test]
async fn a_user_who_made_too_many_changes_harms_no_colleague() {
    let app = TestApp::with(limits(2, 4)).await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    for _ in 0..2 {
        assert_eq!(submit(&ada).await.status(), 201);
    }
    for _ in 0..10 {
        assert_refused(&submit(&ada).await, 60);
    }
    for _ in 0..2 {
        assert_eq!(submit(&bob).await.status(), 201);
    }
    assert_refused(&submit(&bob).await, 60);
}

#[actix_web::test]
async fn without_limits_nothing_is_refused() {
    let app = TestApp::with(limits(0, 0)).await;
    let ada = app.bearer(&app.acme.ada).await;
    for _ in 0..100 {
        assert_eq!(submit(&ada).await.status(), 201);
    }
}

#[actix_web::test]
async fn other_reasons_to_refuse_a_change_come_first_and_those_of_its_object_last() {
    let app = TestApp::with(limits(2, 0)).await;
    let ada = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    // Neither of these counts.
    for _ in 0..5 {
        assert_eq!(ada.post("/tickets", &json!({})).await.status(), 400);
        let without_header = browser.call_without_header(Method::POST, "/tickets");
        let response = without_header.json(&ticket()).send().await;
        assert_eq!(response.status(), 403);
    }
    // These do.
    let unknown = "/tickets/018f3e2a-0000-7000-8000-000000000000/comments";
    let said = json!({ "content": "Hello" });
    assert_eq!(ada.post(unknown, &said).await.status(), 404);
    assert_eq!(submit(&ada).await.status(), 201);

    assert_refused(&ada.post(unknown, &said).await, 60);
    assert_eq!(ada.post("/tickets", &json!({})).await.status(), 400);
    let without_header = browser.call_without_header(Method::POST, "/tickets");
    let response = without_header.json(&ticket()).send().await;
    assert_eq!(response.status(), 403);
    assert_refused(&browser.post("/tickets", &ticket()).await, 60);
    let changes = BrandingChanges {
        enable_tickets: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    let response = submit(&ada).await;
    assert_eq!(response.status(), 403);
    assert_eq!(response.json()["code"], "PORTAL_TICKETS_DISABLED");
    ada.post("/auth/logout", &json!({})).await;
    assert_eq!(submit(&ada).await.status(), 401);
}
