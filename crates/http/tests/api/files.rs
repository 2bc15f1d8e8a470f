//! Files: uploaded, attached and fetched.

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_auth::WriteLimits;
use portal_domain::audit::AuditAction;
use portal_domain::files::AttachmentIds;
use portal_domain::tickets::{self, Reply};
use portal_test_support::{
    Caller, DOUBT_ON_POSTGRES, DOUBT_ON_SQLITE, MALICIOUS, TestApp, TestFiles, sqlite,
};
use serde_json::{Value, json};

use crate::support::id;
use crate::support::tickets::{team_replies, ticket_id, ticket_path};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot really a picture";

async fn uploaded(caller: &impl Caller, name: &str, content: &'static [u8]) -> Value {
    caller.upload(name, content).await.created("upload")
}

async fn submit_with(caller: &impl Caller, files: &[&Value]) -> Value {
    let ids: Vec<&str> = files.iter().map(|file| id(file)).collect();
    let body = json!({ "subject": "Printer", "description": "See.", "attachmentIds": ids });
    caller.post("/tickets", &body).await.created("ticket")
}

fn file_path(ticket: &Value, file: &Value) -> String {
    format!("/tickets/{}/attachments/{}", id(ticket), id(file))
}

#[actix_web::test]
async fn a_file_is_uploaded_attached_and_fetched() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let upload = uploaded(&ada, "Bild 1.png", PNG).await;
    assert_eq!(
        upload,
        json!({
            "id": id(&upload),
            "fileName": "Bild 1.png",
            "contentType": "image/png",
            "sizeBytes": PNG.len(),
        })
    );
    let ticket = submit_with(&ada, &[&upload]).await;
    assert_eq!(ticket["attachments"], json!([upload]));
    let shown = ada.get(&ticket_path(&ticket)).await.json();
    assert_eq!(shown["ticket"]["attachments"], json!([upload]));

    let fetched = ada.get(&file_path(&ticket, &upload)).await;
    assert_eq!((fetched.status(), fetched.bytes()), (200, PNG));
    let tag = fetched.header("etag").unwrap_or_default();
    assert!(tag.len() == 66 && tag.starts_with('"'), "{tag}");
    for (name, value) in [
        ("content-type", "image/png"),
        (
            "content-disposition",
            "inline; filename=\"Bild 1.png\"; filename*=UTF-8''Bild%201.png",
        ),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "private, no-cache"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(fetched.header(name).as_deref(), Some(value));
    }
}

#[actix_web::test]
async fn a_comment_has_files_of_its_own() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let [a, b] = [
        uploaded(&ada, "a.txt", b"a").await,
        uploaded(&ada, "b.txt", b"b").await,
    ];
    let body = json!({ "content": "See.", "attachmentIds": [id(&b), id(&a), id(&b)] });
    let path = format!("{}/comments", ticket_path(&ticket));
    let comment = ada.post(&path, &body).await.created("comment");
    assert_eq!(comment["attachments"], json!([b, a]));
    let shown = ada.get(&ticket_path(&ticket)).await.json();
    assert_eq!(shown["ticket"]["attachments"], json!([]));
    assert_eq!(shown["ticket"]["comments"][0]["attachments"], json!([b, a]));
}

#[actix_web::test]
async fn only_what_one_uploaded_oneself_can_be_attached_and_only_once() {
    let app = TestApp::start().await;
    let (ada, bob) = (
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.bob).await,
    );
    let stranger = app.bearer(&app.globex.ada).await;
    let used = uploaded(&ada, "used.txt", b"a").await;
    let ticket = submit_with(&ada, &[&used]).await;
    let of_bob = uploaded(&bob, "bob.txt", b"b").await;
    let foreign = uploaded(&stranger, "foreign.txt", b"c").await;
    let unknown = json!({ "id": "018f3e2a-0000-7000-8000-000000000000" });
    let comments = format!("{}/comments", ticket_path(&ticket));
    for file in [&used, &of_bob, &foreign, &unknown] {
        let ids = json!([id(file)]);
        for (path, body) in [
            (
                "/tickets",
                json!({ "subject": "A", "description": "B", "attachmentIds": ids }),
            ),
            (&*comments, json!({ "content": "A", "attachmentIds": ids })),
        ] {
            let refused = ada.post(path, &body).await;
            assert_eq!(refused.status(), 400, "{refused:?}");
            assert_eq!(
                refused.json()["details"]["fieldErrors"]["attachmentIds"],
                json!(["must be files that you uploaded and that are not attached yet"])
            );
        }
    }
    // Nothing of the refused requests is left.
    let shown = ada.get(&ticket_path(&ticket)).await.json();
    assert_eq!(shown["ticket"]["comments"], json!([]));
    let list = ada.get("/tickets").await.json();
    assert_eq!(list["pagination"]["total"], 1);
    let many: Vec<String> = (0..11)
        .map(|n| format!("018f3e2a-0000-7000-8000-0000000000{n:02}"))
        .collect();
    let body = json!({ "subject": "A", "description": "B", "attachmentIds": many });
    assert_eq!(
        ada.post("/tickets", &body).await.error(),
        "attachmentIds: must be at most 10 files"
    );
    let body = json!({ "subject": "A", "description": "B", "attachmentIds": id(&unknown) });
    assert_eq!(
        ada.post("/tickets", &body).await.error(),
        "attachmentIds: must be an array"
    );
}

