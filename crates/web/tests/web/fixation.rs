//! Session fixation, and sessions that are sent again after their end.

use actix_web::http::Method;
use portal_mail::OutgoingMail;
use portal_session::{CSRF_COOKIE, SESSION_COOKIE};
use portal_test_support::{Caller as _, PASSWORD, TestApp};
use serde_json::json;

use crate::browser::{Browser, attribute};
use crate::start;

/// What an attacker may plant in a browser: a session of their own, one that never was, and one that
/// has ended.
async fn planted(app: &TestApp) -> Vec<String> {
    let attacker = Browser::signed_in(app, &app.globex.ada).await;
    let ended = Browser::signed_in(app, &app.globex.ada).await;
    let session = ended.cookie(SESSION_COOKIE).unwrap();
    ended.submit("/", "/sign-out", &[]).await;
    vec![
        attacker.cookie(SESSION_COOKIE).unwrap(),
        "x".repeat(43),
        session,
    ]
}

/// That a planted session is none of the browser's, and leads nobody to what its user sees.
async fn assert_unused(app: &TestApp, browser: &Browser, planted: &str, greeting: &str) {
    let session = browser.cookie(SESSION_COOKIE).unwrap();
    assert_ne!(session, planted);
    assert!(browser.page("/").await.contains(greeting));
    let attacker = Browser::new(app);
    attacker.plant(SESSION_COOKIE, planted);
    let seen = attacker.get("/").await;
    assert!(!seen.text().contains(greeting), "{}", seen.text());
    // The token that scripts send back is another one, too.
    let csrf = browser.cookie(CSRF_COOKIE).unwrap();
    attacker.plant(CSRF_COOKIE, &csrf);
    let call = attacker.call(Method::POST, "/profile");
    let body = format!("csrf={csrf}&name=Mallory");
    let response = attacker
        .send(call.body("application/x-www-form-urlencoded", body))
        .await;
    assert_ne!(response.header("location").as_deref(), Some("/profile"));
    assert!(browser.page("/").await.contains(greeting));
}

/// The newest link to a page from a mail.
async fn link(app: &TestApp, path: &str) -> String {
    app.send_mails().await;
    let mails = app.mails.take();
    let mut texts = mails.iter().rev().map(OutgoingMail::text);
    let path = format!("/{path}?token=");
    let link = texts.find_map(|text| text.find(&path).map(|start| &text[start..]));
    let is_link = |c: char| c.is_ascii_alphanumeric() || "/-_?=".contains(c);
    let link = link.unwrap().split(|c| !is_link(c)).next();
    link.unwrap().to_owned()
}

#[actix_web::test]
async fn a_session_planted_before_the_sign_in_is_never_used_after_it() {
    let app = start().await;
    for planted in planted(&app).await {
        let browser = Browser::new(&app);
        // The page was open before: to a signed-in user, it would go on.
        let html = browser.page("/sign-in").await;
        browser.plant(SESSION_COOKIE, &planted);
        let typed = [("email", &*app.acme.bob.email), ("password", PASSWORD)];
        let response = browser.submit_from(&html, "/sign-in", &typed).await;
        assert_eq!(response.status(), 303);
        assert_unused(&app, &browser, &planted, "Hello, Bob").await;
    }
}

#[actix_web::test]
async fn a_session_planted_before_the_choice_of_an_organization_is_never_used_after_it() {
    let app = start().await;
    for organization in [app.acme.id, app.globex.id] {
        app.person(organization, "sam@example.org").await;
    }
    for planted in planted(&app).await {
        let browser = Browser::new(&app);
        let response = browser.sign_in("sam@example.org").await;
        let html = response.text().to_owned();
        browser.plant(SESSION_COOKIE, &planted);
        let choice = html
            .split("<button ")
            .find(|button| button.contains("name=\"choice\""));
        let choice = attribute(choice.unwrap(), "value");
        let typed = [("choice", choice.as_str())];
        let response = browser
            .submit_from(&html, "/sign-in/organization", &typed)
            .await;
        assert_eq!(response.status(), 303, "{}", response.text());
        assert_unused(&app, &browser, &planted, "Hello, Somebody").await;
    }
}

#[actix_web::test]
async fn a_session_planted_before_an_invitation_is_accepted_is_never_used_after_it() {
    let app = start().await;
    for (number, planted) in planted(&app).await.into_iter().enumerate() {
        let email = format!("new{number}@acme.example");
        app.invited(&app.acme, &email).await;
        let forgot = json!({ "email": email });
        app.anonymous().post("/auth/forgot-password", &forgot).await;
        let link = link(&app, "accept-invite").await;
        let browser = Browser::new(&app);
        let html = browser.page(&link).await;
        browser.plant(SESSION_COOKIE, &planted);
        let typed = [("name", "Grace"), ("new-password", "Winter-Birds-47")];
        let response = browser.submit_from(&html, "/accept-invite", &typed).await;
        assert_eq!(response.status(), 303, "{}", response.text());
        assert_unused(&app, &browser, &planted, "Hello, Grace").await;
    }
}

#[actix_web::test]
async fn the_api_signs_in_to_a_new_session_whatever_is_sent_along() {
    let app = start().await;
    for planted in planted(&app).await {
        let credentials = json!({ "email": app.acme.ada.email, "password": PASSWORD });
        let call = app.anonymous().call(Method::POST, "/auth/login");
        let call = call.header("cookie", &format!("{SESSION_COOKIE}={planted}"));
        let call = call.header("authorization", &format!("Bearer {planted}"));
        let response = call.json(&credentials).send().await;
        assert_eq!(response.status(), 200);
        let answer = response.json().to_string();
        assert!(!answer.contains(&planted), "{answer}");
        assert_ne!(response.cookie(SESSION_COOKIE), Some(planted));
    }
}

#[actix_web::test]
async fn a_session_that_has_ended_is_not_let_in_again() {
    let app = start().await;
    let ada = &app.acme.ada;
    let new = "Winter-Birds-47";
    let sessions = async || {
        let browser = Browser::signed_in(&app, ada).await;
        let session = browser.cookie(SESSION_COOKIE).unwrap();
        (browser, session)
    };
    let assert_ended = async |session: &str, why: &str| {
        let replayed = Browser::new(&app);
        replayed.plant(SESSION_COOKIE, session);
        let response = replayed.get("/profile").await;
        let location = response.header("location").unwrap();
        assert!(location.starts_with("/sign-in"), "{why}: {location}");
    };

    let (browser, session) = sessions().await;
    browser.submit("/", "/sign-out", &[]).await;
    assert_ended(&session, "signing out").await;

    let (browser, session) = sessions().await;
    let (_, elsewhere) = sessions().await;
    let typed = [("current-password", PASSWORD), ("new-password", new)];
    let changed = browser
        .submit("/profile", "/profile/password", &typed)
        .await;
    assert_eq!(changed.status(), 303, "{}", changed.text());
    assert_ended(&session, "changing the password").await;
    assert_ended(&elsewhere, "changing the password elsewhere").await;

    let bob = Browser::signed_in(&app, &app.acme.bob).await;
    let session = bob.cookie(SESSION_COOKIE).unwrap();
    let forgot = json!({ "email": app.acme.bob.email });
    app.anonymous().post("/auth/forgot-password", &forgot).await;
    let link = link(&app, "reset-password").await;
    let typed = [("new-password", new)];
    let page = Browser::new(&app);
    let html = page.page(&link).await;
    page.submit_from(&html, "/reset-password", &typed).await;
    assert_ended(&session, "resetting the password").await;
}
