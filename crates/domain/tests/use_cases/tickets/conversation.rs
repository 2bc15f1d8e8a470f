//! Comments of customers and the team, and how long they can be edited.

use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::notifications::MailKind;
use portal_domain::pagination::PageRequest;
use portal_domain::tickets::{
    self, Audience, AuthorType, Comment, CommentError, NEWEST_COMMENTS, TicketError, TicketStatus,
};
use portal_test_support::{Person, TestWorld};

use super::stored;

async fn add_reply(
    world: &TestWorld,
    person: &Person,
    ticket: TicketId,
    text: &str,
) -> Result<Comment, CommentError> {
    world
        .act(person, async |op| {
            let content = text.parse().unwrap();
            tickets::add_customer_reply(op, ticket, content).await
        })
        .await
}

async fn edit(
    world: &TestWorld,
    person: &Person,
    ticket: TicketId,
    comment: CommentId,
    text: &str,
) -> Result<Comment, CommentError> {
    world
        .act(person, async |op| {
            let content = text.parse().unwrap();
            tickets::edit_comment(op, ticket, comment, content).await
        })
        .await
}

async fn withdraw(
    world: &TestWorld,
    person: &Person,
    ticket: TicketId,
    comment: CommentId,
) -> Result<(), CommentError> {
    world
        .act(person, async |op| {
            tickets::withdraw_comment(op, ticket, comment).await
        })
        .await
}

/// The comments that the customer sees, newest first.
async fn conversation(world: &TestWorld, ticket: TicketId) -> Vec<Comment> {
    let reader = world.reader(world.acme.scope()).await;
    let page = PageRequest::default();
    let comments = reader.comments(ticket, Audience::Customer, page).await;
    comments.unwrap().items
}

#[tokio::test]
async fn a_comment_has_its_author_and_their_side() {
    let world = TestWorld::create().await;
    let (acme, env) = (&world.acme, &world.env);
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let reply = add_reply(&world, &acme.ada, ticket, "It burns.")
        .await
        .unwrap();
    let expected = Comment {
        id: reply.id,
        organization_id: acme.id,
        ticket_id: ticket,
        portal_user_id: Some(acme.ada.id),
        author_name: "Ada".to_owned(),
        author_type: AuthorType::Portal,
        content: "It burns.".parse().unwrap(),
        is_public: true,
        created_at: env.now(),
        edited_at: None,
        deleted_at: None,
    };
    assert_eq!(reply, expected);
    env.advance(TimeDelta::seconds(1));
    let reply = world.team_replies(acme, ticket, "On my way.").await;
    assert_eq!(
        reply,
        Comment {
            id: reply.id,
            portal_user_id: None,
            author_name: "Theo".to_owned(),
            author_type: AuthorType::Internal,
            content: "On my way.".parse().unwrap(),
            created_at: env.now(),
            ..expected.clone()
        }
    );
    assert_eq!(conversation(&world, ticket).await, [reply, expected]);
}

#[tokio::test]
async fn an_internal_note_changes_nothing_that_the_customer_sees() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    add_reply(&world, &acme.ada, ticket, "Hello").await.unwrap();
    let show = async || {
        let reader = world.reader(acme.scope()).await;
        let shown = tickets::show(&*reader, acme.ada.id, ticket, NEWEST_COMMENTS).await;
        shown.unwrap().expect("a ticket")
    };
    let (before, mails) = (show().await, world.outbox(acme.id).await);
    world.env.advance(TimeDelta::minutes(5));
    let note = world.team_notes(acme, ticket, "Cannot spell").await;
    assert_eq!(show().await, before);
    assert_eq!(world.outbox(acme.id).await, mails);
    let reader = world.reader(acme.scope()).await;
    let newest = PageRequest::new(1, 1);
    let team = reader.comments(ticket, Audience::Team, newest).await;
    assert_eq!(team.unwrap().items, [note]);
}

