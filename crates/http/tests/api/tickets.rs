//! Tickets: submitting, finding, reading and closing them.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_domain::tickets::{
    self, ExternalTicket, TicketError, TicketPriority, TicketStatus, Triage,
};
use portal_test_support::{Answer, Caller, TestApp};
use serde_json::{Value, json};

use crate::support::tickets::{set_ticket_status, shown, team_notes, team_replies, ticket_id};
use crate::support::{audited_actions, id};

async fn submit_with(caller: &impl Caller, body: Value) -> Value {
    caller.post("/tickets", &body).await.created("ticket")
}

/// Brings a new ticket to a status by the way that customers and team have to go.
async fn bring_to(app: &TestApp, ticket: &Value, status: TicketStatus) {
    if status != TicketStatus::New {
        set_ticket_status(app, ticket, status).await;
    }
}

async fn subjects(caller: &impl Caller, query: &str) -> Vec<String> {
    let answer = caller.get(&format!("/tickets{query}")).await;
    assert_eq!(answer.status(), 200, "{query}: {answer:?}");
    let body = answer.json();
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
    let answer = ada.post("/tickets", &body).await;
    assert_eq!(answer.status(), 201);
    let ticket = &answer.json()["ticket"];
    assert_eq!(
        answer.json(),
        json!({ "ticket": {
            "id": id(ticket),
            "ticketNumber": ticket["ticketNumber"],
            "subject": "Printer",
            "description": "A\n\tB",
            "status": "new",
            "priority": "urgent",
            "createdAt": "2026-01-31T09:00:00.000Z",
            "updatedAt": "2026-01-31T09:00:00.000Z",
        } })
    );
    assert_eq!(id(ticket), id(ticket).to_lowercase());
    assert_eq!(ada.submit_ticket("Another").await["priority"], "normal");
}

#[actix_web::test]
async fn ticket_numbers_are_short_and_can_be_read_aloud() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let mut numbers = Vec::new();
    for _ in 0..20 {
        let ticket = ada.submit_ticket("Printer").await;
        numbers.push(ticket["ticketNumber"].as_str().unwrap().to_owned());
    }
    for number in &numbers {
        assert!(number.len() <= 10, "{number}");
        assert!(
            number
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
            "{number}"
        );
        assert!(!number.contains(['0', 'O', '1', 'I', 'L']), "{number}");
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 20);
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
        "comments": [],
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
async fn what_the_team_does_with_a_ticket_is_shown() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    app.env.advance(TimeDelta::seconds(90));
    app.operate(&app.acme, async |work| {
        let (env, id) = (&*app.env, ticket_id(&ticket));
        let priority = TicketPriority::High;
        tickets::triage(work, env, id, Triage { priority }).await?;
        let external = ExternalTicket {
            id: Some("PSA-7".parse()?),
            url: Some("https://psa.example/7".parse().unwrap()),
        };
        tickets::link(work, env, id, external).await
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
async fn what_cannot_be_a_ticket_is_refused_and_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let long = "x".repeat(256);
    let book = "x".repeat(50_001);
    for (body, sentence) in [
        (json!({}), "description: is required; subject: is required"),
        (
            json!({ "subject": null, "description": "D" }),
            "subject: is required",
        ),
        (
            json!({ "subject": "", "description": "D" }),
            "subject: must not be blank",
        ),
        (
            json!({ "subject": "S", "description": " \n\t\u{2003}" }),
            "description: must not be blank",
        ),
        (
            json!({ "subject": long, "description": book }),
            "description: must be at most 50000 characters; \
             subject: must be at most 255 characters",
        ),
        (
            json!({ "subject": "S", "description": "D", "priority": "medium" }),
            "priority: must be one of low, normal, high, urgent",
        ),
        (
            json!({ "subject": "S", "description": "D", "priority": "HIGH" }),
            "priority: must be one of low, normal, high, urgent",
        ),
    ] {
        let answer = ada.post("/tickets", &body).await;
        assert_eq!(
            (answer.status(), answer.error().as_str()),
            (400, sentence),
            "{body}"
        );
        assert_eq!(answer.json()["details"]["formErrors"], json!([]));
    }
    assert_eq!(subjects(&ada, "").await, Vec::<String>::new());
    assert_eq!(audited_actions(&app).await, Vec::<String>::new());
    assert_eq!(app.send_mails().await.sent, 0);
}

#[actix_web::test]
async fn a_validation_error_names_the_field() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let answer = ada
        .post("/tickets", &json!({ "subject": "", "description": "D" }))
        .await;
    assert_eq!(
        answer.parts(),
        (
            400,
            json!({
                "error": "subject: must not be blank",
                "details": {
                    "formErrors": [],
                    "fieldErrors": { "subject": ["must not be blank"] },
                },
            })
        )
    );
}

