//! The mails that use cases add to the outbox.

use portal_domain::access::AccessError;
use portal_domain::assets::{self, CheckoutRequest};
use portal_domain::ids::UserId;
use portal_domain::notifications::{MailKind, ResetAccount};
use portal_domain::profiles::{self, Account};
use portal_domain::store::StorageError;
use portal_domain::tickets::{self, CommentError, TicketPriority, TicketStatus, Triage};
use portal_test_support::fixtures::{device_record, new_user};
use portal_test_support::{Person, TestWorld};

/// The kinds of the mails that `acme` has got since there were `seen` of them, whatever they are
/// about.
async fn kinds_since(world: &TestWorld, seen: usize) -> Vec<&'static str> {
    let outbox = world.outbox(world.acme.id).await;
    let mut kinds: Vec<_> = outbox.iter().map(MailKind::name).collect();
    assert!(kinds.len() >= seen, "no mail goes away unsent: {kinds:?}");
    kinds.drain(..seen);
    kinds
}

/// Moves the clock, so that later rows sort after earlier ones.
fn tick(world: &TestWorld) {
    world.env.advance(chrono::TimeDelta::seconds(1));
}

#[tokio::test]
async fn a_new_ticket_is_mailed_to_its_submitter_and_the_team() {
    let world = TestWorld::create().await;
    let ticket_id = world.ticket(&world.acme.ada, "Printer").await.id;
    assert_eq!(
        world.outbox(world.acme.id).await,
        [
            MailKind::NewTicket { ticket_id },
            MailKind::TicketReceived { ticket_id }
        ]
    );
    assert_eq!(world.outbox(world.globex.id).await, []);
}

#[tokio::test]
async fn a_comment_of_the_customer_is_mailed_to_the_team_and_its_changes_are_not() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let ticket_id = world.ticket(ada, "Printer").await.id;
    world
        .set_ticket_status(&world.acme, ticket_id, TicketStatus::Pending)
        .await;
    let seen = world.outbox(world.acme.id).await.len();
    tick(&world);
    let reply = world.act(ada, async |op| {
        let content = "It still burns.".parse().unwrap();
        tickets::add_customer_reply(op, ticket_id, content).await
    });
    let comment_id = reply.await.unwrap().id;
    // No mail about the reopening, which the customer caused.
    assert_eq!(
        world.outbox(world.acme.id).await[seen..],
        [MailKind::CustomerReplied {
            ticket_id,
            comment_id
        }]
    );
    tick(&world);
    let changed: Result<(), CommentError> = world
        .act(ada, async |op| {
            let content = "Out.".parse().unwrap();
            tickets::edit_comment(op, ticket_id, comment_id, content).await?;
            tickets::withdraw_comment(op, ticket_id, comment_id).await
        })
        .await;
    changed.unwrap();
    assert_eq!(kinds_since(&world, seen + 1).await, [""; 0]);
}

#[tokio::test]
async fn a_public_reply_of_the_team_is_mailed_to_the_submitter_and_a_note_is_not() {
    let world = TestWorld::create().await;
    let ticket_id = world.ticket(&world.acme.ada, "Printer").await.id;
    tick(&world);
    world.team_notes(&world.acme, ticket_id, "Hush").await;
    assert_eq!(kinds_since(&world, 2).await, [""; 0]);
    let comment_id = world.team_replies(&world.acme, ticket_id, "Yes?").await.id;
    // No mail about the status, which the reply implies.
    assert_eq!(
        world.outbox(world.acme.id).await[2..],
        [MailKind::TeamReplied {
            ticket_id,
            comment_id
        }]
    );
}

#[tokio::test]
async fn every_status_change_of_the_team_is_mailed_to_the_submitter() {
    let world = TestWorld::create().await;
    let ticket_id = world.ticket(&world.acme.ada, "Printer").await.id;
    let mut seen = 2;
    let mut present = TicketStatus::New;
    for status in [
        TicketStatus::Open,
        TicketStatus::Open,
        TicketStatus::OnHold,
        TicketStatus::Resolved,
        TicketStatus::Closed,
        TicketStatus::Open,
    ] {
        tick(&world);
        world
            .set_ticket_status(&world.acme, ticket_id, status)
            .await;
        let outbox = world.outbox(world.acme.id).await;
        if status == present {
            assert_eq!(outbox.len(), seen, "{status}");
        } else {
            let status = status.as_str().to_owned();
            let told = MailKind::StatusChanged { ticket_id, status };
            assert_eq!(outbox[seen..], [told]);
            seen += 1;
        }
        present = status;
    }
}

