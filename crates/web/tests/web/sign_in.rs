//! Signing in and out.

use actix_web::http::Method;
use portal_domain::ids::OrganizationId;
use portal_domain::profiles;
use portal_session::{DEVICE_COOKIE, SESSION_COOKIE};
use portal_test_support::{PASSWORD, TestApp};

use crate::browser::{Browser, attribute};
use crate::start;

#[actix_web::test]
async fn unauthorized_request_redirects_to_sign_in_and_back() {
    let app = start().await;
    let browser = Browser::new(&app);
    let response = browser.get("/profile?from=mail").await;
    assert_eq!(response.status(), 303);
    let sign_in = response.header("location").unwrap();
    assert_eq!(sign_in, "/sign-in?next=%2Fprofile%3Ffrom%3Dmail");

    let typed = [("email", &*app.acme.ada.email), ("password", PASSWORD)];
    let response = browser.submit(&sign_in, "/sign-in", &typed).await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.header("location").unwrap(), "/profile?from=mail");
    assert!(browser.page("/profile").await.contains("ada@acme.example"));
}

#[actix_web::test]
async fn sign_in_never_redirects_to_another_site() {
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
        let response = browser.post("/sign-in", &fields).await;
        assert_eq!(response.header("location").unwrap(), "/", "{next}");
    }
}

#[actix_web::test]
async fn wrong_password_keeps_only_the_address() {
    let app = start().await;
    let browser = Browser::new(&app);
    let typed = [
        ("email", &*app.acme.ada.email),
        ("password", "Wrong-Horse-7"),
    ];
    let response = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().contains("value=\"ada@acme.example\""));
    assert!(response.text().contains("do not match an account"));
    assert!(!response.text().contains("Wrong-Horse-7"));
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn invalid_fields_are_reported_beside_them() {
    let app = start().await;
    let browser = Browser::new(&app);
    let typed = [("email", "ada at acme"), ("password", "")];
    let response = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(response.status(), 422);
    let html = response.text();
    assert!(html.contains("value=\"ada at acme\""));
    assert!(html.contains("<a href=\"#email\">E-mail address: Please enter an address"));
    assert!(html.contains("<a href=\"#password\">Password: Please fill this in."));
    assert_eq!(html.matches("aria-invalid=\"true\"").count(), 2);
}

#[actix_web::test]
async fn sign_in_replaces_the_session() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let before = browser.cookie(SESSION_COOKIE).unwrap();
    // A form that was open before; the page itself would go on.
    let other = Browser::new(&app);
    let html = other.page("/sign-in").await;
    other.plant(SESSION_COOKIE, &before);
    let typed = [("email", &*app.acme.bob.email), ("password", PASSWORD)];
    let response = other.submit_from(&html, "/sign-in", &typed).await;
    assert_eq!(response.status(), 303);
    assert_ne!(other.cookie(SESSION_COOKIE).unwrap(), before);
    assert!(other.page("/").await.contains("Hello, Bob"));
    assert_eq!(browser.get("/").await.status(), 303);
}

#[actix_web::test]
async fn sign_in_page_redirects_signed_in_users() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let response = browser.get("/sign-in?next=/profile").await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.header("location").unwrap(), "/profile");
}

#[actix_web::test]
async fn sign_out_clears_session_cookies_and_cache() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let session = browser.cookie(SESSION_COOKIE).unwrap();
    let response = browser.submit("/", "/sign-out", &[]).await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.header("clear-site-data").unwrap(), "\"cache\"");
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
    let response = browser.get("/").await;
    assert_eq!(response.status(), 303);
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
async fn ambiguous_sign_in_asks_for_the_organization() {
    let app = start().await;
    twice(&app).await;
    let browser = Browser::new(&app);
    let typed = [("email", "sam@consultants.example"), ("password", PASSWORD)];
    let response = browser
        .submit("/sign-in?next=/profile", "/sign-in", &typed)
        .await;
    assert_eq!(response.status(), 200);
    let html = response.text();
    assert!(html.contains("Acme") && html.contains("Globex"));
    assert!(!html.contains(PASSWORD));
    assert_eq!(browser.cookie(SESSION_COOKIE), None);

    let choice = choice(html, "Globex");
    let picked = [("choice", &*choice)];
    let response = browser
        .submit_from(html, "/sign-in/organization", &picked)
        .await;
    assert_eq!(response.status(), 303, "{}", response.text());
    assert_eq!(response.header("location").unwrap(), "/profile");
    assert!(browser.page("/profile").await.contains("Globex"));
}