#[actix_web::test]
async fn lengths_count_unicode_scalar_values() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let crlf = format!("{}\r\n", "x".repeat(49_999));
    for (subject, description, status) in [
        ("🔥".repeat(255), "D".to_owned(), 201),
        ("🔥".repeat(256), "D".to_owned(), 400),
        // Two scalar values each, though one letter to a person.
        ("e\u{301}".repeat(128), "D".to_owned(), 400),
        ("S".to_owned(), "é".repeat(50_000), 201),
        ("S".to_owned(), "é".repeat(50_001), 400),
        ("S".to_owned(), crlf, 201),
    ] {
        let body = json!({ "subject": subject, "description": description });
        let answer = ada.post("/tickets", &body).await;
        assert_eq!(answer.status(), status, "{}", subject.chars().count());
    }
}

#[actix_web::test]
async fn line_ends_of_forms_become_newlines() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = submit_with(&ada, json!({ "subject": "S", "description": "a\r\nb" })).await;
    assert_eq!(ticket["description"], "a\nb");
    assert_eq!(ada.comment(&ticket, "a\r\nb").await["content"], "a\nb");
}

#[actix_web::test]
async fn control_characters_are_refused_but_for_tab_and_newline_in_long_texts() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let comments = format!("/tickets/{}/comments", id(&ticket));
    for character in [
        '\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{85}', '\r', '\t', '\n',
    ] {
        let text = format!("a{character}b");
        let allowed = matches!(character, '\t' | '\n');
        let long = if allowed { 201 } else { 400 };
        for (path, body, status) in [
            (
                "/tickets",
                json!({ "subject": text, "description": "D" }),
                400,
            ),
            (
                "/tickets",
                json!({ "subject": "S", "description": text }),
                long,
            ),
            (comments.as_str(), json!({ "content": text }), long),
        ] {
            let answer = ada.post(path, &body).await;
            assert_eq!(answer.status(), status, "{path} {body}");
        }
    }
}

