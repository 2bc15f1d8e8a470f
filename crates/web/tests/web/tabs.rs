//! Several tabs of one browser, in which somebody signs in or out meanwhile.

use portal_session::SESSION_COOKIE;
use portal_test_support::PASSWORD;

use crate::browser::{Browser, hidden_fields};
use crate::start;

const TICKET: [(&str, &str); 3] = [
    ("subject", "Printer"),
    ("description", "It is on <fire>."),
    ("priority", "high"),
];

#[actix_web::test]
async fn several_sign_in_tabs_lead_where_each_was_going() {
    let app = start().await;
    let browser = Browser::new(&app);
    let tabs = [
        ("/sign-in?next=/tickets", "/tickets"),
        ("/sign-in?next=/devices", "/devices"),
        ("/sign-in", "/"),
    ];
    let mut pages = Vec::new();
    for (page, _) in tabs {
        pages.push(browser.page(page).await);
    }
    let typed = [("email", &*app.acme.ada.email), ("password", PASSWORD)];
    for (html, (_, next)) in pages.iter().zip(tabs) {
        let answer = browser.submit_from(html, "/sign-in", &typed).await;
        assert_eq!(answer.header("location").as_deref(), Some(next));
    }
}

#[actix_web::test]
async fn a_link_in_webmail_leaves_open_forms_valid() {
    let app = start().await;
    let browser = Browser::new(&app);
    let html = browser.page("/sign-in").await;
    browser.get("/reset-password?token=of-a-mail").await;
    let typed = [("email", &*app.acme.ada.email), ("password", PASSWORD)];
    let answer = browser.submit_from(&html, "/sign-in", &typed).await;
    assert_eq!(answer.status(), 303);
}

#[actix_web::test]
async fn an_outdated_sign_in_form_keeps_the_address_and_signs_in_the_second_time() {
    let app = start().await;
    let browser = Browser::new(&app);
    let html = browser.page("/sign-in?next=/tickets").await;
    browser.sign_in(&app.acme.ada.email).await;
    browser.submit("/", "/sign-out", &[]).await;
    let typed = [("email", &*app.acme.bob.email), ("password", PASSWORD)];
    let answer = browser.submit_from(&html, "/sign-in", &typed).await;
    assert_eq!(answer.status(), 422);
    let html = answer.text().to_owned();
    assert!(html.contains(&format!("value=\"{}\"", app.acme.bob.email)));
    assert!(!html.contains(PASSWORD));
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
    let answer = browser.submit_from(&html, "/sign-in", &typed).await;
    assert_eq!(answer.header("location").as_deref(), Some("/tickets"));
}

#[actix_web::test]
async fn a_form_opened_before_signing_in_anew_is_sent_with_one_more_click() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let form = browser.page("/tickets/new").await;
    browser.submit("/", "/sign-out", &[]).await;
    browser.sign_in(&app.acme.ada.email).await;
    let answer = browser.submit_from(&form, "/tickets/new", &TICKET).await;
    assert_eq!(answer.status(), 422);
    let html = answer.text().to_owned();
    assert!(html.contains("It is on &#60;fire&#62;."), "{html}");
    assert!(browser.page("/tickets").await.contains("No tickets yet"));
    let answer = browser.submit_from(&html, "/tickets/new", &[]).await;
    assert_eq!(answer.status(), 303, "{}", answer.text());
    assert!(browser.page("/tickets").await.contains("Printer"));
}

#[actix_web::test]
async fn a_form_sent_after_the_session_ended_is_kept_through_the_sign_in() {
    let app = start().await;
    for ends in ["expired", "signed out"] {
        let browser = Browser::signed_in(&app, &app.acme.ada).await;
        let form = browser.page("/tickets/new").await;
        if ends == "expired" {
            app.env.advance(chrono::TimeDelta::hours(25));
        } else {
            browser.submit("/", "/sign-out", &[]).await;
        }
        let answer = browser.submit_from(&form, "/tickets/new", &TICKET).await;
        assert_eq!(answer.status(), 401, "{ends}");
        assert_eq!(browser.cookie(SESSION_COOKIE), None, "{ends}");
        let html = answer.text().to_owned();
        let typed = [("email", &*app.acme.ada.email), ("password", PASSWORD)];
        let answer = browser.submit_from(&html, "/sign-in", &typed).await;
        let html = answer.text().to_owned();
        assert!(html.contains("It is on &#60;fire&#62;."), "{ends}: {html}");
        let answer = browser.submit_from(&html, "/tickets/new", &[]).await;
        let path = answer.header("location").unwrap();
        assert!(browser.page(&path).await.contains("Printer"), "{ends}");
    }
}

#[actix_web::test]
async fn a_draft_of_another_user_is_sent_only_by_a_click_of_who_is_signed_in() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let form = browser.page("/tickets/new").await;
    browser.submit("/", "/sign-out", &[]).await;
    browser.sign_in(&app.acme.bob.email).await;
    let answer = browser.submit_from(&form, "/tickets/new", &TICKET).await;
    assert_eq!(answer.status(), 422);
    let html = answer.text().to_owned();
    // The key of the form was issued to Ada: it is shown once more with one of Bob's.
    let answer = browser.submit_from(&html, "/tickets/new", &[]).await;
    assert_eq!(answer.status(), 409);
    let html = answer.text().to_owned();
    let answer = browser.submit_from(&html, "/tickets/new", &TICKET).await;
    assert_eq!(answer.status(), 303);
}

#[actix_web::test]
async fn a_draft_is_not_shown_to_another_user_who_signs_in() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let form = browser.page("/tickets/new").await;
    app.env.advance(chrono::TimeDelta::hours(25));
    let response = browser.submit_from(&form, "/tickets/new", &TICKET).await;
    let html = response.text().to_owned();
    let typed = [("email", &*app.acme.bob.email), ("password", PASSWORD)];
    let response = browser.submit_from(&html, "/sign-in", &typed).await;
    let location = response.header("location");
    assert_eq!(location.as_deref(), Some("/tickets/new"));
    assert!(!response.text().contains("It is on"));
}

#[actix_web::test]
async fn a_draft_holds_no_passwords_and_leads_nowhere_else() {
    let app = start().await;
    let browser = Browser::new(&app);
    let fields = [
        ("csrf", "of-a-session-that-is-over"),
        ("name", "Ada"),
        ("new-password", "Winter-Birds-47"),
    ];
    let answer = browser.post("/profile", &fields).await;
    assert_eq!(answer.status(), 401);
    assert!(!answer.text().contains("Winter-Birds-47"));
    let hidden = hidden_fields(answer.text(), "/sign-in");
    let typed = [
        ("email", &*app.acme.ada.email),
        ("password", PASSWORD),
        ("draft-action", "https://evil.example/"),
        ("draft", "name=Ada"),
    ];
    let csrf = hidden.iter().find(|(name, _)| name == "csrf").unwrap();
    let mut fields = vec![("csrf", &*csrf.1)];
    fields.extend(typed);
    let answer = browser.post("/sign-in", &fields).await;
    assert_eq!(answer.header("location").as_deref(), Some("/"));
}

#[actix_web::test]
async fn a_foreign_session_cookie_in_front_signs_nobody_out() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let own = browser.cookie(SESSION_COOKIE).unwrap();
    for session in [
        format!("garbage; {SESSION_COOKIE}={own}"),
        format!("{own}; {SESSION_COOKIE}=garbage"),
    ] {
        browser.plant(SESSION_COOKIE, &session);
        assert!(browser.page("/").await.contains("Hello, Ada"), "{session}");
    }
}
