//! Files in the forms of tickets and replies, without a script.

use actix_web::http::Method;
use portal_test_support::{MALICIOUS, Response, TestApp};

use crate::browser::{Browser, hidden_fields};
use crate::start;

const NEW: &str = "/tickets/new";
const GIF: &str = "GIF89a, which is a picture too";

/// What somebody types into the form of a new ticket.
const TICKET: [(&str, &str); 3] = [
    ("subject", "Printer"),
    ("description", "See."),
    ("priority", "normal"),
];

/// Ada's browser at the form of a new ticket.
async fn at_new_ticket(app: TestApp) -> (TestApp, Browser, String) {
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page(NEW).await;
    (app, browser, html)
}

/// Submits a page's form as a browser does that has files to send.
async fn submit(
    browser: &Browser,
    html: &str,
    action: &str,
    typed: &[(&str, &str)],
    files: &[(&str, &str)],
) -> Response {
    let boundary = "----portal";
    let mut parts = Vec::new();
    let hidden = hidden_fields(html, action);
    let hidden = hidden.iter().map(|(name, value)| (&**name, &**value));
    for (name, value) in hidden.chain(typed.iter().copied()) {
        parts.push(format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    for (name, content) in files {
        parts.push(format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n{content}\r\n"
        ));
    }
    parts.push(format!("--{boundary}--\r\n"));
    let call = browser.call(Method::POST, action);
    let content_type = format!("multipart/form-data; boundary={boundary}");
    browser.send(call.body(&content_type, parts.concat())).await
}

/// The values of the ticked boxes of files.
fn ticked(html: &str) -> Vec<String> {
    let boxes = html.split("name=\"attachment\" value=\"").skip(1);
    boxes
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

fn target(response: &Response) -> String {
    assert_eq!(response.status(), 303, "{}", response.text());
    response.header("location").unwrap()
}

#[actix_web::test]
async fn a_ticket_and_a_reply_are_sent_with_files() {
    let (_app, browser, html) = at_new_ticket(start().await).await;
    let files = [("Bild \u{e4}.gif", GIF), ("log.txt", "42\r\n")];
    let path = target(&submit(&browser, &html, NEW, &TICKET, &files).await);
    let shown = browser.page(&path).await;
    assert!(
        shown.contains("Bild \u{e4}.gif") && shown.contains("log.txt"),
        "{shown}"
    );
    let (_, picture) = shown.split_once("<img src=\"").unwrap();
    let picture = picture.split('"').next().unwrap();
    let fetched = browser.get(picture).await;
    assert_eq!((fetched.status(), fetched.text()), (200, GIF));
    assert_eq!(fetched.header("content-type").as_deref(), Some("image/gif"));

    let reply = submit(
        &browser,
        &shown,
        &path,
        &[("content", "And this.")],
        &[("b.txt", "b")],
    );
    target(&reply.await);
    let shown = browser.page(&path).await;
    let (_, said) = shown.split_once("And this.").unwrap();
    assert!(said.contains("b.txt"), "{said}");
}

#[actix_web::test]
async fn what_was_uploaded_survives_a_form_shown_again() {
    let (_app, browser, html) = at_new_ticket(start().await).await;
    let typed = [("subject", ""), TICKET[1], TICKET[2]];
    let files = [("a.txt", "a"), ("b.txt", "b")];
    let again = submit(&browser, &html, NEW, &typed, &files).await;
    assert_eq!(again.status(), 422);
    let html = again.text();
    let kept = ticked(html);
    assert_eq!(kept.len(), 2);
    assert!(html.contains("a.txt") && html.contains("b.txt"), "{html}");
    // One of them is taken off, and the form is sent without a new file.
    let typed = [&TICKET[..], &[("attachment", &*kept[1])]].concat();
    let path = target(&submit(&browser, html, NEW, &typed, &[("", "")]).await);
    let shown = browser.page(&path).await;
    assert!(
        !shown.contains("a.txt") && shown.contains("b.txt"),
        "{shown}"
    );

    // Sent a second time, it leads to the same ticket.
    assert_eq!(
        target(&submit(&browser, html, NEW, &typed, &[]).await),
        path
    );
}

#[actix_web::test]
async fn a_file_that_is_refused_is_named_at_its_field_and_the_others_are_kept() {
    let (_app, browser, _) = at_new_ticket(start().await).await;
    let large = "x".repeat(1_000_001);
    for (name, content, message) in [
        ("a.exe", "harmless", "This file cannot be accepted"),
        ("a.txt", MALICIOUS, "This file cannot be accepted"),
        ("a.txt", &large, "This file is too large."),
        ("a.txt", "", "A file is empty."),
    ] {
        let html = browser.page(NEW).await;
        let files = [("kept.txt", "kept"), (name, content), ("last.txt", "last")];
        let again = submit(&browser, &html, NEW, &TICKET, &files).await;
        assert_eq!(again.status(), 422, "{name}");
        assert!(again.text().contains(message), "{name} {message}");
        assert_eq!(ticked(again.text()).len(), 2, "{name}");
        assert!(again.text().contains("value=\"Printer\""));
    }
    let html = browser.page(NEW).await;
    let eleven = [("a.txt", "a"); 11];
    let again = submit(&browser, &html, NEW, &TICKET, &eleven).await;
    assert_eq!(again.status(), 422);
    assert!(
        again.text().contains("at most ten files"),
        "{}",
        again.text()
    );
}

#[actix_web::test]
async fn files_that_cannot_be_taken_at_the_moment_cost_no_text() {
    let (app, browser, _) = at_new_ticket(start().await).await;
    let send = async || {
        let html = browser.page(NEW).await;
        let again = submit(&browser, &html, NEW, &TICKET, &[("a.txt", "a")]).await;
        assert_eq!(again.status(), 422);
        assert!(again.text().contains("Files cannot be taken at the moment"));
        assert!(again.text().contains("value=\"Printer\""));
    };
    app.files.set_down(true);
    send().await;
    app.files.set_down(false);
    app.files.set_scanner_down(true);
    send().await;
    assert_eq!(app.files.keys(), []);
}

#[actix_web::test]
async fn a_file_that_is_not_there_any_more_is_told() {
    let (app, browser, _) = at_new_ticket(start().await).await;
    let of_bob = app.uploaded(&app.acme.bob, "b.txt", "b").await;
    let id = of_bob.id.to_string();
    let html = browser.page(NEW).await;
    let typed = [&TICKET[..], &[("attachment", &*id)]].concat();
    let again = submit(&browser, &html, NEW, &typed, &[]).await;
    assert_eq!(again.status(), 422);
    assert!(again.text().contains("One of the files is no longer there"));
    assert_eq!(ticked(again.text()), [""; 0]);
}

#[actix_web::test]
async fn what_is_refused_because_of_a_file_leaves_nothing() {
    let (app, browser, _) = at_new_ticket(start().await).await;
    let ticket = app.ticket(&app.acme.ada, "Printer").await.id;
    let ticket = format!("/tickets/{ticket}");
    app.send_mails().await;
    let before = app.audit_log(app.acme.id).await.len();
    let mine = app.uploaded(&app.acme.ada, "a.txt", "a").await;
    let of_bob = app.uploaded(&app.acme.bob, "b.txt", "b").await;
    let uploads = app.audit_log(app.acme.id).await.len();
    assert_eq!(uploads, before + 2);
    let (mine_id, other) = (mine.id.to_string(), of_bob.id.to_string());
    let files = [("attachment", &*mine_id), ("attachment", &*other)];
    let new = [
        ("subject", "Lamp"),
        ("description", "See."),
        ("priority", "normal"),
    ];
    for (page, typed) in [(NEW, &new[..]), (&*ticket, &[("content", "Also this.")])] {
        let html = browser.page(page).await;
        let typed = [typed, &files].concat();
        for _ in 0..2 {
            let again = submit(&browser, &html, page, &typed, &[]).await;
            assert_eq!(again.status(), 422, "{page}");
            assert!(again.text().contains("One of the files is no longer there"));
            assert_eq!(ticked(again.text()), [&*mine_id], "{page}");
        }
    }
    let list = browser.page("/tickets").await;
    assert!(!list.contains("Lamp"), "{list}");
    let shown = browser.page(&ticket).await;
    assert!(!shown.contains("Also this."), "{shown}");
    assert_eq!(app.audit_log(app.acme.id).await.len(), uploads);
    assert_eq!(app.send_mails().await.sent, 0);
    let reader = app.reader(app.acme.ada.scope()).await;
    let waiting = reader.waiting_files(app.acme.ada.id, &[mine.id]).await;
    assert_eq!(waiting.unwrap().len(), 1);
}

#[actix_web::test]
async fn files_of_a_form_without_a_valid_token_are_not_taken() {
    let (app, browser, html) = at_new_ticket(start().await).await;
    // Somebody has signed in anew, in another tab.
    browser.submit("/", "/sign-out", &[]).await;
    browser.sign_in(&app.acme.ada.email).await;
    let outdated = submit(&browser, &html, NEW, &TICKET, &[("a.txt", "a")]).await;
    assert_eq!(outdated.status(), 422);
    assert!(outdated.text().contains("Printer"));
    // Sent again, it comes back with a word about the file.
    let again = browser.submit_from(outdated.text(), NEW, &[]).await;
    assert_eq!(again.status(), 422);
    assert!(again.text().contains("The files were not taken"));
    assert!(again.text().contains("value=\"Printer\""));
    let forged = html.replace("name=\"csrf\"", "name=\"other\"");
    let forged = submit(&browser, &forged, NEW, &TICKET, &[("a.txt", "a")]).await;
    assert_eq!(forged.status(), 403);
    assert_eq!(app.files.keys(), []);

    let stranger = Browser::new(&app);
    let signed_out = submit(&stranger, &html, NEW, &TICKET, &[("a.txt", "a")]).await;
    assert_eq!(signed_out.status(), 401);
    assert!(signed_out.text().contains("Printer"));
    assert!(signed_out.text().contains("attachment-problem=unsent"));
    assert_eq!(app.files.keys(), []);
}

#[actix_web::test]
async fn a_form_may_have_no_more_text_than_others() {
    let app = TestApp::with_pages(|config| config.max_body_bytes = 2_000, portal_web::routes).await;
    let (_app, browser, html) = at_new_ticket(app).await;
    let description = "x".repeat(2_000);
    let typed = [TICKET[0], ("description", &description), TICKET[2]];
    let refused = submit(&browser, &html, NEW, &typed, &[]).await;
    assert_eq!(refused.status(), 413);
    // Files do not count.
    let file = "x".repeat(10_000);
    target(&submit(&browser, &html, NEW, &TICKET, &[("a.txt", &file)]).await);
}

#[actix_web::test]
async fn a_form_with_files_has_a_size_limit() {
    let app = TestApp::with_pages(|config| config.max_body_bytes = 4_000, portal_web::routes).await;
    let (app, browser, html) = at_new_ticket(app).await;
    // Parts without a text.
    let empty: Vec<_> = TICKET.into_iter().chain([("x", ""); 100]).collect();
    let refused = submit(&browser, &html, NEW, &empty, &[]).await;
    assert_eq!(refused.status(), 413);
    // Files of nobody, and those beyond ten of the largest size.
    let forged = html.replace("name=\"csrf\"", "name=\"other\"");
    let file = "x".repeat(4_000);
    let refused = submit(&browser, &forged, NEW, &TICKET, &[("a.txt", &file)]).await;
    assert_eq!(refused.status(), 413);
    let large = "x".repeat(10_000_001);
    let refused = submit(&browser, &html, NEW, &TICKET, &[("a.txt", &large)]).await;
    assert_eq!(refused.status(), 413);
    // Many files are told about once.
    let many = [("a.txt", "a"); 13];
    let signed_out = submit(&Browser::new(&app), &html, NEW, &TICKET, &many).await;
    assert_eq!(signed_out.status(), 401);
    for problem in ["unsent", "too-many"] {
        let field = format!("attachment-problem={problem}");
        assert_eq!(signed_out.text().matches(&field).count(), 1, "{problem}");
    }
}