#[actix_web::test]
async fn what_is_not_the_users_own_ticket_is_not_there() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let globex = app.bearer(&app.globex.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Hello").await;
    let deleted = ada.submit_ticket("Deleted").await;
    app.operate(&app.acme, async |work| {
        tickets::delete(work, &*app.env, ticket_id(&deleted)).await
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
            let answer = caller.call(method.clone(), &path).json(&body).send().await;
            assert_eq!(answer.parts(), not_found, "{method} {path}");
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
async fn a_list_has_the_users_own_tickets_newest_first() {
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
async fn a_list_is_filtered_by_status_and_priority() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (status, priority) in TicketStatus::ALL
        .iter()
        .zip(["low", "normal", "high", "urgent", "low", "normal"])
    {
        let body = json!({ "subject": status.as_str(), "description": "D", "priority": priority });
        let ticket = submit_with(&ada, body).await;
        bring_to(&app, &ticket, *status).await;
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
async fn a_search_finds_words_whatever_their_case_and_place() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let mut number = String::new();
    for (subject, description) in [
        ("Drucker in der STRASSE", "Σίσυφος rolls, 50% done"),
        ("Ärger mit file_name", "C:\\temp is full"),
        ("fileXname", "50 done, İstanbul"),
    ] {
        let body = json!({ "subject": subject, "description": description });
        let ticket = submit_with(&ada, body).await;
        number = ticket["ticketNumber"].as_str().unwrap().to_lowercase();
        app.env.advance(TimeDelta::seconds(1));
    }
    let (street, trouble, file) = ("Drucker in der STRASSE", "Ärger mit file_name", "fileXname");
    let everything = [file, trouble, street];
    for (query, expected) in [
        ("drucker", &[street][..]),
        ("straße", &[street]),
        ("ΣΊΣΥΦΟΣ", &[street]),
        ("ärger", &[trouble]),
        ("ÄRGER", &[trouble]),
        ("50%25", &[street]),
        ("%25", &[street]),
        ("_", &[trouble]),
        ("file_name", &[trouble]),
        ("FILE", &[file, trouble]),
        ("c:\\TEMP", &[trouble]),
        // Every word, in any order and in either text.
        ("done+drucker", &[street]),
        ("done%0Adrucker%09rolls", &[street]),
        ("drucker+full", &[]),
        // One word is never found across the border of two texts.
        ("strasseΣίσυφος", &[]),
        (&number, &[file]),
        ("", &everything),
        ("%20%09", &everything),
        ("nothing-of-the-kind", &[]),
        ("'%20OR%201=1--", &[]),
    ] {
        let encoded: String = query
            .chars()
            .map(|c| {
                if c.is_ascii() && c != '\\' {
                    c.to_string()
                } else {
                    let mut bytes = [0; 4];
                    let bytes = c.encode_utf8(&mut bytes).bytes();
                    bytes.fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
                }
            })
            .collect();
        let found = subjects(&ada, &format!("?q={encoded}")).await;
        assert_eq!(found, expected, "{query}");
    }
}

#[actix_web::test]
async fn a_list_is_sorted_as_asked() {
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
        ("-createdAt", ["normal", "urgent", "low", "high"]),
        ("updatedAt", ["high", "urgent", "normal", "low"]),
        ("-updatedAt", ["low", "normal", "urgent", "high"]),
        ("priority", ["low", "normal", "high", "urgent"]),
        ("-priority", ["urgent", "high", "normal", "low"]),
        ("", ["normal", "urgent", "low", "high"]),
    ] {
        let found = subjects(&ada, &format!("?sort={sort}")).await;
        assert_eq!(found, expected, "{sort}");
    }
}

#[actix_web::test]
async fn an_order_is_total_where_everything_is_equal() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(id(&ada.submit_ticket("Printer").await).to_owned());
    }
    ids.sort();
    for sort in ["createdAt", "updatedAt", "priority"] {
        for descending in [false, true] {
            let sign = if descending { "-" } else { "" };
            let mut found = Vec::new();
            for page in 1..=3 {
                let query = format!("/tickets?sort={sign}{sort}&limit=2&page={page}");
                let body = ada.get(&query).await.json();
                let data = body["data"].as_array().unwrap().clone();
                found.extend(data.iter().map(|ticket| id(ticket).to_owned()));
            }
            if descending {
                found.reverse();
            }
            assert_eq!(found, ids, "{sign}{sort}");
        }
    }
}

#[actix_web::test]
async fn unknown_values_of_a_filter_are_refused_by_name() {
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
        let answer = ada.get(&format!("/tickets?{query}")).await;
        assert_eq!(answer.status(), 400, "{query}");
        let errors = answer.json()["details"]["fieldErrors"].clone();
        assert!(errors[field].is_array(), "{query}: {errors}");
        assert!(
            answer.error().starts_with(&format!("{field}: ")),
            "{query}: {}",
            answer.error()
        );
    }
}

