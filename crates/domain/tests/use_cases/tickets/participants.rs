//! Who takes part in a ticket, who manages it, and who is told.

use portal_domain::audit::AuditAction;
use portal_domain::ids::TicketId;
use portal_domain::notifications::MailKind;
use portal_domain::tickets::{
    self, Addition, ColleagueRef, CommentError, CommentText, NewTicket, ParticipantError,
    SubmitError, TicketError, TicketStatus,
};
use portal_test_support::fixtures::new_ticket;
use portal_test_support::{Person, TestWorld};
use serde_json::json;

async fn add(
    world: &TestWorld,
    by: &Person,
    ticket: TicketId,
    colleague: ColleagueRef,
) -> Result<Addition, ParticipantError> {
    world
        .act(by, async |op| {
            tickets::add_participant(op, ticket, colleague).await
        })
        .await
}

async fn remove(
    world: &TestWorld,
    by: &Person,
    ticket: TicketId,
    whom: &Person,
) -> Result<(), ParticipantError> {
    world
        .act(by, async |op| {
            tickets::remove_participant(op, ticket, whom.id).await
        })
        .await
}

async fn reply(world: &TestWorld, by: &Person, ticket: TicketId) -> Result<(), CommentError> {
    let said = world.act(by, async |op| {
        tickets::add_customer_reply(op, ticket, "Hello".parse().unwrap()).await
    });
    said.await.map(drop)
}

async fn close(world: &TestWorld, by: &Person, ticket: TicketId) -> Result<(), TicketError> {
    let closed = world.act(by, async |op| tickets::close(op, ticket).await);
    closed.await.map(drop)
}

/// The mails that `acme` got because of `change`.
async fn mails_of(world: &TestWorld, change: impl AsyncFnOnce()) -> Vec<MailKind> {
    let before = world.outbox(world.acme.id).await.len();
    world.env.advance(chrono::TimeDelta::seconds(1));
    change().await;
    world.outbox(world.acme.id).await.split_off(before)
}

#[tokio::test]
async fn a_colleague_is_added_by_id_or_address_once_and_told_once() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let ticket_id = world.ticket(ada, "Printer").await.id;
    let mails = mails_of(&world, async || {
        let first = add(&world, ada, ticket_id, ColleagueRef::Id(bob.id)).await;
        assert!(matches!(first, Ok(Addition::Added(_))), "{first:?}");
        let email = ColleagueRef::Email(bob.email.parse().unwrap());
        let again = add(&world, ada, ticket_id, email).await;
        assert!(matches!(again, Ok(Addition::Already(_))), "{again:?}");
        let own = add(&world, ada, ticket_id, ColleagueRef::Id(ada.id)).await;
        assert!(matches!(own, Ok(Addition::Already(_))), "{own:?}");
    })
    .await;
    let user_id = bob.id;
    assert_eq!(mails, [MailKind::ParticipantAdded { ticket_id, user_id }]);
    let action = AuditAction::PortalTicketParticipantAdd;
    assert_eq!(world.audited(world.acme.id, action).await.len(), 1);
}

