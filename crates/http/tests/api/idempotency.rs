//! The header `Idempotency-Key`.
#![expect(
    clippy::indexing_slicing,
    reason = "a test whose world is not as it has to be fails"
)]

use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_domain::audit::AuditAction;
use portal_domain::branding::BrandingChanges;
use portal_test_support::{BearerUser, Caller as _, Response, TestApp, TestFiles};
use serde_json::{Value, json};

use crate::support::endpoints::{By, World, documented, endpoints};
use crate::support::id;
use crate::support::tickets::ticket_path;

const KEY: &str = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";

/// The POSTs of signed-in users that ignore the header.
const IGNORING: [&str; 2] = ["logout", "change_password"];

fn ticket(subject: &str) -> Value {
    json!({ "subject": subject, "description": "It is on fire." })
}

async fn post(user: &BearerUser, path: &str, key: &str, body: &Value) -> Response {
    let call = user.call(Method::POST, path).header("idempotency-key", key);
    call.json(body).send().await
}

async fn submit(user: &BearerUser, key: &str, subject: &str) -> Response {
    post(user, "/tickets", key, &ticket(subject)).await
}

async fn upload(user: &BearerUser, key: &str, name: &str, content: &'static [u8]) -> Response {
    user.call(Method::POST, "/uploads")
        .header("idempotency-key", key)
        .header(
            "content-disposition",
            &format!("attachment; filename=\"{name}\""),
        )
        .body("application/octet-stream", content)
        .send()
        .await
}

async fn tickets_of(user: &BearerUser) -> Value {
    user.get("/tickets").await.json()["pagination"]["total"].take()
}

#[track_caller]
fn assert_same(response: &Response, first: &Response) {
    assert_eq!(response.parts(), first.parts());
    assert_eq!(response.text(), first.text());
    assert_eq!(
        response.header("content-type"),
        first.header("content-type")
    );
}

#[track_caller]
fn assert_reused(response: &Response) {
    let error = "This Idempotency-Key was used for another request";
    let body = json!({ "error": error, "code": "IDEMPOTENCY_KEY_REUSED" });
    assert_eq!(response.parts(), (422, body));
}

/// What is in the log and in the outbox of an organization.
async fn traces(app: &TestApp) -> (usize, usize) {
    let organization = app.acme.id;
    let log = app.audit_log(organization).await;
    let changes = log
        .iter()
        .filter(|entry| entry.action != AuditAction::PortalAuthLogin);
    (changes.count(), app.outbox(organization).await.len())
}

#[actix_web::test]
async fn every_change_by_post_is_made_once_for_each_key() {
    let mut tried = 0;
    for endpoint in endpoints() {
        let [anonymous, owner, ..] = endpoint.statuses;
        let name = endpoint.operation;
        if anonymous != 401 || endpoint.method != Method::POST || IGNORING.contains(&name) {
            continue;
        }
        tried += 1;
        let world = World::start().await;
        let path = world.path(&endpoint);
        let send = async |by, key: &str| {
            let call = world.call(by, Method::POST, &path).await;
            endpoint.send(call.header("idempotency-key", key)).await
        };
        let first = send(By::Owner, KEY).await;
        assert_eq!(first.status(), owner, "{name}: {first:?}");
        let after_first = traces(&world.app).await;
        assert_same(&send(By::Owner, KEY).await, &first);
        assert_eq!(traces(&world.app).await, after_first, "{name}");
        assert_eq!(send(By::Owner, "a b").await.status(), 400, "{name}");
        // Whoever may not do it is told so, whatever was answered before.
        let [_, _, without_header, ..] = endpoint.statuses;
        let refused = send(By::OwnerWithoutHeader, KEY).await;
        assert_eq!(refused.status(), without_header, "{name}");
    }
    assert_eq!(tried, 7);
}

#[actix_web::test]
async fn the_document_names_the_header_where_it_counts() {
    let app = TestApp::start().await;
    for (method, path, operation) in documented(&app) {
        let parameters = operation["parameters"].as_array();
        let mut names = parameters
            .into_iter()
            .flatten()
            .map(|parameter| &parameter["name"]);
        let is_named = names.any(|name| name == "Idempotency-Key");
        assert_eq!(
            is_named,
            operation["responses"]["422"].is_object(),
            "{path}"
        );
        let name = operation["operationId"].as_str().unwrap();
        let is_of_user = operation["security"].is_array();
        let counts = method == "POST" && is_of_user && !IGNORING.contains(&name);
        assert_eq!(is_named, counts, "{method} {path}");
    }
}

#[actix_web::test]
async fn a_key_in_quotes_and_as_it_is_are_the_same() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let first = submit(&ada, "\"key-1\"", "Printer").await;
    assert_eq!(first.status(), 201);
    assert_same(&submit(&ada, "key-1", "Printer").await, &first);
    assert_eq!(tickets_of(&ada).await, 1);
}

#[actix_web::test]
async fn another_request_with_the_same_key_is_refused() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket_of_ada = submit(&ada, KEY, "Printer").await.created("ticket");
    assert_reused(&submit(&ada, KEY, "Scanner").await);
    let close = format!("{}/close", ticket_path(&ticket_of_ada));
    assert_reused(&post(&ada, &close, KEY, &json!({})).await);
    assert_reused(&upload(&ada, KEY, "a.txt", b"a").await);
    assert_eq!(app.files.keys(), []);
    assert_eq!(tickets_of(&ada).await, 1);
    assert_eq!(submit(&ada, KEY, "Printer").await.status(), 201);
    assert_eq!(submit(&ada, "other", "Scanner").await.status(), 201);
    assert_eq!(tickets_of(&ada).await, 2);
}