#[actix_web::test]
async fn pages_out_of_bounds_become_the_nearest_legal_ones() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    ada.submit_ticket("Printer").await;
    for (query, page, limit, items) in [
        ("", 1, 50, 1),
        ("?page=1&limit=1", 1, 1, 1),
        ("?page=0&limit=0", 1, 1, 1),
        ("?page=-7&limit=-7", 1, 1, 1),
        ("?page=2&limit=100", 2, 100, 0),
        ("?page=1000000&limit=101", 1_000_000, 100, 0),
        ("?page=1000001", 1_000_000, 50, 0),
        ("?page=99999999999999999999999999", 1_000_000, 50, 0),
        ("?page=&limit=", 1, 50, 1),
        ("?page=two&limit=many", 1, 50, 1),
        ("?page=1&page=2", 1, 50, 1),
    ] {
        let answer = ada.get(&format!("/tickets{query}")).await;
        assert_eq!(answer.status(), 200, "{query}");
        let body = answer.json();
        assert_eq!(
            body["pagination"],
            json!({ "page": page, "limit": limit, "total": 1 }),
            "{query}"
        );
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
async fn the_submitter_closes_a_resolved_ticket_and_no_other() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for status in TicketStatus::ALL {
        let ticket = ada.submit_ticket("Printer").await;
        bring_to(&app, &ticket, *status).await;
        let before = shown(&ada, &ticket).await;
        let answer = ada
            .post_empty(&format!("/tickets/{}/close", id(&ticket)))
            .await;
        let after = shown(&ada, &ticket).await;
        if *status == TicketStatus::Resolved {
            assert_eq!(answer.parts(), (200, json!({ "ticket": after })));
            assert_eq!(after["status"], "closed");
            assert_eq!(after["statusName"], "Closed");
        } else {
            assert_eq!(answer.status(), 409, "{status}");
            assert_eq!(answer.json()["code"], "TICKET_NOT_RESOLVED", "{status}");
            assert!(!answer.error().is_empty());
            assert_eq!(after, before, "{status}");
        }
    }
    let closed = audited_actions(&app)
        .await
        .into_iter()
        .filter(|action| action == "portal.ticket.close")
        .count();
    assert_eq!(closed, 1);
}

#[actix_web::test]
async fn of_many_confirmations_at_once_one_closes_the_ticket() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    set_ticket_status(&app, &ticket, TicketStatus::Resolved).await;
    let path = format!("/tickets/{}/close", id(&ticket));
    let answers = join_all((0..5).map(|_| ada.post_empty(&path))).await;
    let mut statuses: Vec<_> = answers.iter().map(Answer::status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409]);
    assert_eq!(
        audited_actions(&app).await,
        ["portal.ticket.close", "portal.ticket.create"]
    );
}

#[actix_web::test]
async fn the_team_sets_any_status_but_new_and_reopens_what_is_closed() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for from in TicketStatus::ALL {
        for to in TicketStatus::ALL {
            let ticket = ada.submit_ticket("Printer").await;
            bring_to(&app, &ticket, *from).await;
            let before = shown(&ada, &ticket).await;
            app.env.advance(TimeDelta::seconds(1));
            let moved = {
                let work = app.store.begin(app.acme.scope()).await.unwrap();
                let moved = tickets::set_status(&*work, &*app.env, ticket_id(&ticket), *to).await;
                work.commit().await.unwrap();
                moved
            };
            let after = shown(&ada, &ticket).await;
            let legal = from == to
                || (*to != TicketStatus::New
                    && (*from != TicketStatus::Closed || *to == TicketStatus::Open));
            if legal {
                assert_eq!(moved.unwrap().status, *to);
            } else {
                assert!(
                    matches!(moved, Err(TicketError::InvalidTransition(_))),
                    "{from} to {to}"
                );
            }
            if legal && from != to {
                assert_eq!(after["status"], to.as_str(), "{from} to {to}");
                assert_ne!(after["updatedAt"], before["updatedAt"]);
            } else {
                assert_eq!(after, before, "{from} to {to}");
            }
        }
    }
}

