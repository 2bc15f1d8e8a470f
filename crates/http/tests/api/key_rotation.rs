//! The secret key is replaced while people are signed in.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its part has to fail the test"
)]

use actix_web::http::Method;
use portal_auth::{SecretKey, Subscription, UnsubscribeTokens};
use portal_domain::profiles::NotificationKind;
use portal_session::{CSRF_COOKIE, DEVICE_COOKIE, SESSION_COOKIE};
use portal_test_support::{Anonymous, Caller as _, CookieUser, PASSWORD, TestApp};
use serde_json::json;

fn new() -> SecretKey {
    SecretKey::new(&[8; 32]).unwrap()
}

/// Reads and changes something, and takes the cookies that it is given.
async fn works(browser: &CookieUser) -> bool {
    let read = browser.get("/profile").await;
    if read.status() != 200 {
        return false;
    }
    *browser.session.borrow_mut() = read.cookie(SESSION_COOKIE).unwrap();
    *browser.csrf.borrow_mut() = read.cookie(CSRF_COOKIE).unwrap();
    let changed = browser.patch("/profile", &json!({ "name": "Ada" })).await;
    changed.status() == 200
}

#[actix_web::test]
async fn instances_replace_the_key_in_two_steps_and_nobody_is_signed_out() {
    let old = TestApp::secret();
    let app = TestApp::start().await;
    // First every instance accepts the new key, then every instance signs with it.
    let accepting = app.beside(&old.clone().with_previous(&new())).await;
    let signing = app.beside(&new().with_previous(&old)).await;
    let done = app.beside(&new()).await;
    let before = app.cookie(&app.acme.ada).await;
    for instances in [[&app.anonymous(), &accepting], [&accepting, &signing]] {
        for instance in instances {
            // Both kinds of instances are in use at the same time.
            for next in instances {
                assert!(works(&before.at(instance)).await);
                let after = signed_in(&app, instance).await;
                assert!(works(&after.at(next)).await);
            }
        }
    }
    // What has been used since is signed anew, and outlives the old key; what has not does not.
    let used = before.at(&signing);
    assert!(works(&used).await);
    assert!(works(&used.at(&done)).await);
    assert!(!works(&before.at(&done)).await);
}

/// A browser that signs in at an instance.
async fn signed_in(app: &TestApp, instance: &Anonymous) -> CookieUser {
    let response = instance.login(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.bob).await;
    *browser.session.borrow_mut() = response.cookie(SESSION_COOKIE).unwrap();
    *browser.csrf.borrow_mut() = response.cookie(CSRF_COOKIE).unwrap();
    browser.at(instance)
}

#[actix_web::test]
async fn an_instance_of_the_old_key_alone_refuses_what_the_new_one_signs() {
    let app = TestApp::start().await;
    let signing = app.beside(&new().with_previous(&TestApp::secret())).await;
    let browser = signed_in(&app, &signing).await;
    assert!(works(&browser).await);
    assert!(!works(&browser.at(&app.anonymous())).await);
}

#[actix_web::test]
async fn device_tokens_and_links_of_the_old_key_are_still_good() {
    let old = TestApp::secret();
    let app = TestApp::start().await;
    let signing = app.beside(&new().with_previous(&old)).await;
    let done = app.beside(&new()).await;
    let ada = &app.acme.ada;
    let first = app.anonymous().login(ada).await;
    let token = first.cookie(DEVICE_COOKIE).unwrap();
    done.lock_out(ada).await;
    for (instance, expected) in [(&done, 429), (&signing, 200)] {
        let body = json!({ "email": ada.email, "password": PASSWORD, "deviceToken": token });
        let response = instance.post("/auth/login", &body).await;
        assert_eq!(response.status(), expected);
    }

    let link = UnsubscribeTokens::new(&old).issue(Subscription {
        organization_id: app.acme.id,
        user_id: ada.id,
        kind: NotificationKind::Loans,
    });
    let path = format!("/unsubscribe?token={link}");
    let unsubscribe = async |instance: &Anonymous| {
        let call = instance.call(Method::POST, &path);
        let form = "application/x-www-form-urlencoded";
        let call = call.body(form, "List-Unsubscribe=One-Click");
        call.send().await.status()
    };
    assert_eq!(unsubscribe(&done).await, 400);
    assert_eq!(unsubscribe(&signing).await, 200);
}