#[tokio::test]
async fn the_author_edits_and_withdraws_a_comment_until_the_team_replies() {
    let world = TestWorld::create().await;
    let (acme, env) = (&world.acme, &world.env);
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let reply = add_reply(&world, &acme.ada, ticket, "Helo").await.unwrap();
    let other = add_reply(&world, &acme.ada, ticket, "Oops").await.unwrap();
    // Neither a note nor a new status is a reply.
    world.team_notes(acme, ticket, "Cannot spell").await;
    world
        .set_ticket_status(acme, ticket, TicketStatus::Open)
        .await;
    let mails = world.outbox(acme.id).await;

    env.advance(TimeDelta::seconds(7));
    let edited = edit(&world, &acme.ada, ticket, reply.id, "Hello").await;
    let expected = Comment {
        content: "Hello".parse().unwrap(),
        edited_at: Some(env.now()),
        ..reply
    };
    assert_eq!(edited.unwrap(), expected);
    assert_eq!(stored(&world, acme, ticket).await.updated_at, env.now());

    env.advance(TimeDelta::seconds(7));
    withdraw(&world, &acme.ada, ticket, other.id).await.unwrap();
    assert_eq!(stored(&world, acme, ticket).await.updated_at, env.now());
    assert_eq!(conversation(&world, ticket).await, [expected]);
    let again = withdraw(&world, &acme.ada, ticket, other.id).await;
    assert!(matches!(again, Err(CommentError::NotFound)), "{again:?}");
    let again = edit(&world, &acme.ada, ticket, other.id, "Back").await;
    assert!(matches!(again, Err(CommentError::NotFound)), "{again:?}");
    assert_eq!(world.outbox(acme.id).await, mails, "nobody is told");
}

#[tokio::test]
async fn saving_a_comment_unchanged_changes_and_audits_nothing() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await;
    let reply = add_reply(&world, &acme.ada, ticket.id, "Hello").await;
    let reply = reply.unwrap();
    let before = stored(&world, acme, ticket.id).await;
    world.env.advance(TimeDelta::seconds(7));
    let same = edit(&world, &acme.ada, ticket.id, reply.id, "Hello").await;
    assert_eq!(same.unwrap(), reply);
    assert_eq!(stored(&world, acme, ticket.id).await, before);
    assert_eq!(conversation(&world, ticket.id).await, [reply]);
    let action = AuditAction::PortalTicketCommentUpdate;
    assert_eq!(world.audited(acme.id, action).await, []);
}

#[tokio::test]
async fn an_edit_in_another_tab_is_not_undone() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let reply = add_reply(&world, &acme.ada, ticket, "Helo").await.unwrap();
    let edit_seen = async |seen, text: &str| {
        world.env.advance(TimeDelta::seconds(1));
        let edited = world.act(&acme.ada, async |op| {
            let content = text.parse().unwrap();
            tickets::edit_seen_comment(op, ticket, reply.id, seen, content).await
        });
        edited.await.unwrap()
    };
    let first = edit_seen(None, "Hello").await;
    assert_eq!(first.content.as_str(), "Hello");
    assert_eq!(edit_seen(None, "Hi").await, first);
    assert_eq!(edit_seen(reply.edited_at, "Hello").await, first);
    let second = edit_seen(first.edited_at, "Hi").await;
    assert_eq!(second.content.as_str(), "Hi");
    assert_eq!(edit_seen(first.edited_at, "Hey").await, second);
    assert_eq!(conversation(&world, ticket).await, [second]);
    let action = AuditAction::PortalTicketCommentUpdate;
    assert_eq!(world.audited(acme.id, action).await.len(), 2);
}

#[tokio::test]
async fn concurrent_edits_of_what_was_seen_do_not_replace_each_other() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let reply = add_reply(&world, &acme.ada, ticket, "Helo").await.unwrap();
    let edits = (0..5).map(|number| {
        let text = format!("Hello {number}");
        let (world, ada) = (&world, &acme.ada);
        async move {
            let edited = world.act(ada, async |op| {
                let content = text.parse().unwrap();
                tickets::edit_seen_comment(op, ticket, reply.id, None, content).await
            });
            edited.await.unwrap()
        }
    });
    let edited = join_all(edits).await;
    let stored = conversation(&world, ticket).await;
    assert_eq!(edited, vec![stored[0].clone(); 5]);
    let action = AuditAction::PortalTicketCommentUpdate;
    assert_eq!(world.audited(acme.id, action).await.len(), 1);
}

