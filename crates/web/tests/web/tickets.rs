//! Tickets: the list, a new one, and the conversation.

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::branding::BrandingChanges;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, CommentError, ExternalTicket, TicketStatus};
use portal_test_support::{Caller as _, Response, TestApp};

use crate::browser::{Browser, hidden_fields};
use crate::start;

const NEW: &str = "/tickets/new";

fn new_ticket<'t>(subject: &'t str, priority: &'t str) -> [(&'t str, &'t str); 3] {
    let description = ("description", "It is on fire.\r\n<b>Again</b>.");
    [("subject", subject), description, ("priority", priority)]
}

/// Advances the clock, as simultaneous changes have no order.
fn later(app: &TestApp) {
    app.env.advance(TimeDelta::seconds(1));
}

/// The target of a redirect.
fn target(response: &Response) -> String {
    assert_eq!(response.status(), 303, "{}", response.text());
    response.header("location").unwrap()
}

/// Submits a ticket, and returns the path of its page.
async fn submit(app: &TestApp, browser: &Browser, subject: &str, priority: &str) -> String {
    later(app);
    let typed = new_ticket(subject, priority);
    target(&browser.submit(NEW, NEW, &typed).await)
}

fn id(path: &str) -> TicketId {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

/// The team replies.
async fn answered(app: &TestApp, path: &str, text: &str) {
    later(app);
    app.team_replies(&app.acme, id(path), text).await;
}

async fn moved(app: &TestApp, path: &str, status: TicketStatus) {
    app.set_ticket_status(&app.acme, id(path), status).await;
}

async fn reply(app: &TestApp, browser: &Browser, path: &str, text: &str) -> Response {
    later(app);
    browser.submit(path, path, &[("content", text)]).await
}

/// The first link in a page with this beginning and end.
fn link(html: &str, start: &str, end: &str) -> Option<String> {
    let links = html.split("href=\"").skip(1);
    let mut links = links.map(|link| link.split('"').next().unwrap());
    links
        .find(|link| link.starts_with(start) && link.ends_with(end))
        .map(str::to_owned)
}

#[actix_web::test]
async fn stored_texts_change_nothing_of_the_page_around_them() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &browser, "\u{202e}\u{2069}abc\u{2067}", "high").await;
    for page in [path.as_str(), "/tickets", "/"] {
        let html = browser.page(page).await;
        assert!(html.contains("abc\u{2067}\u{2069}"), "{html}");
        assert!(!html.contains(['\u{202e}']), "{html}");
        let count = |marks: &[char]| html.matches(marks).count();
        let opened = count(&['\u{2066}', '\u{2067}', '\u{2068}']);
        assert_eq!(opened, count(&['\u{2069}']), "{html}");
    }
    // What is not seen is not there.
    for subject in ["\u{2800}", "\u{301}", "\u{fffc} \u{200b}"] {
        let rejected = browser.submit(NEW, NEW, &new_ticket(subject, "high")).await;
        assert_eq!(rejected.status(), 422, "{subject:?}");
    }
    // A form keeps what was typed.
    let typed = [("subject", "\u{202e}abc"), ("description", "")];
    let html = browser.submit(NEW, NEW, &typed).await;
    assert!(
        html.text().contains("value=\"\u{202e}abc\""),
        "{}",
        html.text()
    );
}

#[actix_web::test]
async fn new_ticket_shows_its_number_once() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/tickets").await;
    assert!(html.contains("No tickets yet"), "{html}");
    assert!(link(&html, NEW, "").is_some());

    let path = submit(&app, &browser, "Printer & fire", "urgent").await;
    let ada = app.bearer(&app.acme.ada).await;
    let listed = ada.get("/tickets").await.json();
    let number = listed["data"][0]["ticketNumber"]
        .as_str()
        .unwrap()
        .to_owned();
    let said = format!("We have received your ticket. Its number is {number}.");
    let html = browser.page(&path).await;
    assert!(html.contains(&said), "{html}");
    assert!(html.contains("Printer &#38; fire"));
    assert!(html.contains("It is on fire.\n&#60;b&#62;Again&#60;/b&#62;."));
    assert!(html.contains("Urgent"));
    let html = browser.page(&path).await;
    assert!(!html.contains("We have received") && html.contains(&number));
    assert!(browser.page("/tickets").await.contains(&path));
}

