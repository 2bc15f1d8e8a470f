//! Forgotten passwords and invitations.

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_domain::branding::BrandingChanges;
use portal_domain::profiles;
use portal_session::SESSION_COOKIE;
use portal_test_support::{PASSWORD, TestApp, fixtures};

use crate::browser::{Browser, encoded, hidden_fields};
use crate::start;

/// The path of the link in the last mail.
async fn link(app: &TestApp, path: &str) -> String {
    app.send_mails().await;
    let mails = app.mails.mails();
    let text = mails.last().expect("a mail").text().to_owned();
    let start = text
        .find(path)
        .unwrap_or_else(|| panic!("no {path} in {text}"));
    let rest = &text[start..];
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/-_?=".contains(c)));
    rest[..end.unwrap_or(rest.len())].to_owned()
}

#[actix_web::test]
async fn a_form_with_a_password_that_is_sent_twice_is_answered_alike() {
    let app = start().await;
    let browser = Browser::new(&app);
    let typed = [("email", &*app.acme.ada.email)];
    browser
        .submit("/forgot-password", "/forgot-password", &typed)
        .await;
    let reset = link(&app, "/reset-password?token=").await;
    let new = fixtures::new_user("new@acme.example", None);
    app.operate(&app.acme, async |op| profiles::create(op, new, true).await)
        .await;
    let invitation = link(&app, "/accept-invite?token=").await;
    for (link, action) in [(reset, "/reset-password"), (invitation, "/accept-invite")] {
        let html = browser.page(&link).await;
        // Each with the cookies of before the first answer.
        let send = async |password: &str| {
            let mut fields = hidden_fields(&html, action);
            fields.push(("new-password".to_owned(), password.to_owned()));
            let call = browser.call(Method::POST, action);
            call.body("application/x-www-form-urlencoded", encoded(&fields))
                .send()
                .await
        };
        let first = send("Winter-Birds-47").await;
        assert_eq!(first.status(), 303, "{}", first.text());
        let again = send("Winter-Birds-47").await;
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(send("Winter-Birds-48").await.status(), 422, "{action}");
        app.env.advance(TimeDelta::minutes(1));
        assert_eq!(send("Winter-Birds-47").await.status(), 422, "{action}");
    }
}

#[actix_web::test]
async fn forgotten_password_is_reset() {
    let app = start().await;
    let elsewhere = Browser::signed_in(&app, &app.acme.ada).await;
    let browser = Browser::new(&app);
    let typed = [("email", "Ada@Acme.example")];
    let response = browser
        .submit("/forgot-password", "/forgot-password", &typed)
        .await;
    assert_eq!(response.header("location").unwrap(), "/sign-in");
    assert!(
        browser
            .page("/sign-in")
            .await
            .contains("If this address has an account")
    );

    let link = link(&app, "/reset-password?token=").await;
    let page = browser.get(&link).await;
    assert_eq!(page.header("referrer-policy").unwrap(), "no-referrer");
    let response = browser
        .submit(&link, "/reset-password", &[("new-password", "short")])
        .await;
    assert_eq!(response.status(), 422);
    assert_eq!(response.header("referrer-policy").unwrap(), "no-referrer");
    assert!(
        response
            .text()
            .contains("Please use at least 8 characters.")
    );

    let typed = [("new-password", "Winter-Birds-47")];
    let response = browser
        .submit_from(response.text(), "/reset-password", &typed)
        .await;
    assert_eq!(
        response.header("location").unwrap(),
        "/sign-in",
        "{}",
        response.text()
    );
    assert!(
        browser
            .page("/sign-in")
            .await
            .contains("Your new password is set.")
    );
    assert_eq!(elsewhere.get("/").await.status(), 303);

    let typed = [
        ("email", &*app.acme.ada.email),
        ("password", "Winter-Birds-47"),
    ];
    let response = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(response.header("location").unwrap(), "/");
    let typed = [("new-password", "Winter-Birds-48")];
    let response = browser
        .submit_from(page.text(), "/reset-password", &typed)
        .await;
    assert_eq!(response.status(), 422, "of before the sign-in");
    assert!(response.text().contains("This link has been used or"));
    let again = Browser::new(&app);
    let response = again.get(&link).await;
    assert_eq!(response.status(), 404);
    assert!(response.text().contains("This link has been used or"));
    assert!(!response.text().contains("new-password"));
    assert!(response.text().contains("href=\"/forgot-password\""));
    // A weak password is no matter where none can be set.
    let fields = [("token", "x"), ("new-password", "weak")];
    let html = again.page("/forgot-password").await;
    let csrf = hidden_fields(&html, "/forgot-password").remove(0).1;
    let fields = [("csrf", &*csrf), fields[0], fields[1]];
    let response = again.post("/reset-password", &fields).await;
    assert_eq!(response.status(), 422);
    assert_eq!(response.text().matches("role=\"alert\"").count(), 1);
}