#[tokio::test]
async fn a_public_reply_of_the_team_locks_the_comments_before_it() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let reply = add_reply(&world, &acme.ada, ticket, "Hello").await.unwrap();
    world.env.advance(TimeDelta::seconds(1));
    world.team_replies(acme, ticket, "Yes?").await;
    world.env.advance(TimeDelta::seconds(1));
    let later = add_reply(&world, &acme.ada, ticket, "Nothing")
        .await
        .unwrap();
    let before = (
        conversation(&world, ticket).await,
        stored(&world, acme, ticket).await,
        world.audit_log(acme.id).await,
    );

    world.env.advance(TimeDelta::seconds(1));
    let locked = edit(&world, &acme.ada, ticket, reply.id, "Hi").await;
    assert!(matches!(locked, Err(CommentError::Locked)), "{locked:?}");
    let locked = withdraw(&world, &acme.ada, ticket, reply.id).await;
    assert!(matches!(locked, Err(CommentError::Locked)), "{locked:?}");
    let after = (
        conversation(&world, ticket).await,
        stored(&world, acme, ticket).await,
        world.audit_log(acme.id).await,
    );
    assert_eq!(after, before);

    edit(&world, &acme.ada, ticket, later.id, "Hi")
        .await
        .unwrap();
    withdraw(&world, &acme.ada, ticket, later.id).await.unwrap();
}

#[tokio::test]
async fn unauthorized_customers_do_nothing_on_a_ticket_or_its_comments() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let elsewhere = world.ticket(&acme.ada, "Scanner").await.id;
    world
        .set_ticket_status(acme, ticket, TicketStatus::Resolved)
        .await;
    let reply = add_reply(&world, &acme.ada, elsewhere, "Hello")
        .await
        .unwrap();
    let note = world.team_notes(acme, ticket, "Hush").await;
    let log = world.audit_log(acme.id).await;

    // The ticket belongs neither to a colleague nor to a user of another organization.
    for stranger in [&acme.bob, &world.globex.ada] {
        let done = add_reply(&world, stranger, ticket, "Mine").await;
        assert!(matches!(done, Err(CommentError::NotFound)), "{done:?}");
        let done = edit(&world, stranger, elsewhere, reply.id, "Mine").await;
        assert!(matches!(done, Err(CommentError::NotFound)), "{done:?}");
        let done = withdraw(&world, stranger, elsewhere, reply.id).await;
        assert!(matches!(done, Err(CommentError::NotFound)), "{done:?}");
        let closed = world.act(stranger, async |op| tickets::close(op, ticket).await);
        assert!(matches!(closed.await, Err(TicketError::NotFound)));
    }
    // Nor can the customer edit a comment of the team, or of another ticket.
    let unknown = CommentId::generate(&*world.env);
    for comment in [reply.id, note.id, unknown] {
        let done = edit(&world, &acme.ada, ticket, comment, "Mine").await;
        assert!(matches!(done, Err(CommentError::NotFound)), "{done:?}");
        let done = withdraw(&world, &acme.ada, ticket, comment).await;
        assert!(matches!(done, Err(CommentError::NotFound)), "{done:?}");
    }
    assert_eq!(world.audit_log(acme.id).await, log);
    assert_eq!(conversation(&world, elsewhere).await, [reply]);
}

#[tokio::test]
async fn concurrent_comments_under_one_id_are_idempotent() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let id = CommentId::generate(&*world.env);
    let reply_again = async || {
        world
            .act(&acme.ada, async |op| {
                let content = "Hello".parse().unwrap();
                tickets::add_customer_reply_with_id(op, ticket, id, content).await
            })
            .await
    };
    for reply in join_all((0..5).map(|_| reply_again())).await {
        assert_eq!(reply.unwrap().id, id);
    }
    // This holds even if the ticket takes no more comments.
    world
        .set_ticket_status(acme, ticket, TicketStatus::Closed)
        .await;
    assert_eq!(reply_again().await.unwrap().id, id);
    assert_eq!(conversation(&world, ticket).await.len(), 1);
    let action = AuditAction::PortalTicketCommentCreate;
    assert_eq!(world.audited(acme.id, action).await.len(), 1);
    let mails = world.outbox(acme.id).await;
    let mailed = mails
        .iter()
        .filter(|mail| matches!(mail, MailKind::CustomerReplied { .. }));
    assert_eq!(mailed.count(), 1);
}

#[tokio::test]
async fn a_withdrawn_comment_is_not_added_again_under_its_id() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let reply = add_reply(&world, &acme.ada, ticket, "Oops").await.unwrap();
    withdraw(&world, &acme.ada, ticket, reply.id).await.unwrap();
    let again = world.act(&acme.ada, async |op| {
        let content = "Oops".parse().unwrap();
        tickets::add_customer_reply_with_id(op, ticket, reply.id, content).await
    });
    let again = again.await;
    assert!(matches!(again, Err(CommentError::Withdrawn)), "{again:?}");
    assert_eq!(conversation(&world, ticket).await, []);
}