#[actix_web::test]
async fn invalid_ticket_keeps_the_form() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page(NEW).await;
    assert!(
        html.contains("<option value=\"normal\" selected>"),
        "{html}"
    );
    assert!(html.contains(" id=\"description\" "), "{html}");
    let typed = [
        ("subject", " "),
        ("description", "Kept"),
        ("priority", "huge"),
    ];
    let response = browser.submit_from(&html, NEW, &typed).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().contains("Please fill this in."));
    assert!(
        response
            .text()
            .contains("Please choose one of the options.")
    );
    assert!(response.text().contains("Kept</textarea>"));

    let response = browser
        .submit_from(response.text(), NEW, &new_ticket("Printer", ""))
        .await;
    let html = browser.page(&target(&response)).await;
    assert!(html.contains("priority-normal"), "{html}");
}

#[actix_web::test]
async fn double_submission_creates_one_ticket() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page(NEW).await;
    let mut paths = Vec::new();
    for _ in 0..3 {
        let response = browser
            .submit_from(&html, NEW, &new_ticket("Printer", "low"))
            .await;
        paths.push(target(&response));
    }
    paths.dedup();
    assert_eq!(paths.len(), 1);
    let another = submit(&app, &browser, "Printer", "low").await;
    assert_ne!(paths, [another]);
    let response = browser
        .submit_from(&html, NEW, &new_ticket("Printer", "urgent"))
        .await;
    assert_eq!(response.status(), 409);
    let response = browser
        .submit_from(&html, NEW, &new_ticket("Screen", "low"))
        .await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("value=\"Screen\""));
    let response = browser
        .submit_from(response.text(), NEW, &new_ticket("Screen", "low"))
        .await;
    assert_eq!(response.status(), 303);

    let html = browser.page(&paths[0]).await;
    for _ in 0..2 {
        let typed = [("content", "Once only")];
        let response = browser.submit_from(&html, &paths[0], &typed).await;
        assert!(target(&response).starts_with(&paths[0]));
    }
    let other = [("content", "Something else")];
    let response = browser.submit_from(&html, &paths[0], &other).await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("Something else</textarea>"));
    assert!(
        response
            .text()
            .contains("was sent before with another text")
    );
    let html = browser.page(&paths[0]).await;
    assert_eq!(html.matches("Once only").count(), 1);
    app.send_mails().await;
    // Ada is told of each ticket, once.
    assert_eq!(app.mails.mails().len(), 3);
}

#[actix_web::test]
async fn resubmission_does_not_recreate_a_deleted_ticket() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let form = browser.page(NEW).await;
    let typed = new_ticket("Printer", "low");
    let path = target(&browser.submit_from(&form, NEW, &typed).await);

    let html = browser.page(&path).await;
    let reply = [("content", "Never mind")];
    browser.submit_from(&html, &path, &reply).await;
    let withdraw = link(&browser.page(&path).await, &path, "/withdraw").unwrap();
    browser.submit(&withdraw, &withdraw, &[]).await;
    let response = browser.submit_from(&html, &path, &reply).await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("has been removed since"));
    assert!(!browser.page(&path).await.contains("Never mind"));
    // What was typed is still there, and can be sent once more on purpose.
    let response = browser.submit_from(response.text(), &path, &reply).await;
    assert_eq!(response.status(), 303);
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    app.operate(&app.acme, async |op| tickets::delete(op, id).await)
        .await;
    let response = browser.submit_from(&form, NEW, &typed).await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("has been removed since"));
    let response = browser.submit_from(response.text(), NEW, &typed).await;
    assert_eq!(response.status(), 303);
}

