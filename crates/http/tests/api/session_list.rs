//! The user's sessions: `/sessions`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part has to fail the test"
)]

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_test_support::{BearerUser, Caller as _, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::support::cookies::assert_clears_both_cookies;

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0";

async fn sessions(user: &BearerUser) -> Vec<Value> {
    let response = user.get("/sessions").await;
    assert_eq!(response.status(), 200, "{response:?}");
    assert_eq!(
        response.header("cache-control").as_deref(),
        Some("no-store")
    );
    response.json()["data"].as_array().unwrap().clone()
}

fn id(session: &Value) -> &str {
    session["id"].as_str().unwrap()
}

#[actix_web::test]
async fn a_user_sees_where_they_are_signed_in() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    app.env.advance(TimeDelta::minutes(1));
    let login = json!({ "email": "ada@acme.example", "password": PASSWORD });
    let browser = app
        .anonymous()
        .call(Method::POST, "/auth/login")
        .replace_header("user-agent", FIREFOX)
        .from_address("2001:db8::1")
        .json(&login)
        .send()
        .await;
    app.bearer(&app.acme.bob).await;
    app.env.advance(TimeDelta::minutes(1));

    let seen = sessions(&ada).await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    let ids: Vec<_> = seen.iter().map(id).collect();
    let expected = json!([
        {
            "id": ids[0],
            "client": "API client",
            "ipAddress": "203.0.113.9",
            "signedInAt": "2026-01-31T09:00:00.000Z",
            "lastUsedAt": "2026-01-31T09:02:00.000Z",
            "current": true,
        },
        {
            "id": ids[1],
            "client": "Firefox on Windows",
            "ipAddress": "2001:db8::1",
            "signedInAt": "2026-01-31T09:01:00.000Z",
            "lastUsedAt": "2026-01-31T09:01:00.000Z",
            "current": false,
        },
    ]);
    assert_eq!(json!(seen), expected);
    // An id opens nothing.
    let token = browser.json()["accessToken"].as_str().unwrap().to_owned();
    for id in ids {
        assert!(!token.contains(id) && id.len() == 36, "{id}");
        let bearer = format!("Bearer {id}");
        let call = app.anonymous().call(Method::GET, "/profile");
        let response = call.header("authorization", &bearer).send().await;
        assert_eq!(response.status(), 401);
    }
}

#[actix_web::test]
async fn a_user_ends_their_own_sessions_alone() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let other = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let of_bob = sessions(&bob).await;
    let missing = json!({ "error": "Session not found" });
    for unknown in [id(&of_bob[0]), "018f3e2a-0000-7000-8000-000000000000", "x"] {
        let response = ada.delete(&format!("/sessions/{unknown}")).await;
        assert_eq!(response.parts(), (404, missing.clone()), "{unknown}");
    }
    assert_eq!(bob.get("/profile").await.status(), 200);

    let seen = sessions(&ada).await;
    let of_other = seen.iter().find(|session| session["current"] == false);
    let of_other = id(of_other.unwrap()).to_uppercase();
    let path = format!("/sessions/{of_other}");
    let response = ada.delete(&path).await;
    assert_eq!(response.parts(), (200, json!({ "success": true })));
    assert_eq!(response.set_cookies(), [""; 0]);
    assert_eq!(other.get("/profile").await.status(), 401);
    assert_eq!(ada.get("/profile").await.status(), 200);
    assert_eq!(ada.delete(&path).await.status(), 404, "it has ended");
    let ended = app
        .audited(app.acme.id, AuditAction::PortalAuthLogout)
        .await;
    assert_eq!(ended.len(), 1);
    assert_eq!(
        ended[0].details,
        json!({ "sessionId": of_other.to_lowercase() })
    );
}

#[actix_web::test]
async fn ending_the_current_session_signs_out() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let seen = browser.get("/sessions").await.json();
    let path = format!("/sessions/{}", id(&seen["data"][0]));
    let response = browser.delete(&path).await;
    assert_eq!(response.parts(), (200, json!({ "success": true })));
    assert_clears_both_cookies(&response);
    assert_eq!(
        response.header("clear-site-data").as_deref(),
        Some("\"cache\"")
    );
    assert_eq!(browser.get("/profile").await.status(), 401);
}

#[actix_web::test]
async fn sessions_of_an_earlier_password_are_not_listed() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    app.bearer(&app.acme.ada).await;
    let body = json!({ "password": "Winter-Birds-47" });
    assert_eq!(ada.patch("/profile", &body).await.status(), 200);
    let seen = sessions(&ada).await;
    assert_eq!((seen.len(), &seen[0]["current"]), (1, &json!(true)));
}

#[actix_web::test]
async fn a_greatest_age_ends_a_session_in_use() {
    let day = std::time::Duration::from_hours(24);
    let app = TestApp::with(|config| config.session_max_age = Some(2 * day)).await;
    let ada = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    for _ in 0..2 {
        app.env.advance(TimeDelta::hours(23));
        assert_eq!(ada.get("/profile").await.status(), 200);
        assert_eq!(browser.get("/profile").await.status(), 200);
    }
    app.env.advance(TimeDelta::hours(2));
    assert_eq!(ada.get("/profile").await.status(), 401);
    assert_eq!(browser.get("/profile").await.status(), 401);
}
