//! The profile.

use portal_auth::Subscription;
use portal_domain::audit::AuditAction;
use portal_domain::profiles::NotificationKind;
use portal_session::SESSION_COOKIE;
use portal_test_support::{Caller as _, PASSWORD};
use serde_json::json;

use crate::browser::{Browser, hidden_fields};
use crate::start;

#[actix_web::test]
async fn profile_is_saved_with_a_flash_message() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let typed = [("name", "Ada Moreno"), ("locale", "de")];
    let response = browser.submit("/profile", "/profile", &typed).await;
    // without a tick, as browsers leave it out
    let profile = app.bearer(&app.acme.ada).await.get("/profile").await;
    assert_eq!(profile.json()["user"]["receiveNotifications"], false);
    assert_eq!(
        (response.status(), response.header("location").as_deref()),
        (303, Some("/profile"))
    );
    let html = browser.page("/profile").await;
    assert!(html.contains("Ihr Profil ist gespeichert."), "{html}");
    assert!(html.contains("value=\"Ada Moreno\""));
    assert!(html.contains("<option value=\"de\" selected>"));
    assert!(!browser.page("/profile").await.contains("gespeichert."));
}

#[actix_web::test]
async fn saving_an_unchanged_profile_changes_nothing() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let typed = [
        ("name", "Ada"),
        ("locale", ""),
        ("notifications", "on"),
        ("notify-own-tickets", "on"),
        ("notify-shared-tickets", "on"),
        ("notify-loans", "on"),
    ];
    let response = browser.submit("/profile", "/profile", &typed).await;
    assert_eq!(response.status(), 303);
    let log = app.audit_log(app.acme.id).await;
    let changed = log
        .iter()
        .filter(|entry| entry.action == AuditAction::PortalProfileUpdate);
    assert_eq!(changed.count(), 0);
}

#[actix_web::test]
async fn kinds_of_mails_are_switched_off_one_by_one() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let typed = [
        ("name", "Ada"),
        ("notifications", "on"),
        ("notify-own-tickets", "on"),
        ("notify-loans", "on"),
    ];
    browser.submit("/profile", "/profile", &typed).await;
    let profile = app.bearer(&app.acme.ada).await.get("/profile").await;
    let user = &profile.json()["user"];
    for (key, is_on) in [
        ("receiveNotifications", true),
        ("notifyOwnTickets", true),
        ("notifySharedTickets", false),
        ("notifyLoans", true),
    ] {
        assert_eq!(user[key], is_on, "{key}");
    }
}

#[actix_web::test]
async fn a_kind_of_mails_is_switched_off_from_a_link_after_asking() {
    let app = start().await;
    let browser = Browser::new(&app);
    let token = app.portal.unsubscribe_tokens.issue(Subscription {
        organization_id: app.acme.id,
        user_id: app.acme.ada.id,
        kind: NotificationKind::Loans,
    });
    let wants = async || {
        let profile = app.bearer(&app.acme.ada).await.get("/profile").await;
        profile.json()["user"]["notifyLoans"] == true
    };
    let link = format!("/unsubscribe?token={token}");
    let html = browser.page(&link).await;
    assert!(html.contains("no more reminders"), "{html}");
    assert!(wants().await);
    let response = browser.submit(&link, "/unsubscribe", &[]).await;
    assert!(
        response.text().contains("You will get no more of these"),
        "{}",
        response.text()
    );
    assert!(!wants().await);
    let response = browser.get("/unsubscribe?token=a.b").await;
    assert_eq!(response.status(), 400);
    assert!(response.text().contains("This link is incomplete."));
}

#[actix_web::test]
async fn profile_form_changes_only_what_was_changed_in_it() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let old = browser.page("/profile").await;
    let typed = [("name", "Ada Eins"), ("locale", ""), ("notifications", "")];
    browser.submit("/profile", "/profile", &typed).await;
    // The other tab still shows the old name, and a tick. The first attempt is rejected.
    let long = "x".repeat(256);
    let typed = [("name", &*long), ("locale", "de"), ("notifications", "on")];
    let response = browser.submit_from(&old, "/profile", &typed).await;
    assert_eq!(response.status(), 422);
    let again = response.text().to_owned();
    let typed = [("name", "Ada"), ("locale", "de"), ("notifications", "on")];
    let response = browser.submit_from(&again, "/profile", &typed).await;
    assert_eq!(response.status(), 303);
    let profile = app.bearer(&app.acme.ada).await.get("/profile").await;
    let user = &profile.json()["user"];
    assert_eq!(
        (
            &user["name"],
            &user["receiveNotifications"],
            &user["locale"]
        ),
        (&json!("Ada Eins"), &json!(false), &json!("de"))
    );
}

