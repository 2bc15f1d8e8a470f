//! The profile.

use portal_domain::audit::AuditAction;
use portal_session::SESSION_COOKIE;
use portal_test_support::PASSWORD;

use crate::browser::Browser;
use crate::start;

#[actix_web::test]
async fn it_is_changed_and_said_once() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let typed = [("name", "Ada Moreno"), ("locale", "de")];
    let answer = browser.submit("/profile", "/profile", &typed).await;
    assert_eq!(
        (answer.status(), answer.header("location").as_deref()),
        (303, Some("/profile"))
    );
    let html = browser.page("/profile").await;
    assert!(html.contains("Ihr Profil ist gespeichert."), "{html}");
    assert!(html.contains("value=\"Ada Moreno\""));
    assert!(html.contains("<option value=\"de\" selected>"));
    assert!(!browser.page("/profile").await.contains("gespeichert."));
}

#[actix_web::test]
async fn saving_it_as_it_is_changes_nothing() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let typed = [("name", "Ada"), ("locale", ""), ("notifications", "on")];
    let answer = browser.submit("/profile", "/profile", &typed).await;
    assert_eq!(answer.status(), 303);
    let log = app.audit_log(app.acme.id).await;
    let changed = log
        .iter()
        .filter(|entry| entry.action == AuditAction::PortalProfileUpdate);
    assert_eq!(changed.count(), 0);
}

#[actix_web::test]
async fn mistakes_keep_what_was_typed() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let long = "x".repeat(256);
    let typed = [("name", &*long), ("locale", "fr")];
    let answer = browser.submit("/profile", "/profile", &typed).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().contains(&format!("value=\"{long}\"")));
    assert!(answer.text().contains("Please use at most 255 characters."));
    assert!(answer.text().contains("Please choose one of the options."));
}

#[actix_web::test]
async fn a_new_password_signs_out_everywhere() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let elsewhere = Browser::signed_in(&app, &app.acme.ada).await;
    let change = async |current, new| {
        let typed = [("current-password", current), ("new-password", new)];
        browser
            .submit("/profile", "/profile/password", &typed)
            .await
    };
    let answer = change("Wrong-Horse-7", "Winter-Birds-47").await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().contains("This is not your current password."));
    let answer = change(PASSWORD, "password").await;
    assert_eq!(answer.status(), 422);
    assert!(
        answer
            .text()
            .contains("Please include an upper-case letter.")
    );
    assert!(!answer.text().contains(PASSWORD));

    let answer = change(PASSWORD, "Winter-Birds-47").await;
    assert_eq!(answer.header("location").unwrap(), "/sign-in");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
    assert!(
        browser
            .page("/sign-in")
            .await
            .contains("Your password is changed.")
    );
    assert_eq!(elsewhere.get("/").await.status(), 303);
}
