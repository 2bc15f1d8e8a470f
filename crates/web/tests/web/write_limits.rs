//! Too many changes: what was typed is kept.

use chrono::TimeDelta;
use portal_auth::WriteLimits;
use portal_domain::tickets::TicketStatus;
use portal_test_support::{Response, TestApp};

use crate::browser::{Browser, attribute};

const TICKET: [(&str, &str); 3] = [
    ("subject", "Printer"),
    ("description", "It is on <fire>."),
    ("priority", "high"),
];

/// A portal in which a user may make one change in a minute.
async fn start() -> TestApp {
    let limits = WriteLimits {
        per_user: 1,
        per_organization: 0,
    };
    TestApp::with_pages(
        move |config| config.write_limits = limits,
        portal_web::routes,
    )
    .await
}

/// Submits the only ticket that is possible, and returns its path.
async fn submit(browser: &Browser) -> String {
    let answer = browser
        .submit("/tickets/new", "/tickets/new", &TICKET)
        .await;
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.header("location").unwrap()
}

#[track_caller]
fn assert_refused(answer: &Response) {
    assert_eq!(answer.status(), 429, "{}", answer.text());
    assert_eq!(answer.header("retry-after").as_deref(), Some("60"));
    assert!(answer.text().contains("Too much was sent within a minute"));
}

#[actix_web::test]
async fn a_ticket_too_many_is_kept_and_sent_a_minute_later() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    submit(&browser).await;
    let typed = [
        ("subject", "Scanner"),
        ("description", "Also on <fire>."),
        ("priority", "high"),
    ];
    let answer = browser.submit("/tickets/new", "/tickets/new", &typed).await;
    assert_refused(&answer);
    let html = answer.text().to_owned();
    assert!(html.contains("Also on &#60;fire&#62;."), "{html}");
    // Again, while it is too early.
    let answer = browser.submit_from(&html, "/tickets/new", &[]).await;
    assert_refused(&answer);
    app.env.advance(TimeDelta::minutes(1));
    let html = answer.text().to_owned();
    let answer = browser.submit_from(&html, "/tickets/new", &[]).await;
    assert_eq!(answer.status(), 303, "{}", answer.text());
    let path = answer.header("location").unwrap();
    assert!(browser.page(&path).await.contains("Scanner"));
}

#[actix_web::test]
async fn every_text_too_many_is_kept() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let ticket = submit(&browser).await;
    app.env.advance(TimeDelta::minutes(1));
    let reply = [("content", "First <reply>")];
    let answer = browser.submit(&ticket, &ticket, &reply).await;
    assert_eq!(answer.status(), 303);
    let page = browser.page(&ticket).await;
    let (before, _) = page.split_once("/edit\"").unwrap();
    let (_, comment) = before.rsplit_once("href=\"").unwrap();
    let edit = format!("{comment}/edit");
    let invite = format!("{ticket}/participants");
    for (page, action, field, text) in [
        (&ticket, &ticket, "content", "Second <reply>"),
        (&edit, &edit, "content", "Other <reply>"),
        (&ticket, &invite, "colleague", &*app.acme.bob.email),
    ] {
        let answer = browser.submit(page, action, &[(field, text)]).await;
        assert_refused(&answer);
        let mut inputs = answer.text().split("<input ");
        let input = inputs.find(|input| input.contains(&format!("name=\"{field}\"")));
        assert_eq!(attribute(input.unwrap(), "value"), text, "{action}");
    }
    let name = [("name", "Ada <L>")];
    let answer = browser.submit("/profile", "/profile", &name).await;
    assert_refused(&answer);
    assert!(answer.text().contains("Ada &#60;L&#62;"));
}

#[actix_web::test]
async fn a_button_too_many_is_explained_without_a_form() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let ticket = submit(&browser).await;
    let id = ticket.strip_prefix("/tickets/").unwrap().parse().unwrap();
    app.set_ticket_status(&app.acme, id, TicketStatus::Resolved)
        .await;
    let close = format!("{ticket}/close");
    let answer = browser.submit(&ticket, &close, &[]).await;
    assert_refused(&answer);
    assert!(!answer.text().contains("data-draft"));
    let german = browser.speaking("de");
    let answer = german.submit(&ticket, &close, &[]).await;
    assert_eq!(answer.status(), 429);
    // One can always sign out.
    let answer = german.submit("/", "/sign-out", &[]).await;
    assert_eq!(answer.status(), 303, "{}", answer.text());
}