#[actix_web::test]
async fn a_file_is_seen_by_those_who_see_its_ticket_and_comment() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let upload = uploaded(&ada, "a.txt", b"a").await;
    // Not before it is attached.
    let ticket = ada.submit_ticket("Printer").await;
    assert_eq!(ada.get(&file_path(&ticket, &upload)).await.status(), 404);
    let ticket = submit_with(&ada, &[&upload]).await;
    let other = ada.submit_ticket("Other").await;

    let file = app.uploaded_by_team(&app.acme, "note.txt", "secret").await;
    let reply = Reply {
        content: "Between us.".parse().expect("a text"),
        attachments: AttachmentIds::of([file.id]).expect("one"),
    };
    app.assist(&app.acme, async |op| {
        tickets::add_internal_note(op, ticket_id(&ticket), reply).await
    })
    .await
    .expect("the note");
    let internal = json!({ "id": file.id.to_string() });

    let bob = app.bearer(&app.acme.bob).await;
    let stranger = app.bearer(&app.globex.ada).await;
    for (caller, ticket, file, status) in [
        (&ada, &ticket, &upload, 200),
        (&ada, &other, &upload, 404),
        (&ada, &ticket, &internal, 404),
        (&bob, &ticket, &upload, 404),
        (&stranger, &ticket, &upload, 404),
    ] {
        let found = caller.get(&file_path(ticket, file)).await;
        assert_eq!(found.status(), status, "{found:?}");
        if status == 404 {
            assert_eq!(found.error(), "Attachment not found");
        }
    }
    let shown = ada.get(&ticket_path(&ticket)).await;
    assert!(!shown.text().contains("note.txt"));
    app.add_participant(&app.acme.ada, ticket_id(&ticket), &app.acme.bob)
        .await;
    assert_eq!(bob.get(&file_path(&ticket, &upload)).await.status(), 200);
}

#[actix_web::test]
async fn a_withdrawn_comment_takes_its_files_along() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let upload = uploaded(&ada, "a.txt", b"a").await;
    let comments = format!("{}/comments", ticket_path(&ticket));
    let body = json!({ "content": "See.", "attachmentIds": [id(&upload)] });
    let comment = ada.post(&comments, &body).await.created("comment");
    let path = file_path(&ticket, &upload);
    assert_eq!(ada.get(&path).await.status(), 200);
    let withdrawn = ada.delete(&format!("{comments}/{}", id(&comment))).await;
    assert_eq!(withdrawn.status(), 200);
    assert_eq!(ada.get(&path).await.status(), 404);
    team_replies(&app, &ticket, "Hm?").await;
    let shown = ada.get(&ticket_path(&ticket)).await;
    assert!(!shown.text().contains("a.txt"));
}

