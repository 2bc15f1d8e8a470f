//! Tickets: submit, search, show and close.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test whose world is not as it has to be fails"
)]

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::tickets::{self, ExternalTicket, TicketPriority, TicketStatus, Triage};
use portal_test_support::{Caller, TestApp};
use serde_json::{Value, json};

use crate::support::tickets::{set_ticket_status, shown, ticket_id, ticket_path};
use crate::support::{audited_actions, id};

async fn submit_with(caller: &impl Caller, body: Value) -> Value {
    caller.post("/tickets", &body).await.created("ticket")
}

async fn subjects(caller: &impl Caller, query: &str) -> Vec<String> {
    let response = caller.get(&format!("/tickets{query}")).await;
    assert_eq!(response.status(), 200, "{query}: {response:?}");
    let body = response.json();
    let subjects = body["data"].as_array().expect("a list").iter();
    subjects
        .map(|ticket| ticket["subject"].as_str().expect("a subject").to_owned())
        .collect()
}

#[actix_web::test]
async fn a_ticket_is_submitted_as_new() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let body = json!({ "subject": "Printer", "description": "A\n\tB", "priority": "urgent" });
    let response = ada.post("/tickets", &body).await;
    assert_eq!(response.status(), 201);
    let ticket = &response.json()["ticket"];
    assert_eq!(
        response.json(),
        json!({ "ticket": {
            "id": id(ticket),
            "ticketNumber": ticket["ticketNumber"],
            "subject": "Printer",
            "description": "A\n\tB",
            "status": "new",
            "priority": "urgent",
            "createdAt": "2026-01-31T09:00:00.000Z",
            "updatedAt": "2026-01-31T09:00:00.000Z",
            "attachments": [],
        } })
    );
    assert_eq!(id(ticket), id(ticket).to_lowercase());
    assert_eq!(ada.submit_ticket("Another").await["priority"], "normal");
}

#[actix_web::test]
async fn a_ticket_is_listed_and_shown_with_every_key() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let mut summary = json!({
        "id": id(&ticket),
        "ticketNumber": ticket["ticketNumber"],
        "subject": "Printer",
        "status": "new",
        "statusName": "New",
        "priority": "normal",
        "submittedBy": { "id": app.acme.ada.id.to_string(), "name": "Ada" },
        "createdAt": "2026-01-31T09:00:00.000Z",
        "updatedAt": "2026-01-31T09:00:00.000Z",
    });
    let list = ada.get("/tickets").await;
    assert_eq!(
        list.parts(),
        (
            200,
            json!({ "data": [summary], "pagination": { "page": 1, "limit": 50, "total": 1 } })
        )
    );

    let more = json!({
        "description": "It is on fire.",
        "externalTicketId": null,
        "externalTicketUrl": null,
        "device": null,
        "attachments": [],
        "participants": [],
        "comments": [],
        "commentsTotal": 0,
    });
    summary
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let shown = ada.get(&format!("/tickets/{}", id(&ticket))).await;
    assert_eq!(shown.parts(), (200, json!({ "ticket": summary })));
    let upper = id(&ticket).to_uppercase();
    assert_eq!(
        ada.get(&format!("/tickets/{upper}")).await.parts(),
        shown.parts()
    );
}

#[actix_web::test]
async fn changes_by_the_team_are_shown() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    app.env.advance(TimeDelta::seconds(90));
    app.operate(&app.acme, async |op| {
        let id = ticket_id(&ticket);
        let priority = TicketPriority::High;
        tickets::triage(op, id, Triage { priority }).await?;
        let external = ExternalTicket {
            id: Some("PSA-7".parse().unwrap()),
            url: Some("https://psa.example/7".parse().unwrap()),
        };
        tickets::link(op, id, external).await
    })
    .await;
    let shown = shown(&ada, &ticket).await;
    for (key, value) in [
        ("status", "open"),
        ("statusName", "Open"),
        ("priority", "high"),
        ("externalTicketId", "PSA-7"),
        ("externalTicketUrl", "https://psa.example/7"),
        ("createdAt", "2026-01-31T09:00:00.000Z"),
        ("updatedAt", "2026-01-31T09:01:30.000Z"),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
}

