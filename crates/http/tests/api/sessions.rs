//! Sessions by bearer token and by cookie: expiry, renewal and end.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::RETRY_AFTER;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use actix_web::web::Data;
use async_trait::async_trait;
use chrono::TimeDelta;
use portal_auth::rate_limits::{AccountDigest, LimitKey, SprayingRule};
use portal_auth::state::Attempt;
use portal_auth::{
    SessionId, SessionRecord, StateStore, StateUnavailable, StoredSession, WriteLimits, Writer,
};
use portal_domain::branding::BrandingChanges;
use portal_domain::ids::UserId;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::profiles;
use portal_session::{CSRF_COOKIE, CSRF_HEADER, Portal, SESSION_COOKIE};
use portal_test_support::{
    BearerUser, Call, Caller as _, CookieUser, PASSWORD, Response, TestApp, cheap_hasher,
};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use crate::support::accounts::reset_token;
use crate::support::cookies::{
    assert_clears_both_cookies, assert_sets_both_cookies, assert_signs_in,
};
use crate::support::endpoints::protected;

fn missing() -> (u16, Value) {
    let body = json!({ "error": "Missing or invalid authorization header" });
    (401, body)
}

fn invalid() -> (u16, Value) {
    (401, json!({ "error": "Invalid or expired session" }))
}

/// GET /profile with an `Authorization` header.
async fn profile_with(app: &TestApp, authorization: &str) -> Response {
    app.anonymous()
        .call(Method::GET, "/profile")
        .header("authorization", authorization)
        .send()
        .await
}

/// GET /profile with a `Cookie` header.
async fn profile_with_cookies(app: &TestApp, cookies: &str) -> Response {
    app.anonymous()
        .call(Method::GET, "/profile")
        .header("cookie", cookies)
        .send()
        .await
}

#[actix_web::test]
async fn every_protected_route_without_a_token_is_unauthorized() {
    let app = TestApp::start().await;
    for (method, path) in protected() {
        let response = app.anonymous().call(method.clone(), &path).send().await;
        assert_eq!(response.parts(), missing(), "{method} {path}");
        assert_eq!(response.set_cookies(), [""; 0], "{method} {path}");
    }
}

#[actix_web::test]
async fn authorization_without_a_bearer_token_is_unauthorized() {
    let app = TestApp::start().await;
    for header in ["", "Bearer", "Bearer ", "Basic YWRhOnNlY3JldA==", "Token x"] {
        let response = profile_with(&app, header).await;
        assert_eq!(response.parts(), missing(), "{header:?}");
        assert_eq!(response.set_cookies(), [""; 0], "{header:?}");
    }
}

#[actix_web::test]
async fn every_protected_route_with_an_unknown_token_is_unauthorized() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {}", "x".repeat(48));
    for (method, path) in protected() {
        for (name, value) in [
            ("authorization", bearer.as_str()),
            ("cookie", "breeze_portal_session=rubbish"),
        ] {
            let response = app
                .anonymous()
                .call(method.clone(), &path)
                .header(name, value)
                .send()
                .await;
            assert_eq!(response.parts(), invalid(), "{method} {path} {name}");
            assert_clears_both_cookies(&response);
        }
    }
}

#[actix_web::test]
async fn malformed_and_forged_tokens_are_unauthorized() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    let cookie = browser.session.borrow().clone();
    // The first characters are the signature, the last ones the token.
    let tampered = |at: usize| {
        let mut bytes = cookie.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let longer = format!("{}x", ada.token);
    for bearer in ["rubbish", longer.as_str(), &"x".repeat(47), &cookie] {
        let response = profile_with(&app, &format!("Bearer {bearer}")).await;
        assert_eq!(response.parts(), invalid(), "{bearer}");
        assert_clears_both_cookies(&response);
    }
    for value in [
        String::new(),
        "rubbish".to_owned(),
        ada.token.clone(),
        tampered(0),
        tampered(20),
        tampered(cookie.len() - 1),
        "%AF".to_owned(),
    ] {
        let response = profile_with_cookies(&app, &format!("{SESSION_COOKIE}={value}")).await;
        assert_eq!(response.parts(), invalid(), "{value}");
        assert_clears_both_cookies(&response);
    }
    assert_eq!(browser.get("/profile").await.status(), 200);
}

