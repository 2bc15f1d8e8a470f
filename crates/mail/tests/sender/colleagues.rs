//! Mails about tickets to others than the submitter.

use portal_domain::ids::TicketId;
use portal_domain::notifications::MailKind;
use portal_domain::organizations::Organization;
use portal_domain::profiles::{self, PortalUser, ProfileChanges, Role, UserChanges};
use portal_domain::tickets::{self, ColleagueRef, NewTicket, TicketStatus};
use portal_mail::OutgoingMail;
use portal_test_support::MailWorld;
use portal_test_support::fixtures::{self, technician};

/// A ticket of ada's in which bob takes part, whose mails so far were sent.
struct Shared {
    world: MailWorld,
    acme: Organization,
    ada: PortalUser,
    bob: PortalUser,
    ticket: TicketId,
}

impl Shared {
    async fn new() -> Self {
        let world = MailWorld::new().await;
        let acme = world.organization("Acme").await;
        let ada = world.user(&acme, "ada@acme.example").await;
        let bob = world.user(&acme, "bob@acme.example").await;
        let ticket = world.ticket(&acme, &ada).await.id;
        let by = world.customer(&acme, &ada).await;
        let colleague = ColleagueRef::Id(bob.id);
        world
            .change_as(&acme, &by, async |op| {
                tickets::add_participant(op, ticket, colleague)
                    .await
                    .unwrap();
            })
            .await;
        Self {
            world,
            acme,
            ada,
            bob,
            ticket,
        }
    }

    async fn team_replies(&self) {
        let by = technician();
        self.world
            .change_as(&self.acme, &by, async |op| {
                let content = "On my way.".parse().unwrap();
                tickets::add_team_reply(op, self.ticket, content)
                    .await
                    .unwrap();
            })
            .await;
    }

    /// Sends what is due, and returns the mails to an address.
    async fn mails_to(&self, user: &PortalUser) -> Vec<OutgoingMail> {
        self.world.send().await;
        let mut mails = self.world.mails.take();
        mails.retain(|mail| *mail.recipient() == user.email);
        mails
    }
}

fn subjects(mails: &[OutgoingMail]) -> Vec<&str> {
    let without_number =
        |mail: &OutgoingMail| mail.subject().split_once("] ").map(|(_, it)| it.len());
    mails
        .iter()
        .map(|mail| {
            let length = without_number(mail).unwrap_or_default();
            mail.subject().split_at(mail.subject().len() - length).1
        })
        .collect()
}

#[tokio::test]
async fn a_participant_gets_the_mails_of_a_ticket() {
    let shared = Shared::new().await;
    let added = shared.mails_to(&shared.bob).await;
    assert_eq!(subjects(&added), ["You take part in a ticket"]);
    shared.team_replies().await;
    shared
        .world
        .change(&shared.acme, async |op| {
            tickets::set_status(op, shared.ticket, TicketStatus::Resolved)
                .await
                .unwrap();
        })
        .await;
    let mut told = shared.mails_to(&shared.bob).await;
    told.sort_by_key(|mail| mail.subject().to_owned());
    assert_eq!(
        subjects(&told),
        [
            "Status: Resolved",
            "We have replied to a ticket you take part in"
        ]
    );
    let link = format!("/tickets/{}", shared.ticket);
    assert!(told.iter().all(|mail| mail.text().contains(&link)));
    assert!(told.iter().any(|mail| mail.text().contains("On my way.")));
    let asks_to_close = |mail: &OutgoingMail| mail.text().contains("closing the ticket");
    assert!(!told.iter().any(asks_to_close), "participants may not");

    let by = shared.world.customer(&shared.acme, &shared.bob).await;
    shared
        .world
        .change_as(&shared.acme, &by, async |op| {
            let content = "Thank you!".parse().unwrap();
            tickets::add_customer_reply(op, shared.ticket, content)
                .await
                .unwrap();
        })
        .await;
    let told = shared.mails_to(&shared.ada).await;
    let [mail] = told.as_slice() else {
        panic!("one mail: {told:?}");
    };
    assert!(
        mail.subject().ends_with("has replied"),
        "{}",
        mail.subject()
    );
    assert!(mail.text().contains("> Thank you!"), "{}", mail.text());
}