#[actix_web::test]
async fn what_customers_do_with_tickets_is_in_the_audit_log() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let body = json!({ "subject": "Printer", "description": "D", "priority": "high" });
    let ticket = submit_with(&ada, body).await;
    let tick = || app.env.advance(TimeDelta::seconds(1));
    tick();
    let said = ada.comment(&ticket, "secret words").await;
    let path = format!("/tickets/{}/comments/{}", id(&ticket), id(&said));
    tick();
    ada.patch(&path, &json!({ "content": "other words" })).await;
    tick();
    ada.delete(&path).await;
    tick();
    set_ticket_status(&app, &ticket, TicketStatus::Resolved).await;
    tick();
    ada.post_empty(&format!("/tickets/{}/close", id(&ticket)))
        .await;

    let ticket_only = json!({ "ticketId": id(&ticket) });
    let expected = [
        (
            "portal.ticket.create",
            "ticket",
            id(&ticket),
            json!({ "priority": "high", "ticketNumber": ticket["ticketNumber"] }),
        ),
        (
            "portal.ticket.comment.create",
            "ticket_comment",
            id(&said),
            ticket_only.clone(),
        ),
        (
            "portal.ticket.comment.update",
            "ticket_comment",
            id(&said),
            ticket_only.clone(),
        ),
        (
            "portal.ticket.comment.delete",
            "ticket_comment",
            id(&said),
            ticket_only,
        ),
        ("portal.ticket.close", "ticket", id(&ticket), json!({})),
    ];
    let log = app.audit_log(app.acme.id).await;
    let of_users: Vec<_> = log
        .iter()
        .rev()
        .filter(|entry| entry.action.as_str().starts_with("portal.ticket."))
        .collect();
    assert_eq!(of_users.len(), expected.len());
    for (entry, (action, kind, resource, details)) in of_users.iter().zip(expected) {
        assert_eq!(entry.action.as_str(), action);
        assert_eq!(entry.resource_type, kind, "{action}");
        assert_eq!(entry.resource_id, resource, "{action}");
        assert_eq!(entry.details, details, "{action}");
        assert_eq!(entry.actor_type.as_str(), "user", "{action}");
        assert_eq!(entry.actor_id, Some(app.acme.ada.id), "{action}");
        assert_eq!(entry.actor_email.as_deref(), Some("ada@acme.example"));
        assert_eq!(entry.ip_address.unwrap().to_string(), "203.0.113.9");
        assert_eq!(entry.user_agent.as_deref(), Some("test"));
        assert_eq!(entry.result.as_str(), "success");
        assert_eq!(entry.organization_id, app.acme.id);
    }
    let status = log
        .iter()
        .find(|entry| entry.action.as_str() == "ticket.status")
        .unwrap();
    assert_eq!(status.actor_type.as_str(), "system");
    assert_eq!(status.actor_id, None);
    assert!(app.audit_log(app.globex.id).await.iter().all(|entry| {
        entry.organization_id == app.globex.id && entry.resource_type != "ticket"
    }));
}

#[actix_web::test]
async fn comments_are_shown_newest_first_and_internal_notes_never() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let first = ada.comment(&ticket, "Is it out?").await;
    app.env.advance(TimeDelta::seconds(1));
    team_notes(&app, &ticket, "The customer is on fire").await;
    app.env.advance(TimeDelta::seconds(1));
    let reply = team_replies(&app, &ticket, "It is.").await;
    assert_eq!(
        shown(&ada, &ticket).await["comments"],
        json!([
            {
                "id": reply,
                "authorName": "Theo",
                "authorType": "internal",
                "content": "It is.",
                "createdAt": "2026-01-31T09:00:02.000Z",
                "editedAt": null,
            },
            {
                "id": id(&first),
                "authorName": "Ada",
                "authorType": "portal",
                "content": "Is it out?",
                "createdAt": "2026-01-31T09:00:00.000Z",
                "editedAt": null,
            },
        ])
    );
}

#[actix_web::test]
async fn a_comment_is_answered_as_it_was_made() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Hello").await;
    assert_eq!(
        said,
        json!({
            "id": id(&said),
            "authorName": "Ada",
            "authorType": "portal",
            "content": "Hello",
            "createdAt": "2026-01-31T09:00:00.000Z",
        })
    );
}

