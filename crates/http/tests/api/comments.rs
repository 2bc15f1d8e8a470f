//! Comments on tickets: add, list, edit and withdraw.

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_domain::tickets::{self, CommentError, TicketStatus};
use portal_test_support::{Caller, TestApp};
use serde_json::{Value, json};

use crate::support::tickets::{
    set_ticket_status, shown, team_notes, team_replies, ticket_id, ticket_path,
};
use crate::support::{audited_actions, id};

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
                "attachments": [],
            },
            {
                "id": id(&first),
                "authorName": "Ada",
                "authorType": "portal",
                "content": "Is it out?",
                "createdAt": "2026-01-31T09:00:00.000Z",
                "editedAt": null,
                "attachments": [],
            },
        ])
    );
}

#[actix_web::test]
async fn a_long_conversation_is_shown_in_part_and_listed_in_pages() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let written = app.act(&app.acme.ada, async |op| {
        for number in 1..=201 {
            let text = format!("No. {number}").parse().unwrap();
            tickets::add_customer_reply(op, ticket_id(&ticket), text).await?;
            app.env.advance(TimeDelta::seconds(1));
        }
        Ok::<_, CommentError>(())
    });
    written.await.unwrap();
    let shown = shown(&ada, &ticket).await;
    let comments = shown["comments"].as_array().unwrap();
    assert_eq!(
        (comments.len(), &shown["commentsTotal"]),
        (200, &json!(201))
    );
    assert_eq!(comments[199]["content"], "No. 2");

    let path = format!("{}/comments", ticket_path(&ticket));
    let (status, list) = ada.get(&format!("{path}?page=101&limit=2")).await.parts();
    let pagination = json!({ "page": 101, "limit": 2, "total": 201 });
    assert_eq!((status, &list["pagination"]), (200, &pagination));
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["content"], "No. 1");
    let (_, list) = ada.get(&path).await.parts();
    assert_eq!(list["data"].as_array().unwrap()[..], comments[..50]);
}

#[actix_web::test]
async fn comment_response_has_every_key() {
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
            "attachments": [],
        })
    );
}

#[actix_web::test]
async fn invalid_comment_is_rejected() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Hello").await;
    let create = format!("{}/comments", ticket_path(&ticket));
    let update = format!("{create}/{}", id(&said));
    let before = shown(&ada, &ticket).await;
    for (content, sentence) in [
        (
            json!("🔥".repeat(5_001)),
            "content: must be at most 5000 characters",
        ),
        (json!(" \n"), "content: must not be blank"),
        (Value::Null, "content: is required"),
    ] {
        let body = json!({ "content": content });
        for response in [
            ada.post(&create, &body).await,
            ada.patch(&update, &body).await,
        ] {
            assert_eq!(
                (response.status(), response.error().as_str()),
                (400, sentence)
            );
        }
    }
    assert_eq!(shown(&ada, &ticket).await, before);
}

#[actix_web::test]
async fn comment_on_a_closed_ticket_is_a_conflict() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    set_ticket_status(&app, &ticket, TicketStatus::Closed).await;
    app.send_mails().await;
    let before = shown(&ada, &ticket).await;
    let path = format!("/tickets/{}/comments", id(&ticket));
    let response = ada.post(&path, &json!({ "content": "Again" })).await;
    assert_eq!(
        response.parts(),
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
async fn internal_note_is_invisible_to_the_customer() {
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
async fn author_edits_and_deletes_a_comment() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let said = ada.comment(&ticket, "Helo").await;
    let other = ada.comment(&ticket, "Oops").await;
    team_notes(&app, &ticket, "Cannot spell").await;
    set_ticket_status(&app, &ticket, TicketStatus::Open).await;
    app.env.advance(TimeDelta::seconds(7));

    let path = format!("/tickets/{}/comments/{}", id(&ticket), id(&said));
    // The second time, the content is unchanged.
    for _ in 0..2 {
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
        app.env.advance(TimeDelta::seconds(1));
    }
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
            "attachments": [],
        }])
    );
    for response in [
        ada.delete(&withdrawn).await,
        ada.patch(&withdrawn, &json!({ "content": "Back" })).await,
    ] {
        assert_eq!(
            response.parts(),
            (404, json!({ "error": "Ticket not found" }))
        );
    }
}

#[actix_web::test]
async fn team_reply_locks_earlier_comments() {
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
async fn foreign_comment_is_not_found() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let elsewhere = ada.submit_ticket("Scanner").await;
    let said = ada.comment(&elsewhere, "Hello").await;
    let reply = team_replies(&app, &ticket, "Yes?").await;
    let unknown = "00000000-0000-7000-8000-000000000000";
    for comment in [id(&said), &reply, unknown, "x", "%00"] {
        let path = format!("{}/comments/{comment}", ticket_path(&ticket));
        for response in [
            ada.patch(&path, &json!({ "content": "Mine" })).await,
            ada.delete(&path).await,
        ] {
            assert_eq!(
                response.parts(),
                (404, json!({ "error": "Ticket not found" })),
                "{path}"
            );
        }
    }
}
