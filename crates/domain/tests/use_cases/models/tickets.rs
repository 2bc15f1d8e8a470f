//! The lives of tickets.

use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::pagination::PageRequest;
use portal_domain::tickets::{
    self, Audience, ColleagueRef, CommentError, CommentText, ParticipantError, TicketError,
    TicketStatus,
};
use portal_test_support::TestWorld;
use portal_test_support::properties::proptest::collection::vec;
use portal_test_support::properties::proptest::prelude::*;
use portal_test_support::properties::proptest::sample::select;
use portal_test_support::properties::samples;

use super::{Audited, Told, Who, told};

#[derive(Debug, Clone, Copy)]
enum OnTicket {
    Reply(Who),
    Edit(Who, usize),
    Withdraw(Who, usize),
    Close(Who),
    AddBob(Who),
    RemoveBob(Who),
    TeamReplies,
    TeamNotes,
    TeamSets(TicketStatus),
}

fn on_ticket() -> impl Strategy<Value = OnTicket> {
    use OnTicket::{
        AddBob, Close, Edit, RemoveBob, Reply, TeamNotes, TeamReplies, TeamSets, Withdraw,
    };
    let who = || select(&Who::ALL[..]);
    prop_oneof![
        3 => who().prop_map(Reply),
        2 => (who(), 0..6_usize).prop_map(|(who, comment)| Edit(who, comment)),
        2 => (who(), 0..6_usize).prop_map(|(who, comment)| Withdraw(who, comment)),
        2 => who().prop_map(Close),
        2 => who().prop_map(AddBob),
        1 => who().prop_map(RemoveBob),
        1 => Just(TeamReplies),
        1 => Just(TeamNotes),
        3 => select(TicketStatus::ALL).prop_map(TeamSets),
    ]
}

/// A comment, by whom, or by the team.
struct Said {
    id: CommentId,
    by: Option<Who>,
    is_public: bool,
    is_withdrawn: bool,
    text: String,
}

/// What a ticket should be.
struct TicketModel {
    status: TicketStatus,
    /// Whether `bob` takes part; nothing before he was added for the first time.
    bob: Option<bool>,
    said: Vec<Said>,
}

impl TicketModel {
    fn is_visible(&self, who: Who) -> bool {
        match who {
            Who::Ada => true,
            Who::Bob => self.bob == Some(true),
            Who::Stranger => false,
        }
    }

    /// Why somebody may not do what only the submitter may.
    fn refuses(&self, who: Who) -> Option<Told> {
        match who {
            Who::Ada => None,
            _ if self.is_visible(who) => Some(Told::NotInCharge),
            _ => Some(Told::NotFound),
        }
    }

    /// The comment that somebody may change, or what they are told instead.
    fn own(&mut self, who: Who, comment: usize) -> Result<&mut Said, Told> {
        if !self.is_visible(who) {
            return Err(Told::NotFound);
        }
        let is_locked = self
            .said
            .iter()
            .skip(comment)
            .any(|said| said.by.is_none() && said.is_public);
        let said = self.said.get_mut(comment).filter(|said| !said.is_withdrawn);
        let said = said.filter(|said| said.by == Some(who));
        match said {
            None => Err(Told::NotFound),
            Some(_) if is_locked => Err(Told::Locked),
            Some(said) => Ok(said),
        }
    }

    /// What the customers see: ids and texts, newest first.
    fn shown(&self) -> Vec<(CommentId, String)> {
        let shown = self.said.iter().rev();
        shown
            .filter(|said| said.is_public && !said.is_withdrawn)
            .map(|said| (said.id, said.text.clone()))
            .collect()
    }
}

fn told_of_comment(error: &CommentError) -> Told {
    match error {
        CommentError::NotFound | CommentError::Withdrawn => Told::NotFound,
        CommentError::TicketClosed(_) => Told::NotNow,
        CommentError::Locked => Told::Locked,
        CommentError::UnknownAttachment | CommentError::Storage(_) => panic!("{error}"),
    }
}