#[actix_web::test]
async fn what_cannot_be_a_comment_is_refused() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Hello").await;
    let create = format!("/tickets/{}/comments", id(&ticket));
    let update = format!("{create}/{}", id(&said));
    for (content, is_good) in [
        (json!("🔥".repeat(5_000)), true),
        (json!("🔥".repeat(5_001)), false),
        (json!(""), false),
        (json!(" \n"), false),
        (Value::Null, false),
        (json!(7), false),
    ] {
        let body = json!({ "content": content });
        let (created, updated) = if is_good { (201, 200) } else { (400, 400) };
        assert_eq!(ada.post(&create, &body).await.status(), created);
        assert_eq!(ada.patch(&update, &body).await.status(), updated);
    }
}

#[actix_web::test]
async fn a_reply_reopens_what_waits_for_the_customer() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (from, to) in [
        (TicketStatus::New, "new"),
        (TicketStatus::Open, "open"),
        (TicketStatus::Pending, "open"),
        (TicketStatus::OnHold, "on_hold"),
        (TicketStatus::Resolved, "open"),
    ] {
        let ticket = ada.submit_ticket("Printer").await;
        bring_to(&app, &ticket, from).await;
        app.env.advance(TimeDelta::seconds(1));
        let said = ada.comment(&ticket, "Again").await;
        let after = shown(&ada, &ticket).await;
        assert_eq!(after["status"], to, "{from}");
        assert_eq!(after["updatedAt"], said["createdAt"], "{from}");
    }
}

#[actix_web::test]
async fn a_closed_ticket_takes_no_comment() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    set_ticket_status(&app, &ticket, TicketStatus::Closed).await;
    app.send_mails().await;
    let before = shown(&ada, &ticket).await;
    let path = format!("/tickets/{}/comments", id(&ticket));
    let answer = ada.post(&path, &json!({ "content": "Again" })).await;
    assert_eq!(
        answer.parts(),
        (
            409,
            json!({ "error": "Ticket is closed", "code": "TICKET_CLOSED" })
        )
    );
    assert_eq!(shown(&ada, &ticket).await, before);
    assert_eq!(audited_actions(&app).await, ["portal.ticket.create"]);
    assert_eq!(app.send_mails().await.sent, 0);
}

#[actix_web::test]
async fn the_first_public_reply_opens_a_new_ticket() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    team_notes(&app, &ticket, "Mine").await;
    assert_eq!(shown(&ada, &ticket).await["status"], "new");
    app.env.advance(TimeDelta::minutes(5));
    team_replies(&app, &ticket, "On my way").await;
    assert_eq!(shown(&ada, &ticket).await["status"], "open");
    app.env.advance(TimeDelta::minutes(5));
    set_ticket_status(&app, &ticket, TicketStatus::Pending).await;
    team_replies(&app, &ticket, "There").await;
    assert_eq!(shown(&ada, &ticket).await["status"], "pending");
    let reader = app.store.reader(app.acme.scope()).await.unwrap();
    let stored = reader.ticket(ticket_id(&ticket)).await.unwrap().unwrap();
    assert_eq!(
        stored.first_response_at.unwrap().to_rfc3339(),
        "2026-01-31T09:05:00+00:00"
    );
}

#[actix_web::test]
async fn an_internal_note_changes_nothing_that_the_customer_sees() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let paths = [format!("/tickets/{}", id(&ticket)), "/tickets".to_owned()];
    let mut before = Vec::new();
    for path in &paths {
        before.push(ada.get(path).await);
    }
    app.env.advance(TimeDelta::minutes(5));
    team_notes(&app, &ticket, "Careful").await;
    for (path, before) in paths.iter().zip(before) {
        let after = ada.get(path).await;
        assert_eq!(after.header("etag"), before.header("etag"), "{path}");
        assert_eq!(after.parts(), before.parts(), "{path}");
        let etag = before.header("etag").unwrap();
        let again = ada
            .call(Method::GET, path)
            .header("if-none-match", &etag)
            .send()
            .await;
        assert_eq!(again.status(), 304, "{path}");
    }
}

