//! Hostile texts in everything that people can have stored: on no page and in no mail are they more
//! than text.
#![expect(
    clippy::indexing_slicing,
    reason = "a test whose world is not as it has to be fails"
)]

use portal_test_support::{Caller as _, TestApp};
use serde_json::json;

use crate::browser::Browser;
use crate::start;
use crate::support::{put, record};

/// Ends attributes, elements, scripts and comments, opens others, and expands in a template.
const HOSTILE: &str =
    "'\"><img src=x onerror=alert(1)></title></script><!--{{1337*1337}}${1337*1337}";

/// What would have come of it.
const HARMFUL: [&str; 4] = ["<img", "onerror=alert(1)>", "</script><!--", "1787569"];

async fn stored(app: &TestApp) -> Vec<String> {
    let ada = app.bearer(&app.acme.ada).await;
    let name = json!({ "name": HOSTILE });
    let response = ada.call(actix_web::http::Method::PATCH, "/profile");
    assert_eq!(response.json(&name).send().await.status(), 200);
    let new = json!({ "subject": HOSTILE, "description": format!("{HOSTILE}\n> {HOSTILE}") });
    let ticket = ada.post("/tickets", &new).await.created("ticket");
    let said = ada.comment(&ticket, HOSTILE).await;
    let ticket = ticket["id"].as_str().unwrap();
    let comment = said["id"].as_str().unwrap();
    let bob = json!({ "email": app.acme.bob.email });
    let path = format!("/tickets/{ticket}/participants");
    assert_eq!(ada.post(&path, &bob).await.status(), 201);
    let device = put(app, &app.acme, record("hostile", Some(HOSTILE))).await;
    let free = put(app, &app.acme, record("free", Some(HOSTILE))).await;
    let remarks = json!({ "checkoutNotes": HOSTILE, "condition": HOSTILE });
    let loan = ada.check_out(&device, &remarks).await;
    let loan = loan["id"].as_str().unwrap();
    vec![
        "/".to_owned(),
        "/tickets".to_owned(),
        "/tickets/new".to_owned(),
        format!("/tickets/new?device={device}"),
        format!("/tickets/{ticket}"),
        format!("/tickets/{ticket}/comments/{comment}/edit"),
        format!("/tickets/{ticket}/comments/{comment}/withdraw"),
        "/devices".to_owned(),
        format!("/devices/{device}"),
        "/equipment".to_owned(),
        format!("/equipment/{free}/check-out"),
        "/equipment/loans".to_owned(),
        format!("/equipment/loans/{loan}"),
        format!("/equipment/loans/{loan}/check-in"),
        "/profile".to_owned(),
    ]
}

#[actix_web::test]
async fn hostile_texts_stay_texts_on_every_page() {
    let app = start().await;
    let pages = stored(&app).await;
    let mut shown = 0;
    for person in [&app.acme.ada, &app.acme.bob] {
        let browser = Browser::signed_in(&app, person).await;
        for path in &pages {
            let response = browser.get(path).await;
            let html = response.text();
            for harmful in HARMFUL {
                assert!(!html.contains(harmful), "{path}: {html}");
            }
            shown += usize::from(html.contains("&#60;img src=x onerror=alert(1)&#62;"));
        }
    }
    assert!(shown > pages.len(), "{shown}");
    // Nor in what is searched for, or asked for in a language or at an address of one's own.
    let browser = Browser::signed_in(&app, &app.acme.ada)
        .await
        .speaking(HOSTILE);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", HOSTILE)
        .append_pair("status", HOSTILE)
        .append_pair("next", HOSTILE)
        .finish();
    for path in ["/tickets", "/devices", "/equipment", "/sign-in", "/nowhere"] {
        let response = browser.get(&format!("{path}?{query}")).await;
        for harmful in HARMFUL {
            assert!(!response.text().contains(harmful), "{path}: {response:?}");
        }
    }
}

#[actix_web::test]
async fn hostile_texts_stay_texts_in_every_mail() {
    let app = start().await;
    let pages = stored(&app).await;
    let mut tickets = pages
        .iter()
        .filter_map(|path| path.strip_prefix("/tickets/"));
    let ticket = tickets.find_map(|id| id.parse().ok()).unwrap();
    app.team_replies(&app.acme, ticket, HOSTILE).await;
    app.send_mails().await;
    let mails = app.mails.take();
    assert!(!mails.is_empty());
    let mut shown = 0;
    for mail in mails {
        let html = mail.html();
        for harmful in HARMFUL {
            assert!(!html.contains(harmful), "{html}");
        }
        shown += usize::from(html.contains("onerror"));
        let message = String::from_utf8(mail.formatted()).unwrap();
        let (head, _) = message.split_once("\r\n\r\n").unwrap();
        // One header a line, and none of them from a text.
        for line in head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
        {
            let (name, _) = line.split_once(':').unwrap();
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
            assert!(name.chars().all(is_name), "{line:?}");
        }
    }
    assert!(shown > 0);
}