#[actix_web::test]
async fn invalid_ticket_is_rejected_and_not_stored() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let (long, book) = ("🔥".repeat(256), "🔥".repeat(50_001));
    let required = "is required";
    for (body, faults) in [
        (
            json!({}),
            &[("description", required), ("subject", required)][..],
        ),
        (
            json!({ "subject": "", "description": "D" }),
            &[("subject", "must not be blank")],
        ),
        (
            json!({ "subject": long, "description": book }),
            &[
                ("description", "must be at most 50000 characters"),
                ("subject", "must be at most 255 characters"),
            ],
        ),
        (
            json!({ "subject": "S", "description": "D\0", "priority": "HIGH" }),
            &[
                ("description", "must not contain control characters"),
                ("priority", "must be one of low, normal, high, urgent"),
            ],
        ),
    ] {
        let response = ada.post("/tickets", &body).await;
        let sentences: Vec<_> = faults
            .iter()
            .map(|(field, message)| format!("{field}: {message}"))
            .collect();
        let fields: serde_json::Map<_, _> = faults
            .iter()
            .map(|(field, message)| ((*field).to_owned(), json!([message])))
            .collect();
        let expected = json!({
            "error": sentences.join("; "),
            "details": { "formErrors": [], "fieldErrors": fields },
        });
        assert_eq!(response.parts(), (400, expected));
    }
    assert_eq!(subjects(&ada, "").await, Vec::<String>::new());
    assert_eq!(audited_actions(&app).await, Vec::<String>::new());
    assert_eq!(app.send_mails().await.sent, 0);
}

#[actix_web::test]
async fn foreign_ticket_is_not_found() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let globex = app.bearer(&app.globex.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Hello").await;
    let deleted = ada.submit_ticket("Deleted").await;
    app.operate(&app.acme, async |op| {
        tickets::delete(op, ticket_id(&deleted)).await
    })
    .await;

    let own = id(&ticket).to_owned();
    let simple = own.replace('-', "");
    let braced = format!("%7B{own}%7D");
    let not_found = (404, json!({ "error": "Ticket not found" }));
    // Every route takes this body or none.
    let body = json!({ "content": "Mine now" });
    for (caller, name) in [
        (&bob, own.as_str()),
        (&globex, &own),
        (&ada, id(&deleted)),
        (&ada, "00000000-0000-7000-8000-000000000000"),
        (&ada, "x"),
        (&ada, &simple),
        (&ada, &braced),
        (&ada, "%00"),
        (&ada, "%ff"),
        (&ada, "..%2f"),
    ] {
        let comment = format!("/tickets/{name}/comments/{}", id(&said));
        for (method, path) in [
            (Method::GET, format!("/tickets/{name}")),
            (Method::POST, format!("/tickets/{name}/close")),
            (Method::POST, format!("/tickets/{name}/comments")),
            (Method::PATCH, comment.clone()),
            (Method::DELETE, comment),
        ] {
            let response = caller.call(method.clone(), &path).json(&body).send().await;
            assert_eq!(response.parts(), not_found, "{method} {path}");
        }
    }
    assert_eq!(
        audited_actions(&app).await,
        [
            "portal.ticket.comment.create",
            "portal.ticket.create",
            "portal.ticket.create"
        ]
    );
}

#[actix_web::test]
async fn own_tickets_are_listed_newest_first() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for subject in ["first", "second", "third"] {
        ada.submit_ticket(subject).await;
        app.env.advance(TimeDelta::seconds(1));
    }
    app.bearer(&app.acme.bob).await.submit_ticket("Bob's").await;
    app.bearer(&app.globex.ada)
        .await
        .submit_ticket("Globex's")
        .await;
    assert_eq!(subjects(&ada, "").await, ["third", "second", "first"]);
}

#[actix_web::test]
async fn tickets_are_filtered_by_status_and_priority() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (status, priority) in TicketStatus::ALL
        .iter()
        .zip(["low", "normal", "high", "urgent", "low", "normal"])
    {
        let body = json!({ "subject": status.as_str(), "description": "D", "priority": priority });
        let ticket = submit_with(&ada, body).await;
        // It is `new` already where that is wanted.
        set_ticket_status(&app, &ticket, *status).await;
        app.env.advance(TimeDelta::seconds(1));
    }
    for (query, expected) in [
        ("?status=new", &["new"][..]),
        ("?status=open,on_hold", &["on_hold", "open"]),
        ("?status=open,%20on_hold", &["on_hold", "open"]),
        ("?status=open&status=closed", &["open"]),
        ("?priority=low", &["resolved", "new"]),
        ("?priority=high,urgent", &["on_hold", "pending"]),
        (
            "?status=new,resolved&priority=low,high",
            &["resolved", "new"],
        ),
        ("?status=new&priority=urgent", &[]),
        (
            "?status=&priority=%20",
            &["closed", "resolved", "on_hold", "pending", "open", "new"],
        ),
    ] {
        assert_eq!(subjects(&ada, query).await, expected, "{query}");
    }
    let page = ada.get("/tickets?priority=low&limit=1").await.json();
    assert_eq!(page["pagination"]["total"], 2);
}