#[actix_web::test]
async fn bearer_scheme_is_case_insensitive() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let response = profile_with(&app, &format!("{scheme} {}", ada.token)).await;
        assert_eq!(response.status(), 200, "{scheme}");
    }
}

#[actix_web::test]
async fn bearer_token_takes_precedence_over_the_cookie() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.bob).await;
    let with = async |bearer: &str| {
        browser
            .call(Method::GET, "/profile")
            .header("authorization", &format!("Bearer {bearer}"))
            .send()
            .await
    };
    let response = with(&ada.token).await;
    assert_eq!(response.json()["user"]["name"], "Ada");
    assert_eq!(response.set_cookies(), [""; 0]);
    assert_eq!(with("rubbish").await.parts(), invalid());
    assert_eq!(with(&"x".repeat(48)).await.parts(), invalid());

    // Nor does a bad cookie harm a good token.
    let response = ada
        .call(Method::GET, "/profile")
        .header("cookie", "breeze_portal_session=rubbish")
        .send()
        .await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.set_cookies(), [""; 0]);
}

#[actix_web::test]
async fn other_authorization_schemes_fall_back_to_the_cookie() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let response = browser
        .call(Method::GET, "/profile")
        .header("authorization", "Basic YWRhOnNlY3JldA==")
        .send()
        .await;
    assert_eq!(response.json()["user"]["name"], "Ada");
    assert_sets_both_cookies(&response);
}

#[actix_web::test]
async fn session_expiry_slides_with_each_use() {
    let app = TestApp::start().await;
    let program = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    for _ in 0..3 {
        app.env.advance(TimeDelta::hours(23));
        assert_eq!(program.get("/profile").await.status(), 200);
        let response = browser.get("/profile").await;
        assert_eq!(response.status(), 200);
        assert_sets_both_cookies(&response);
    }
}

#[actix_web::test]
async fn session_expires_after_24_hours() {
    for (idle, status) in [
        (TimeDelta::hours(24) - TimeDelta::milliseconds(1), 200),
        (TimeDelta::hours(24), 401),
    ] {
        let app = TestApp::start().await;
        let program = app.bearer(&app.acme.ada).await;
        let browser = app.cookie(&app.acme.ada).await;
        app.env.advance(idle);
        for response in [program.get("/profile").await, browser.get("/profile").await] {
            assert_eq!(response.status(), status, "{idle}");
            if status == 401 {
                assert_eq!(response.parts(), invalid());
                assert_clears_both_cookies(&response);
            }
        }
    }
}

#[actix_web::test]
async fn cookies_are_renewed_for_browsers_only() {
    let app = TestApp::start().await;
    let no_devices = BrandingChanges {
        enable_self_service: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, no_devices).await;
    let browser = app.cookie(&app.acme.ada).await;
    let program = app.bearer(&app.acme.ada).await;
    let tag = program.get("/tickets").await.header("etag").unwrap();
    let unknown = "/tickets/018f3e2a-0000-7000-8000-000000000000";
    for (method, path, body, status) in [
        (Method::GET, "/profile", None, 200),
        (Method::GET, "/tickets", None, 304),
        (Method::GET, "/devices", None, 403),
        (Method::GET, unknown, None, 404),
        (Method::PATCH, "/profile", Some(json!({ "name": 7 })), 400),
        (Method::PATCH, "/profile", Some(json!({ "name": "A" })), 200),
        (
            Method::POST,
            "/tickets",
            Some(json!({ "subject": "Help", "description": "Please" })),
            201,
        ),
    ] {
        let send = async |call: Call| {
            let call = call.header("if-none-match", &tag);
            let response = match &body {
                Some(body) => call.json(body).send().await,
                None => call.send().await,
            };
            assert_eq!(response.status(), status, "{method} {path}");
            response
        };
        let response = send(browser.call(method.clone(), path)).await;
        assert_sets_both_cookies(&response);
        let response = send(program.call(method.clone(), path)).await;
        assert_eq!(response.set_cookies(), [""; 0], "{method} {path}");
    }
}