#[actix_web::test]
async fn forgot_password_page_does_not_reveal_accounts() {
    let app = start().await;
    let mut responses = Vec::new();
    for email in ["ada@acme.example", "nobody@acme.example"] {
        let browser = Browser::new(&app);
        let response = browser
            .submit("/forgot-password", "/forgot-password", &[("email", email)])
            .await;
        responses.push((
            response.status(),
            response.header("location"),
            response.set_cookies(),
        ));
    }
    assert_eq!(responses[0], responses[1]);
}

#[actix_web::test]
async fn an_invitation_sets_up_an_account_and_signs_in() {
    let app = start().await;
    app.operate(&app.acme, async |op| {
        let new = fixtures::new_user("new@acme.example", None);
        profiles::create(op, new, true).await
    })
    .await;
    let link = link(&app, "/accept-invite?token=").await;
    let browser = Browser::new(&app);
    let html = browser.page(&link).await;
    assert!(html.contains("new@acme.example") && html.contains("Acme"));
    let typed = [("name", "Nia Okafor"), ("new-password", "weak")];
    let response = browser.submit(&link, "/accept-invite", &typed).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().contains("value=\"Nia Okafor\""));

    let typed = [("name", "Nia Okafor"), ("new-password", PASSWORD)];
    let response = browser
        .submit_from(response.text(), "/accept-invite", &typed)
        .await;
    assert_eq!(
        response.header("location").unwrap(),
        "/",
        "{}",
        response.text()
    );
    assert!(browser.cookie(SESSION_COOKIE).is_some());
    let home = browser.page("/").await;
    assert!(home.contains("Hello, Nia Okafor") && home.contains("Your account is ready."));

    let other = Browser::new(&app);
    let response = other.get(&link).await;
    assert_eq!(response.status(), 404);
    assert!(response.text().contains("already set up"));
    assert!(!response.text().contains("new@acme.example"));
}

#[actix_web::test]
async fn password_reset_ends_the_browsers_session() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.bob).await;
    let typed = [("email", &*app.acme.ada.email)];
    let other = Browser::new(&app);
    other
        .submit("/forgot-password", "/forgot-password", &typed)
        .await;
    let link = link(&app, "/reset-password?token=").await;
    let typed = [("new-password", "Winter-Birds-47")];
    let response = browser.submit(&link, "/reset-password", &typed).await;
    assert_eq!(response.header("location").unwrap(), "/sign-in");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn forgot_password_is_forbidden_when_disabled() {
    let app = start().await;
    let domain = "support.acme.example";
    app.own_domain(&app.acme, domain).await;
    let browser = Browser::new(&app).at(domain);
    let html = browser.page("/forgot-password").await;
    let changes = BrandingChanges {
        enable_password_reset: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    let typed = [("email", &*app.acme.ada.email)];
    let response = browser.submit_from(&html, "/forgot-password", &typed).await;
    assert_eq!(response.status(), 403);
    let response = browser.get("/reset-password?token=x").await;
    assert_eq!(response.status(), 404);
    assert!(!response.text().contains("/forgot-password"));
}
