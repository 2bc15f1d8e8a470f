//! Mails about changes, and their recipients.

use portal_domain::branding::BrandingChanges;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, TicketPriority, TicketStatus, Triage};
use portal_test_support::{Caller, PASSWORD, TestApp};
use serde_json::json;

use crate::support::devices::{put, record};
use crate::support::id;
use crate::support::tickets::{set_ticket_status, team_notes, team_replies};

const ADA: &str = "ada@acme.example";
const TEAM: &str = "help@acme.example";

/// A portal in which `acme` has a support address.
async fn with_support() -> TestApp {
    let app = TestApp::start().await;
    let changes = BrandingChanges {
        support_email: Some(TEAM.parse().ok()),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    app
}

/// The recipients and subjects of new mails, in alphabetical order.
async fn mails(app: &TestApp) -> Vec<(String, String)> {
    app.send_mails().await;
    let mut mails: Vec<_> = app
        .mails
        .take()
        .iter()
        .map(|mail| (mail.recipient().to_string(), mail.subject().to_owned()))
        .collect();
    mails.sort();
    mails
}

fn list(mails: &[(&str, String)]) -> Vec<(String, String)> {
    mails
        .iter()
        .map(|(to, subject)| ((*to).to_owned(), subject.clone()))
        .collect()
}

const NONE: &[(&str, String)] = &[];

#[actix_web::test]
async fn new_ticket_mails_submitter_and_team() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    assert_eq!(mails(&app).await, list(NONE));
    let ticket = ada.submit_ticket("Printer").await;
    let number = ticket["ticketNumber"].as_str().unwrap();
    assert_eq!(
        mails(&app).await,
        list(&[
            (ADA, format!("[{number}] We have received your ticket")),
            (TEAM, format!("[{number}] New ticket: Printer")),
        ])
    );
}

#[actix_web::test]
async fn customer_comment_mails_the_team() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let number = ticket["ticketNumber"].as_str().unwrap();
    set_ticket_status(&app, &ticket, TicketStatus::Pending).await;
    mails(&app).await;
    let said = ada.comment(&ticket, "It still burns.").await;
    app.send_mails().await;
    let sent = app.mails.take();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].recipient().as_str(), TEAM);
    assert_eq!(
        sent[0].subject(),
        format!("[{number}] Customer reply: Printer")
    );
    assert!(sent[0].text().contains("It still burns."));

    let path = format!("/tickets/{}/comments/{}", id(&ticket), id(&said));
    ada.patch(&path, &json!({ "content": "Out." })).await;
    ada.delete(&path).await;
    assert_eq!(mails(&app).await, list(NONE));
}

#[actix_web::test]
async fn team_reply_is_mailed_and_internal_note_is_not() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let number = ticket["ticketNumber"].as_str().unwrap();
    mails(&app).await;
    team_notes(&app, &ticket, "The customer cannot spell").await;
    assert_eq!(mails(&app).await, list(NONE));
    team_replies(&app, &ticket, "We are on our way.").await;
    app.send_mails().await;
    let sent = app.mails.take();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].recipient().as_str(), ADA);
    assert_eq!(
        sent[0].subject(),
        format!("[{number}] We have replied to your ticket")
    );
    for part in [sent[0].text(), sent[0].html()] {
        assert!(part.contains("We are on our way."));
        assert!(!part.contains("spell"));
    }
}

#[actix_web::test]
async fn status_change_mails_the_submitter() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    let number = ticket["ticketNumber"].as_str().unwrap();
    mails(&app).await;
    let mut present = TicketStatus::New;
    for status in [
        TicketStatus::Open,
        TicketStatus::Open,
        TicketStatus::OnHold,
        TicketStatus::Resolved,
        TicketStatus::Closed,
        TicketStatus::Open,
    ] {
        set_ticket_status(&app, &ticket, status).await;
        let expected = [(ADA, format!("[{number}] Status: {}", status.label()))];
        let expected = if status == present { NONE } else { &expected };
        assert_eq!(mails(&app).await, list(expected), "{status}");
        present = status;
    }
}

#[actix_web::test]
async fn internal_changes_send_no_mail() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    set_ticket_status(&app, &ticket, TicketStatus::Open).await;
    mails(&app).await;
    let ticket: TicketId = id(&ticket).parse().unwrap();
    app.operate(&app.acme, async |op| {
        let priority = TicketPriority::Urgent;
        tickets::triage(op, ticket, Triage { priority }).await?;
        tickets::assign(op, ticket, "Theo".parse().ok()).await?;
        tickets::delete(op, ticket).await
    })
    .await;
    assert_eq!(mails(&app).await, list(NONE));
}