#[actix_web::test]
async fn parts_and_what_the_client_has_are_not_sent_again() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let upload = uploaded(&ada, "a.txt", b"0123456789").await;
    let ticket = submit_with(&ada, &[&upload]).await;
    let path = file_path(&ticket, &upload);
    let call = || ada.call(Method::GET, &path);
    let part = call().header("range", "bytes=2-4").send().await;
    assert_eq!((part.status(), part.text()), (206, "234"));
    assert_eq!(
        part.header("content-range").as_deref(),
        Some("bytes 2-4/10")
    );
    let after = call().header("range", "bytes=10-").send().await;
    assert_eq!(after.status(), 416);
    assert_eq!(after.header("content-range").as_deref(), Some("bytes */10"));
    let tag = part.header("etag").expect("a tag");
    let known = call().header("if-none-match", &tag).send().await;
    assert_eq!((known.status(), known.text()), (304, ""));
    let same = call().header("range", "bytes=0-0").header("if-range", &tag);
    assert_eq!(same.send().await.text(), "0");
    let other = call()
        .header("range", "bytes=0-0")
        .header("if-range", "\"x\"");
    assert_eq!(other.send().await.text(), "0123456789");
    assert_eq!(ada.call(Method::HEAD, &path).send().await.status(), 200);
}

#[actix_web::test]
async fn nothing_is_served_under_a_type_that_a_browser_runs() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (name, content, content_type, disposition) in [
        (
            "a.html",
            &b"<!doctype html><script>1</script>"[..],
            "application/octet-stream",
            "attachment",
        ),
        ("a.txt", b"<html>", "application/octet-stream", "attachment"),
        (
            "a.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "application/octet-stream",
            "attachment",
        ),
        ("a.txt", b"plain", "text/plain; charset=utf-8", "inline"),
        ("a.pdf", b"%PDF-1.7", "application/pdf", "attachment"),
        ("a.gif", b"GIF89a", "image/gif", "inline"),
    ] {
        let upload = uploaded(&ada, name, content).await;
        let ticket = submit_with(&ada, &[&upload]).await;
        let fetched = ada.get(&file_path(&ticket, &upload)).await;
        assert_eq!(
            fetched.header("content-type").as_deref(),
            Some(content_type)
        );
        let header = fetched
            .header("content-disposition")
            .expect("a disposition");
        assert!(header.starts_with(&format!("{disposition}; ")), "{header}");
    }
}

#[actix_web::test]
async fn files_that_are_refused_leave_nothing() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let large = vec![b'x'; 1 + usize::try_from(TestFiles::MAX_BYTES).expect("small")];
    let runs = "Files that run when they are opened are not accepted";
    for (name, content, status, message) in [
        ("a.exe", b"harmless".to_vec(), 400, runs),
        ("a.txt", b"MZ\x90\0\x03".to_vec(), 400, runs),
        ("a.txt", b"#!/bin/sh\n".to_vec(), 400, runs),
        ("a.txt", Vec::new(), 400, "The file is empty"),
        (
            "a.txt",
            MALICIOUS.into(),
            400,
            "The file contains malicious software",
        ),
        ("a.txt", large, 413, "The file is larger than 1 MB"),
    ] {
        let refused = ada.upload(name, content).await;
        assert_eq!(
            (refused.status(), refused.error()),
            (status, message.to_owned())
        );
    }
    assert_eq!(app.files.keys(), []);
    assert_eq!(
        app.audited(app.acme.id, AuditAction::PortalFileUpload)
            .await,
        []
    );
}

#[actix_web::test]
async fn an_organization_has_a_quota() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let megabyte = vec![b'x'; 1_000_000];
    for _ in 0..3 {
        let taken = ada.upload("a.txt", megabyte.clone()).await;
        assert_eq!(taken.status(), 201, "{taken:?}");
    }
    let refused = ada.upload("a.txt", "x").await;
    assert_eq!(
        refused.parts(),
        (
            409,
            json!({
                "error": "There is no more room for files of your organization",
                "code": "FILE_QUOTA_EXCEEDED",
            })
        )
    );
    let other = app.bearer(&app.globex.ada).await;
    assert_eq!(other.upload("a.txt", "x").await.status(), 201);
}

#[actix_web::test]
async fn a_user_uploads_a_hundred_files_an_hour() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for _ in 0..100 {
        assert_eq!(ada.upload("a.txt", "x").await.status(), 201);
    }
    let refused = ada.upload("a.txt", "x").await;
    assert_eq!(
        (refused.status(), refused.error()),
        (429, "Too many files. Please try again later.".to_owned())
    );
    assert!(refused.header("retry-after").is_some());
    let bob = app.bearer(&app.acme.bob).await;
    assert_eq!(bob.upload("a.txt", "x").await.status(), 201);
    app.env.advance(TimeDelta::minutes(61));
    assert_eq!(ada.upload("a.txt", "x").await.status(), 201);
}

