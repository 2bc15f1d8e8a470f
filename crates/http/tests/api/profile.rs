//! The user's profile and password.

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_test_support::{Caller, PASSWORD, Person, Response, TestApp};
use serde_json::{Value, json};

use crate::support::audited_actions;

const NEW_PASSWORD: &str = "Winter-Birds-47";

async fn login(app: &TestApp, person: &Person, password: &str) -> Response {
    let body = json!({ "email": person.email, "password": password });
    app.anonymous().post("/auth/login", &body).await
}

/// The audited details of profile updates, oldest first.
async fn updates(app: &TestApp) -> Vec<Value> {
    let log = app.audit_log(app.acme.id).await;
    let updates = log
        .iter()
        .rev()
        .filter(|entry| entry.action.as_str() == "portal.profile.update");
    updates.map(|entry| entry.details.clone()).collect()
}

#[actix_web::test]
async fn a_profile_is_shown_as_at_sign_in() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let organization = app.acme.id.to_string();
    let user = json!({
        "id": app.acme.ada.id.to_string(),
        "orgId": organization,
        "orgName": "Acme",
        "organizationId": organization,
        "organizationName": "Acme",
        "email": "ada@acme.example",
        "name": "Ada",
        "role": "member",
        "receiveNotifications": true,
        "notifyOwnTickets": true,
        "notifySharedTickets": true,
        "notifyLoans": true,
        "status": "active",
        "locale": null,
    });
    assert_eq!(
        ada.get("/profile").await.parts(),
        (200, json!({ "user": user }))
    );
    let login = login(&app, &app.acme.ada, PASSWORD).await;
    assert_eq!(login.json()["user"], user);
}

#[actix_web::test]
async fn profile_update_changes_only_given_fields() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let mut expected = ada.get("/profile").await.json();
    let emoji = "🔥".repeat(255);
    for body in [
        json!({ "name": emoji }),
        json!({ "receiveNotifications": false }),
        json!({ "locale": "de" }),
        json!({ "name": "Ada Moreno", "receiveNotifications": true, "locale": "en" }),
        json!({ "locale": null }),
        // No key of a profile that can be changed.
        json!({ "email": "eve@evil.example", "status": "disabled", "orgId": "x" }),
    ] {
        let response = ada.patch("/profile", &body).await;
        for key in ["name", "receiveNotifications", "locale"] {
            if let Some(value) = body.get(key) {
                expected["user"][key] = value.clone();
            }
        }
        assert_eq!(response.parts(), (200, expected.clone()), "{body}");
        assert_eq!(ada.get("/profile").await.json(), expected, "{body}");
    }
}

#[actix_web::test]
async fn invalid_profile_update_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let before = ada.get("/profile").await.json();
    for (body, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": " \t" }), "name"),
        (json!({ "name": "🔥".repeat(256) }), "name"),
        (json!({ "name": "A\0" }), "name"),
        (json!({ "name": "A\nB" }), "name"),
        (json!({ "name": 7 }), "name"),
        (json!({ "locale": "fr" }), "locale"),
        (json!({ "locale": "" }), "locale"),
        (json!({ "locale": "EN" }), "locale"),
        (json!({ "locale": 1 }), "locale"),
        (
            json!({ "receiveNotifications": "no" }),
            "receiveNotifications",
        ),
        (json!({ "name": "Fine", "locale": "fr" }), "locale"),
        (json!({ "name": "Fine", "password": "short" }), "password"),
        (
            json!({ "name": "Fine", "password": 12_345_678 }),
            "password",
        ),
    ] {
        let response = ada.patch("/profile", &body).await;
        assert_eq!(response.status(), 400, "{body}");
        let fields = &response.json()["details"]["fieldErrors"];
        assert!(fields[field].is_array(), "{body}: {response:?}");
    }
    assert_eq!(ada.get("/profile").await.json(), before);
    assert_eq!(updates(&app).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn profile_update_without_changes_is_not_audited() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let before = ada.get("/profile").await;
    app.env.advance(TimeDelta::minutes(1));
    let empty = ada.patch("/profile", &json!({})).await;
    let silent = ada.call(Method::PATCH, "/profile").send().await;
    let unknown = ada.patch("/profile", &json!({ "hobby": "chess" })).await;
    let present = json!({ "name": "Ada", "receiveNotifications": true, "locale": null });
    let present = ada.patch("/profile", &present).await;
    for response in [empty, silent, unknown, present] {
        assert_eq!(response.parts(), before.parts());
    }
    assert_eq!(
        ada.get("/profile").await.header("etag"),
        before.header("etag")
    );
    assert_eq!(audited_actions(&app).await, Vec::<String>::new());
    assert_eq!(app.send_mails().await.sent, 0);
}