#[actix_web::test]
async fn a_key_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let too_long = "a".repeat(256);
    for key in ["", "\"\"", "\"a", "a b", "a, b", &too_long] {
        let refused = submit(&ada, key, "Printer").await;
        assert_eq!(refused.status(), 400, "{key}");
        let error = "Idempotency-Key: must be 1 to 255 visible ASCII characters, as they are or in \
                     quotes";
        assert_eq!(refused.error(), error, "{key}");
        assert_eq!(
            upload(&ada, key, "a.txt", b"a").await.error(),
            error,
            "{key}"
        );
    }
    let twice = ada.call(Method::POST, "/tickets");
    let twice = twice
        .header("idempotency-key", "a")
        .header("idempotency-key", "a");
    assert_eq!(twice.json(&ticket("Printer")).send().await.status(), 400);
    assert_eq!(tickets_of(&ada).await, 0);
    assert_eq!(app.files.keys(), []);
}

#[actix_web::test]
async fn users_have_keys_of_their_own() {
    let app = TestApp::start().await;
    let mut answers = Vec::new();
    for person in [&app.acme.ada, &app.acme.bob, &app.globex.ada] {
        let user = app.bearer(person).await;
        let first = submit(&user, KEY, &format!("Of {}", person.id)).await;
        assert_eq!(first.status(), 201);
        assert_eq!(tickets_of(&user).await, 1);
        answers.push(first.json()["ticket"]["id"].take());
    }
    answers.dedup();
    assert_eq!(answers.len(), 3);
}

#[actix_web::test]
async fn of_concurrent_repeats_one_makes_a_ticket() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for round in 0..5 {
        let key = format!("key-{round}");
        let repeats = (0..8).map(|_| submit(&ada, &key, "Printer"));
        let answers = join_all(repeats).await;
        for answer in &answers {
            assert_same(answer, &answers[0]);
        }
        assert_eq!(answers[0].status(), 201);
        assert_eq!(tickets_of(&ada).await, round + 1);
    }
    let created = app
        .audited(app.acme.id, AuditAction::PortalTicketCreate)
        .await;
    assert_eq!(created.len(), 5);
}

#[actix_web::test]
async fn what_failed_may_be_tried_again() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    // A file that is not there yet.
    let unknown = json!({
        "subject": "Printer",
        "description": "See.",
        "attachmentIds": ["018f3e2a-0000-7000-8000-000000000000"],
    });
    assert_eq!(post(&ada, "/tickets", KEY, &unknown).await.status(), 400);
    let switched = |on| BrandingChanges {
        enable_tickets: Some(on),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, switched(false)).await;
    assert_eq!(submit(&ada, KEY, "Printer").await.status(), 403);
    app.change_branding(&app.acme, switched(true)).await;
    let first = submit(&ada, KEY, "Printer").await;
    assert_eq!(first.status(), 201);
    assert_same(&submit(&ada, KEY, "Printer").await, &first);
    assert_eq!(tickets_of(&ada).await, 1);
}

#[actix_web::test]
async fn after_a_day_a_key_is_new_again() {
    let app = TestApp::start().await;
    let first = submit(&app.bearer(&app.acme.ada).await, KEY, "Printer").await;
    app.env.advance(TimeDelta::hours(24));
    let ada = app.bearer(&app.acme.ada).await;
    assert_same(&submit(&ada, KEY, "Printer").await, &first);
    app.env.advance(TimeDelta::seconds(1));
    let second = submit(&ada, KEY, "Printer").await.created("ticket");
    assert_ne!(id(&second), id(&first.json()["ticket"]));
    assert_eq!(tickets_of(&ada).await, 2);
}

#[actix_web::test]
async fn the_bytes_of_a_repeated_upload_are_dropped() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let first = upload(&ada, KEY, "a.txt", b"a").await;
    let file = first.created("upload");
    assert_same(&upload(&ada, KEY, "a.txt", b"a").await, &first);
    assert_reused(&upload(&ada, KEY, "a.txt", b"b").await);
    assert_reused(&upload(&ada, KEY, "b.txt", b"a").await);
    let kept: Vec<_> = app
        .files
        .keys()
        .iter()
        .map(|key| key.file.to_string())
        .collect();
    assert_eq!(kept, [id(&file)]);

    let repeats = (0..4).map(|_| upload(&ada, "other", "c.txt", b"c"));
    let answers = join_all(repeats).await;
    for answer in &answers {
        assert_same(answer, &answers[0]);
    }
    assert_eq!(app.files.keys().len(), 2);
}

#[actix_web::test]
async fn an_upload_that_filled_the_room_may_be_repeated() {
    static LARGEST: [u8; 1_000_000] = [b'x'; 1_000_000];
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    assert_eq!(LARGEST.len() as u64 * 3, TestFiles::QUOTA_BYTES);
    for key in ["1", "2", "3"] {
        assert_eq!(upload(&ada, key, "a.txt", &LARGEST).await.status(), 201);
    }
    assert_eq!(upload(&ada, "4", "a.txt", &LARGEST).await.status(), 409);
    assert_eq!(upload(&ada, "3", "a.txt", &LARGEST).await.status(), 201);
    assert_reused(&upload(&ada, "3", "a.txt", b"x").await);
    assert_eq!(app.files.keys().len(), 3);
}

#[actix_web::test]
async fn other_changes_ignore_the_header() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for name in ["Ada", "Grace"] {
        let call = ada.call(Method::PATCH, "/profile");
        let call = call
            .header("idempotency-key", KEY)
            .json(&json!({ "name": name }));
        assert_eq!(call.send().await.json()["user"]["name"], name);
    }
    assert_eq!(
        post(&ada, "/auth/logout", KEY, &json!({})).await.status(),
        200
    );
    assert_eq!(
        post(&ada, "/auth/logout", KEY, &json!({})).await.status(),
        401
    );
}