#[actix_web::test]
async fn renewed_cookies_keep_the_session() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let response = browser.get("/profile").await;
    let renewed = |name| response.cookie(name).unwrap();
    *browser.session.borrow_mut() = renewed(SESSION_COOKIE);
    *browser.csrf.borrow_mut() = renewed(CSRF_COOKIE);
    let body = json!({ "name": "Ada L." });
    assert_eq!(browser.patch("/profile", &body).await.status(), 200);
    assert_eq!(browser.post_empty("/auth/logout").await.status(), 200);
    assert_eq!(browser.get("/profile").await.parts(), invalid());
}

#[actix_web::test]
async fn public_routes_ignore_cookies() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let browser = app.cookie(&app.acme.ada).await;
    let good = format!(
        "{SESSION_COOKIE}={}; {CSRF_COOKIE}={}",
        browser.session.borrow(),
        browser.csrf.borrow()
    );
    let email = json!({ "email": "ada@acme.example" });
    let token = json!({ "token": "x".repeat(43), "password": "Winter-Birds-47" });
    let wrong = json!({ "email": "ada@acme.example", "password": "Wrong-Horse-7" });
    for cookies in [good.as_str(), "breeze_portal_session=rubbish"] {
        for (method, path, body, status) in [
            (Method::GET, "/branding/support.acme.example", None, 200),
            (Method::GET, "/branding/unknown.example", None, 404),
            (Method::GET, "/openapi.json", None, 200),
            (Method::GET, "//healthz", None, 200),
            (Method::GET, "/unknown", None, 404),
            (Method::GET, "/auth/login", None, 405),
            (Method::POST, "/auth/login", Some(&wrong), 401),
            (Method::POST, "/auth/forgot-password", Some(&email), 200),
            (Method::POST, "/auth/reset-password", Some(&token), 400),
            (Method::POST, "/auth/accept-invite", Some(&token), 400),
        ] {
            let call = app
                .anonymous()
                .call(method.clone(), path)
                .header("cookie", cookies);
            let response = match body {
                Some(body) => call.json(body).send().await,
                None => call.send().await,
            };
            assert_eq!(response.status(), status, "{method} {path} {response:?}");
            assert_eq!(response.set_cookies(), [""; 0], "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn public_routes_do_not_extend_sessions() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let program = app.bearer(&app.acme.ada).await;
    app.env.advance(TimeDelta::hours(13));
    let email = json!({ "email": "ada@acme.example" });
    for response in [
        browser.post("/auth/forgot-password", &email).await,
        program.post("/auth/forgot-password", &email).await,
    ] {
        assert_eq!(response.status(), 200);
    }
    app.env.advance(TimeDelta::hours(13));
    assert_eq!(browser.get("/profile").await.parts(), invalid());
    assert_eq!(program.get("/profile").await.parts(), invalid());
}

/// What ends all sessions of a user.
#[derive(Debug, Clone, Copy)]
enum End {
    PasswordChange,
    Reset,
    Disabling,
}

impl End {
    async fn happen(self, app: &TestApp, program: &BearerUser) {
        let new = "Winter-Birds-47";
        match self {
            Self::PasswordChange => {
                let body = json!({ "currentPassword": PASSWORD, "newPassword": new });
                let response = program.post("/profile/password", &body).await;
                let done = json!({ "success": true, "message": "Password changed successfully" });
                assert_eq!(response.parts(), (200, done));
            }
            Self::Reset => {
                let token = reset_token(app, &app.acme.ada).await;
                let body = json!({ "token": token, "password": new });
                let response = app.anonymous().post("/auth/reset-password", &body).await;
                assert_eq!(response.status(), 200);
            }
            Self::Disabling => app.disable_user(&app.acme.ada).await,
        }
    }
}

#[actix_web::test]
async fn ended_sessions_are_unauthorized_at_the_next_request() {
    for end in [End::PasswordChange, End::Reset, End::Disabling] {
        let app = TestApp::start().await;
        let program = app.bearer(&app.acme.ada).await;
        let browser = app.cookie(&app.acme.ada).await;
        let colleague = app.bearer(&app.acme.bob).await;
        end.happen(&app, &program).await;
        let expected = match end {
            End::Disabling => (403, json!({ "error": "Account is not active" })),
            End::PasswordChange | End::Reset => invalid(),
        };
        for response in [
            program.get("/profile").await,
            browser.get("/profile").await,
            browser.post("/tickets", &json!({})).await,
            program.post_empty("/auth/logout").await,
        ] {
            assert_eq!(response.parts(), expected, "{end:?}");
            assert_clears_both_cookies(&response);
        }
        assert_eq!(colleague.get("/profile").await.status(), 200, "{end:?}");
    }
}

#[actix_web::test]
async fn password_change_clears_the_cookies() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "Winter-Birds-47" });
    let response = browser.post("/profile/password", &body).await;
    assert_eq!(response.status(), 200);
    assert_clears_both_cookies(&response);
}

