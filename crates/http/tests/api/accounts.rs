//! Password resets, invitations and sign-out.

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_domain::audit::{AuditAction, AuditResult};
use portal_domain::branding::BrandingChanges;
use portal_session::DEVICE_COOKIE;
use portal_test_support::{Caller as _, PASSWORD, Person, Response, TestApp};
use serde_json::{Value, json};

use crate::support::accounts::{invitation_token, invite, links, reset_token, token_of};
use crate::support::cookies::{assert_clears_both_cookies, assert_signs_in};

const NEW_PASSWORD: &str = "Winter-Birds-47";

async fn forgot(app: &TestApp, body: &Value) -> Response {
    app.anonymous().post("/auth/forgot-password", body).await
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Response {
    let body = json!({ "token": token, "password": password });
    app.anonymous().post("/auth/reset-password", &body).await
}

async fn accept(app: &TestApp, token: &str, password: &str) -> Response {
    let body = json!({ "token": token, "password": password });
    app.anonymous().post("/auth/accept-invite", &body).await
}

async fn login(app: &TestApp, person: &Person, password: &str) -> u16 {
    let body = json!({
        "email": person.email,
        "password": password,
        "orgId": person.organization.to_string(),
    });
    let response = app.anonymous().post("/auth/login", &body).await;
    response.status()
}

fn invalid_reset() -> (u16, Value) {
    (400, json!({ "error": "Invalid or expired reset token" }))
}

fn invalid_invite() -> (u16, Value) {
    (400, json!({ "error": "Invalid or expired invite" }))
}

fn password_reset_done() -> (u16, Value) {
    let body = json!({ "success": true, "message": "Password reset successfully" });
    (200, body)
}

fn weak(sentence: &str) -> (u16, Value) {
    let body = json!({
        "error": sentence,
        "details": { "formErrors": [], "fieldErrors": { "password": [sentence] } },
    });
    (400, body)
}

#[actix_web::test]
async fn forgot_password_response_does_not_reveal_whether_an_account_exists() {
    let app = TestApp::start().await;
    app.disable_user(&app.acme.bob).await;
    app.invited(&app.acme, "new@acme.example").await;
    let expected = json!({
        "success": true,
        "message": "If this email exists, a reset link will be sent.",
    });
    for (who, email, org) in [
        ("active", "ada@acme.example", None),
        ("disabled", "bob@acme.example", None),
        ("invited", "new@acme.example", None),
        ("unknown", "eve@evil.example", None),
        ("elsewhere", "ada@acme.example", Some(app.globex.id)),
    ] {
        let org = org.map(|org| org.to_string());
        let response = forgot(&app, &json!({ "email": email, "orgId": org })).await;
        assert_eq!(response.parts(), (200, expected.clone()), "{who}");
        assert_eq!(response.set_cookies(), [""; 0], "{who}");
    }
}

#[actix_web::test]
async fn reset_link_goes_to_the_stored_address() {
    let app = TestApp::start().await;
    forgot(&app, &json!({ "email": " ADA@Acme.example " })).await;
    let report = app.send_mails().await;
    assert_eq!((report.sent, report.skipped, report.failed), (1, 0, 0));
    let mails = app.mails.take();
    let [mail] = mails.as_slice() else {
        panic!("one mail: {mails:?}");
    };
    assert_eq!(mail.recipient().as_str(), "ada@acme.example");
    let links = links(mail.text(), "reset-password");
    let [link] = links.as_slice() else {
        panic!("one link: {links:?}");
    };
    let token = link
        .strip_prefix("http://portal.example/reset-password?token=")
        .unwrap();
    let is_of_alphabet = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    assert!(
        token.len() >= 32 && token.chars().all(is_of_alphabet),
        "{link}"
    );
    assert!(mail.html().contains(token));
}

#[actix_web::test]
async fn reset_link_ignores_the_host_header() {
    let app = TestApp::start().await;
    let asked_at = async |host: &str| {
        let response = app
            .anonymous()
            .call(Method::POST, "/auth/forgot-password")
            .replace_header("host", host)
            .header("x-forwarded-host", host)
            .json(&json!({ "email": "ada@acme.example" }))
            .send()
            .await;
        assert_eq!(response.status(), 200);
        app.send_mails().await;
        let mails = app.mails.take();
        links(mails[0].text(), "reset-password").remove(0)
    };
    app.claim_domain(&app.acme, "support.acme.example").await;
    let public = "http://portal.example/reset-password?token=";
    for host in ["evil.example", "support.acme.example"] {
        let link = asked_at(host).await;
        assert!(link.starts_with(public), "{host}: {link}");
    }
    app.own_domain(&app.acme, "help.acme.example").await;
    let own = "https://help.acme.example/reset-password?token=";
    for host in ["evil.example", "portal.example"] {
        let link = asked_at(host).await;
        assert!(link.starts_with(own), "{host}: {link}");
    }
}

#[actix_web::test]
async fn forgot_password_with_several_organizations_sends_one_mail_with_all_links() {
    let app = TestApp::start().await;
    let [one, two] = [
        app.person(app.acme.id, "sam@example.org").await,
        app.person(app.globex.id, "sam@example.org").await,
    ];
    forgot(&app, &json!({ "email": "sam@example.org" })).await;
    app.send_mails().await;
    let mails = app.mails.take();
    let [mail] = mails.as_slice() else {
        panic!("one mail: {mails:?}");
    };
    assert!(mail.text().contains("Acme") && mail.text().contains("Globex"));
    let links = links(mail.text(), "reset-password");
    assert_eq!(links.len(), 2);
    for link in links {
        let response = reset(&app, &token_of(&link), NEW_PASSWORD).await;
        assert_eq!(response.parts(), password_reset_done());
    }
    for person in [one, two] {
        assert_eq!(login(&app, &person, NEW_PASSWORD).await, 200);
    }
}

#[actix_web::test]
async fn forgot_password_on_a_custom_domain_sends_only_its_link() {
    let app = TestApp::start().await;
    let people = [
        app.person(app.acme.id, "sam@example.org").await,
        app.person(app.globex.id, "sam@example.org").await,
    ];
    app.own_domain(&app.acme, "support.acme.example").await;
    let globex = Some(app.globex.id.to_string());
    for (host, org, person) in [
        ("portal.example", globex, &people[1]),
        ("support.acme.example", None, &people[0]),
    ] {
        let response = app
            .anonymous()
            .call(Method::POST, "/auth/forgot-password")
            .replace_header("host", host)
            .json(&json!({ "email": "sam@example.org", "orgId": org }))
            .send()
            .await;
        assert_eq!(response.status(), 200);
        app.send_mails().await;
        let mails = app.mails.take();
        let [mail] = mails.as_slice() else {
            panic!("one mail: {mails:?}");
        };
        let links = links(mail.text(), "reset-password");
        let [link] = links.as_slice() else {
            panic!("one link: {links:?}");
        };
        reset(&app, &token_of(link), NEW_PASSWORD).await;
        assert_eq!(login(&app, person, NEW_PASSWORD).await, 200, "{host}");
        app.send_mails().await;
        app.mails.take();
    }
}

#[actix_web::test]
async fn forgot_password_of_an_invited_user_sends_a_new_invitation() {
    let app = TestApp::start().await;
    let (person, first) = invite(&app, &app.acme, "new@acme.example").await;
    app.env.advance(TimeDelta::seconds(1));
    forgot(&app, &json!({ "email": person.email })).await;
    let second = invitation_token(&app, &person).await;
    assert_ne!(first, second);
    assert_eq!(
        accept(&app, &first, NEW_PASSWORD).await.parts(),
        invalid_invite()
    );
    assert_eq!(accept(&app, &second, NEW_PASSWORD).await.status(), 200);
}

#[actix_web::test]
async fn a_reset_link_works_once() {
    let app = TestApp::start().await;
    let ada = &app.acme.ada;
    let token = reset_token(&app, ada).await;
    let response = reset(&app, &token, NEW_PASSWORD).await;
    assert_eq!(response.parts(), password_reset_done());
    assert_eq!(response.set_cookies(), [""; 0]);
    assert_eq!(
        reset(&app, &token, "Another-Bird-48").await.parts(),
        invalid_reset()
    );
    assert_eq!(login(&app, ada, PASSWORD).await, 401);
    assert_eq!(login(&app, ada, NEW_PASSWORD).await, 200);

    let log = app
        .audited(app.acme.id, AuditAction::PortalAuthPasswordReset)
        .await;
    let [entry] = log.as_slice() else {
        panic!("one entry: {log:?}");
    };
    assert_eq!(entry.result, AuditResult::Success);
    assert_eq!(entry.resource_type, "portal_user");
    assert_eq!(entry.resource_id, ada.id.to_string());
    assert_eq!(entry.actor_id, Some(ada.id));
    assert!(!format!("{:?}", app.audit_log(app.acme.id).await).contains(&token));

    app.send_mails().await;
    let mails = app.mails.take();
    let [mail] = mails.as_slice() else {
        panic!("the owner is told once: {mails:?}");
    };
    assert_eq!(mail.recipient().as_str(), ada.email);
    assert!(!mail.text().contains("token="), "{}", mail.text());
}

#[actix_web::test]
async fn weak_password_is_reported_before_an_invalid_token() {
    let app = TestApp::start().await;
    let token = reset_token(&app, &app.acme.ada).await;
    let (_, invitation) = invite(&app, &app.acme, "new@acme.example").await;
    let (password, sentence) = ("Password1", "Password is too common");
    for token in [token.as_str(), "no-token"] {
        let response = reset(&app, token, password).await;
        assert_eq!(response.parts(), weak(sentence), "{token}");
    }
    for token in [invitation.as_str(), "no-token"] {
        let response = accept(&app, token, password).await;
        assert_eq!(response.parts(), weak(sentence), "{token}");
    }
    assert_eq!(reset(&app, &token, NEW_PASSWORD).await.status(), 200);
    assert_eq!(accept(&app, &invitation, NEW_PASSWORD).await.status(), 200);
}

#[actix_web::test]
async fn invalid_token_has_a_message_for_each_endpoint() {
    let app = TestApp::start().await;
    let unknown = "x".repeat(43);
    for token in ["", "with space", unknown.as_str(), "\u{e4}"] {
        let response = reset(&app, token, NEW_PASSWORD).await;
        assert_eq!(response.parts(), invalid_reset(), "{token:?}");
        let response = accept(&app, token, NEW_PASSWORD).await;
        assert_eq!(response.parts(), invalid_invite(), "{token:?}");
    }
}

#[actix_web::test]
async fn reset_is_forbidden_when_disabled_after_the_mail() {
    let app = TestApp::start().await;
    let token = reset_token(&app, &app.acme.ada).await;
    let off = BrandingChanges {
        enable_password_reset: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, off).await;
    let body = json!({ "error": "Password reset is not enabled for this portal" });
    let response = reset(&app, &token, NEW_PASSWORD).await;
    assert_eq!(response.parts(), (403, body));
}

#[actix_web::test]
async fn accepting_an_invitation_sets_up_the_account_and_signs_in() {
    let app = TestApp::start().await;
    let (person, token) = invite(&app, &app.acme, "new@acme.example").await;
    let body = json!({ "token": token, "password": NEW_PASSWORD, "name": "Grace" });
    let response = app.anonymous().post("/auth/accept-invite", &body).await;

    let session = response.json()["accessToken"].clone();
    let expected = json!({
        "user": {
            "id": person.id.to_string(),
            "orgId": app.acme.id.to_string(),
            "orgName": "Acme",
            "organizationId": app.acme.id.to_string(),
            "organizationName": "Acme",
            "email": "new@acme.example",
            "name": "Grace",
            "role": "member",
            "receiveNotifications": true,
            "notifyOwnTickets": true,
            "notifySharedTickets": true,
            "notifyLoans": true,
            "status": "active",
            "locale": null,
        },
        "accessToken": session,
        "expiresAt": "2026-02-01T09:00:00.000Z",
        "tokens": { "accessToken": session, "expiresInSeconds": 86400 },
        "deviceToken": response.cookie(DEVICE_COOKIE),
    });
    assert_eq!(response.parts(), (200, expected));
    assert_signs_in(&response);

    let bearer = format!("Bearer {}", session.as_str().unwrap());
    let profile = app
        .anonymous()
        .call(Method::GET, "/profile")
        .header("authorization", &bearer)
        .send()
        .await;
    assert_eq!(profile.json()["user"], response.json()["user"]);
    assert_eq!(login(&app, &person, NEW_PASSWORD).await, 200);

    let log = app.audit_log(app.acme.id).await;
    let done = |action: AuditAction| {
        log.iter()
            .filter(|entry| entry.action == action && entry.actor_id == Some(person.id))
            .filter(|entry| entry.result == AuditResult::Success)
            .count()
    };
    assert_eq!(done(AuditAction::PortalAuthInviteAccept), 1);
    assert!(!format!("{log:?}").contains(&token));
}

#[actix_web::test]
async fn invalid_name_does_not_use_up_the_invitation() {
    let app = TestApp::start().await;
    let (_, token) = invite(&app, &app.acme, "new@acme.example").await;
    for name in [String::new(), "   ".to_owned(), "x".repeat(256)] {
        let body = json!({ "token": token, "password": NEW_PASSWORD, "name": name });
        let response = app.anonymous().post("/auth/accept-invite", &body).await;
        assert_eq!(response.status(), 400, "{name:?}");
        assert!(
            response.json()["details"]["fieldErrors"]["name"].is_array(),
            "{response:?}"
        );
    }
    assert_eq!(accept(&app, &token, NEW_PASSWORD).await.status(), 200);
}

#[actix_web::test]
async fn used_invitation_is_rejected_as_already_set_up() {
    let app = TestApp::start().await;
    let (_, token) = invite(&app, &app.acme, "new@acme.example").await;
    assert_eq!(accept(&app, &token, NEW_PASSWORD).await.status(), 200);
    let already = json!({ "error": "This account is already set up. Use the login page." });
    let response = accept(&app, &token, "Another-Bird-48").await;
    assert_eq!(response.parts(), (400, already));
    assert_eq!(response.set_cookies(), [""; 0]);
}

#[actix_web::test]
async fn invitation_of_a_disabled_account_is_forbidden() {
    let app = TestApp::start().await;
    let (person, token) = invite(&app, &app.acme, "new@acme.example").await;
    app.disable_user(&person).await;
    let response = accept(&app, &token, NEW_PASSWORD).await;
    let disabled = json!({ "error": "This account has been disabled." });
    assert_eq!(response.parts(), (403, disabled));
}

#[actix_web::test]
async fn logout_ends_only_the_current_session() {
    let app = TestApp::start().await;
    let other = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    let program = app.bearer(&app.acme.ada).await;
    let responses = [
        browser.post_empty("/auth/logout").await,
        program.post_empty("/auth/logout").await,
    ];
    for response in responses {
        assert_eq!(response.parts(), (200, json!({ "success": true })));
        assert_eq!(
            response.header("clear-site-data").as_deref(),
            Some("\"cache\"")
        );
        assert_clears_both_cookies(&response);
    }
    assert_eq!(browser.get("/profile").await.status(), 401);
    assert_eq!(program.get("/profile").await.status(), 401);
    assert_eq!(other.get("/profile").await.status(), 200);

    let log = app
        .audited(app.acme.id, AuditAction::PortalAuthLogout)
        .await;
    assert_eq!(log.len(), 2);
    for entry in log {
        assert_eq!(entry.actor_id, Some(app.acme.ada.id));
        assert_eq!(entry.resource_type, "portal_user");
        assert_eq!(entry.resource_id, app.acme.ada.id.to_string());
        assert_eq!(entry.result, AuditResult::Success);
    }
}

#[actix_web::test]
async fn logout_accepts_an_empty_body() {
    let app = TestApp::start().await;
    for (content_type, body) in [
        ("application/json", ""),
        ("application/json", "{}"),
        ("application/json; charset=utf-8", r#"{"unknown": 1}"#),
        ("text/plain", ""),
    ] {
        let ada = app.bearer(&app.acme.ada).await;
        let response = ada
            .call(Method::POST, "/auth/logout")
            .body(content_type, body)
            .send()
            .await;
        assert_eq!(response.status(), 200, "{content_type} {body}");
    }
}

#[actix_web::test]
async fn logout_without_a_session_is_unauthorized() {
    let app = TestApp::start().await;
    let response = app.anonymous().post_empty("/auth/logout").await;
    let body = json!({ "error": "Missing or invalid authorization header" });
    assert_eq!(response.parts(), (401, body));

    let ada = app.bearer(&app.acme.ada).await;
    ada.post_empty("/auth/logout").await;
    let response = ada.post_empty("/auth/logout").await;
    let body = json!({ "error": "Invalid or expired session" });
    assert_eq!(response.parts(), (401, body));
}