#[tokio::test]
async fn only_active_users_of_the_organization_can_be_added() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let ticket = world.ticket(ada, "Printer").await.id;
    let invited = world.invited(&world.acme, "invited@acme.example").await;
    let disabled = world.person(world.acme.id, "gone@acme.example").await;
    world.disable_user(&disabled).await;
    for stranger in [&invited, &disabled, &world.globex.ada] {
        let email = ColleagueRef::Email(stranger.email.parse().unwrap());
        for colleague in [ColleagueRef::Id(stranger.id), email] {
            let refused = add(&world, ada, ticket, colleague).await;
            let refused = refused.unwrap_err();
            assert!(
                matches!(refused, ParticipantError::UnknownColleague),
                "{refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_participant_replies_and_leaves_but_neither_closes_nor_adds_nor_removes_others() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let cy = &world.person(world.acme.id, "cy@acme.example").await;
    let ticket = world.ticket(ada, "Printer").await.id;
    for colleague in [bob, cy] {
        world.add_participant(ada, ticket, colleague).await;
    }
    reply(&world, bob, ticket).await.unwrap();
    let status = TicketStatus::Resolved;
    world.set_ticket_status(&world.acme, ticket, status).await;
    let closed = close(&world, bob, ticket).await;
    assert!(
        matches!(closed, Err(TicketError::NotInCharge)),
        "{closed:?}"
    );
    let added = add(&world, bob, ticket, ColleagueRef::Id(cy.id)).await;
    assert!(
        matches!(added, Err(ParticipantError::NotInCharge)),
        "{added:?}"
    );
    let removed = remove(&world, bob, ticket, cy).await;
    assert!(
        matches!(removed, Err(ParticipantError::NotInCharge)),
        "{removed:?}"
    );

    remove(&world, bob, ticket, bob).await.unwrap();
    let said = reply(&world, bob, ticket).await;
    assert!(matches!(said, Err(CommentError::NotFound)), "{said:?}");
    let again = remove(&world, bob, ticket, bob).await;
    assert!(
        matches!(again, Err(ParticipantError::NotFound)),
        "{again:?}"
    );
    // Who was removed already stays so; who never took part is unknown.
    remove(&world, ada, ticket, bob).await.unwrap();
    let never = remove(&world, ada, ticket, ada).await;
    assert!(
        matches!(never, Err(ParticipantError::UnknownColleague)),
        "{never:?}"
    );
    let action = AuditAction::PortalTicketParticipantRemove;
    let log = world.audited(world.acme.id, action).await;
    let [entry] = log.as_slice() else {
        panic!("one removal: {log:?}");
    };
    assert_eq!(entry.actor_id, Some(bob.id));
    assert_eq!(
        entry.details,
        json!({ "userId": bob.id, "email": bob.email })
    );
}

#[tokio::test]
async fn a_manager_does_with_a_ticket_what_its_submitter_may_but_edits_nobodys_words() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let ticket = world.ticket(ada, "Printer").await.id;
    let content = || "Hello".parse::<CommentText>().unwrap();
    let said = world
        .act(ada, async |op| {
            tickets::add_customer_reply(op, ticket, content().into()).await
        })
        .await
        .unwrap();
    let refused = reply(&world, bob, ticket).await;
    assert!(
        matches!(refused, Err(CommentError::NotFound)),
        "{refused:?}"
    );
    world.make_manager(bob).await;
    world.make_manager(&world.globex.ada).await;
    reply(&world, bob, ticket).await.unwrap();
    let edited = world.act(bob, async |op| {
        tickets::edit_comment(op, ticket, said.id, content()).await
    });
    let edited = edited.await;
    assert!(matches!(edited, Err(CommentError::NotFound)), "{edited:?}");
    let status = TicketStatus::Resolved;
    world.set_ticket_status(&world.acme, ticket, status).await;
    let foreign = close(&world, &world.globex.ada, ticket).await;
    assert!(matches!(foreign, Err(TicketError::NotFound)), "{foreign:?}");
    let mails = mails_of(&world, async || {
        close(&world, bob, ticket).await.unwrap();
    })
    .await;
    assert_eq!(mails, [MailKind::status_changed(ticket, "closed")]);
}

#[tokio::test]
async fn everybody_on_a_ticket_is_told_but_not_of_what_they_did_themselves() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let ticket_id = world.ticket(ada, "Printer").await.id;
    let former = world.person(world.acme.id, "former@acme.example").await;
    let gone = world.person(world.acme.id, "gone@acme.example").await;
    for colleague in [bob, &former, &gone] {
        world.add_participant(ada, ticket_id, colleague).await;
    }
    world.remove_participant(ada, ticket_id, &former).await;
    world.disable_user(&gone).await;

    let mut comment_id = None;
    let mails = mails_of(&world, async || {
        let replied = world.team_replies(&world.acme, ticket_id, "Hi").await;
        comment_id = Some(replied.id);
    })
    .await;
    let comment_id = comment_id.unwrap();
    let to_bob = MailKind::ParticipantTeamReplied {
        ticket_id,
        comment_id,
        user_id: bob.id,
    };
    assert_eq!(
        mails,
        [to_bob, MailKind::team_replied(ticket_id, comment_id)]
    );

    let note = mails_of(&world, async || {
        world
            .team_notes(&world.acme, ticket_id, "Cannot spell")
            .await;
    });
    assert_eq!(note.await, []);

    let status = TicketStatus::Pending;
    let mails = mails_of(&world, async || {
        world
            .set_ticket_status(&world.acme, ticket_id, status)
            .await;
    });
    let to_bob = MailKind::ParticipantStatusChanged {
        ticket_id,
        status: "pending".to_owned(),
        user_id: bob.id,
    };
    let expected = [to_bob, MailKind::status_changed(ticket_id, "pending")];
    assert_eq!(mails.await, expected);

    for (by, told) in [(ada, bob), (bob, ada)] {
        let mails = mails_of(&world, async || {
            reply(&world, by, ticket_id).await.unwrap();
        })
        .await;
        let [
            MailKind::ColleagueReplied { user_id, .. },
            MailKind::CustomerReplied { .. },
        ] = mails.as_slice()
        else {
            panic!("one to the colleague and one to the team: {mails:?}");
        };
        assert_eq!(*user_id, told.id);
    }
}

#[tokio::test]
async fn a_manager_submits_a_ticket_for_a_colleague_and_both_are_told() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let submit = async |by: &Person, colleague| {
        let new = NewTicket {
            on_behalf_of: Some(ColleagueRef::Id(colleague)),
            ..new_ticket("Printer")
        };
        world
            .act(by, async |op| tickets::submit(op, new).await)
            .await
    };
    let refused = submit(bob, ada.id).await;
    assert!(
        matches!(refused, Err(SubmitError::NotAManager(_))),
        "{refused:?}"
    );
    world.make_manager(bob).await;
    let unknown = submit(bob, world.globex.ada.id).await;
    assert!(
        matches!(unknown, Err(SubmitError::UnknownColleague)),
        "{unknown:?}"
    );

    let mut submitted = None;
    let mails = mails_of(&world, async || {
        submitted = Some(submit(bob, ada.id).await.unwrap());
    })
    .await;
    let ticket = submitted.unwrap();
    assert_eq!(ticket.submitted_by, ada.id);
    assert_eq!(ticket.submitter_email.as_str(), ada.email);
    let (ticket_id, user_id) = (ticket.id, bob.id);
    let expected = [
        MailKind::NewTicket { ticket_id },
        MailKind::SubmittedByColleague { ticket_id, user_id },
        MailKind::SubmittedForColleague { ticket_id, user_id },
    ];
    assert_eq!(mails, expected);
    let log = world
        .audited(world.acme.id, AuditAction::PortalTicketCreate)
        .await;
    let [entry] = log.as_slice() else {
        panic!("one ticket: {log:?}");
    };
    assert_eq!(entry.actor_id, Some(bob.id));
    assert_eq!(entry.details["onBehalfOf"], json!(ada.id));
    assert_eq!(entry.details["onBehalfOfEmail"], json!(ada.email));
}
