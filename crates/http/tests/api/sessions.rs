//! Sessions: by bearer token and by cookie, how long they live, and what ends them.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::RETRY_AFTER;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use actix_web::web::Data;
use async_trait::async_trait;
use chrono::TimeDelta;
use portal_auth::rate_limits::{AccountDigest, LimitKey, SprayingRule};
use portal_auth::state::Attempt;
use portal_auth::{SecretKey, SessionId, SessionRecord, StateStore, StateUnavailable};
use portal_domain::branding::BrandingChanges;
use portal_domain::ids::UserId;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::profiles;
use portal_session::{CSRF_COOKIE, CSRF_HEADER, Portal, SESSION_COOKIE};
use portal_test_support::{Answer, BearerUser, Call, Caller as _, CookieUser, PASSWORD, TestApp};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use crate::support::accounts::reset_token;
use crate::support::cookies::{assert_clears_both_cookies, assert_sets_both_cookies};
use crate::support::endpoints::protected;

fn missing() -> (u16, Value) {
    let body = json!({ "error": "Missing or invalid authorization header" });
    (401, body)
}

fn invalid() -> (u16, Value) {
    (401, json!({ "error": "Invalid or expired session" }))
}

/// GET /profile with an `Authorization` header.
async fn profile_with(app: &TestApp, authorization: &str) -> Answer {
    app.anonymous()
        .call(Method::GET, "/profile")
        .header("authorization", authorization)
        .send()
        .await
}

/// GET /profile with a `Cookie` header.
async fn profile_with_cookies(app: &TestApp, cookies: &str) -> Answer {
    app.anonymous()
        .call(Method::GET, "/profile")
        .header("cookie", cookies)
        .send()
        .await
}

#[actix_web::test]
async fn no_token_at_all_is_asked_for_on_every_protected_route() {
    let app = TestApp::start().await;
    for (method, path) in protected() {
        let answer = app.anonymous().call(method.clone(), &path).send().await;
        assert_eq!(answer.parts(), missing(), "{method} {path}");
        assert_eq!(answer.set_cookies(), [""; 0], "{method} {path}");
    }
}

#[actix_web::test]
async fn a_header_without_a_bearer_token_is_none() {
    let app = TestApp::start().await;
    for header in ["", "Bearer", "Bearer ", "Basic YWRhOnNlY3JldA==", "Token x"] {
        let answer = profile_with(&app, header).await;
        assert_eq!(answer.parts(), missing(), "{header:?}");
        assert_eq!(answer.set_cookies(), [""; 0], "{header:?}");
    }
}

#[actix_web::test]
async fn a_token_that_loads_nothing_is_an_invalid_session_on_every_protected_route() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {}", "x".repeat(48));
    for (method, path) in protected() {
        for (name, value) in [
            ("authorization", bearer.as_str()),
            ("cookie", "breeze_portal_session=rubbish"),
        ] {
            let answer = app
                .anonymous()
                .call(method.clone(), &path)
                .header(name, value)
                .send()
                .await;
            assert_eq!(answer.parts(), invalid(), "{method} {path} {name}");
            assert_clears_both_cookies(&answer);
        }
    }
}

#[actix_web::test]
async fn rubbish_and_forgeries_are_invalid_sessions() {
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
        let answer = profile_with(&app, &format!("Bearer {bearer}")).await;
        assert_eq!(answer.parts(), invalid(), "{bearer}");
        assert_clears_both_cookies(&answer);
    }
    for value in [
        String::new(),
        "rubbish".to_owned(),
        ada.token.clone(),
        tampered(0),
        tampered(20),
        tampered(cookie.len() - 1),
    ] {
        let answer = profile_with_cookies(&app, &format!("{SESSION_COOKIE}={value}")).await;
        assert_eq!(answer.parts(), invalid(), "{value}");
        assert_clears_both_cookies(&answer);
    }
    assert_eq!(browser.get("/profile").await.status(), 200);
}

#[actix_web::test]
async fn the_scheme_is_read_in_any_case() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = profile_with(&app, &format!("{scheme} {}", ada.token)).await;
        assert_eq!(answer.status(), 200, "{scheme}");
    }
}

#[actix_web::test]
async fn a_bearer_token_decides_alone() {
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
    let answer = with(&ada.token).await;
    assert_eq!(answer.json()["user"]["name"], "Ada");
    assert_eq!(answer.set_cookies(), [""; 0]);
    assert_eq!(with("rubbish").await.parts(), invalid());
    assert_eq!(with(&"x".repeat(48)).await.parts(), invalid());

    // Nor does a bad cookie harm a good token.
    let answer = ada
        .call(Method::GET, "/profile")
        .header("cookie", "breeze_portal_session=rubbish")
        .send()
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.set_cookies(), [""; 0]);
}

#[actix_web::test]
async fn another_scheme_leaves_it_to_the_cookie() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let answer = browser
        .call(Method::GET, "/profile")
        .header("authorization", "Basic YWRhOnNlY3JldA==")
        .send()
        .await;
    assert_eq!(answer.json()["user"]["name"], "Ada");
    assert_sets_both_cookies(&answer);
}

#[actix_web::test]
async fn a_session_slides_with_each_use() {
    let app = TestApp::start().await;
    let program = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    for _ in 0..3 {
        app.env.advance(TimeDelta::hours(23));
        assert_eq!(program.get("/profile").await.status(), 200);
        let answer = browser.get("/profile").await;
        assert_eq!(answer.status(), 200);
        assert_sets_both_cookies(&answer);
    }
}