#[actix_web::test]
async fn invalid_profile_keeps_the_form() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let long = "x".repeat(256);
    let typed = [("name", &*long), ("locale", "fr")];
    let response = browser.submit("/profile", "/profile", &typed).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().contains(&format!("value=\"{long}\"")));
    assert!(
        response
            .text()
            .contains("Please use at most 255 characters.")
    );
    assert!(
        response
            .text()
            .contains("Please choose one of the options.")
    );
}

#[actix_web::test]
async fn password_change_ends_all_sessions() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let elsewhere = Browser::signed_in(&app, &app.acme.ada).await;
    let change = async |current, new| {
        let typed = [("current-password", current), ("new-password", new)];
        browser
            .submit("/profile", "/profile/password", &typed)
            .await
    };
    let response = change("Wrong-Horse-7", "Winter-Birds-47").await;
    assert_eq!(response.status(), 422);
    assert!(
        response
            .text()
            .contains("This is not your current password.")
    );
    let response = change(PASSWORD, "password").await;
    assert_eq!(response.status(), 422);
    assert!(
        response
            .text()
            .contains("Please include an upper-case letter.")
    );
    assert!(!response.text().contains(PASSWORD));

    let response = change(PASSWORD, "Winter-Birds-47").await;
    assert_eq!(response.header("location").unwrap(), "/sign-in");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
    assert!(
        browser
            .page("/sign-in")
            .await
            .contains("Your password is changed.")
    );
    assert_eq!(elsewhere.get("/").await.status(), 303);
}

#[actix_web::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let app = start().await;
    let ada = &app.acme.ada;
    let browser = Browser::signed_in(&app, ada).await;
    let program = app.bearer(ada).await;
    app.env.advance(chrono::TimeDelta::minutes(1));
    let html = browser.page("/profile").await;
    assert!(html.contains("Where you are signed in"), "{html}");
    assert!(html.contains("API client") && html.contains("From 203.0.113.9"));
    assert_eq!(html.matches("This browser").count(), 1, "{html}");
    let actions: Vec<_> = html
        .split("action=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|action| action.starts_with("/profile/sessions/"))
        .collect();
    assert_eq!(actions.len(), 2);

    // The one used last comes first: this one.
    let response = browser.submit_from(&html, actions[1], &[]).await;
    let location = response.header("location");
    assert_eq!(
        (response.status(), location.as_deref()),
        (303, Some("/profile"))
    );
    assert_eq!(program.get("/profile").await.status(), 401);
    let after = browser.page("/profile").await;
    assert!(after.contains("You are signed out there now."), "{after}");
    // Once more, as from another tab, it stays so.
    let response = browser.submit_from(&html, actions[1], &[]).await;
    assert_eq!(response.status(), 303);

    let response = browser.submit_from(&html, actions[0], &[]).await;
    let location = response.header("location");
    assert_eq!(
        (response.status(), location.as_deref()),
        (303, Some("/sign-in"))
    );
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn the_sessions_of_others_are_not_ended() {
    let app = start().await;
    let bob = app.bearer(&app.acme.bob).await;
    let session = bob.get("/sessions").await.json()["data"][0]["id"].clone();
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/profile").await;
    let csrf = hidden_fields(&html, "/profile/password");
    let csrf: Vec<_> = csrf
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let path = format!("/profile/sessions/{}", session.as_str().unwrap());
    assert_eq!(browser.post(&path, &csrf).await.status(), 303);
    assert_eq!(bob.get("/profile").await.status(), 200);
    assert_eq!(browser.post(&path, &[]).await.status(), 403, "forged");
    let rubbish = browser.post("/profile/sessions/x", &csrf).await;
    assert_eq!(rubbish.status(), 404);
}