fn told_of_participant(error: &ParticipantError) -> Told {
    match error {
        ParticipantError::NotFound => Told::NotFound,
        ParticipantError::NotInCharge => Told::NotInCharge,
        ParticipantError::UnknownColleague => Told::Unknown,
        ParticipantError::Storage(error) => panic!("{error}"),
    }
}

fn told_of_ticket(error: &TicketError) -> Told {
    match error {
        TicketError::NotFound => Told::NotFound,
        TicketError::NotInCharge => Told::NotInCharge,
        TicketError::InvalidTransition(_) => Told::NotNow,
        TicketError::UnknownAttachment | TicketError::Storage(_) => panic!("{error}"),
    }
}

/// Does something to a ticket and to its model, and compares what was told.
async fn do_on_ticket(
    world: &TestWorld,
    id: TicketId,
    model: &mut TicketModel,
    audited: &mut Audited,
    (step, command): (usize, OnTicket),
) {
    let acme = &world.acme;
    let text = format!("Text {step}");
    let content = || text.parse::<CommentText>().unwrap();
    let any_comment = |comment: usize, model: &TicketModel| {
        let said = model.said.get(comment);
        said.map_or_else(|| CommentId::generate(&*world.env), |said| said.id)
    };
    let new = |id, by, is_public| Said {
        id,
        by,
        is_public,
        is_withdrawn: false,
        text: text.clone(),
    };
    let (found, expected) = match command {
        OnTicket::Reply(who) => {
            let reply = world
                .act(who.person(world), async |op| {
                    tickets::add_customer_reply(op, id, content().into()).await
                })
                .await;
            let expected = match model.status {
                _ if !model.is_visible(who) => Told::NotFound,
                TicketStatus::Closed => Told::NotNow,
                _ => Told::Done,
            };
            if let Ok(comment) = &reply {
                model.said.push(new(comment.id, Some(who), true));
                if matches!(model.status, TicketStatus::Pending | TicketStatus::Resolved) {
                    model.status = TicketStatus::Open;
                }
                audited.add(AuditAction::PortalTicketCommentCreate);
            }
            (told(&reply, told_of_comment), expected)
        }
        OnTicket::Edit(who, comment) => {
            let edited = any_comment(comment, model);
            let edited = world
                .act(who.person(world), async |op| {
                    tickets::edit_comment(op, id, edited, content()).await
                })
                .await;
            let expected = match model.own(who, comment) {
                Ok(said) => {
                    said.text.clone_from(&text);
                    audited.add(AuditAction::PortalTicketCommentUpdate);
                    Told::Done
                }
                Err(told) => told,
            };
            (told(&edited, told_of_comment), expected)
        }
        OnTicket::Withdraw(who, comment) => {
            let withdrawn = any_comment(comment, model);
            let withdrawn = world
                .act(who.person(world), async |op| {
                    tickets::withdraw_comment(op, id, withdrawn).await
                })
                .await;
            let expected = match model.own(who, comment) {
                Ok(said) => {
                    said.is_withdrawn = true;
                    audited.add(AuditAction::PortalTicketCommentDelete);
                    Told::Done
                }
                Err(told) => told,
            };
            (told(&withdrawn, told_of_comment), expected)
        }
        OnTicket::Close(who) => {
            let closed = world
                .act(who.person(world), async |op| tickets::close(op, id).await)
                .await;
            let expected = match (model.refuses(who), model.status) {
                (Some(refusal), _) => refusal,
                (None, TicketStatus::Resolved) => {
                    model.status = TicketStatus::Closed;
                    audited.add(AuditAction::PortalTicketClose);
                    Told::Done
                }
                (None, _) => Told::NotNow,
            };
            (told(&closed, told_of_ticket), expected)
        }
        OnTicket::AddBob(who) => {
            let added = world
                .act(who.person(world), async |op| {
                    tickets::add_participant(op, id, ColleagueRef::Id(acme.bob.id)).await
                })
                .await;
            let expected = model.refuses(who).unwrap_or(Told::Done);
            if expected == Told::Done && model.bob != Some(true) {
                model.bob = Some(true);
                audited.add(AuditAction::PortalTicketParticipantAdd);
            }
            (told(&added, told_of_participant), expected)
        }
        OnTicket::RemoveBob(who) => {
            let removed = world
                .act(who.person(world), async |op| {
                    tickets::remove_participant(op, id, acme.bob.id).await
                })
                .await;
            let expected = match (who, model.bob) {
                _ if !model.is_visible(who) => Told::NotFound,
                (_, None) => Told::Unknown,
                _ => Told::Done,
            };
            if expected == Told::Done && model.bob == Some(true) {
                model.bob = Some(false);
                audited.add(AuditAction::PortalTicketParticipantRemove);
            }
            (told(&removed, told_of_participant), expected)
        }
        OnTicket::TeamReplies => {
            let reply = world.team_replies(acme, id, &text).await;
            model.said.push(new(reply.id, None, true));
            if model.status == TicketStatus::New {
                model.status = TicketStatus::Open;
            }
            audited.add(AuditAction::TicketReply);
            (Told::Done, Told::Done)
        }
        OnTicket::TeamNotes => {
            let note = world.team_notes(acme, id, &text).await;
            model.said.push(new(note.id, None, false));
            audited.add(AuditAction::TicketNote);
            (Told::Done, Told::Done)
        }
        OnTicket::TeamSets(status) => {
            let set = world
                .try_operate(acme, async |op| tickets::set_status(op, id, status).await)
                .await;
            let expected = match (model.status, status) {
                (from, to) if from == to => Told::Done,
                (_, TicketStatus::New) => Told::NotNow,
                (TicketStatus::Closed, to) if to != TicketStatus::Open => Told::NotNow,
                _ => {
                    model.status = status;
                    audited.add(AuditAction::TicketStatus);
                    Told::Done
                }
            };
            (told(&set, told_of_ticket), expected)
        }
    };
    assert_eq!(found, expected, "{command:?}");
}