#[actix_web::test]
async fn profile_update_is_audited_by_field_names() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for body in [
        json!({ "locale": "de" }),
        json!({ "name": "Ada M.", "receiveNotifications": false }),
        json!({ "password": NEW_PASSWORD }),
    ] {
        assert_eq!(ada.patch("/profile", &body).await.status(), 200, "{body}");
        app.env.advance(TimeDelta::seconds(1));
    }
    assert_eq!(
        updates(&app).await,
        [
            json!({ "updatedFields": ["locale"], "passwordUpdated": false }),
            json!({ "updatedFields": ["name", "receiveNotifications"], "passwordUpdated": false }),
            json!({ "updatedFields": [], "passwordUpdated": true }),
        ]
    );
    let log = app.audit_log(app.acme.id).await;
    for entry in &log {
        if entry.action.as_str() != "portal.profile.update" {
            continue;
        }
        assert_eq!(entry.resource_type, "portal_user");
        assert_eq!(entry.resource_id, app.acme.ada.id.to_string());
        assert_eq!(entry.actor_id, Some(app.acme.ada.id));
    }
    let whole = format!("{log:?}");
    assert!(!whole.contains(NEW_PASSWORD) && !whole.contains("$argon2"));
}

#[actix_web::test]
async fn profile_password_ends_other_sessions_only() {
    let app = TestApp::start().await;
    let (here, elsewhere) = (
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.ada).await,
    );
    let browser = app.cookie(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let response = here
        .patch("/profile", &json!({ "password": NEW_PASSWORD }))
        .await;
    assert_eq!(response.status(), 200);
    assert!(response.json()["user"]["id"].is_string());
    assert_eq!(here.get("/profile").await.status(), 200);
    assert_eq!(bob.get("/profile").await.status(), 200);
    for response in [
        elsewhere.get("/profile").await,
        browser.get("/profile").await,
    ] {
        assert_eq!(
            response.parts(),
            (401, json!({ "error": "Invalid or expired session" }))
        );
    }
    assert_eq!(login(&app, &app.acme.ada, PASSWORD).await.status(), 401);
    assert_eq!(login(&app, &app.acme.ada, NEW_PASSWORD).await.status(), 200);
}

#[actix_web::test]
async fn profile_password_keeps_the_browsers_session() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let other = app.cookie(&app.acme.ada).await;
    for password in [NEW_PASSWORD, "Summer-Birds-48"] {
        let body = json!({ "password": password });
        assert_eq!(browser.patch("/profile", &body).await.status(), 200);
    }
    assert_eq!(browser.get("/profile").await.status(), 200);
    assert_eq!(other.get("/profile").await.status(), 401);
}

#[actix_web::test]
async fn profile_password_requires_a_recent_sign_in() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    app.env.advance(TimeDelta::minutes(10));
    // Being active slides the session, and is no sign-in.
    assert_eq!(ada.get("/profile").await.status(), 200);
    app.env.advance(TimeDelta::minutes(5));
    let body = json!({ "password": NEW_PASSWORD });
    assert_eq!(ada.patch("/profile", &body).await.status(), 200);

    app.env.advance(TimeDelta::milliseconds(1));
    let body = json!({ "name": "Ada M.", "password": "Summer-Birds-48" });
    let late = ada.patch("/profile", &body).await;
    assert_eq!(late.status(), 403);
    assert_eq!(late.json()["code"], "RECENT_SIGN_IN_REQUIRED");
    assert!(!late.error().is_empty());
    assert_eq!(ada.get("/profile").await.json()["user"]["name"], "Ada");
    assert_eq!(login(&app, &app.acme.ada, NEW_PASSWORD).await.status(), 200);
    assert_eq!(updates(&app).await.len(), 1);

    // All else needs no recent sign-in.
    let body = json!({ "name": "Ada M." });
    assert_eq!(ada.patch("/profile", &body).await.status(), 200);
}

