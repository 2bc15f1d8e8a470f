//! Device tokens, by cookie and in bodies.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part has to fail the test"
)]

use actix_web::http::Method;
use portal_domain::notifications::MailKind;
use portal_session::DEVICE_COOKIE;
use portal_test_support::{Caller as _, PASSWORD, Person, Response, TestApp};
use serde_json::{Value, json};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0";

/// A sign-in with what a client presents.
#[derive(Default)]
struct Login<'a> {
    address: &'a str,
    cookie: Option<&'a str>,
    token: Option<&'a str>,
    origin: Option<&'a str>,
    password: Option<&'a str>,
}

impl Login<'_> {
    async fn send(&self, app: &TestApp, person: &Person) -> Response {
        let body = json!({
            "email": person.email,
            "password": self.password.unwrap_or(PASSWORD),
            "orgId": person.organization.to_string(),
            "deviceToken": self.token,
        });
        let mut call = app
            .anonymous()
            .call(Method::POST, "/auth/login")
            .replace_header("user-agent", FIREFOX)
            .from_address(self.address)
            .json(&body);
        if let Some(cookie) = self.cookie {
            let cookies = format!("a=1; {DEVICE_COOKIE}={cookie}; breeze_portal_session=x");
            call = call.header("cookie", &cookies);
        }
        if let Some(origin) = self.origin {
            call = call.header("origin", origin);
        }
        call.send().await
    }
}

async fn token_of(app: &TestApp, person: &Person) -> String {
    let response = app.anonymous().login(person).await;
    response.json()["deviceToken"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn who_has_signed_in_before_is_not_locked_out_by_strangers() {
    let app = TestApp::start().await;
    let (ada, bob) = (&app.acme.ada, &app.acme.bob);
    let (of_ada, of_bob) = (token_of(&app, ada).await, token_of(&app, bob).await);
    app.anonymous().lock_out(ada).await;
    let several = format!("rubbish~{of_bob}~{of_ada}");
    for (cookie, token, expected) in [
        (None, None, 429),
        (Some(&*of_bob), None, 429),
        (None, Some(&*of_bob), 429),
        (Some("~~"), Some(""), 429),
        (Some(&*of_ada), None, 200),
        (Some(&*several), None, 200),
        (None, Some(&*of_ada), 200),
        (Some(&*of_bob), Some(&*of_ada), 200),
    ] {
        let login = Login {
            address: "192.0.2.1",
            cookie,
            token,
            ..Login::default()
        };
        let response = login.send(&app, ada).await;
        assert_eq!(response.status(), expected, "{cookie:?} {token:?}");
    }
    // Only there: the strangers are as blocked as before.
    let stranger = Login {
        address: "198.51.100.99",
        ..Login::default()
    };
    assert_eq!(stranger.send(&app, ada).await.status(), 429);
}

#[actix_web::test]
async fn a_browser_keeps_the_tokens_of_all_its_accounts() {
    let app = TestApp::start().await;
    let (ada, bob) = (&app.acme.ada, &app.acme.bob);
    let first = token_of(&app, ada).await;
    let sign_in = async |person, cookie: &str| {
        let login = Login {
            address: "192.0.2.1",
            cookie: Some(cookie),
            ..Login::default()
        };
        let response = login.send(&app, person).await;
        let cookie = response.cookie(DEVICE_COOKIE).unwrap();
        let newest = response.json()["deviceToken"].as_str().unwrap().to_owned();
        assert!(cookie.starts_with(&newest), "{cookie}");
        cookie
    };
    let both = sign_in(bob, &first).await;
    assert_eq!(both.split('~').nth(1), Some(&*first));
    // A newer token takes the place of the account's older one, and rubbish is dropped.
    let renewed = sign_in(ada, &format!("{both}~rubbish")).await;
    let tokens: Vec<_> = renewed.split('~').collect();
    assert_eq!(tokens.len(), 2, "{renewed}");
    assert!(
        both.starts_with(tokens[1]) && !renewed.contains(&first),
        "{renewed}"
    );
    for person in [ada, bob] {
        app.anonymous().lock_out(person).await;
        app.env.advance(chrono::TimeDelta::minutes(1));
        sign_in(person, &renewed).await;
    }
}

/// The mails to a person about new sign-ins.
async fn told(app: &TestApp, person: &Person) -> Vec<Value> {
    app.settle().await;
    let mut mails = app.outbox(person.organization).await;
    mails.retain(|mail| matches!(mail, MailKind::NewSignIn { .. }));
    let mails = mails.iter().map(|mail| serde_json::to_value(mail).unwrap());
    mails.collect()
}

#[actix_web::test]
async fn a_user_is_told_of_a_new_browser_but_not_of_a_program() {
    let app = TestApp::start().await;
    let ada = &app.acme.ada;
    let token = token_of(&app, ada).await;
    let program = Login {
        address: "192.0.2.1",
        ..Login::default()
    };
    assert_eq!(program.send(&app, ada).await.status(), 200);
    let known = Login {
        origin: Some("http://portal.example"),
        cookie: Some(&token),
        ..program
    };
    assert_eq!(known.send(&app, ada).await.status(), 200);
    assert_eq!(told(&app, ada).await, [json!(null); 0]);
    let unknown = Login {
        cookie: None,
        ..known
    };
    assert_eq!(unknown.send(&app, ada).await.status(), 200);
    let mail = json!({
        "kind": "new_sign_in",
        "userId": ada.id.to_string(),
        "client": { "program": "firefox", "system": "windows" },
        "ipAddress": "192.0.2.1",
    });
    assert_eq!(told(&app, ada).await, [mail]);

    app.send_mails().await;
    let mails = app.mails.take();
    let mail = mails.last().unwrap();
    assert_eq!(mail.recipient().as_str(), ada.email);
    let text = mail.text();
    for part in [
        "New sign-in to your account",
        "Firefox on Windows",
        "192.0.2.1",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("token="), "{text}");
}

#[actix_web::test]
async fn a_new_password_voids_the_tokens() {
    let app = TestApp::start().await;
    let ada = &app.acme.ada;
    let token = token_of(&app, ada).await;
    let session = app.bearer(ada).await;
    let new = "Winter-Birds-47";
    let response = session.patch("/profile", &json!({ "password": new })).await;
    assert_eq!(response.status(), 200);
    app.anonymous().lock_out(ada).await;
    let login = Login {
        address: "192.0.2.1",
        token: Some(&token),
        password: Some(new),
        ..Login::default()
    };
    assert_eq!(login.send(&app, ada).await.status(), 429);
}

#[actix_web::test]
async fn a_device_token_that_is_no_text_is_invalid() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ada@acme.example", "password": PASSWORD, "deviceToken": 7 });
    let response = app.anonymous().post("/auth/login", &body).await;
    assert_eq!(response.status(), 400);
    assert!(response.json()["details"]["fieldErrors"]["deviceToken"].is_array());
}