#[tokio::test]
async fn who_was_removed_or_disabled_gets_none_of_the_mails_that_wait() {
    let removed = Shared::new().await;
    removed.team_replies().await;
    let by = removed.world.customer(&removed.acme, &removed.ada).await;
    removed
        .world
        .change_as(&removed.acme, &by, async |op| {
            tickets::remove_participant(op, removed.ticket, removed.bob.id)
                .await
                .unwrap();
        })
        .await;
    assert_eq!(subjects(&removed.mails_to(&removed.bob).await), [""; 0]);

    let disabled = Shared::new().await;
    disabled.team_replies().await;
    disabled
        .world
        .change(&disabled.acme, async |op| {
            profiles::disable(op, &disabled.bob.email).await.unwrap();
        })
        .await;
    assert_eq!(subjects(&disabled.mails_to(&disabled.bob).await), [""; 0]);
}

#[tokio::test]
async fn each_kind_is_sent_only_to_who_wants_it() {
    let shared = Shared::new().await;
    for (user, changes) in [
        (
            &shared.bob,
            ProfileChanges {
                notify_shared_tickets: Some(false),
                ..ProfileChanges::default()
            },
        ),
        (
            &shared.ada,
            ProfileChanges {
                notify_loans: Some(false),
                notify_shared_tickets: Some(false),
                ..ProfileChanges::default()
            },
        ),
    ] {
        let by = shared.world.customer(&shared.acme, user).await;
        shared
            .world
            .change_as(&shared.acme, &by, async |op| {
                profiles::update_profile(op, changes).await.unwrap();
            })
            .await;
    }
    shared.team_replies().await;
    shared.world.send().await;
    let mails = shared.world.mails.take();
    assert!(!mails.is_empty());
    for mail in mails {
        assert_eq!(mail.recipient(), &shared.ada.email, "{}", mail.subject());
    }
}

#[tokio::test]
async fn a_ticket_for_a_colleague_is_told_to_both() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    let bob = world.user(&acme, "bob@acme.example").await;
    let changes = UserChanges {
        role: Some(Role::Manager),
        ..UserChanges::default()
    };
    world
        .change(&acme, async |op| {
            profiles::update(op, &ada.email, changes).await.unwrap();
        })
        .await;
    let by = world.customer(&acme, &ada).await;
    let new = NewTicket {
        on_behalf_of: Some(ColleagueRef::Id(bob.id)),
        ..fixtures::new_ticket("Printer")
    };
    world
        .change_as(&acme, &by, async |op| {
            tickets::submit(op, new).await.unwrap();
        })
        .await;
    world.send().await;
    let mails = world.mails.take();
    let to = |user: &PortalUser| {
        let mail = mails.iter().find(|mail| *mail.recipient() == user.email);
        mail.unwrap().subject().to_owned()
    };
    assert!(
        to(&bob).ends_with("has submitted a ticket for you"),
        "{}",
        to(&bob)
    );
    assert!(
        to(&ada).contains("We have received the ticket for"),
        "{}",
        to(&ada)
    );
}

#[tokio::test]
async fn a_mail_for_somebody_who_never_took_part_is_skipped() {
    let shared = Shared::new().await;
    let eve = shared.world.user(&shared.acme, "eve@acme.example").await;
    let kind = MailKind::ParticipantAdded {
        ticket_id: shared.ticket,
        user_id: eve.id,
    };
    shared.world.enqueue(&shared.acme, kind).await;
    assert_eq!(subjects(&shared.mails_to(&eve).await), [""; 0]);
}