#[actix_web::test]
async fn organization_choice_expires_and_is_bound_to_the_browser() {
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
    let response = browser
        .submit_from(&html, "/sign-in/organization", &picked)
        .await;
    assert_eq!(response.header("location").unwrap(), "/sign-in");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn organization_choice_is_invalid_after_a_password_change() {
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
    let response = browser
        .submit_from(&html, "/sign-in/organization", &picked)
        .await;
    assert_eq!(response.header("location").unwrap(), "/sign-in");
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn organization_choice_cannot_be_replayed_after_sign_out() {
    let app = start().await;
    twice(&app).await;
    let browser = Browser::new(&app);
    let typed = [("email", "sam@consultants.example"), ("password", PASSWORD)];
    let first = browser.page("/sign-in").await;
    let response = browser.submit_from(&first, "/sign-in", &typed).await;
    let html = response.text().to_owned();
    let picked = [("choice", &*choice(&html, "Acme"))];
    let path = "/sign-in/organization";
    let response = browser.submit_from(&html, path, &picked).await;
    assert_eq!(response.status(), 303);
    browser.submit("/", "/sign-out", &[]).await;
    // Going back and sending a form of the time before again: the choice, and the password.
    let response = browser.submit_from(&html, path, &picked).await;
    assert_eq!(response.status(), 422);
    let response = browser.submit_from(&first, "/sign-in", &typed).await;
    assert_eq!(response.status(), 422);
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn rate_limited_sign_in_shows_the_form() {
    let app = start().await;
    let browser = Browser::new(&app);
    let typed = [("email", "ada@acme.example"), ("password", "Wrong-Horse-7")];
    for _ in 0..10 {
        let response = browser.submit("/sign-in", "/sign-in", &typed).await;
        assert_eq!(response.status(), 422);
    }
    let response = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.header("retry-after").unwrap(), "900");
    let html = response.text();
    assert!(html.contains("Please wait 15 minutes"), "{html}");
    assert!(html.contains("value=\"ada@acme.example\""), "{html}");
}

#[actix_web::test]
async fn form_of_an_expired_session_redirects_to_sign_in_and_back() {
    let app = start().await;
    for (sent, next) in [
        ("/tickets/new", "%2Ftickets%2Fnew"),
        ("/profile/password", "%2Fprofile"),
        ("/tickets/7/close", "%2Ftickets%2F7"),
    ] {
        let browser = Browser::signed_in(&app, &app.acme.ada).await;
        app.env.advance(chrono::TimeDelta::hours(25));
        let response = browser.post(sent, &[]).await;
        let location = response.header("location").unwrap();
        assert_eq!(location, format!("/sign-in?next={next}"));

        // A browser forgets the cookie of a session that is over.
        let browser = Browser::new(&app);
        let response = browser.post(sent, &[]).await;
        assert_eq!(response.header("location").unwrap(), location);
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
async fn rate_limited_forms_say_how_long_to_wait() {
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
    let response = browser.submit_from(&html, "/sign-in", &typed).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.header("retry-after").unwrap(), "900");
    assert!(
        response.text().contains("Please wait 15 minutes"),
        "{}",
        response.text()
    );
}

#[actix_web::test]
async fn session_of_the_api_is_valid_for_pages() {
    let app = start().await;
    let cookies = app.cookie(&app.acme.ada).await;
    let browser = Browser::new(&app);
    browser.plant(SESSION_COOKIE, &cookies.session.borrow());
    let response = browser.send(browser.call(Method::GET, "/")).await;
    assert_eq!(response.status(), 200);
}

#[actix_web::test]
async fn a_known_browser_is_not_locked_out_by_strangers() {
    let app = start().await;
    let ada = &app.acme.ada;
    let known = Browser::signed_in(&app, ada).await;
    let token = known.cookie(DEVICE_COOKIE).unwrap();
    known.submit("/profile", "/sign-out", &[]).await;
    assert_eq!(known.cookie(DEVICE_COOKIE), Some(token), "it is kept");
    app.anonymous().lock_out(ada).await;
    let stranger = Browser::new(&app).sign_in(&ada.email).await;
    assert_eq!(stranger.status(), 429);
    assert_eq!(known.sign_in(&ada.email).await.status(), 303);
}

/// How many mails about new sign-ins wait in an organization.
async fn told(app: &TestApp, organization: OrganizationId) -> usize {
    app.settle().await;
    let outbox = app.outbox(organization).await;
    let told = outbox.iter().filter(|mail| mail.name() == "new_sign_in");
    told.count()
}

#[actix_web::test]
async fn a_user_is_told_of_a_browser_that_has_not_signed_in_before() {
    let app = start().await;
    let ada = &app.acme.ada;
    let first = Browser::signed_in(&app, ada).await;
    first.submit("/profile", "/sign-out", &[]).await;
    first.sign_in(&ada.email).await;
    assert_eq!(told(&app, app.acme.id).await, 0);
    let second = Browser::signed_in(&app, ada).await;
    assert_eq!(told(&app, app.acme.id).await, 1);
    second.submit("/profile", "/sign-out", &[]).await;
    second.sign_in(&ada.email).await;
    assert_eq!(told(&app, app.acme.id).await, 1);
}

#[actix_web::test]
async fn choosing_an_organization_makes_the_browser_known_there() {
    let app = start().await;
    twice(&app).await;
    let choose = async |browser: &Browser| {
        let response = browser.sign_in("sam@consultants.example").await;
        let choice = choice(response.text(), "Globex");
        let typed = [("choice", &*choice)];
        let action = "/sign-in/organization";
        let response = browser.submit_from(response.text(), action, &typed).await;
        assert_eq!(response.status(), 303);
    };
    let browser = Browser::new(&app);
    for _ in 0..2 {
        choose(&browser).await;
        assert_eq!(told(&app, app.globex.id).await, 0);
        browser.submit("/profile", "/sign-out", &[]).await;
    }
    choose(&Browser::new(&app)).await;
    assert_eq!(told(&app, app.globex.id).await, 1);
}