#[actix_web::test]
async fn a_session_left_alone_for_24_hours_is_dead() {
    for (idle, status) in [
        (TimeDelta::hours(24) - TimeDelta::milliseconds(1), 200),
        (TimeDelta::hours(24), 401),
    ] {
        let app = TestApp::start().await;
        let program = app.bearer(&app.acme.ada).await;
        let browser = app.cookie(&app.acme.ada).await;
        app.env.advance(idle);
        for answer in [program.get("/profile").await, browser.get("/profile").await] {
            assert_eq!(answer.status(), status, "{idle}");
            if status == 401 {
                assert_eq!(answer.parts(), invalid());
                assert_clears_both_cookies(&answer);
            }
        }
    }
}

#[actix_web::test]
async fn every_answer_to_a_cookie_renews_both_and_none_to_a_bearer_token_sets_any() {
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
            let answer = match &body {
                Some(body) => call.json(body).send().await,
                None => call.send().await,
            };
            assert_eq!(answer.status(), status, "{method} {path}");
            answer
        };
        let answer = send(browser.call(method.clone(), path)).await;
        assert_sets_both_cookies(&answer);
        let answer = send(program.call(method.clone(), path)).await;
        assert_eq!(answer.set_cookies(), [""; 0], "{method} {path}");
    }
}

#[actix_web::test]
async fn the_renewed_cookies_carry_the_same_session() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let answer = browser.get("/profile").await;
    let renewed = |name| answer.cookie(name).unwrap();
    *browser.session.borrow_mut() = renewed(SESSION_COOKIE);
    *browser.csrf.borrow_mut() = renewed(CSRF_COOKIE);
    let body = json!({ "name": "Ada L." });
    assert_eq!(browser.patch("/profile", &body).await.status(), 200);
    assert_eq!(browser.post_empty("/auth/logout").await.status(), 200);
    assert_eq!(browser.get("/profile").await.parts(), invalid());
}

#[actix_web::test]
async fn public_routes_neither_read_nor_set_cookies() {
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
            let answer = match body {
                Some(body) => call.json(body).send().await,
                None => call.send().await,
            };
            assert_eq!(answer.status(), status, "{method} {path} {answer:?}");
            assert_eq!(answer.set_cookies(), [""; 0], "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn a_public_route_does_not_slide_a_session() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let program = app.bearer(&app.acme.ada).await;
    app.env.advance(TimeDelta::hours(13));
    let email = json!({ "email": "ada@acme.example" });
    for answer in [
        browser.post("/auth/forgot-password", &email).await,
        program.post("/auth/forgot-password", &email).await,
    ] {
        assert_eq!(answer.status(), 200);
    }
    app.env.advance(TimeDelta::hours(13));
    assert_eq!(browser.get("/profile").await.parts(), invalid());
    assert_eq!(program.get("/profile").await.parts(), invalid());
}

/// What ends all sessions of somebody.
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
                let answer = program.post("/profile/password", &body).await;
                let done = json!({ "success": true, "message": "Password changed successfully" });
                assert_eq!(answer.parts(), (200, done));
            }
            Self::Reset => {
                let token = reset_token(app, &app.acme.ada).await;
                let body = json!({ "token": token, "password": new });
                let answer = app.anonymous().post("/auth/reset-password", &body).await;
                assert_eq!(answer.status(), 200);
            }
            Self::Disabling => app.disable_user(&app.acme.ada).await,
        }
    }
}

#[actix_web::test]
async fn what_ends_sessions_ends_all_of_this_user_at_the_next_request() {
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
        for answer in [
            program.get("/profile").await,
            browser.get("/profile").await,
            browser.post("/tickets", &json!({})).await,
            program.post_empty("/auth/logout").await,
        ] {
            assert_eq!(answer.parts(), expected, "{end:?}");
            assert_clears_both_cookies(&answer);
        }
        assert_eq!(colleague.get("/profile").await.status(), 200, "{end:?}");
    }
}

#[actix_web::test]
async fn a_change_of_password_clears_the_cookies_of_who_made_it() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "Winter-Birds-47" });
    let answer = browser.post("/profile/password", &body).await;
    assert_eq!(answer.status(), 200);
    assert_clears_both_cookies(&answer);
}

#[actix_web::test]
async fn a_session_from_before_does_not_come_back_with_the_account() {
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
async fn a_disabled_organization_turns_its_people_away_at_the_next_request() {
    let app = TestApp::start().await;
    let program = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    let other = app.bearer(&app.globex.ada).await;
    app.set_organization_status(app.acme.id, OrganizationStatus::Disabled)
        .await;
    for (method, path) in protected() {
        for answer in [
            program.call(method.clone(), &path).send().await,
            browser.call(method.clone(), &path).send().await,
        ] {
            let body = json!({ "error": "Account is not active" });
            assert_eq!(answer.parts(), (403, body), "{method} {path}");
            assert_clears_both_cookies(&answer);
        }
    }
    assert_eq!(other.get("/profile").await.status(), 200);
}

/// A state backend that is out of reach.
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
}

#[actix_web::test]
async fn without_the_state_backend_nobody_is_signed_out_but_told_to_come_back() {
    let app = TestApp::start().await;
    let program = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    let portal = Portal::new(
        Arc::clone(&app.store),
        Arc::new(NoState),
        Arc::clone(&app.portal.env),
        app.portal.passwords.clone(),
        &SecretKey::new(&[7; 32]).unwrap(),
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
        let answer = call_service(&service, request.to_request()).await;
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key(RETRY_AFTER));
        assert!(!answer.headers().contains_key("set-cookie"));
        let body: Value = read_body_json(answer).await;
        assert_eq!(body, json!({ "error": "Service temporarily unavailable" }));
    }
    // What the backend held is still there once it is back.
    assert_eq!(program.get("/profile").await.status(), 200);
    assert_eq!(browser.get("/profile").await.status(), 200);
}