#[actix_web::test]
async fn reenabled_account_keeps_old_sessions_expired() {
    let app = TestApp::start().await;
    let program = app.bearer(&app.acme.ada).await;
    app.disable_user(&app.acme.ada).await;
    let email = app.acme.ada.email.parse().unwrap();
    app.operate(&app.acme, async |op| profiles::enable(op, &email).await)
        .await;
    assert_eq!(program.get("/profile").await.parts(), invalid());
    app.bearer(&app.acme.ada).await;
}

#[actix_web::test]
async fn users_of_a_disabled_organization_are_forbidden() {
    let app = TestApp::start().await;
    let program = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    let other = app.bearer(&app.globex.ada).await;
    app.set_organization_status(app.acme.id, OrganizationStatus::Disabled)
        .await;
    for (method, path) in protected() {
        for response in [
            program.call(method.clone(), &path).send().await,
            browser.call(method.clone(), &path).send().await,
        ] {
            let body = json!({ "error": "Account is not active" });
            assert_eq!(response.parts(), (403, body), "{method} {path}");
            assert_clears_both_cookies(&response);
        }
    }
    assert_eq!(other.get("/profile").await.status(), 200);

    // They have to sign in again, however often they asked meanwhile.
    app.set_organization_status(app.acme.id, OrganizationStatus::Active)
        .await;
    assert_eq!(program.get("/profile").await.parts(), invalid());
    assert_eq!(browser.get("/profile").await.parts(), invalid());
    let again = app.bearer(&app.acme.ada).await;
    assert_eq!(again.get("/profile").await.status(), 200);
}

#[actix_web::test]
async fn public_routes_ignore_cookies_however_the_path_is_spelt() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let login = json!({ "email": app.acme.bob.email, "password": PASSWORD });
    for path in ["/auth/login", "/%61uth/login", "/auth/%6Cogi%6e"] {
        let call = browser.call_without_header(Method::POST, path);
        let response = call.json(&login).send().await;
        assert_eq!(response.status(), 200, "{path}");
        assert_signs_in(&response);
        assert_eq!(browser.get("/profile").await.status(), 200, "{path}");
    }
    let response = browser.call(Method::POST, "/auth/logou%74").send().await;
    assert_eq!(response.status(), 200, "{response:?}");
    assert_clears_both_cookies(&response);
}

/// A state backend that is unavailable.
struct NoState;

fn out_of_reach<T>() -> Result<T, StateUnavailable> {
    Err(StateUnavailable::new("the secret address of the backend"))
}

#[async_trait]
impl StateStore for NoState {
    async fn ping(&self) -> Result<(), StateUnavailable> {
        out_of_reach()
    }

    async fn insert_session(
        &self,
        _: &SessionId,
        _: &SessionRecord,
    ) -> Result<(), StateUnavailable> {
        out_of_reach()
    }