#[actix_web::test]
async fn weak_password_is_reported_by_its_first_broken_rule() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let (password, sentence) = ("quiet", "Password must be at least 8 characters");
    let profile = ada
        .patch("/profile", &json!({ "password": password }))
        .await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": password });
    let change = ada.post("/profile/password", &body).await;
    for (response, field) in [(profile, "password"), (change, "newPassword")] {
        let expected = json!({
            "error": sentence,
            "details": { "formErrors": [], "fieldErrors": { field: [sentence] } },
        });
        assert_eq!(response.parts(), (400, expected), "{field}");
    }
}

#[actix_web::test]
async fn password_change_ends_every_session() {
    let app = TestApp::start().await;
    let here = app.cookie(&app.acme.ada).await;
    let elsewhere = app.bearer(&app.acme.ada).await;
    // However long ago the sign-in was: the present password is proof enough.
    app.env.advance(TimeDelta::hours(3));
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
    let response = here.post("/profile/password", &body).await;
    assert_eq!(
        response.parts(),
        (
            200,
            json!({ "success": true, "message": "Password changed successfully" })
        )
    );
    let cookies = response.set_cookies();
    assert_eq!(cookies.len(), 2);
    assert!(cookies.iter().all(|cookie| cookie.contains("Max-Age=0")));
    assert_eq!(here.get("/profile").await.status(), 401);
    assert_eq!(elsewhere.get("/profile").await.status(), 401);
    assert_eq!(login(&app, &app.acme.ada, PASSWORD).await.status(), 401);
    assert_eq!(login(&app, &app.acme.ada, NEW_PASSWORD).await.status(), 200);
    assert_eq!(
        audited_actions(&app).await,
        ["portal.profile.password.change"]
    );
}

#[actix_web::test]
async fn a_password_is_the_same_in_every_canonical_form() {
    let app = TestApp::start().await;
    let (nfc, nfd) = ("Grüße 2026!x", "Gru\u{308}ße\u{a0}2026!x");
    let mut current = PASSWORD;
    for (new, other) in [(nfc, nfd), (nfd, nfc)] {
        let signed_in = login(&app, &app.acme.ada, current).await.json();
        let bearer = format!("Bearer {}", signed_in["accessToken"].as_str().unwrap());
        let body = json!({ "currentPassword": current, "newPassword": new });
        let response = app
            .anonymous()
            .call(Method::POST, "/profile/password")
            .header("authorization", &bearer)
            .json(&body)
            .send()
            .await;
        assert_eq!(response.status(), 200, "{}", response.text());
        for typed in [new, other] {
            assert_eq!(login(&app, &app.acme.ada, typed).await.status(), 200);
        }
        current = other;
    }
}

#[actix_web::test]
async fn a_current_password_has_no_control_characters() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let body = json!({ "currentPassword": "a\0b", "newPassword": NEW_PASSWORD });
    let response = ada.post("/profile/password", &body).await;
    assert_eq!(
        (response.status(), response.error()),
        (
            400,
            "currentPassword: must not contain control characters".to_owned()
        )
    );
}

#[actix_web::test]
async fn wrong_current_password_keeps_the_session() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let body = json!({ "currentPassword": "Wrong-Horse-7", "newPassword": NEW_PASSWORD });
    assert_eq!(
        ada.post("/profile/password", &body).await.parts(),
        (
            400,
            json!({ "error": "Current password is incorrect", "code": "INVALID_CREDENTIALS" })
        )
    );
    assert_eq!(ada.get("/profile").await.status(), 200);
    assert_eq!(login(&app, &app.acme.ada, PASSWORD).await.status(), 200);
    assert_eq!(audited_actions(&app).await, Vec::<String>::new());
    assert_eq!(app.send_mails().await.sent, 0);
}

#[actix_web::test]
async fn password_change_requires_both_passwords() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (body, fields) in [
        (json!({}), &["currentPassword", "newPassword"][..]),
        (json!({ "currentPassword": PASSWORD }), &["newPassword"]),
        (json!({ "newPassword": NEW_PASSWORD }), &["currentPassword"]),
        (
            json!({ "currentPassword": 1, "newPassword": [] }),
            &["currentPassword", "newPassword"],
        ),
    ] {
        let response = ada.post("/profile/password", &body).await;
        assert_eq!(response.status(), 400, "{body}");
        let errors = response.json()["details"]["fieldErrors"].clone();
        let named: Vec<_> = errors.as_object().unwrap().keys().collect();
        assert_eq!(named, fields, "{body}");
    }
}
