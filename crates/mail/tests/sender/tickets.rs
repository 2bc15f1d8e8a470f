//! Mails about tickets, to their submitters and to the team.

use std::sync::Arc;

use portal_domain::actors::Technician;
use portal_domain::branding::BrandingChanges;
use portal_domain::files::{self, AttachmentIds};
use portal_domain::ids::FileId;
use portal_domain::notifications::MailKind;
use portal_domain::organizations::Organization;
use portal_domain::profiles::{self, Locale, ProfileChanges};
use portal_domain::tickets::{self, Reply, Ticket, TicketStatus};
use portal_mail::SendReport;
use portal_test_support::{MailWorld, TestFiles};

use crate::{sent, skipped, subjects};

/// A ticket whose submitter was told that it was received.
async fn told_ticket() -> (MailWorld, Organization, Ticket) {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    let ticket = world.ticket(&acme, &ada).await;
    world.send().await;
    world.mails.take();
    (world, acme, ticket)
}

#[tokio::test]
async fn the_team_answers_the_customer_and_the_customer_the_team() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    world.ticket(&acme, &ada).await;
    world.send().await;
    let mails = world.mails.take();
    let raw = String::from_utf8(mails[0].formatted()).unwrap();
    assert!(!raw.contains("\r\nReply-To:"), "{raw}");
    assert!(
        mails[0]
            .text()
            .contains("Nobody reads answers to this mail.")
    );

    let support = BrandingChanges {
        support_email: Some("help@acme.example".parse().ok()),
        ..BrandingChanges::default()
    };
    world.brand(&acme, support).await;
    let ticket = world.ticket(&acme, &ada).await;
    assert_eq!(world.send().await, sent(2));
    for mail in world.mails.take() {
        let raw = String::from_utf8(mail.formatted()).unwrap();
        let (answers, told) = match mail.recipient().as_str() {
            "ada@acme.example" => ("Acme <help@acme.example>", "goes to help@acme.example"),
            _ => (
                "Ada <ada@acme.example>",
                "goes to the customer, ada@acme.example",
            ),
        };
        assert!(
            raw.contains(&format!("\r\nReply-To: {answers}\r\n")),
            "{raw}"
        );
        assert!(mail.text().contains(told), "{}", mail.text());
        for name in ["References", "In-Reply-To"] {
            let root = format!("\r\n{name}: <ticket.{}@mail.example>\r\n", ticket.id);
            assert!(raw.contains(&root), "{raw}");
        }
    }
}

#[tokio::test]
async fn a_ticket_is_told_to_its_submitter_and_to_the_team() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;

    let first = world.ticket(&acme, &ada).await;
    let report = world.send().await;
    assert_eq!(
        report,
        SendReport {
            sent: 1,
            skipped: 1,
            ..SendReport::default()
        }
    );
    let received = format!("[{}] We have received your ticket", first.number);
    assert_eq!(subjects(&world.mails.take()), [received.as_str()]);

    let support = BrandingChanges {
        support_email: Some("help@acme.example".parse().ok()),
        ..BrandingChanges::default()
    };
    world.brand(&acme, support).await;
    let second = world.ticket(&acme, &ada).await;
    assert_eq!(world.send().await, sent(2));
    let mails = world.mails.take();
    let team = mails
        .iter()
        .find(|mail| mail.recipient().as_str() == "help@acme.example");
    assert_eq!(
        team.unwrap().subject(),
        format!("[{}] New ticket: Printer", second.number)
    );
}

#[tokio::test]
async fn mails_name_the_files_of_what_they_tell_of() {
    let (world, acme, ticket) = told_ticket().await;
    let robin = Technician::named("Robin".parse().unwrap());
    let place = TestFiles::new(Arc::clone(&world.clock));
    let mut stored = Vec::new();
    for name in [
        "manual.pdf",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}.txt",
        "secret.txt",
    ] {
        stored.push(place.stored(acme.id, name, "text").await);
    }
    world
        .change_as(&acme, &robin, async |op| {
            let mut ids = Vec::new();
            for stored in stored {
                ids.push(files::add_team_upload(op, stored).await.unwrap().id);
            }
            let with = |text: &str, ids: &[FileId]| Reply {
                content: text.parse().unwrap(),
                attachments: AttachmentIds::of(ids.iter().copied()).unwrap(),
            };
            let note = with("Ours", &ids[2..]);
            let note = tickets::add_internal_note(op, ticket.id, note);
            note.await.unwrap();
            let reply = with("Here.", &ids[..2]);
            let reply = tickets::add_team_reply(op, ticket.id, reply);
            reply.await.unwrap();
        })
        .await;
    assert_eq!(world.send().await, sent(1));
    let mails = world.mails.take();
    let text = mails[0].text();
    let files = "Files: manual.pdf, \u{2068}\u{5e9}\u{5dc}\u{5d5}\u{5dd}.txt\u{2069}\n";
    let (before, after) = text.split_once(files).unwrap_or_else(|| panic!("{text}"));
    assert!(before.contains("> Here.") && after.contains(&format!("/tickets/{}", ticket.id)));
    assert!(!text.contains("secret.txt"));
}