#[actix_web::test]
async fn uploads_are_counted_before_their_bytes_are_read() {
    let app = TestApp::with(|config| {
        config.write_limits = WriteLimits {
            per_user: 2,
            ..WriteLimits::NONE
        };
    })
    .await;
    let ada = app.bearer(&app.acme.ada).await;
    for _ in 0..2 {
        let runs = ada.upload("a.exe", "x").await;
        assert_eq!(runs.status(), 400);
    }
    for _ in 0..2 {
        assert_eq!(ada.upload("a.txt", "x").await.status(), 201);
    }
    // Nothing is scanned any more: the scanner, which is down, would answer with 503.
    app.files.set_scanner_down(true);
    let refused = ada.upload("a.txt", "x").await;
    assert_eq!(
        (refused.status(), refused.error()),
        (429, "Too many requests. Please try again later.".to_owned())
    );
    assert_eq!(ada.upload("a.exe", "x").await.status(), 400);
    let large = vec![b'x'; 1 + usize::try_from(TestFiles::MAX_BYTES).expect("small")];
    assert_eq!(ada.upload("a.exe", large).await.status(), 413);
}

#[actix_web::test]
async fn without_room_the_limit_is_told_first() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for _ in 0..3 {
        let megabyte = vec![b'x'; 1_000_000];
        assert_eq!(ada.upload("a.txt", megabyte).await.status(), 201);
    }
    assert_eq!(ada.upload("a.exe", "x").await.status(), 400);
    for _ in 3..100 {
        assert_eq!(ada.upload("a.txt", "x").await.status(), 409);
    }
    assert_eq!(ada.upload("a.txt", "x").await.status(), 429);
}

#[actix_web::test]
async fn bytes_are_kept_when_nobody_knows_whether_the_row_is_there() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    if let Some(file) = app.database.sqlite_file() {
        sqlite::execute(&file, DOUBT_ON_SQLITE);
    }
    if let Some(postgres) = app.database.postgres() {
        postgres.sql(DOUBT_ON_POSTGRES);
    }
    assert_eq!(ada.upload("a.txt", "x").await.status(), 500);
    assert_eq!(app.files.keys().len(), 1);
}

#[actix_web::test]
async fn without_the_store_or_the_scanner_no_file_is_taken() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    app.files.set_down(true);
    assert_eq!(ada.upload("a.txt", "x").await.status(), 503);
    app.files.set_down(false);
    app.files.set_scanner_down(true);
    let refused = ada.upload("a.txt", "x").await;
    assert_eq!(refused.status(), 503);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(app.files.keys(), []);
    app.files.set_scanner_down(false);
    let upload = uploaded(&ada, "a.txt", b"x").await;
    let ticket = submit_with(&ada, &[&upload]).await;
    app.files.set_down(true);
    assert_eq!(ada.get(&file_path(&ticket, &upload)).await.status(), 503);
    // Tickets do not need it.
    assert_eq!(ada.get(&ticket_path(&ticket)).await.status(), 200);
}

#[actix_web::test]
async fn uploads_and_what_they_are_attached_to_are_audited() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let upload = uploaded(&ada, "a.png", PNG).await;
    submit_with(&ada, &[&upload]).await;
    let [entry] = &*app
        .audited(app.acme.id, AuditAction::PortalFileUpload)
        .await
    else {
        panic!("one entry")
    };
    assert_eq!(entry.resource_type, "file");
    assert_eq!(entry.resource_id, id(&upload));
    assert_eq!(entry.resource_name.as_deref(), Some("a.png"));
    assert_eq!(
        entry.details,
        json!({ "contentType": "image/png", "sizeBytes": PNG.len() })
    );
    let created = app
        .audited(app.acme.id, AuditAction::PortalTicketCreate)
        .await;
    assert_eq!(created[0].details["attachmentIds"], json!([id(&upload)]));
}

#[actix_web::test]
async fn a_browsers_script_uploads_with_the_csrf_header() {
    let app = TestApp::start().await;
    let browser = app.cookie(&app.acme.ada).await;
    assert_eq!(browser.upload("a.txt", "x").await.status(), 201);
    let forged = browser.call_without_header(Method::POST, "/uploads");
    let forged = forged.body("text/plain", "x").send().await;
    assert_eq!(forged.status(), 403);
    assert_eq!(app.files.keys().len(), 1);
}