#[actix_web::test]
async fn an_author_changes_and_withdraws_what_the_team_has_not_answered() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Helo").await;
    let other = ada.comment(&ticket, "Oops").await;
    team_notes(&app, &ticket, "Cannot spell").await;
    set_ticket_status(&app, &ticket, TicketStatus::Open).await;
    app.env.advance(TimeDelta::seconds(7));

    let path = format!("/tickets/{}/comments/{}", id(&ticket), id(&said));
    let edited = ada.patch(&path, &json!({ "content": "Hello" })).await;
    assert_eq!(
        edited.parts(),
        (
            200,
            json!({ "comment": {
                "id": id(&said),
                "content": "Hello",
                "editedAt": "2026-01-31T09:00:07.000Z",
            } })
        )
    );
    let withdrawn = format!("/tickets/{}/comments/{}", id(&ticket), id(&other));
    assert_eq!(
        ada.delete(&withdrawn).await.parts(),
        (200, json!({ "success": true }))
    );
    let shown = shown(&ada, &ticket).await;
    assert_eq!(
        shown["comments"],
        json!([{
            "id": id(&said),
            "authorName": "Ada",
            "authorType": "portal",
            "content": "Hello",
            "createdAt": "2026-01-31T09:00:00.000Z",
            "editedAt": "2026-01-31T09:00:07.000Z",
        }])
    );
    for answer in [
        ada.delete(&withdrawn).await,
        ada.patch(&withdrawn, &json!({ "content": "Back" })).await,
    ] {
        assert_eq!(
            answer.parts(),
            (404, json!({ "error": "Ticket not found" }))
        );
    }
}

#[actix_web::test]
async fn a_public_reply_locks_what_came_before_it() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Hello").await;
    app.env.advance(TimeDelta::seconds(1));
    team_replies(&app, &ticket, "Yes?").await;
    app.env.advance(TimeDelta::seconds(1));
    let later = ada.comment(&ticket, "Nothing").await;
    let path = |comment: &Value| format!("/tickets/{}/comments/{}", id(&ticket), id(comment));
    let before = shown(&ada, &ticket).await;
    let deeds_before = audited_actions(&app).await;

    let sentence =
        |what: &str| format!("This reply can no longer be {what} — support has already responded.");
    let edit = ada.patch(&path(&said), &json!({ "content": "Hi" })).await;
    assert_eq!(
        edit.parts(),
        (
            409,
            json!({ "error": sentence("edited"), "code": "COMMENT_LOCKED" })
        )
    );
    let withdrawal = ada.delete(&path(&said)).await;
    assert_eq!(
        withdrawal.parts(),
        (
            409,
            json!({ "error": sentence("deleted"), "code": "COMMENT_LOCKED" })
        )
    );
    assert_eq!(shown(&ada, &ticket).await, before);
    assert_eq!(audited_actions(&app).await, deeds_before);

    let edit = ada.patch(&path(&later), &json!({ "content": "Hi" })).await;
    assert_eq!(edit.status(), 200);
    assert_eq!(ada.delete(&path(&later)).await.status(), 200);
}

#[actix_web::test]
async fn a_comment_is_changed_by_its_author_on_its_ticket_only() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let elsewhere = ada.submit_ticket("Scanner").await;
    let said = ada.comment(&ticket, "Hello").await;
    let note = team_notes(&app, &ticket, "Hush").await;
    let reply = team_replies(&app, &elsewhere, "Yes?").await;
    let unknown = "00000000-0000-7000-8000-000000000000";
    for (ticket, comment) in [
        (&elsewhere, id(&said)),
        (&ticket, &note),
        (&elsewhere, &reply),
        (&ticket, unknown),
        (&ticket, "x"),
        (&ticket, "%00"),
    ] {
        let path = format!("/tickets/{}/comments/{comment}", id(ticket));
        for answer in [
            ada.patch(&path, &json!({ "content": "Mine" })).await,
            ada.delete(&path).await,
        ] {
            assert_eq!(
                answer.parts(),
                (404, json!({ "error": "Ticket not found" })),
                "{path}"
            );
        }
    }
}
