//! `POST /auth/login`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part has to fail the test"
)]

use actix_web::http::Method;
use chrono::{TimeDelta, Utc};
use portal_domain::audit::{AuditAction, AuditResult};
use portal_domain::environment::Environment as _;
use portal_domain::organizations::OrganizationStatus;
use portal_session::DEVICE_COOKIE;
use portal_test_support::{Caller as _, PASSWORD, Response, TestApp};
use serde_json::{Value, json};

use crate::support::cookies::{assert_signs_in, attributes};

async fn login(app: &TestApp, body: &Value) -> Response {
    app.anonymous().post("/auth/login", body).await
}

async fn login_at(app: &TestApp, host: &str, body: &Value) -> Response {
    app.anonymous()
        .call(Method::POST, "/auth/login")
        .replace_header("host", host)
        .json(body)
        .send()
        .await
}

fn refused() -> (u16, Value) {
    (401, json!({ "error": "Invalid email or password" }))
}

fn not_active() -> (u16, Value) {
    (403, json!({ "error": "Account is not active" }))
}

/// The organization of the signed-in user.
fn signed_in_to(response: &Response) -> (u16, Value) {
    (response.status(), response.json()["user"]["orgId"].clone())
}

/// The ids of the organizations to choose from, sorted.
fn choices(response: &Response) -> Vec<String> {
    let body = response.json();
    assert_eq!(body["code"], "MULTIPLE_ACCOUNTS", "{response:?}");
    let choices = body["organizations"].as_array().unwrap();
    let mut ids: Vec<_> = choices
        .iter()
        .map(|choice| choice["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort_unstable();
    ids
}

#[actix_web::test]
async fn login_returns_user_token_and_cookies() {
    let app = TestApp::start().await;
    let ada = &app.acme.ada;
    let response = login(&app, &json!({ "email": ada.email, "password": PASSWORD })).await;

    let body = response.json();
    let token = body["accessToken"].as_str().unwrap();
    let is_of_alphabet = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    assert_eq!(token.len(), 48);
    assert!(token.chars().all(is_of_alphabet), "{token}");
    let user = json!({
        "id": ada.id.to_string(),
        "orgId": app.acme.id.to_string(),
        "orgName": "Acme",
        "organizationId": app.acme.id.to_string(),
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
    let expected = json!({
        "user": user,
        "accessToken": token,
        "expiresAt": "2026-02-01T09:00:00.000Z",
        "tokens": { "accessToken": token, "expiresInSeconds": 86400 },
        "deviceToken": response.cookie(DEVICE_COOKIE),
    });
    assert_eq!(response.parts(), (200, expected));
    assert_signs_in(&response);
    assert_eq!(
        response.header("cache-control").as_deref(),
        Some("no-store"),
        "nobody may keep a token"
    );
}

#[actix_web::test]
async fn wrong_password_and_unknown_address_are_indistinguishable() {
    let app = TestApp::start().await;
    let acme = app.acme.id.to_string();
    let globex = app.globex.id.to_string();
    let nobody = app.acme.ada.id.to_string();
    app.invited(&app.acme, "new@acme.example").await;
    for (why, body) in [
        (
            "wrong password",
            json!({ "email": "ada@acme.example", "password": "Wrong-Horse-7" }),
        ),
        (
            "right password in other case",
            json!({ "email": "ada@acme.example", "password": PASSWORD.to_uppercase() }),
        ),
        (
            "empty password",
            json!({ "email": "ada@acme.example", "password": "" }),
        ),
        (
            "unknown address",
            json!({ "email": "eve@acme.example", "password": PASSWORD }),
        ),
        (
            "account not set up",
            json!({ "email": "new@acme.example", "password": PASSWORD }),
        ),
        (
            "another organization",
            json!({ "email": "ada@acme.example", "password": PASSWORD, "orgId": globex }),
        ),
        (
            "unknown organization",
            json!({ "email": "ada@acme.example", "password": PASSWORD, "orgId": nobody }),
        ),
        (
            "wrong password in the right organization",
            json!({ "email": "ada@acme.example", "password": "Wrong-Horse-7", "orgId": acme }),
        ),
    ] {
        let response = login(&app, &body).await;
        assert_eq!(response.parts(), refused(), "{why}");
        assert_eq!(response.set_cookies(), [""; 0], "{why}");
    }
}

#[actix_web::test]
async fn a_password_with_a_control_character_is_no_attempt() {
    let app = TestApp::start().await;
    for password in ["Correct\0Horse-7", "\n", "Correct-Horse-7\u{85}"] {
        let body = json!({ "email": "ada@acme.example", "password": password });
        for _ in 0..10 {
            let response = login(&app, &body).await;
            let error = "must not contain control characters";
            let fields = json!({ "password": [error] });
            assert_eq!(response.status(), 400);
            assert_eq!(response.json()["details"]["fieldErrors"], fields);
        }
    }
    let body = json!({ "email": "ada@acme.example", "password": PASSWORD });
    assert_eq!(login(&app, &body).await.status(), 200);
}

#[actix_web::test]
async fn login_ignores_the_case_of_the_address() {
    let app = TestApp::start().await;
    app.person(app.acme.id, "Grace@Bücher.example").await;
    for (typed, stored) in [
        ("ada@acme.example", "ada@acme.example"),
        ("ADA@Acme.EXAMPLE", "ada@acme.example"),
        ("  ada@acme.example\n", "ada@acme.example"),
        ("grace@bücher.example", "grace@xn--bcher-kva.example"),
        ("GRACE@BÜCHER.example", "grace@xn--bcher-kva.example"),
        ("grace@XN--BCHER-KVA.example", "grace@xn--bcher-kva.example"),
    ] {
        let response = login(&app, &json!({ "email": typed, "password": PASSWORD })).await;
        assert_eq!(
            (response.status(), response.json()["user"]["email"].clone()),
            (200, json!(stored)),
            "{typed:?}"
        );
    }
}

#[actix_web::test]
async fn invalid_email_address_is_reported_by_field() {
    let app = TestApp::start().await;
    for typed in ["", "ada", "ada@acme", "ädä@acme.example", "ada@[127.0.0.1]"] {
        let response = login(&app, &json!({ "email": typed, "password": PASSWORD })).await;
        let message = "must be a valid e-mail address";
        let expected = json!({
            "error": format!("email: {message}"),
            "details": { "formErrors": [], "fieldErrors": { "email": [message] } },
        });
        assert_eq!(response.parts(), (400, expected), "{typed:?}");
    }
}

#[actix_web::test]
async fn all_invalid_fields_are_reported() {
    let app = TestApp::start().await;
    let response = login(&app, &json!({ "orgId": "acme" })).await;
    assert_eq!(response.status(), 400);
    let body = response.json();
    let faults = body["details"]["fieldErrors"].as_object().unwrap();
    let mut fields: Vec<_> = faults.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["email", "orgId", "password"]);
    let joined: Vec<_> = faults
        .iter()
        .map(|(field, messages)| format!("{field}: {}", messages[0].as_str().unwrap()))
        .collect();
    let mut told: Vec<_> = body["error"].as_str().unwrap().split("; ").collect();
    told.sort_unstable();
    let mut joined: Vec<_> = joined.iter().map(String::as_str).collect();
    joined.sort_unstable();
    assert_eq!(told, joined);
}

#[actix_web::test]
async fn login_uses_the_given_organization() {
    let app = TestApp::start().await;
    app.person(app.acme.id, "sam@example.org").await;
    app.person(app.globex.id, "sam@example.org").await;
    for tenant in [&app.acme, &app.globex] {
        let id = tenant.id.to_string();
        for spelling in [id.clone(), id.to_uppercase()] {
            let body =
                json!({ "email": "sam@example.org", "password": PASSWORD, "orgId": spelling });
            let response = login(&app, &body).await;
            assert_eq!(signed_in_to(&response), (200, json!(id)), "{spelling}");
        }
    }
}

#[actix_web::test]
async fn ambiguous_login_lists_the_organizations() {
    let app = TestApp::start().await;
    app.person(app.acme.id, "sam@example.org").await;
    app.person(app.globex.id, "sam@example.org").await;
    let response = login(
        &app,
        &json!({ "email": "sam@example.org", "password": PASSWORD }),
    )
    .await;
    let mut body = response.json();
    let organizations = body["organizations"].as_array_mut().unwrap();
    organizations.sort_by_key(|choice| choice["name"].to_string());
    let expected = json!({
        "error": "Multiple portal accounts found for this email. Please provide organization context.",
        "code": "MULTIPLE_ACCOUNTS",
        "organizations": [
            { "id": app.acme.id.to_string(), "name": "Acme" },
            { "id": app.globex.id.to_string(), "name": "Globex" },
        ],
    });
    assert_eq!((response.status(), body), (400, expected));
    assert_eq!(response.set_cookies(), [""; 0]);
}

#[actix_web::test]
async fn inactive_account_is_reported_only_with_the_right_password() {
    let app = TestApp::start().await;
    app.disable_user(&app.acme.ada).await;
    app.set_organization_status(app.globex.id, OrganizationStatus::Disabled)
        .await;
    for email in [&app.acme.ada.email, &app.globex.ada.email] {
        let response = login(&app, &json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(response.parts(), not_active(), "{email}");
        assert_eq!(response.set_cookies(), [""; 0], "{email}");
        let response = login(
            &app,
            &json!({ "email": email, "password": "Wrong-Horse-7" }),
        )
        .await;
        assert_eq!(response.parts(), refused(), "{email}");
    }
}

#[actix_web::test]
async fn login_on_the_domain_of_a_disabled_organization_fails() {
    let app = TestApp::start().await;
    app.person(app.acme.id, "sam@example.org").await;
    app.person(app.globex.id, "sam@example.org").await;
    app.own_domain(&app.acme, "support.acme.example").await;
    app.set_organization_status(app.acme.id, OrganizationStatus::Disabled)
        .await;
    let response = app
        .anonymous()
        .call(Method::POST, "/auth/login")
        .replace_header("host", "support.acme.example")
        .json(&json!({ "email": "sam@example.org", "password": PASSWORD }))
        .send()
        .await;
    assert_eq!(response.parts(), not_active());
}

#[actix_web::test]
async fn login_on_a_verified_domain_uses_its_organization() {
    let app = TestApp::start().await;
    app.person(app.acme.id, "sam@example.org").await;
    app.person(app.globex.id, "sam@example.org").await;
    app.own_domain(&app.acme, "support.acme.example").await;
    app.claim_domain(&app.globex, "support.globex.example")
        .await;
    let [acme, globex] = [&app.acme, &app.globex].map(|tenant| tenant.id.to_string());

    let body = json!({ "email": "sam@example.org", "password": PASSWORD });
    for host in [
        "support.acme.example",
        "SUPPORT.acme.example",
        "support.acme.example:8443",
        "support.acme.example.",
    ] {
        let response = login_at(&app, host, &body).await;
        assert_eq!(signed_in_to(&response), (200, json!(acme)), "{host}");
    }
    let mut both = vec![acme.clone(), globex.clone()];
    both.sort_unstable();
    for host in ["portal.example", "support.globex.example", "127.0.0.1:8080"] {
        assert_eq!(choices(&login_at(&app, host, &body).await), both, "{host}");
    }
}

#[actix_web::test]
async fn login_with_an_organization_other_than_the_domains_fails() {
    let app = TestApp::start().await;
    app.person(app.acme.id, "sam@example.org").await;
    app.person(app.globex.id, "sam@example.org").await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let [acme, globex] = [&app.acme, &app.globex].map(|tenant| tenant.id.to_string());
    let host = "support.acme.example";

    let body = json!({ "email": "sam@example.org", "password": PASSWORD, "orgId": globex });
    assert_eq!(login_at(&app, host, &body).await.parts(), refused());
    let body = json!({ "email": "sam@example.org", "password": PASSWORD, "orgId": acme });
    let response = login_at(&app, host, &body).await;
    assert_eq!(signed_in_to(&response), (200, json!(acme)));
    // Nor does an address that only another organization has.
    let body = json!({ "email": app.globex.ada.email, "password": PASSWORD });
    assert_eq!(login_at(&app, host, &body).await.parts(), refused());
}

#[actix_web::test]
async fn login_is_audited_with_time_and_address() {
    let app = TestApp::start().await;
    app.env.advance(TimeDelta::minutes(3));
    let ada = app.bearer(&app.acme.ada).await;

    let log = app.audited(app.acme.id, AuditAction::PortalAuthLogin).await;
    let [entry] = log.as_slice() else {
        panic!("one entry: {log:?}");
    };
    let id = app.acme.ada.id;
    assert_eq!(entry.timestamp, app.env.now().with_timezone(&Utc));
    assert_eq!(entry.result, AuditResult::Success);
    assert_eq!(entry.actor_id, Some(id));
    assert_eq!(entry.actor_email.as_deref(), Some("ada@acme.example"));
    assert_eq!(
        (entry.resource_type.as_str(), entry.resource_id.as_str()),
        ("portal_user", id.to_string().as_str())
    );
    assert_eq!(
        entry.ip_address.map(|ip| ip.to_string()).as_deref(),
        Some("203.0.113.9")
    );
    assert_eq!(entry.user_agent.as_deref(), Some("test"));
    assert!(!format!("{log:?}").contains(&ada.token));

    let reader = app.store.reader(app.acme.scope()).await.unwrap();
    let account = reader.account(id).await.unwrap().unwrap();
    assert_eq!(account.user.last_login_at, Some(app.env.now()));
}

#[actix_web::test]
async fn login_ignores_a_bearer_token() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    let wrong = json!({ "email": app.acme.ada.email, "password": "Wrong-Horse-7" });
    for (body, status) in [(json!({}), 400), (wrong, 401)] {
        for response in [
            ada.post("/auth/login", &body).await,
            browser.post("/auth/login", &body).await,
        ] {
            assert_eq!(response.status(), status, "{body}");
            assert_eq!(response.set_cookies(), [""; 0], "{body}");
        }
    }
    assert_eq!(ada.get("/profile").await.status(), 200);
    assert_eq!(browser.get("/profile").await.status(), 200);
}

#[actix_web::test]
async fn login_ignores_earlier_cookies() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.bob).await;
    let planted = format!(
        "breeze_portal_session={}; breeze_portal_csrf_token={}",
        browser.session.borrow(),
        browser.csrf.borrow()
    );
    for cookies in [planted.as_str(), "breeze_portal_session=rubbish"] {
        let body = json!({ "email": app.acme.ada.email, "password": PASSWORD });
        let response = app
            .anonymous()
            .call(Method::POST, "/auth/login")
            .header("cookie", cookies)
            .json(&body)
            .send()
            .await;
        assert_eq!(response.json()["user"]["name"], "Ada", "{cookies}");
        let session = response.cookie("breeze_portal_session").unwrap();
        assert_ne!(session, *browser.session.borrow());
        let csrf = response.cookie("breeze_portal_csrf_token").unwrap();
        assert_ne!(csrf, *browser.csrf.borrow());
        assert!(attributes(&response, "breeze_portal_session").is_some());
    }
}
