//! Forgotten passwords and invitations.

use portal_domain::branding::BrandingChanges;
use portal_domain::profiles;
use portal_session::SESSION_COOKIE;
use portal_test_support::{PASSWORD, TestApp, fixtures};

use crate::browser::{Browser, hidden_fields};
use crate::start;

/// The address of the page that the last mail leads to.
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
async fn a_forgotten_password_is_set_anew() {
    let app = start().await;
    let elsewhere = Browser::signed_in(&app, &app.acme.ada).await;
    let browser = Browser::new(&app);
    let typed = [("email", "Ada@Acme.example")];
    let answer = browser
        .submit("/forgot-password", "/forgot-password", &typed)
        .await;
    assert_eq!(answer.header("location").unwrap(), "/sign-in");
    assert!(
        browser
            .page("/sign-in")
            .await
            .contains("If this address has an account")
    );

    let link = link(&app, "/reset-password?token=").await;
    let page = browser.get(&link).await;
    assert_eq!(page.header("referrer-policy").unwrap(), "no-referrer");
    let answer = browser
        .submit(&link, "/reset-password", &[("new-password", "short")])
        .await;
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.header("referrer-policy").unwrap(), "no-referrer");
    assert!(answer.text().contains("Please use at least 8 characters."));

    let typed = [("new-password", "Winter-Birds-47")];
    let answer = browser
        .submit_from(answer.text(), "/reset-password", &typed)
        .await;
    assert_eq!(
        answer.header("location").unwrap(),
        "/sign-in",
        "{}",
        answer.text()
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
    let answer = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(answer.header("location").unwrap(), "/");
    let typed = [("new-password", "Winter-Birds-48")];
    let answer = browser
        .submit_from(page.text(), "/reset-password", &typed)
        .await;
    assert_eq!(answer.status(), 422, "of before the sign-in");
    assert!(answer.text().contains("This link has been used or"));
    let again = Browser::new(&app);
    let answer = again.get(&link).await;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().contains("This link has been used or"));
    assert!(!answer.text().contains("new-password"));
    assert!(answer.text().contains("href=\"/forgot-password\""));
    // A weak password is no matter where none can be set.
    let fields = [("token", "x"), ("new-password", "weak")];
    let html = again.page("/forgot-password").await;
    let csrf = hidden_fields(&html, "/forgot-password").remove(0).1;
    let fields = [("csrf", &*csrf), fields[0], fields[1]];
    let answer = again.post("/reset-password", &fields).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.text().matches("role=\"alert\"").count(), 1);
}

#[actix_web::test]
async fn nobody_learns_whether_an_address_has_an_account() {
    let app = start().await;
    let mut answers = Vec::new();
    for email in ["ada@acme.example", "nobody@acme.example"] {
        let browser = Browser::new(&app);
        let answer = browser
            .submit("/forgot-password", "/forgot-password", &[("email", email)])
            .await;
        answers.push((
            answer.status(),
            answer.header("location"),
            answer.set_cookies(),
        ));
    }
    assert_eq!(answers[0], answers[1]);
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
    let answer = browser.submit(&link, "/accept-invite", &typed).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().contains("value=\"Nia Okafor\""));

    let typed = [("name", "Nia Okafor"), ("new-password", PASSWORD)];
    let answer = browser
        .submit_from(answer.text(), "/accept-invite", &typed)
        .await;
    assert_eq!(answer.header("location").unwrap(), "/", "{}", answer.text());
    assert!(browser.cookie(SESSION_COOKIE).is_some());
    let home = browser.page("/").await;
    assert!(home.contains("Hello, Nia Okafor") && home.contains("Your account is ready."));

    let other = Browser::new(&app);
    let answer = other.get(&link).await;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().contains("already set up"));
    assert!(!answer.text().contains("new@acme.example"));
}

#[actix_web::test]
async fn whoever_was_signed_in_has_left_when_another_sets_a_password() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.bob).await;
    let typed = [("email", &*app.acme.ada.email)];
    let other = Browser::new(&app);
    other
        .submit("/forgot-password", "/forgot-password", &typed)
        .await;
    let link = link(&app, "/reset-password?token=").await;
    let typed = [("new-password", "Winter-Birds-47")];
    let answer = browser.submit(&link, "/reset-password", &typed).await;
    assert_eq!(answer.header("location").unwrap(), "/sign-in");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn where_passwords_are_not_reset_no_link_is_promised() {
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
    let answer = browser.submit_from(&html, "/forgot-password", &typed).await;
    assert_eq!(answer.status(), 403);
    let answer = browser.get("/reset-password?token=x").await;
    assert_eq!(answer.status(), 404);
    assert!(!answer.text().contains("/forgot-password"));
}
