//! Hostile texts in everything that people can have stored: on no page and in no mail are they more
//! than text, and in the log they are not at all.
#![expect(
    clippy::indexing_slicing,
    reason = "a test whose world is not as it has to be fails"
)]

use std::cell::RefCell;
use std::io::{self, Write};

use actix_web::http::Method;
use portal_domain::actors::Technician;
use portal_domain::branding::BrandingChanges;
use portal_domain::ids::TicketId;
use portal_domain::tickets;
use portal_test_support::{Caller as _, PASSWORD, TestApp, fixtures};
use serde_json::json;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::browser::Browser;
use crate::start;
use crate::support::{put, record};

/// Ends attributes, elements, scripts and comments, opens others, and expands in a template.
const HOSTILE: &str =
    "'\"><img src=x onerror=alert(1)></title></script><!--{{1337*1337}}${1337*1337}";

/// What would have come of it.
const HARMFUL: [&str; 4] = ["<img", "onerror=alert(1)>", "</script><!--", "1787569"];

/// Stores hostile texts wherever there is room for one, and returns the pages that show them.
async fn stored(app: &TestApp) -> Vec<String> {
    let brand = BrandingChanges {
        welcome_message: Some(HOSTILE.parse().ok()),
        footer_text: Some(HOSTILE.parse().ok()),
        ..BrandingChanges::default()
    };
    assert!(matches!(brand.welcome_message, Some(Some(_))));
    assert!(matches!(brand.footer_text, Some(Some(_))));
    app.change_branding(&app.acme, brand).await;
    let ada = app.bearer(&app.acme.ada).await;
    let name = json!({ "name": HOSTILE });
    let response = ada.call(Method::PATCH, "/profile");
    assert_eq!(response.json(&name).send().await.status(), 200);
    let files = [
        app.uploaded(&app.acme.ada, HOSTILE, "one").await,
        app.uploaded(&app.acme.ada, HOSTILE, "another").await,
    ];
    let [in_ticket, in_comment] = files.map(|file| json!([file.id.to_string()]));
    let new = json!({
        "subject": HOSTILE,
        "description": format!("{HOSTILE}\n> {HOSTILE}"),
        "attachmentIds": in_ticket,
    });
    let ticket = ada.post("/tickets", &new).await.created("ticket");
    let said = ada.comment(&ticket, HOSTILE).await;
    let ticket = ticket["id"].as_str().unwrap();
    let path = format!("/tickets/{ticket}/comments");
    let with_file = json!({ "content": HOSTILE, "attachmentIds": in_comment });
    ada.post(&path, &with_file).await.created("comment");
    let comment = said["id"].as_str().unwrap();
    let bob = json!({ "email": app.acme.bob.email });
    let path = format!("/tickets/{ticket}/participants");
    assert_eq!(ada.post(&path, &bob).await.status(), 201);
    // The team, whose people may have any names.
    let id: TicketId = ticket.parse().unwrap();
    let team = Technician::named(HOSTILE.parse().unwrap());
    let (store, scope) = (&*app.operator, app.acme.scope());
    fixtures::change(store, &*app.env, scope, &team, async |op| {
        tickets::assign(op, id, HOSTILE.parse().ok()).await.unwrap();
        tickets::add_team_reply(op, id, HOSTILE.parse().unwrap()).await
    })
    .await;
    let device = put(app, &app.acme, record("hostile", Some(HOSTILE))).await;
    let free = put(app, &app.acme, record("free", Some(HOSTILE))).await;
    let given_back = put(app, &app.acme, record("returned", Some(HOSTILE))).await;
    let remarks = json!({ "checkoutNotes": HOSTILE, "condition": HOSTILE });
    let loan = ada.check_out(&device, &remarks).await;
    let loan = loan["id"].as_str().unwrap();
    let returned = ada.check_out(&given_back, &remarks).await;
    let returned = returned["id"].as_str().unwrap();
    let path = format!("/assets/{given_back}/checkin");
    let remarks = json!({ "checkinNotes": HOSTILE, "condition": HOSTILE });
    let response = ada.post(&path, &remarks).await;
    assert_eq!(response.status(), 200, "{}", response.text());
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
        format!("/equipment/loans/{returned}"),
        "/profile".to_owned(),
    ]
}

thread_local! {
    /// What a test has logged, which is all in one thread.
    static LOG: RefCell<Vec<u8>> = RefCell::default();
}

/// A writer to the log of this thread.
struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that the portal's own code logs is looked at, down to the finest level.
#[actix_web::test]
async fn no_stored_text_and_nothing_that_is_sent_gets_into_the_log() {
    let portal = Targets::new().with_target("portal_", LevelFilter::TRACE);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(|| ThisThread);
    // Of the whole program: one for this thread would miss what another thread has met before.
    tracing_subscriber::registry()
        .with(portal)
        .with(lines)
        .init();

    let app = start().await;
    let pages = stored(&app).await;
    let browser = Browser::signed_in(&app, &app.acme.ada)
        .await
        .speaking(HOSTILE);
    for path in &pages {
        browser.get(path).await;
    }
    let typed = [("email", HOSTILE), ("password", HOSTILE)];
    Browser::new(&app)
        .submit("/sign-in", "/sign-in", &typed)
        .await;
    browser
        .post("/profile", &[("csrf", HOSTILE), ("name", HOSTILE)])
        .await;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("token", HOSTILE)
        .finish();
    for path in [
        "/reset-password",
        "/accept-invite",
        "/unsubscribe",
        "/tickets",
    ] {
        browser.get(&format!("{path}?{query}")).await;
    }
    app.send_mails().await;

    let log = String::from_utf8(LOG.take()).unwrap();
    assert!(log.contains("request answered"), "{log}");
    for line in log.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok(),
            "{line}"
        );
        for part in [
            "1337*1337",
            "onerror",
            "1337%2A1337",
            "onerror%3D",
            PASSWORD,
        ] {
            assert!(!line.contains(part), "{line}");
        }
    }
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
    // A browser may call itself anything, and its owner is told of it.
    let strange = app.anonymous().call(Method::POST, "/auth/login");
    let strange = strange.header(
        "user-agent",
        &format!("Mozilla/5.0 {HOSTILE} Firefox/140.0"),
    );
    let credentials = json!({ "email": app.acme.ada.email, "password": PASSWORD });
    assert_eq!(strange.json(&credentials).send().await.status(), 200);
    let forgot = json!({ "email": app.acme.ada.email });
    app.anonymous().post("/auth/forgot-password", &forgot).await;
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
