//! Status transitions of tickets, and their side effects.

use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::ids::TicketId;
use portal_domain::pagination::PageRequest;
use portal_domain::tickets::{
    self, Audience, CommentError, Ticket, TicketError, TicketPriority, TicketStatus, Triage,
};
use portal_test_support::TestWorld;

use super::stored;

/// An action on a ticket.
#[derive(Debug, Clone, Copy)]
enum Action {
    TeamSets(TicketStatus),
    TeamReplies,
    TeamNotes,
    TeamTriages,
    CustomerReplies,
    CustomerCloses,
}

impl Action {
    /// Performs it on a ticket of `ada`. `false` if the ticket's status does not allow it.
    async fn perform(self, world: &TestWorld, id: TicketId) -> bool {
        let (acme, ada) = (&world.acme, &world.acme.ada);
        let text = || "Hello".parse().unwrap();
        match self {
            Self::TeamSets(status) => {
                let set =
                    world.try_operate(acme, async |op| tickets::set_status(op, id, status).await);
                match set.await {
                    Ok(ticket) => {
                        assert_eq!(ticket.status, status);
                        true
                    }
                    Err(TicketError::InvalidTransition(_)) => false,
                    Err(error) => panic!("{error}"),
                }
            }
            Self::TeamReplies => {
                let reply = world.assist(acme, async |op| {
                    tickets::add_team_reply(op, id, text()).await
                });
                reply.await.unwrap().is_public
            }
            Self::TeamNotes => {
                let note = world.assist(acme, async |op| {
                    tickets::add_internal_note(op, id, text()).await
                });
                !note.await.unwrap().is_public
            }
            Self::TeamTriages => {
                let priority = TicketPriority::High;
                let triaged = world.operate(acme, async |op| {
                    tickets::triage(op, id, Triage { priority }).await
                });
                triaged.await.priority == priority
            }
            Self::CustomerReplies => {
                let reply = world.act(ada, async |op| {
                    tickets::add_customer_reply(op, id, text()).await
                });
                match reply.await {
                    Ok(_) => true,
                    Err(CommentError::TicketClosed(_)) => false,
                    Err(error) => panic!("{error}"),
                }
            }
            Self::CustomerCloses => {
                let closed = world.act(ada, async |op| tickets::close(op, id).await);
                match closed.await {
                    Ok(_) => true,
                    Err(TicketError::InvalidTransition(_)) => false,
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
}

/// A new ticket in a status set by the team.
async fn ticket_in(world: &TestWorld, status: TicketStatus) -> Ticket {
    let ticket = world.ticket(&world.acme.ada, "Printer").await;
    // Every status can be set from `new`.
    world
        .set_ticket_status(&world.acme, ticket.id, status)
        .await;
    stored(world, &world.acme, ticket.id).await
}

/// Everything that an action may have written: the ticket, its conversation, the audit log and the
/// outbox.
async fn everything(world: &TestWorld, id: TicketId) -> (Ticket, i64, usize, usize) {
    let reader = world.reader(world.acme.scope()).await;
    let comments = reader.comments(id, Audience::Team, PageRequest::default());
    let comments = comments.await.unwrap().total;
    let (log, outbox) = (
        world.audit_log(world.acme.id).await,
        world.outbox(world.acme.id).await,
    );
    let ticket = reader.ticket(id).await.unwrap().unwrap();
    (ticket, comments, log.len(), outbox.len())
}

#[tokio::test]
async fn every_action_follows_the_table_of_status_transitions() {
    use Action::{CustomerCloses, CustomerReplies, TeamNotes, TeamReplies, TeamSets, TeamTriages};
    use TicketStatus::{Closed, New, OnHold, Open, Pending, Resolved};

    let present = [New, Open, Pending, OnHold, Resolved, Closed];
    // The status after an action in each status, or `None` if it is not allowed.
    #[rustfmt::skip]
    let table: [(Action, [Option<TicketStatus>; 6]); 11] = [
        (TeamSets(New),      [Some(New),      None,           None,           None,           None,           None]),
        (TeamSets(Open),     [Some(Open),     Some(Open),     Some(Open),     Some(Open),     Some(Open),     Some(Open)]),
        (TeamSets(Pending),  [Some(Pending),  Some(Pending),  Some(Pending),  Some(Pending),  Some(Pending),  None]),
        (TeamSets(OnHold),   [Some(OnHold),   Some(OnHold),   Some(OnHold),   Some(OnHold),   Some(OnHold),   None]),
        (TeamSets(Resolved), [Some(Resolved), Some(Resolved), Some(Resolved), Some(Resolved), Some(Resolved), None]),
        (TeamSets(Closed),   [Some(Closed),   Some(Closed),   Some(Closed),   Some(Closed),   Some(Closed),   Some(Closed)]),
        (TeamReplies,        [Some(Open),     Some(Open),     Some(Pending),  Some(OnHold),   Some(Resolved), Some(Closed)]),
        (TeamNotes,          [Some(New),      Some(Open),     Some(Pending),  Some(OnHold),   Some(Resolved), Some(Closed)]),
        (TeamTriages,        [Some(Open),     Some(Open),     Some(Pending),  Some(OnHold),   Some(Resolved), Some(Closed)]),
        (CustomerReplies,    [Some(New),      Some(Open),     Some(Open),     Some(OnHold),   Some(Open),     None]),
        (CustomerCloses,     [None,           None,           None,           None,           Some(Closed),   None]),
    ];
    let world = TestWorld::create().await;
    for (action, after) in table {
        for (from, expected) in present.into_iter().zip(after) {
            let before = ticket_in(&world, from).await;
            let all_before = everything(&world, before.id).await;
            world.env.advance(TimeDelta::seconds(1));
            let is_done = action.perform(&world, before.id).await;
            let all_after = everything(&world, before.id).await;
            let after = &all_after.0;
            match expected {
                None => {
                    assert!(!is_done, "{action:?} from {from}");
                    assert_eq!(all_after, all_before, "{action:?} from {from}");
                }
                Some(to) => {
                    assert!(is_done, "{action:?} from {from}");
                    assert_eq!(after.status, to, "{action:?} from {from}");
                    let nothing = matches!(action, TeamSets(status) if status == from);
                    if nothing {
                        assert_eq!(all_after, all_before, "{action:?} from {from}");
                    }
                    // The customer sees a change, except for a note.
                    let is_seen = !nothing && !matches!(action, TeamNotes);
                    let is_touched = after.updated_at != before.updated_at;
                    assert_eq!(is_touched, is_seen, "{action:?} from {from}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_times_of_resolving_and_closing_are_kept_until_the_ticket_is_reopened() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let id = world.ticket(&acme.ada, "Printer").await.id;
    let times = async || {
        let ticket = stored(&world, acme, id).await;
        (ticket.resolved_at, ticket.closed_at)
    };
    let start = world.env.now();
    let after = |hours| Some(start + TimeDelta::hours(hours));
    for (hours, action, expected) in [
        (
            1,
            Action::TeamSets(TicketStatus::Resolved),
            (after(1), None),
        ),
        (2, Action::TeamReplies, (after(1), None)),
        (3, Action::CustomerCloses, (after(1), after(3))),
        (4, Action::TeamSets(TicketStatus::Open), (None, None)),
        (5, Action::TeamSets(TicketStatus::Closed), (None, after(5))),
        (6, Action::TeamSets(TicketStatus::Open), (None, None)),
        (
            7,
            Action::TeamSets(TicketStatus::Resolved),
            (after(7), None),
        ),
        (8, Action::CustomerReplies, (None, None)),
    ] {
        world.env.advance(TimeDelta::hours(1));
        assert!(action.perform(&world, id).await, "{action:?}");
        assert_eq!(times().await, expected, "{action:?} after {hours} hours");
    }
}

#[tokio::test]
async fn the_first_public_reply_of_the_team_is_the_first_response() {
    let world = TestWorld::create().await;
    let id = world.ticket(&world.acme.ada, "Printer").await.id;
    let first_response = async || stored(&world, &world.acme, id).await.first_response_at;
    for action in [
        Action::TeamNotes,
        Action::TeamTriages,
        Action::CustomerReplies,
    ] {
        assert!(action.perform(&world, id).await);
        assert_eq!(first_response().await, None, "{action:?}");
    }
    world.env.advance(TimeDelta::minutes(5));
    let responded = world.env.now();
    for _ in 0..2 {
        assert!(Action::TeamReplies.perform(&world, id).await);
        assert_eq!(first_response().await, Some(responded));
        world.env.advance(TimeDelta::minutes(5));
    }
}

#[tokio::test]
async fn of_concurrent_confirmations_one_closes_the_ticket() {
    let world = TestWorld::create().await;
    let id = ticket_in(&world, TicketStatus::Resolved).await.id;
    let all = (0..5).map(|_| Action::CustomerCloses.perform(&world, id));
    let closed = join_all(all).await.into_iter().filter(|done| *done);
    assert_eq!(closed.count(), 1);
    let log = world
        .audited(world.acme.id, AuditAction::PortalTicketClose)
        .await;
    assert_eq!(log.len(), 1);
}

#[tokio::test]
async fn a_deleted_ticket_is_not_found() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let id = ticket_in(&world, TicketStatus::Resolved).await.id;
    world
        .operate(acme, async |op| tickets::delete(op, id).await)
        .await;
    let log = world.audit_log(acme.id).await;

    let text = || "Hello".parse().unwrap();
    let by_team = [
        world
            .try_operate(acme, async |op| {
                let status = TicketStatus::Open;
                tickets::set_status(op, id, status).await.map(drop)
            })
            .await,
        world
            .assist(acme, async |op| {
                let reply = tickets::add_team_reply(op, id, text());
                reply.await.map(drop)
            })
            .await,
        world
            .assist(acme, async |op| {
                let note = tickets::add_internal_note(op, id, text());
                note.await.map(drop)
            })
            .await,
        world
            .try_operate(acme, async |op| {
                tickets::assign(op, id, None).await.map(drop)
            })
            .await,
        world
            .try_operate(acme, async |op| tickets::delete(op, id).await)
            .await,
    ];
    for done in by_team {
        assert!(matches!(done, Err(TicketError::NotFound)), "{done:?}");
    }
    let reply = world.act(&acme.ada, async |op| {
        tickets::add_customer_reply(op, id, text()).await
    });
    assert!(matches!(reply.await, Err(CommentError::NotFound)));
    let closed = world.act(&acme.ada, async |op| tickets::close(op, id).await);
    assert!(matches!(closed.await, Err(TicketError::NotFound)));
    assert_eq!(world.audit_log(acme.id).await, log);
}