    async fn touch_session(
        &self,
        _: &SessionId,
    ) -> Result<Option<SessionRecord>, StateUnavailable> {
        out_of_reach()
    }

    async fn replace_session(
        &self,
        _: &SessionId,
        _: &SessionRecord,
    ) -> Result<bool, StateUnavailable> {
        out_of_reach()
    }

    async fn sessions_of(&self, _: UserId) -> Result<Vec<StoredSession>, StateUnavailable> {
        out_of_reach()
    }

    async fn remove_session(&self, _: &SessionId) -> Result<(), StateUnavailable> {
        out_of_reach()
    }

    async fn remove_sessions_of(
        &self,
        _: UserId,
        _: Option<&SessionId>,
    ) -> Result<(), StateUnavailable> {
        out_of_reach()
    }

    async fn attempt(&self, _: &LimitKey) -> Result<Attempt, StateUnavailable> {
        out_of_reach()
    }

    async fn give_back(&self, _: &LimitKey) -> Result<(), StateUnavailable> {
        out_of_reach()
    }

    async fn clear(&self, _: &LimitKey) -> Result<(), StateUnavailable> {
        out_of_reach()
    }

    async fn record_failure(
        &self,
        _: &LimitKey,
        _: &AccountDigest,
        _: &SprayingRule,
    ) -> Result<(), StateUnavailable> {
        out_of_reach()
    }

    async fn count_write(&self, _: &Writer, _: &WriteLimits) -> Result<Attempt, StateUnavailable> {
        out_of_reach()
    }
}

#[actix_web::test]
async fn unavailable_state_backend_is_503_and_keeps_cookies() {
    let app = TestApp::start().await;
    let program = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    let portal = Portal::new(
        Arc::clone(&app.store) as _,
        Arc::new(NoState),
        Arc::clone(&app.portal.env),
        cheap_hasher(),
        &TestApp::secret(),
        app.portal.config.clone(),
        TaskTracker::new(),
    );
    let service = init_service(portal_http::app(Data::new(portal), None)).await;
    let request = |method: Method, path: &str| {
        TestRequest::default()
            .method(method)
            .uri(&format!("{}{path}", portal_http::PREFIX))
            .peer_addr(([203, 0, 113, 9], 50_000).into())
            .insert_header(("host", "portal.example"))
    };
    let as_program = |method, path| {
        let bearer = format!("Bearer {}", program.token);
        request(method, path).insert_header(("authorization", bearer))
    };
    let as_browser = |method, path| {
        let CookieUser { session, csrf, .. } = &browser;
        let (session, csrf) = (session.borrow(), csrf.borrow());
        let cookies = format!("{SESSION_COOKIE}={session}; {CSRF_COOKIE}={csrf}");
        request(method, path)
            .insert_header(("cookie", cookies))
            .insert_header((CSRF_HEADER, csrf.clone()))
    };
    let credentials = json!({ "email": "ada@acme.example", "password": PASSWORD });
    let email = json!({ "email": "ada@acme.example" });
    let token = json!({ "token": "x".repeat(43), "password": "Winter-Birds-47" });
    for request in [
        as_program(Method::GET, "/profile"),
        as_browser(Method::GET, "/profile"),
        as_program(Method::POST, "/auth/logout"),
        as_browser(Method::POST, "/auth/logout"),
        request(Method::POST, "/auth/login").set_json(&credentials),
        request(Method::POST, "/auth/forgot-password").set_json(&email),
        request(Method::POST, "/auth/reset-password").set_json(&token),
        request(Method::POST, "/auth/accept-invite").set_json(&token),
    ] {
        let response = call_service(&service, request.to_request()).await;
        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key(RETRY_AFTER));
        assert!(!response.headers().contains_key("set-cookie"));
        let body: Value = read_body_json(response).await;
        assert_eq!(body, json!({ "error": "Service temporarily unavailable" }));
    }
    // What the backend held is still there once it is back.
    assert_eq!(program.get("/profile").await.status(), 200);
    assert_eq!(browser.get("/profile").await.status(), 200);
}
