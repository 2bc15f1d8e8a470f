//! The home page.

use portal_domain::tickets::{self, NewTicket, TicketPriority, TicketStatus};
use portal_test_support::Caller as _;
use serde_json::json;

use crate::browser::Browser;
use crate::start;

#[actix_web::test]
async fn home_shows_what_needs_attention() {
    let app = start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let ticket =
        |subject: &str| json!({ "subject": subject, "description": "x", "priority": "urgent" });
    ada.post("/tickets", &ticket("<b>Printer</b> & fire")).await;
    bob.post("/tickets", &ticket("Of somebody else")).await;
    let html = Browser::signed_in(&app, &app.acme.ada)
        .await
        .page("/")
        .await;
    assert!(
        html.contains("&#60;b&#62;Printer&#60;/b&#62; &#38; fire"),
        "{html}"
    );
    assert!(html.contains("Urgent"));
    assert!(!html.contains("Of somebody else"));
    assert!(html.contains("Nothing on loan") && html.contains("No devices yet"));
}

#[actix_web::test]
async fn home_lists_tickets_waiting_for_the_user_first() {
    let app = start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for number in 0..7 {
        let subject = format!("Printer {number}");
        let body = json!({ "subject": subject, "description": "x" });
        let ticket = ada.post("/tickets", &body).await.json();
        app.env.advance(chrono::TimeDelta::seconds(1));
        let status = match number {
            1 => TicketStatus::Pending,
            2 => TicketStatus::Resolved,
            3 => TicketStatus::Closed,
            _ => continue,
        };
        let id = ticket["ticket"]["id"].as_str().unwrap().parse().unwrap();
        app.operate(&app.acme, async |op| {
            tickets::set_status(op, id, status).await
        })
        .await;
    }
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/").await;
    let places = ["2", "1", "6", "5", "4"]
        .map(|number| html.find(&format!("Printer {number}")).expect(number));
    assert!(places.is_sorted(), "{html}");
    assert!(!html.contains("Printer 0") && !html.contains("Printer 3"));
    assert!(html.contains("<span class=\"count\">6</span>"), "{html}");
}

#[actix_web::test]
async fn home_is_in_the_users_language() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada)
        .await
        .speaking("de-CH, en;q=0.5");
    let html = browser.page("/").await;
    assert!(
        html.contains("<html lang=\"de\">") && html.contains("Hallo, Ada"),
        "{html}"
    );
}

#[actix_web::test]
async fn repeated_submission_creates_one_ticket() {
    let app = start().await;
    let new = || NewTicket {
        subject: "Printer".parse().unwrap(),
        description: "On fire.".parse().unwrap(),
        priority: TicketPriority::Normal,
        device_id: None,
        on_behalf_of: None,
        attachments: portal_domain::files::AttachmentIds::NONE,
    };
    let id = portal_domain::ids::TicketId::generate(&*app.env);
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let ticket = app
            .act(&app.acme.ada, async |op| {
                tickets::submit_with_id(op, id, new()).await
            })
            .await
            .unwrap();
        numbers.push(ticket.number);
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 1);
    let ada = app.bearer(&app.acme.ada).await;
    assert_eq!(ada.get("/tickets").await.json()["pagination"]["total"], 1);
    app.send_mails().await;
    assert_eq!(app.mails.mails().len(), 1);
}