#[actix_web::test]
async fn resubmission_on_another_ticket_is_a_conflict() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let one = submit(&app, &browser, "Printer", "low").await;
    let other = submit(&app, &browser, "Screen", "low").await;
    let once = hidden(&browser.page(&one).await, &one, "once");
    let csrf = hidden(&browser.page(&other).await, &other, "csrf");
    let fields = [("csrf", &*csrf), ("once", &*once), ("content", "Hello")];
    assert_eq!(browser.post(&one, &fields).await.status(), 303);
    let response = browser.post(&other, &fields).await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("Hello</textarea>"));
}

fn hidden(html: &str, action: &str, name: &str) -> String {
    let fields = hidden_fields(html, action);
    let (_, value) = fields.into_iter().find(|(field, _)| field == name).unwrap();
    value
}

#[actix_web::test]
async fn idempotency_key_of_another_user_is_forbidden() {
    let app = start().await;
    let ada = Browser::signed_in(&app, &app.acme.ada).await;
    let bob = Browser::signed_in(&app, &app.acme.bob).await;
    let typed = new_ticket("Printer", "low");
    let response = ada.submit_from(&bob.page(NEW).await, NEW, &typed).await;
    assert_eq!(response.status(), 422);
    let response = ada.post(NEW, &typed).await;
    assert_eq!(response.status(), 403);
    assert!(ada.page("/tickets").await.contains("No tickets yet"));
}

#[actix_web::test]
async fn tickets_are_searched_filtered_and_sorted() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let printer = submit(&app, &browser, "Printer", "low").await;
    let screen = submit(&app, &browser, "Screen", "urgent").await;
    moved(&app, &printer, TicketStatus::Closed).await;
    for (query, expected) in [
        ("", vec![&screen, &printer]),
        ("?sort=createdAt", vec![&printer, &screen]),
        ("?sort=-priority", vec![&screen, &printer]),
        ("?q=PRINT", vec![&printer]),
        ("?status=closed", vec![&printer]),
        ("?status=new,open,pending,on_hold,resolved", vec![&screen]),
        ("?priority=urgent&q=", vec![&screen]),
        ("?q=printer&priority=urgent", vec![]),
    ] {
        let html = browser.page(&format!("/tickets{query}")).await;
        let body = html.split("<tbody>").nth(1).unwrap_or_default();
        let shown: Vec<_> = body
            .split("href=\"")
            .skip(1)
            .map(|link| link.split('"').next().unwrap())
            .filter(|link| link.starts_with("/tickets/"))
            .collect();
        assert_eq!(shown, expected, "{query}");
    }
    let response = browser.get("/tickets?q=print&page=9").await;
    assert_eq!(target(&response), "/tickets?q=print");
    let html = browser.page("/tickets?q=%3Cnothing%3E&status=new").await;
    assert!(html.contains("No such tickets"), "{html}");
    assert!(html.contains("value=\"&#60;nothing&#62;\""));
    assert!(html.contains("<option value=\"new\" selected>"));

    let response = browser.get("/tickets?priority=huge").await;
    assert_eq!(response.status(), 400);
    assert!(
        response
            .text()
            .contains("Please choose one of the options.")
    );
    assert!(response.text().contains(&printer));
}

#[actix_web::test]
async fn tickets_are_paginated() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let ada = app.bearer(&app.acme.ada).await;
    for number in 0..21 {
        later(&app);
        let subject = format!("Printer {number}");
        let body = serde_json::json!({ "subject": subject, "description": "x" });
        ada.post("/tickets", &body).await;
    }
    let html = browser.page("/tickets?q=printer&sort=createdAt").await;
    assert!(html.contains("Page 1 of 2"), "{html}");
    assert!(!html.contains("Printer 20"));
    let next = "/tickets?q=printer&#38;sort=createdAt&#38;page=2";
    assert!(html.contains(next), "{html}");
    let html = browser
        .page("/tickets?q=printer&sort=createdAt&page=2")
        .await;
    assert!(html.contains("Printer 20") && !html.contains("Printer 19"));
}