#[actix_web::test]
async fn submitter_without_notifications_gets_no_mail() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    let body = json!({ "receiveNotifications": false });
    assert_eq!(ada.patch("/profile", &body).await.status(), 200);
    let ticket = ada.submit_ticket("Printer").await;
    let number = ticket["ticketNumber"].as_str().unwrap();
    team_replies(&app, &ticket, "Coming").await;
    set_ticket_status(&app, &ticket, TicketStatus::Pending).await;
    ada.comment(&ticket, "Thanks").await;
    assert_eq!(
        mails(&app).await,
        list(&[
            (TEAM, format!("[{number}] Customer reply: Printer")),
            (TEAM, format!("[{number}] New ticket: Printer")),
        ])
    );
    // What is about the account's safety comes all the same.
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "Winter-Birds-47" });
    assert_eq!(ada.post("/profile/password", &body).await.status(), 200);
    assert_eq!(
        mails(&app).await,
        list(&[(ADA, "Your password was changed".to_owned())])
    );
}

#[actix_web::test]
async fn team_without_an_address_gets_no_mail() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ticket = ada.submit_ticket("Printer").await;
    ada.comment(&ticket, "Hello").await;
    let to: Vec<_> = mails(&app).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, [ADA]);
}

#[actix_web::test]
async fn ticket_mail_goes_to_the_submitters_organization() {
    let app = with_support().await;
    let bob = app.bearer(&app.globex.bob).await;
    bob.submit_ticket("Printer").await;
    let to: Vec<_> = mails(&app).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, ["bob@globex.example"]);
}

#[actix_web::test]
async fn password_change_is_mailed_and_other_profile_changes_are_not() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let body = json!({ "name": "Ada M.", "locale": "en" });
    assert_eq!(ada.patch("/profile", &body).await.status(), 200);
    assert_eq!(mails(&app).await, list(NONE));
    let body = json!({ "password": "Winter-Birds-47" });
    assert_eq!(ada.patch("/profile", &body).await.status(), 200);
    assert_eq!(
        mails(&app).await,
        list(&[(ADA, "Your password was changed".to_owned())])
    );
}

#[actix_web::test]
async fn checkout_and_checkin_send_no_mail() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let checkout = ada.check_out(&device, &json!({})).await;
    let body = json!({ "expectedReturnAt": "2026-02-14T17:00:00Z" });
    ada.patch(&format!("/assets/checkouts/{}", id(&checkout)), &body)
        .await;
    ada.post_empty(&format!("/assets/{device}/checkin")).await;
    ada.post_empty("/auth/logout").await;
    assert_eq!(mails(&app).await, list(NONE));
}

#[actix_web::test]
async fn forgot_password_mail_fits_the_account() {
    let app = TestApp::start().await;
    app.invited(&app.acme, "hal@acme.example").await;
    assert_eq!(mails(&app).await, list(NONE));
    for (email, subject) in [
        (ADA, Some("Reset your password")),
        ("hal@acme.example", Some("Set up your account at Acme")),
        ("nobody@acme.example", None),
    ] {
        let body = json!({ "email": email.to_uppercase() });
        let response = app.anonymous().post("/auth/forgot-password", &body).await;
        assert_eq!(response.status(), 200);
        let expected: Vec<_> = subject
            .map(|subject| (email, subject.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(mails(&app).await, list(&expected), "{email}");
    }
}

#[actix_web::test]
async fn mail_is_branded_and_marked_as_auto_generated() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    ada.submit_ticket("Printer").await;
    app.send_mails().await;
    for mail in app.mails.take() {
        let raw = String::from_utf8(mail.formatted()).unwrap();
        let (head, body) = raw.split_once("\r\n\r\n").unwrap();
        for header in [
            "From: Acme <portal@example.com>",
            if head.contains("\r\nTo: help@acme.example\r\n") {
                "Reply-To: Ada <ada@acme.example>"
            } else {
                "Reply-To: Acme <help@acme.example>"
            },
            "Auto-Submitted: auto-generated",
            "Content-Type: multipart/alternative",
        ] {
            assert!(head.contains(header), "{header}: {head}");
        }
        assert!(body.contains("text/plain") && body.contains("text/html"));
    }
}

#[actix_web::test]
async fn a_mail_is_sent_once() {
    let app = with_support().await;
    let ada = app.bearer(&app.acme.ada).await;
    ada.submit_ticket("Printer").await;
    assert_eq!(mails(&app).await.len(), 2);
    app.env.advance(chrono::TimeDelta::days(1));
    assert_eq!(mails(&app).await, list(NONE));
}