#[actix_web::test]
async fn tickets_are_searched_by_words() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (subject, description) in [
        ("Drucker in der STRASSE", "Σίσυφος rolls, 50% done"),
        ("Ärger mit file_name", "C:\\temp is full"),
    ] {
        let body = json!({ "subject": subject, "description": description });
        submit_with(&ada, body).await;
        app.env.advance(TimeDelta::seconds(1));
    }
    let (street, trouble) = ("Drucker in der STRASSE", "Ärger mit file_name");
    for (query, expected) in [
        ("stra%C3%9Fe", &[street][..]),
        ("%C3%84RGER", &[trouble]),
        ("50%25", &[street]),
        ("_", &[trouble]),
        ("c:%5CTEMP", &[trouble]),
        ("done+drucker", &[street]),
        ("done%0Adrucker%09rolls", &[street]),
        ("drucker+full", &[]),
        ("", &[trouble, street]),
        ("%20%09", &[trouble, street]),
        ("'%20OR%201=1--", &[]),
    ] {
        let found = subjects(&ada, &format!("?q={query}")).await;
        assert_eq!(found, expected, "{query}");
    }
}

#[actix_web::test]
async fn tickets_are_sorted_as_requested() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let mut tickets = Vec::new();
    for priority in ["high", "low", "urgent", "normal"] {
        let body = json!({ "subject": priority, "description": "D", "priority": priority });
        tickets.push(submit_with(&ada, body).await);
        app.env.advance(TimeDelta::seconds(1));
    }
    ada.comment(&tickets[1], "Still slow").await;
    for (sort, expected) in [
        ("createdAt", ["high", "low", "urgent", "normal"]),
        ("-updatedAt", ["low", "normal", "urgent", "high"]),
        ("-priority", ["urgent", "high", "normal", "low"]),
        ("", ["normal", "urgent", "low", "high"]),
    ] {
        let found = subjects(&ada, &format!("?sort={sort}")).await;
        assert_eq!(found, expected, "{sort}");
    }
}

#[actix_web::test]
async fn invalid_filter_values_are_rejected_by_name() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (query, field) in [
        ("status=broken", "status"),
        ("status=new,broken", "status"),
        ("status=NEW", "status"),
        ("status=new,", "status"),
        ("status=%00", "status"),
        ("priority=medium", "priority"),
        ("priority=low,,high", "priority"),
        ("sort=subject", "sort"),
        ("sort=--priority", "sort"),
        ("sort=createdat", "sort"),
        ("sort=priority,createdAt", "sort"),
    ] {
        let response = ada.get(&format!("/tickets?{query}")).await;
        assert_eq!(response.status(), 400, "{query}");
        let errors = response.json()["details"]["fieldErrors"].clone();
        assert!(errors[field].is_array(), "{query}: {errors}");
        assert!(
            response.error().starts_with(&format!("{field}: ")),
            "{query}: {}",
            response.error()
        );
    }
}

#[actix_web::test]
async fn page_and_limit_are_clamped() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    ada.submit_ticket("Printer").await;
    for (query, page, limit, items) in [
        ("", 1, 50, 1),
        ("?page=0&limit=-7", 1, 1, 1),
        ("?page=1000001&limit=101", 1_000_000, 100, 0),
        ("?page=two&limit=", 1, 50, 1),
        ("?page=1&page=2", 1, 50, 1),
    ] {
        let response = ada.get(&format!("/tickets{query}")).await;
        assert_eq!(response.status(), 200, "{query}");
        let body = response.json();
        let pagination = json!({ "page": page, "limit": limit, "total": 1 });
        assert_eq!(body["pagination"], pagination, "{query}");
        assert_eq!(body["data"].as_array().unwrap().len(), items, "{query}");
    }
}

#[actix_web::test]
async fn there_are_no_intake_forms() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let forms = ada.get("/tickets/forms").await;
    assert_eq!(forms.parts(), (200, json!({ "data": [] })));
}

#[actix_web::test]
async fn only_a_resolved_ticket_can_be_closed() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let close = format!("{}/close", ticket_path(&ticket));
    let refused = ada.post_empty(&close).await;
    assert_eq!(refused.status(), 409);
    assert_eq!(refused.json()["code"], "TICKET_NOT_RESOLVED");
    assert!(!refused.error().is_empty());
    assert_eq!(shown(&ada, &ticket).await["status"], "new");

    set_ticket_status(&app, &ticket, TicketStatus::Resolved).await;
    let closed = ada.post_empty(&close).await;
    let after = shown(&ada, &ticket).await;
    assert_eq!(closed.parts(), (200, json!({ "ticket": after })));
    assert_eq!(after["status"], "closed");
    assert_eq!(after["statusName"], "Closed");
    assert_eq!(
        audited_actions(&app).await,
        ["portal.ticket.close", "portal.ticket.create"]
    );
}

#[actix_web::test]
async fn changes_are_audited_with_the_client_address() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let action = AuditAction::PortalTicketCreate;
    let log = app.audited(app.acme.id, action).await;
    let [entry] = log.as_slice() else {
        panic!("one entry: {log:?}");
    };
    assert_eq!(entry.resource_id, id(&ticket));
    assert_eq!(entry.actor_id, Some(app.acme.ada.id));
    assert_eq!(entry.ip_address.unwrap().to_string(), "203.0.113.9");
    assert_eq!(entry.user_agent.as_deref(), Some("test"));
}