#[actix_web::test]
async fn conversation_is_oldest_first() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &browser, "Printer", "low").await;
    answered(&app, &path, "Which one?").await;
    moved(&app, &path, TicketStatus::Pending).await;
    assert!(
        browser
            .page(&path)
            .await
            .contains("Your IT team needs your answer")
    );

    assert_eq!(reply(&app, &browser, &path, " ").await.status(), 422);
    let response = reply(&app, &browser, &path, "The red one.").await;
    assert!(target(&response).starts_with(&format!("{path}#comment-")));
    let html = browser.page(&path).await;
    let places = [
        "It is on fire.",
        "Which one?",
        "The red one.",
        "Your reply is sent.",
    ]
    .map(|text| html.find(text).unwrap());
    assert!(places.is_sorted(), "{html}");
    assert!(html.contains("Theo") && html.contains("IT team"));
    assert!(html.contains("badge-open"));
}

#[actix_web::test]
async fn a_long_conversation_leads_to_its_earlier_replies() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &browser, "Printer", "low").await;
    let id = id(&path);
    let written = app.act(&app.acme.ada, async |op| {
        for number in 1..=51 {
            let text = format!("No. {number}.").parse().unwrap();
            tickets::add_customer_reply(op, id, text).await?;
            app.env.advance(TimeDelta::seconds(1));
        }
        Ok::<_, CommentError>(())
    });
    written.await.unwrap();
    let html = browser.page(&path).await;
    assert!(html.contains("No. 51.") && html.contains("No. 2.") && !html.contains("No. 1."));
    assert!(html.contains("Earlier replies") && !html.contains("Later replies"));
    assert!(html.contains(&format!("{path}?page=2")), "{html}");
    let html = browser.page(&format!("{path}?page=2")).await;
    assert!(html.contains("No. 1.") && !html.contains("No. 2."));
    assert!(html.contains("Later replies") && !html.contains("Earlier replies"));
    // It is theirs to change, however long the conversation.
    assert!(link(&html, &path, "/edit").is_some());
    let beyond = browser.get(&format!("{path}?page=3")).await;
    assert_eq!(target(&beyond), format!("{path}?page=2"));
}

#[actix_web::test]
async fn reply_is_edited_and_withdrawn_until_answered() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &browser, "Printer", "low").await;
    reply(&app, &browser, &path, "The rde one.").await;
    let html = browser.page(&path).await;
    let edit = link(&html, &path, "/edit").unwrap();
    let withdraw = link(&html, &path, "/withdraw").unwrap();

    let html = browser.page(&edit).await;
    assert!(html.contains("The rde one.</textarea>"), "{html}");
    let response = browser.submit_from(&html, &edit, &[("content", "")]).await;
    assert_eq!(response.status(), 422);
    let typed = [("content", "The red one.")];
    let response = browser.submit_from(&html, &edit, &typed).await;
    assert!(target(&response).starts_with(&format!("{path}#comment-")));
    let html = browser.page(&path).await;
    assert!(
        html.contains("The red one.") && html.contains("Edited"),
        "{html}"
    );

    let open = browser.page(&edit).await;
    let sure = browser.page(&withdraw).await;
    assert!(sure.contains("which cannot be undone"));
    answered(&app, &path, "Thank you.").await;
    assert_eq!(link(&browser.page(&path).await, &path, "/edit"), None);
    for page in [&edit, &withdraw] {
        let response = browser.get(page).await;
        assert_eq!(response.status(), 409);
        assert!(
            response
                .text()
                .contains("can no longer be changed or withdrawn")
        );
    }
    let typed = [("content", "Too late, but kept")];
    let response = browser.submit_from(&open, &edit, &typed).await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("Too late, but kept</textarea>"));
    assert_eq!(
        browser.submit_from(&sure, &withdraw, &[]).await.status(),
        409
    );

    reply(&app, &browser, &path, "A second one.").await;
    let withdraw = link(&browser.page(&path).await, &path, "/withdraw").unwrap();
    let response = browser.submit(&withdraw, &withdraw, &[]).await;
    assert_eq!(target(&response), path);
    let html = browser.page(&path).await;
    assert!(html.contains("Your reply is withdrawn.") && !html.contains("A second one."));
    assert_eq!(browser.get(&withdraw).await.status(), 404);
}

