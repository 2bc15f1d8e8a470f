//! Mails that their readers switch off (RFC 8058).
#![expect(
    clippy::expect_used,
    reason = "a test whose world is not as it has to be fails"
)]

use actix_web::http::Method;
use portal_domain::audit::AuditAction;
use portal_test_support::{Caller as _, Person, Response, TestApp};
use serde_json::json;

/// The address in the header of a mail, below the API's prefix.
fn address(mail: Vec<u8>) -> Option<String> {
    let raw = String::from_utf8(mail).expect("ASCII");
    let unfolded = raw.replace("\r\n ", " ");
    let mut lines = unfolded.lines();
    let header = lines.find_map(|line| line.strip_prefix("List-Unsubscribe: <"))?;
    assert!(
        unfolded.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
        "{raw}"
    );
    let address = header.strip_suffix('>').expect("an address");
    let path = address.strip_prefix("http://portal.example/api/v1/portal");
    Some(path.expect("an address of the portal").to_owned())
}

/// The addresses in the mails to somebody.
async fn addresses(app: &TestApp, person: &Person) -> Vec<Option<String>> {
    app.send_mails().await;
    let mails = app.mails.mails();
    let to = mails
        .iter()
        .filter(|mail| mail.recipient().as_str() == person.email);
    to.map(|mail| address(mail.formatted())).collect()
}

async fn one_click(app: &TestApp, path: &str) -> Response {
    let call = app.anonymous().call(Method::POST, path);
    let form = "application/x-www-form-urlencoded";
    call.body(form, "List-Unsubscribe=One-Click").send().await
}

#[actix_web::test]
async fn one_click_switches_off_the_kind_of_the_mail_and_no_other() {
    let app = TestApp::start().await;
    let (ada, bob) = (&app.acme.ada, &app.acme.bob);
    let ticket = app.ticket(ada, "Printer").await.id;
    app.add_participant(ada, ticket, bob).await;
    for (person, key, others) in [
        (
            ada,
            "notifyOwnTickets",
            ["notifySharedTickets", "notifyLoans"],
        ),
        (
            bob,
            "notifySharedTickets",
            ["notifyOwnTickets", "notifyLoans"],
        ),
    ] {
        let found = addresses(&app, person).await;
        let path = found.into_iter().flatten().next().expect("an address");
        let caller = app.bearer(person).await;
        // A program that looks at links changes nothing.
        let asked = app.anonymous().get(&path).await;
        let page = path.replace("/unsubscribe", "http://portal.example/unsubscribe");
        let location = asked.header("location").expect("a page");
        assert_eq!(asked.status(), 303);
        assert!(page.ends_with(&location), "{location}");
        let user = caller.get("/profile").await.json()["user"].clone();
        assert_eq!(user[key], true);

        for _ in 0..2 {
            let done = one_click(&app, &path).await;
            assert_eq!(done.parts(), (200, json!({ "success": true })));
            assert_eq!(done.header("set-cookie"), None);
        }
        let user = caller.get("/profile").await.json()["user"].clone();
        assert_eq!(user[key], false);
        for other in others.into_iter().chain(["receiveNotifications"]) {
            assert_eq!(user[other], true, "{other}");
        }
    }
    let log = app
        .audited(app.acme.id, AuditAction::PortalProfileUpdate)
        .await;
    assert_eq!(log.len(), 2);
    let before = app.mails.mails().len();
    app.team_replies(&app.acme, ticket, "On my way.").await;
    app.send_mails().await;
    assert_eq!(app.mails.mails().len(), before);
}

#[actix_web::test]
async fn a_made_up_token_and_another_method_are_refused() {
    let app = TestApp::start().await;
    for token in ["", "?token=", "?token=a.b", "?other=a.b"] {
        let response = one_click(&app, &format!("/unsubscribe{token}")).await;
        let body = json!({ "error": "Invalid unsubscribe link" });
        assert_eq!(response.parts(), (400, body), "{token}");
    }
    let response = app.anonymous().delete("/unsubscribe").await;
    assert_eq!(response.status(), 405);
    let allow = response.header("allow").expect("Allow");
    assert_eq!(allow, "GET, POST, HEAD");
}

#[actix_web::test]
async fn mails_about_the_account_cannot_be_switched_off() {
    let app = TestApp::start().await;
    let body = json!({ "email": app.acme.ada.email, "orgId": app.acme.id.to_string() });
    app.anonymous().post("/auth/forgot-password", &body).await;
    app.settle().await;
    assert_eq!(addresses(&app, &app.acme.ada).await, [None]);
}