#[tokio::test]
async fn tickets_live_as_their_model() {
    let world = TestWorld::create().await;
    let mut audited = Audited::default();
    for commands in samples(25, vec(on_ticket(), 25)) {
        let ticket = world.ticket(&world.acme.ada, "Printer").await;
        let mut model = TicketModel {
            status: TicketStatus::New,
            bob: None,
            said: Vec::new(),
        };
        for command in commands.iter().copied().enumerate() {
            world.env.advance(TimeDelta::seconds(1));
            do_on_ticket(&world, ticket.id, &mut model, &mut audited, command).await;

            let reader = world.reader(world.acme.scope()).await;
            let stored = reader.ticket(ticket.id).await.unwrap().unwrap();
            assert_eq!(stored.status, model.status, "{commands:?}");
            let is_closed = model.status == TicketStatus::Closed;
            assert_eq!(stored.closed_at.is_some(), is_closed, "{commands:?}");
            let all = PageRequest::first(u32::MAX);
            let comments = reader.comments(ticket.id, Audience::Customer, all).await;
            let shown = comments.unwrap().items.into_iter();
            let shown: Vec<_> = shown
                .map(|comment| (comment.id, comment.content.into_string()))
                .collect();
            assert_eq!(shown, model.shown(), "{commands:?}");
            for who in [Who::Ada, Who::Bob] {
                let found = reader
                    .visible_ticket(who.person(&world).id, ticket.id)
                    .await;
                assert_eq!(found.unwrap().is_some(), model.is_visible(who), "{who:?}");
            }
        }
    }
    audited.assert_complete(&world, "ticket").await;
}