#[actix_web::test]
async fn edit_in_another_tab_is_shown_before_it_is_replaced() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &browser, "Printer", "low").await;
    reply(&app, &browser, &path, "The rde one.").await;
    let edit = link(&browser.page(&path).await, &path, "/edit").unwrap();
    let tabs = [browser.page(&edit).await, browser.page(&edit).await];
    let typed = [("content", "The <red> one.")];
    // A double click is no conflict.
    for _ in 0..2 {
        let response = browser.submit_from(&tabs[0], &edit, &typed).await;
        assert_eq!(response.status(), 303);
    }
    let typed = [("content", "The blue one.")];
    let response = browser.submit_from(&tabs[1], &edit, &typed).await;
    assert_eq!(response.status(), 409);
    let html = response.text().to_owned();
    for text in [
        "has been changed in the meantime",
        "The &#60;red&#62; one.</p>",
        "The blue one.</textarea>",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!browser.page(&path).await.contains("The blue one."));
    // An error does not make the old text acceptable.
    let response = browser
        .submit_from(&tabs[1], &edit, &[("content", "")])
        .await;
    assert_eq!(response.status(), 422);
    let old = response.text().to_owned();
    let response = browser.submit_from(&old, &edit, &typed).await;
    assert_eq!(response.status(), 409);

    let response = browser.submit_from(&html, &edit, &typed).await;
    assert!(target(&response).starts_with(&format!("{path}#comment-")));
    let page = browser.page(&path).await;
    assert!(page.contains("The blue one.") && !page.contains("The &#60;red"));
    // It was edited twice.
    let log = app.audit_log(app.acme.id).await;
    let edits = log
        .iter()
        .filter(|entry| entry.action == AuditAction::PortalTicketCommentUpdate);
    assert_eq!(edits.count(), 2);
}

#[actix_web::test]
async fn resolved_ticket_is_closed_or_reopened() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &browser, "Printer", "low").await;
    let close = format!("{path}/close");
    assert!(!browser.page(&path).await.contains(&close));

    moved(&app, &path, TicketStatus::Resolved).await;
    let old = browser.page(&path).await;
    assert!(old.contains("Reply and reopen"), "{old}");
    let response = reply(&app, &browser, &path, "Not at all.").await;
    assert!(target(&response).starts_with(&path));
    assert!(browser.page(&path).await.contains("badge-open"));
    let response = browser.submit_from(&old, &close, &[]).await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("working on this ticket again"));

    moved(&app, &path, TicketStatus::Resolved).await;
    let open = browser.page(&path).await;
    for _ in 0..2 {
        assert_eq!(target(&browser.submit_from(&open, &close, &[]).await), path);
    }
    let html = browser.page(&path).await;
    assert!(html.contains("The ticket is closed. Thank you"), "{html}");
    assert!(html.contains("This ticket is closed") && !html.contains("<textarea"));

    let typed = [("content", "Back again")];
    let response = browser.submit_from(&open, &path, &typed).await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("has been closed in the meantime"));
    assert!(response.text().contains("This was not sent"));
    assert!(response.text().contains("Back again"));
}

#[actix_web::test]
async fn ticket_links_to_the_external_system() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &browser, "Printer", "low").await;
    app.operate(&app.acme, async |op| {
        let external = ExternalTicket {
            id: Some("INC-7".parse().unwrap()),
            url: Some("https://desk.example/7?a=1&b=2".parse().unwrap()),
        };
        tickets::link(op, id(&path), external).await
    })
    .await;
    let html = browser.page(&path).await;
    let link = "<a href=\"https://desk.example/7?a=1&#38;b=2\" rel=\"noreferrer\">INC-7</a>";
    assert!(html.contains(link), "{html}");
}

