//! Who sees a ticket: participants, managers, and nobody else.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test whose world is not as it has to be fails"
)]

use chrono::TimeDelta;
use portal_domain::branding::BrandingChanges;
use portal_domain::tickets::TicketStatus;
use portal_test_support::{Caller, TestApp};
use serde_json::{Value, json};

use crate::support::devices::{put, record};
use crate::support::id;
use crate::support::tickets::{set_ticket_status, shown, team_notes, ticket_id, ticket_path};

async fn subjects(caller: &impl Caller, query: &str) -> (Vec<String>, i64) {
    let response = caller.get(&format!("/tickets{query}")).await;
    assert_eq!(response.status(), 200, "{query}: {response:?}");
    let body = response.json();
    let tickets = body["data"].as_array().expect("a list").iter();
    let subjects = tickets
        .map(|ticket| ticket["subject"].as_str().expect("a subject").to_owned())
        .collect();
    let total = body["pagination"]["total"].as_i64().expect("a number");
    (subjects, total)
}

fn not_found() -> (u16, Value) {
    (404, json!({ "error": "Ticket not found" }))
}

#[actix_web::test]
async fn a_participant_is_added_once_sees_the_ticket_and_loses_it_when_removed() {
    let app = TestApp::start().await;
    let (ada, bob) = (
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.bob).await,
    );
    let ticket = ada.submit_ticket("Printer").await;
    let note = team_notes(&app, &ticket, "Cannot spell").await;
    let path = ticket_path(&ticket);
    let participants = format!("{path}/participants");
    let person = json!({ "id": app.acme.bob.id.to_string(), "name": "Bob" });
    let envelope = json!({ "participant": person });

    assert_eq!(bob.get(&path).await.parts(), not_found());
    let by_id = json!({ "userId": app.acme.bob.id.to_string() });
    let by_email = json!({ "email": "Bob@ACME.example" });
    for (body, status) in [(&by_id, 201), (&by_id, 200), (&by_email, 200)] {
        let added = ada.post(&participants, body).await;
        assert_eq!(added.parts(), (status, envelope.clone()), "{body}");
    }
    for caller in [&ada, &bob] {
        assert_eq!(
            shown(caller, &ticket).await["participants"],
            json!([person])
        );
    }
    let seen = shown(&bob, &ticket).await;
    assert_eq!(
        seen["submittedBy"],
        json!({ "id": app.acme.ada.id.to_string(), "name": "Ada" })
    );
    assert!(!seen.to_string().contains(&note), "{seen}");
    assert_eq!(
        subjects(&bob, "?scope=shared").await,
        (vec!["Printer".to_owned()], 1)
    );
    assert_eq!(subjects(&bob, "?scope=shared&q=printer").await.1, 1);
    assert_eq!(subjects(&bob, "").await, (Vec::new(), 0));
    let said = bob.comment(&ticket, "Me too").await;
    let edit = format!("{path}/comments/{}", id(&said));
    assert_eq!(
        ada.patch(&edit, &json!({ "content": "No" })).await.parts(),
        not_found()
    );

    let one = format!("{participants}/{}", app.acme.bob.id);
    for _ in 0..2 {
        let removed = ada.delete(&one).await;
        assert_eq!(removed.parts(), (200, json!({ "success": true })));
    }
    assert_eq!(bob.get(&path).await.parts(), not_found());
    assert_eq!(subjects(&bob, "?scope=shared").await, (Vec::new(), 0));
    assert_eq!(bob.delete(&one).await.parts(), not_found());
    assert_eq!(bob.delete(&edit).await.parts(), not_found());
    let content = json!({ "content": "Still here" });
    let comments = format!("{path}/comments");
    assert_eq!(bob.post(&comments, &content).await.parts(), not_found());
}

#[actix_web::test]
async fn unknown_colleagues_are_not_found_and_somebody_has_to_be_named() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let participants = format!("{}/participants", ticket_path(&ticket));
    let unknown = (404, json!({ "error": "Colleague not found" }));
    for body in [
        json!({ "userId": app.globex.ada.id.to_string() }),
        json!({ "email": "ada@globex.example" }),
        json!({ "email": "nobody@acme.example" }),
    ] {
        let response = ada.post(&participants, &body).await;
        assert_eq!(response.parts(), unknown, "{body}");
    }
    for body in [json!({}), json!({ "userId": "7" }), json!({ "email": "x" })] {
        assert_eq!(ada.post(&participants, &body).await.status(), 400, "{body}");
    }
    for never in [app.acme.bob.id.to_string(), "7".to_owned()] {
        let response = ada.delete(&format!("{participants}/{never}")).await;
        assert_eq!(response.parts(), unknown, "{never}");
    }
}