#[tokio::test]
async fn the_teams_work_is_told_without_its_notes() {
    let (world, acme, ticket) = told_ticket().await;
    let robin = Technician::named("Robin".parse().unwrap());

    let note = world
        .change_as(&acme, &robin, async |op| {
            let (reply, note) = ("On my way.".parse().unwrap(), "A secret".parse().unwrap());
            tickets::add_team_reply(op, ticket.id, reply).await.unwrap();
            let note = tickets::add_internal_note(op, ticket.id, note)
                .await
                .unwrap();
            tickets::set_status(op, ticket.id, TicketStatus::Resolved)
                .await
                .unwrap();
            note
        })
        .await;
    assert_eq!(world.send().await, sent(2));
    let mails = world.mails.take();
    assert!(
        mails
            .iter()
            .any(|mail| mail.text().contains("> On my way."))
    );
    assert!(
        mails
            .iter()
            .any(|mail| mail.subject().ends_with("Status: Resolved"))
    );
    assert!(mails.iter().all(|mail| !mail.text().contains("A secret")));

    let (ticket_id, comment_id) = (ticket.id, note.id);
    world
        .enqueue(
            &acme,
            MailKind::TeamReplied {
                ticket_id,
                comment_id,
            },
        )
        .await;
    assert_eq!(world.send().await, skipped(1));
}

#[tokio::test]
async fn nothing_is_told_to_who_wants_no_notifications_or_of_what_is_gone() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    let ticket = world.ticket(&acme, &ada).await;
    let ticket_id = ticket.id;
    world
        .change(&acme, async |op| {
            tickets::delete(op, ticket_id).await.unwrap();
        })
        .await;
    assert_eq!(world.send().await, skipped(2));

    world.ticket(&acme, &ada).await;
    let customer = world.customer(&acme, &ada).await;
    let silent = ProfileChanges {
        receive_notifications: Some(false),
        ..ProfileChanges::default()
    };
    world
        .change_as(&acme, &customer, async |op| {
            profiles::update_profile(op, silent).await.unwrap();
        })
        .await;
    assert_eq!(world.send().await, skipped(2));
    world
        .enqueue(&acme, MailKind::PasswordChanged { user_id: ada.id })
        .await;
    assert_eq!(world.send().await, sent(1));
}

#[tokio::test]
async fn users_are_written_to_in_their_language_and_the_team_in_english() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let support = BrandingChanges {
        support_email: Some("help@acme.example".parse().ok()),
        ..BrandingChanges::default()
    };
    world.brand(&acme, support).await;
    let ada = world.user(&acme, "ada@acme.example").await;
    let customer = world.customer(&acme, &ada).await;
    let german = ProfileChanges {
        locale: Some(Some(Locale::German)),
        ..ProfileChanges::default()
    };
    world
        .change_as(&acme, &customer, async |op| {
            profiles::update_profile(op, german).await.unwrap();
        })
        .await;
    let ticket = world.ticket(&acme, &ada).await;
    let bob = world.user(&acme, "bob@acme.example").await;
    let other = world.ticket(&acme, &bob).await;
    assert_eq!(world.send().await, sent(4));
    let mails = world.mails.take();
    let mut subjects = subjects(&mails);
    subjects.sort_unstable();
    let mut expected = [
        format!("[{}] Ihre Anfrage ist bei uns", ticket.number),
        format!("[{}] New ticket: {}", ticket.number, ticket.subject),
        format!("[{}] We have received your ticket", other.number),
        format!("[{}] New ticket: {}", other.number, other.subject),
    ];
    expected.sort();
    assert_eq!(subjects, expected);
}