#[tokio::test]
async fn a_triage_is_mailed_if_it_opens_the_ticket() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket_id = world.ticket(&acme.ada, "Printer").await.id;
    for (priority, expected) in [
        (TicketPriority::Urgent, &["status_changed"][..]),
        (TicketPriority::Low, &[]),
    ] {
        let seen = world.outbox(acme.id).await.len();
        tick(&world);
        world
            .operate(acme, async |op| {
                tickets::triage(op, ticket_id, Triage { priority }).await
            })
            .await;
        assert_eq!(kinds_since(&world, seen).await, expected);
    }
    // Nor is there a mail about assignment, links or deletion.
    let seen = world.outbox(acme.id).await.len();
    world
        .operate(acme, async |op| {
            tickets::assign(op, ticket_id, "Theo".parse().ok()).await?;
            let external = tickets::ExternalTicket {
                id: "PSA-7".parse().ok(),
                url: None,
            };
            tickets::link(op, ticket_id, external).await?;
            tickets::delete(op, ticket_id).await
        })
        .await;
    assert_eq!(kinds_since(&world, seen).await, [""; 0]);
}

#[tokio::test]
async fn closing_a_ticket_and_borrowing_and_returning_a_device_send_no_mail() {
    let world = TestWorld::create().await;
    let (acme, ada) = (&world.acme, &world.acme.ada);
    let ticket_id = world.ticket(ada, "Printer").await.id;
    world
        .set_ticket_status(acme, ticket_id, TicketStatus::Resolved)
        .await;
    let device = world.put_device(acme, device_record("one")).await.id;
    let seen = world.outbox(acme.id).await.len();
    let done: Result<(), Box<dyn std::error::Error>> = world
        .act(ada, async |op| {
            tickets::close(op, ticket_id).await?;
            let request = CheckoutRequest::default();
            let checkout = assets::check_out(op, device, request).await?;
            let later = checkout.checked_out_at + chrono::TimeDelta::days(1);
            assets::extend(op, checkout.id, later).await?;
            let request = assets::CheckinRequest::default();
            assets::check_in(op, device, request).await?;
            Ok(profiles::record_sign_out(op).await?)
        })
        .await;
    done.unwrap();
    assert_eq!(kinds_since(&world, seen).await, [""; 0]);
}

#[tokio::test]
async fn an_invitation_is_mailed_if_the_operator_wants_it() {
    let world = TestWorld::create().await;
    let mut invited = Vec::new();
    for (email, send_invitation) in [("a@acme.example", true), ("b@acme.example", false)] {
        let user = world.operate(&world.acme, async |op| {
            let new = new_user(email, None);
            profiles::create(op, new, send_invitation).await
        });
        invited.push(user.await.id);
    }
    let user_id = *invited.first().unwrap();
    assert_eq!(
        world.outbox(world.acme.id).await,
        [MailKind::Invitation { user_id }]
    );
}

#[tokio::test]
async fn a_forgotten_password_of_several_accounts_is_one_mail_of_the_first_organization() {
    let world = TestWorld::create().await;
    let account = async |person: &Person| -> Account {
        let reader = world.reader(person.scope()).await;
        reader.account(person.id).await.unwrap().unwrap()
    };
    let people = [
        world.person(world.acme.id, "sam@example.org").await,
        world.person(world.globex.id, "sam@example.org").await,
    ];
    let [one, two] = &people;
    let accounts = [account(one).await, account(two).await];
    let requested: Result<(), StorageError> = world
        .automate(one.scope(), async |op| {
            profiles::request_password_reset(op, &accounts).await
        })
        .await;
    requested.unwrap();
    let accounts = people
        .iter()
        .map(|person| ResetAccount {
            organization_id: person.organization,
            user_id: person.id,
        })
        .collect();
    assert_eq!(
        world.outbox(world.acme.id).await,
        [MailKind::PasswordReset { accounts }]
    );
    assert_eq!(world.outbox(world.globex.id).await, []);
}

#[tokio::test]
async fn no_mail_holds_a_text_an_address_or_a_token() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let ticket = world.ticket(ada, "Printer").await;
    world
        .team_replies(&world.acme, ticket.id, "secret words")
        .await;
    let user_id: UserId = ada.id;
    let changed: Result<(), AccessError> = world
        .act(ada, async |op| {
            profiles::change_password(op, "secret hash").await
        })
        .await;
    changed.unwrap();
    let outbox = world.outbox(world.acme.id).await;
    assert!(outbox.contains(&MailKind::PasswordChanged { user_id }));
    let text = format!("{outbox:?}");
    for secret in ["Printer", "secret", "@", "fire"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