#[actix_web::test]
async fn foreign_ticket_is_not_found() {
    let app = start().await;
    let ada = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &ada, "Of Ada", "low").await;
    reply(&app, &ada, &path, "Mine.").await;
    let html = ada.page(&path).await;
    let edit = link(&html, &path, "/edit").unwrap();
    let withdraw = link(&html, &path, "/withdraw").unwrap();
    for person in [&app.acme.bob, &app.globex.ada] {
        let browser = Browser::signed_in(&app, person).await;
        assert!(browser.page("/tickets").await.contains("No tickets yet"));
        let own = submit(&app, &browser, "Own", "low").await;
        let own_page = browser.page(&own).await;
        for page in [&path, &edit, &withdraw] {
            let response = browser.get(page).await;
            assert_eq!(response.status(), 404, "{page}");
            assert!(response.text().contains("We cannot find this page"));
        }
        let hidden = hidden_fields(&own_page, &own);
        let mut fields: Vec<_> = hidden
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        fields.push(("content", "Not mine"));
        let close = format!("{path}/close");
        for action in [&path, &edit, &withdraw, &close] {
            let response = browser.post(action, &fields).await;
            assert_eq!(response.status(), 404, "{action}");
        }
    }
    for page in ["/tickets/7", "/tickets/7/comments/8/edit"] {
        assert_eq!(ada.get(page).await.status(), 404, "{page}");
    }
    let html = ada.page(&path).await;
    assert!(html.contains("Mine.") && !html.contains("Not mine"));
}

#[actix_web::test]
async fn tickets_can_be_disabled() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = submit(&app, &browser, "Printer", "low").await;
    let form = browser.page(NEW).await;
    let changes = BrandingChanges {
        enable_tickets: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    for page in ["/tickets", NEW, &path, "/tickets/7", "/tickets?status=gone"] {
        let response = browser.get(page).await;
        assert_eq!(response.status(), 403, "{page}");
        let html = response.text();
        assert!(html.contains("This is not available"), "{html}");
        assert!(!html.contains("href=\"/tickets\""));
    }
    for typed in [new_ticket("Printer", "low"), new_ticket("", "")] {
        let response = browser.submit_from(&form, NEW, &typed).await;
        assert_eq!(response.status(), 403);
    }
}

#[actix_web::test]
async fn tickets_require_a_session() {
    let app = start().await;
    let browser = Browser::new(&app);
    for (method, path) in [
        (Method::GET, "/tickets?q=printer"),
        (Method::GET, NEW),
        (Method::POST, NEW),
    ] {
        let response = browser.send(browser.call(method, path)).await;
        assert!(target(&response).starts_with("/sign-in"), "{path}");
    }
}

#[actix_web::test]
async fn tickets_are_translated_to_german() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await.speaking("de");
    assert!(
        browser
            .page("/tickets")
            .await
            .contains("Noch keine Anfragen")
    );
    let path = submit(&app, &browser, "Drucker", "urgent").await;
    let html = browser.page(&path).await;
    assert!(
        html.contains("Ihre Anfrage ist bei uns. Sie hat die Nummer "),
        "{html}"
    );
    assert!(html.contains("Dringend") && html.contains("Antwort senden"));
    let html = browser.page("/tickets?sort=-priority").await;
    assert!(html.contains("Dringendste zuerst") && html.contains("Letzte Änderung"));
}

#[actix_web::test]
async fn a_text_that_is_too_long_is_kept_whole_and_reported() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    // In Unicode scalar values, not in UTF-16 units: 255 emoji fit.
    for (characters, status) in [(255, 303), (256, 422)] {
        let subject = "😀".repeat(characters);
        let typed = new_ticket(&subject, "low");
        let response = browser.submit(NEW, NEW, &typed).await;
        assert_eq!(response.status(), status, "{characters}");
        if status == 422 {
            assert!(response.text().contains(&format!("value=\"{subject}\"")));
            assert!(response.text().contains("at most 255 characters"));
        }
    }
    let html = browser.page(NEW).await;
    assert!(!html.contains("maxlength"), "browsers cut what is longer");
    assert!(html.contains("data-max=\"50000\""), "{html}");
}

#[actix_web::test]
async fn several_priorities_are_listed_as_in_the_api() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    for priority in ["low", "high", "urgent"] {
        submit(&app, &browser, &format!("Subject {priority}"), priority).await;
    }
    let html = browser.page("/tickets?priority=high,low").await;
    assert!(html.contains("Subject low") && html.contains("Subject high"));
    assert!(!html.contains("Subject urgent"));
}
