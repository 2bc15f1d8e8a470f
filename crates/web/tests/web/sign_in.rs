//! Signing in and out.

use actix_web::http::Method;
use portal_domain::ids::OrganizationId;
use portal_domain::profiles;
use portal_session::SESSION_COOKIE;
use portal_test_support::{PASSWORD, TestApp};

use crate::browser::{Browser, attribute};
use crate::start;

#[actix_web::test]
async fn who_has_not_signed_in_is_taken_there_and_back() {
    let app = start().await;
    let browser = Browser::new(&app);
    let answer = browser.get("/profile?from=mail").await;
    assert_eq!(answer.status(), 303);
    let sign_in = answer.header("location").unwrap();
    assert_eq!(sign_in, "/sign-in?next=%2Fprofile%3Ffrom%3Dmail");

    let typed = [("email", &*app.acme.ada.email), ("password", PASSWORD)];
    let answer = browser.submit(&sign_in, "/sign-in", &typed).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.header("location").unwrap(), "/profile?from=mail");
    assert!(browser.page("/profile").await.contains("ada@acme.example"));
}

#[actix_web::test]
async fn signing_in_never_leads_elsewhere() {
    let app = start().await;
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\t//evil.example",
    ] {
        let browser = Browser::new(&app);
        let html = browser.page("/sign-in").await;
        let fields = [
            ("email", &*app.acme.ada.email),
            ("password", PASSWORD),
            (
                "csrf",
                &attribute(html.split("name=\"csrf\"").nth(1).unwrap(), "value"),
            ),
            ("next", next),
        ];
        let answer = browser.post("/sign-in", &fields).await;
        assert_eq!(answer.header("location").unwrap(), "/", "{next}");
    }
}

#[actix_web::test]
async fn a_wrong_password_keeps_the_address_and_not_the_password() {
    let app = start().await;
    let browser = Browser::new(&app);
    let typed = [
        ("email", &*app.acme.ada.email),
        ("password", "Wrong-Horse-7"),
    ];
    let answer = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().contains("value=\"ada@acme.example\""));
    assert!(answer.text().contains("do not match an account"));
    assert!(!answer.text().contains("Wrong-Horse-7"));
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn mistakes_are_said_beside_their_fields() {
    let app = start().await;
    let browser = Browser::new(&app);
    let typed = [("email", "ada at acme"), ("password", "")];
    let answer = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(answer.status(), 422);
    let html = answer.text();
    assert!(html.contains("value=\"ada at acme\""));
    assert!(html.contains("<a href=\"#email\">E-mail address: Please enter an address"));
    assert!(html.contains("<a href=\"#password\">Password: Please fill this in."));
    assert_eq!(html.matches("aria-invalid=\"true\"").count(), 2);
}

#[actix_web::test]
async fn a_new_session_replaces_the_one_before() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let before = browser.cookie(SESSION_COOKIE).unwrap();
    // A form that was open before; the page itself would go on.
    let other = Browser::new(&app);
    let html = other.page("/sign-in").await;
    other.plant(SESSION_COOKIE, &before);
    let typed = [("email", &*app.acme.bob.email), ("password", PASSWORD)];
    let answer = other.submit_from(&html, "/sign-in", &typed).await;
    assert_eq!(answer.status(), 303);
    assert_ne!(other.cookie(SESSION_COOKIE).unwrap(), before);
    assert!(other.page("/").await.contains("Hello, Bob"));
    assert_eq!(browser.get("/").await.status(), 303);
}

#[actix_web::test]
async fn who_has_signed_in_goes_on() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let answer = browser.get("/sign-in?next=/profile").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.header("location").unwrap(), "/profile");
}

#[actix_web::test]
async fn signing_out_leaves_nothing_behind() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let session = browser.cookie(SESSION_COOKIE).unwrap();
    let answer = browser.submit("/", "/sign-out", &[]).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.header("clear-site-data").unwrap(), "\"cache\"");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);

    // Said once.
    assert!(
        browser
            .page("/sign-in")
            .await
            .contains("You have signed out.")
    );
    assert!(
        !browser
            .page("/sign-in")
            .await
            .contains("You have signed out.")
    );

    browser.plant(SESSION_COOKIE, &session);
    let answer = browser.get("/").await;
    assert_eq!(answer.status(), 303);
    assert!(
        browser
            .page("/sign-in")
            .await
            .contains("Your session has ended.")
    );
}

/// Two accounts of one address, in both organizations.
async fn twice(app: &TestApp) -> [OrganizationId; 2] {
    let email = "sam@consultants.example";
    app.person(app.acme.id, email).await;
    app.person(app.globex.id, email).await;
    [app.acme.id, app.globex.id]
}

#[actix_web::test]
async fn an_address_of_two_organizations_may_choose() {
    let app = start().await;
    twice(&app).await;
    let browser = Browser::new(&app);
    let typed = [("email", "sam@consultants.example"), ("password", PASSWORD)];
    let answer = browser
        .submit("/sign-in?next=/profile", "/sign-in", &typed)
        .await;
    assert_eq!(answer.status(), 200);
    let html = answer.text();
    assert!(html.contains("Acme") && html.contains("Globex"));
    assert!(!html.contains(PASSWORD));
    assert_eq!(browser.cookie(SESSION_COOKIE), None);

    let choice = choice(html, "Globex");
    let picked = [("choice", &*choice)];
    let answer = browser
        .submit_from(html, "/sign-in/organization", &picked)
        .await;
    assert_eq!(answer.status(), 303, "{}", answer.text());
    assert_eq!(answer.header("location").unwrap(), "/profile");
    assert!(browser.page("/profile").await.contains("Globex"));
}