#[actix_web::test]
async fn scopes_are_parts_of_what_one_may_see_and_managers_see_all() {
    let app = TestApp::start().await;
    let (ada, bob) = (
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.bob).await,
    );
    let printer = ada.submit_ticket("Printer").await;
    app.env.advance(TimeDelta::seconds(1));
    bob.submit_ticket("Scanner").await;
    let refused = json!({
        "error": "Only managers of the organization may do this",
        "code": "NOT_A_MANAGER",
    });
    let organization = "/tickets?scope=organization";
    assert_eq!(bob.get(organization).await.parts(), (403, refused));
    for invalid in ["all", "mine,shared", "Mine"] {
        let response = bob.get(&format!("/tickets?scope={invalid}")).await;
        assert_eq!(response.status(), 400, "{invalid}");
        assert_eq!(
            response.error(),
            "scope: must be one of mine, shared, organization"
        );
    }
    assert_eq!(
        subjects(&bob, "?scope=mine").await,
        (vec!["Scanner".to_owned()], 1)
    );

    app.make_manager(&app.acme.bob).await;
    let profile = bob.get("/profile").await.json();
    assert_eq!(profile["user"]["role"], "manager");
    let all = vec!["Scanner".to_owned(), "Printer".to_owned()];
    assert_eq!(subjects(&bob, "?scope=organization").await, (all, 2));
    assert_eq!(subjects(&bob, "").await.1, 1);
    assert_eq!(subjects(&bob, "?scope=shared").await.1, 0);
    let list = bob
        .get("/tickets?scope=organization&q=printer")
        .await
        .json();
    let submitter = json!({ "id": app.acme.ada.id.to_string(), "name": "Ada" });
    assert_eq!(list["data"][0]["submittedBy"], submitter);

    set_ticket_status(&app, &printer, TicketStatus::Resolved).await;
    let closed = bob
        .post_empty(&format!("{}/close", ticket_path(&printer)))
        .await;
    assert_eq!(closed.json()["ticket"]["status"], "closed");

    app.make_manager(&app.globex.ada).await;
    let foreign = app.bearer(&app.globex.ada).await;
    assert_eq!(
        foreign.get(&ticket_path(&printer)).await.parts(),
        not_found()
    );
    assert_eq!(subjects(&foreign, "?scope=organization").await.1, 0);
}

#[actix_web::test]
async fn a_ticket_on_behalf_of_a_colleague_is_the_colleagues() {
    let app = TestApp::start().await;
    let (ada, bob) = (
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.bob).await,
    );
    let body =
        |user: &str| json!({ "subject": "Printer", "description": "On fire.", "onBehalfOf": user });
    let for_bob = body(&app.acme.bob.id.to_string());
    let refused = ada.post("/tickets", &for_bob).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.json()["code"], "NOT_A_MANAGER");
    app.make_manager(&app.acme.ada).await;
    let stranger = ada
        .post("/tickets", &body(&app.globex.ada.id.to_string()))
        .await;
    assert_eq!(
        (stranger.status(), stranger.error().as_str()),
        (
            400,
            "onBehalfOf: must be an active user of your organization"
        )
    );
    let ticket = ada.post("/tickets", &for_bob).await.created("ticket");
    assert_eq!(shown(&bob, &ticket).await["submittedBy"]["name"], "Bob");
    assert_eq!(subjects(&bob, "").await.1, 1);
    assert_eq!(subjects(&ada, "").await.1, 0);
}

#[actix_web::test]
async fn a_ticket_about_a_device_shows_it() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("printer")).await;
    let mut builder = record("builder");
    builder.is_ephemeral = true;
    let hidden = put(&app, &app.acme, builder).await;
    let foreign = put(&app, &app.globex, record("plotter")).await;
    let body = |device: &Value| json!({ "subject": "Printer", "description": "On fire.", "deviceId": device });
    let ticket = ada
        .post("/tickets", &body(&json!(device)))
        .await
        .created("ticket");
    let shown_device = json!({ "id": device, "hostname": "printer", "displayName": null });
    assert_eq!(shown(&ada, &ticket).await["device"], shown_device);
    let none = ada
        .post("/tickets", &body(&Value::Null))
        .await
        .created("ticket");
    assert_eq!(shown(&ada, &none).await["device"], Value::Null);
    for (device, sentence) in [
        (json!(hidden), "must be a device of your organization"),
        (json!(foreign), "must be a device of your organization"),
        (json!("7"), "must be a UUID"),
    ] {
        let refused = ada.post("/tickets", &body(&device)).await;
        assert_eq!(refused.status(), 400, "{device}");
        assert_eq!(refused.error(), format!("deviceId: {sentence}"));
    }
    // Where its users see no devices, a ticket is about none.
    let changes = BrandingChanges {
        enable_self_service: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    let refused = ada.post("/tickets", &body(&json!(device))).await;
    assert_eq!(refused.status(), 400);
}

#[actix_web::test]
async fn the_entity_tag_of_a_ticket_follows_its_participants() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let tag = async || {
        let response = ada.get(&ticket_path(&ticket)).await;
        response.header("etag").expect("a tag")
    };
    let before = tag().await;
    let on = ticket_id(&ticket);
    app.add_participant(&app.acme.ada, on, &app.acme.bob).await;
    let with_bob = tag().await;
    assert_ne!(with_bob, before);
    app.disable_user(&app.acme.bob).await;
    assert_ne!(tag().await, with_bob);
}