#[actix_web::test]
async fn a_choice_is_good_once_proven_in_one_browser_and_for_a_while() {
    let app = start().await;
    twice(&app).await;
    let browser = Browser::new(&app);
    let typed = [("email", "sam@consultants.example"), ("password", PASSWORD)];
    let html = browser
        .submit("/sign-in", "/sign-in", &typed)
        .await
        .text()
        .to_owned();
    let choice = choice(&html, "Acme");

    let other = Browser::new(&app);
    let own = other.page("/sign-in").await;
    let csrf = attribute(own.split("name=\"csrf\"").nth(1).unwrap(), "value");
    let fields = [("csrf", &*csrf), ("choice", &*choice)];
    assert_eq!(
        other.post("/sign-in/organization", &fields).await.status(),
        403
    );

    app.env.advance(chrono::TimeDelta::minutes(6));
    let picked = [("choice", &*choice)];
    let answer = browser
        .submit_from(&html, "/sign-in/organization", &picked)
        .await;
    assert_eq!(answer.header("location").unwrap(), "/sign-in");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn a_choice_ends_with_the_password_that_proved_it() {
    let app = start().await;
    twice(&app).await;
    let browser = Browser::new(&app);
    let typed = [("email", "sam@consultants.example"), ("password", PASSWORD)];
    let html = browser
        .submit("/sign-in", "/sign-in", &typed)
        .await
        .text()
        .to_owned();
    let email = "sam@consultants.example".parse().unwrap();
    app.operate(&app.acme, async |op| {
        profiles::disable(op, &email).await?;
        profiles::enable(op, &email).await
    })
    .await;
    let choice = choice(&html, "Acme");
    let picked = [("choice", &*choice)];
    let answer = browser
        .submit_from(&html, "/sign-in/organization", &picked)
        .await;
    assert_eq!(answer.header("location").unwrap(), "/sign-in");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn a_choice_cannot_be_made_again_by_who_comes_next() {
    let app = start().await;
    twice(&app).await;
    let browser = Browser::new(&app);
    let typed = [("email", "sam@consultants.example"), ("password", PASSWORD)];
    let first = browser.page("/sign-in").await;
    let answer = browser.submit_from(&first, "/sign-in", &typed).await;
    let html = answer.text().to_owned();
    let picked = [("choice", &*choice(&html, "Acme"))];
    let path = "/sign-in/organization";
    let answer = browser.submit_from(&html, path, &picked).await;
    assert_eq!(answer.status(), 303);
    browser.submit("/", "/sign-out", &[]).await;
    // Going back and sending a form of the time before again: the choice, and the password.
    let answer = browser.submit_from(&html, path, &picked).await;
    assert_eq!(answer.status(), 422);
    let answer = browser.submit_from(&first, "/sign-in", &typed).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn who_tries_too_often_still_sees_the_form() {
    let app = start().await;
    let browser = Browser::new(&app);
    let typed = [("email", "ada@acme.example"), ("password", "Wrong-Horse-7")];
    for _ in 0..10 {
        let answer = browser.submit("/sign-in", "/sign-in", &typed).await;
        assert_eq!(answer.status(), 422);
    }
    let answer = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.header("retry-after").unwrap(), "900");
    let html = answer.text();
    assert!(html.contains("Please wait 15 minutes"), "{html}");
    assert!(html.contains("value=\"ada@acme.example\""), "{html}");
}

#[actix_web::test]
async fn after_a_session_that_ended_meanwhile_one_is_back_at_the_form() {
    let app = start().await;
    for (sent, next) in [
        ("/tickets/new", "%2Ftickets%2Fnew"),
        ("/profile/password", "%2Fprofile"),
        ("/tickets/7/close", "%2Ftickets%2F7"),
    ] {
        let browser = Browser::signed_in(&app, &app.acme.ada).await;
        app.env.advance(chrono::TimeDelta::hours(25));
        let answer = browser.post(sent, &[]).await;
        let location = answer.header("location").unwrap();
        assert_eq!(location, format!("/sign-in?next={next}"));

        // A browser forgets the cookie of a session that is over.
        let browser = Browser::new(&app);
        let answer = browser.post(sent, &[]).await;
        assert_eq!(answer.header("location").unwrap(), location);
        let html = browser.page("/sign-in").await;
        assert!(html.contains("Your session has ended."), "{html}");
    }
}

fn choice(html: &str, organization: &str) -> String {
    let button = html
        .split("<button ")
        .find(|button| button.contains("name=\"choice\"") && button.contains(organization))
        .unwrap();
    attribute(button, "value")
}

#[actix_web::test]
async fn too_many_attempts_are_told_to_wait() {
    let app = start().await;
    let browser = Browser::new(&app);
    let html = browser.page("/sign-in").await;
    let typed = [
        ("email", &*app.acme.ada.email),
        ("password", "Wrong-Horse-7"),
    ];
    for _ in 0..10 {
        assert_eq!(
            browser
                .submit_from(&html, "/sign-in", &typed)
                .await
                .status(),
            422
        );
    }
    let answer = browser.submit_from(&html, "/sign-in", &typed).await;
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.header("retry-after").unwrap(), "900");
    assert!(
        answer.text().contains("Please wait 15 minutes"),
        "{}",
        answer.text()
    );
}

#[actix_web::test]
async fn a_session_that_was_made_by_the_api_is_good_for_pages() {
    let app = start().await;
    let cookies = app.cookie(&app.acme.ada).await;
    let browser = Browser::new(&app);
    browser.plant(SESSION_COOKIE, &cookies.session.borrow());
    let answer = browser.send(browser.call(Method::GET, "/")).await;
    assert_eq!(answer.status(), 200);
}
