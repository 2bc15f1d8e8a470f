//! Mails about tickets to whoever is on them besides the submitter.

use portal_domain::ids::{CommentId, TicketId, UserId};
use portal_domain::profiles::NotificationKind;
use portal_domain::store::{TenantReader, TenantScope};
use portal_domain::tickets::{AuthorType, Ticket};

use super::{Notified, parse_status};
use crate::compose::{ComposeError, Composer, ensure, found, notified};
use crate::outgoing::Letter;

impl Composer<'_> {
    /// A ticket with somebody who is told of it: the submitter, or an active participant. Who was
    /// removed since the mail was put into the outbox gets none.
    async fn on_ticket(
        &self,
        reader: &dyn TenantReader,
        id: TicketId,
        user: UserId,
    ) -> Result<Notified, ComposeError> {
        let ticket = found(reader.ticket(id).await?, "no such ticket")?;
        if ticket.submitted_by == user {
            return self.submitted(reader, id).await;
        }
        let participants = reader.participants(id).await?;
        let takes_part = participants
            .iter()
            .any(|participant| participant.id == user);
        ensure(takes_part, "the user does not take part in the ticket")?;
        self.addressed(reader, ticket, user, NotificationKind::SharedTickets)
            .await
    }

    async fn addressed(
        &self,
        reader: &dyn TenantReader,
        ticket: Ticket,
        user: UserId,
        kind: NotificationKind,
    ) -> Result<Notified, ComposeError> {
        let user = notified(reader.account(user).await?, kind)?;
        let sender = self.sender(reader).await?;
        Ok(Notified {
            unsubscribe: self.unsubscribe(&sender.links, &user, kind),
            link: sender.links.ticket(ticket.id),
            ticket,
            user,
            brand: sender.brand,
        })
    }

    pub(in crate::compose) async fn participant_added(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        user: UserId,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let about = self.on_ticket(&*reader, ticket, user).await?;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            mail.participant_added(&about.ticket, &about.link)
        })
    }

    pub(in crate::compose) async fn participant_told_of_reply(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        comment: CommentId,
        user: UserId,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let about = self.on_ticket(&*reader, ticket, user).await?;
        let comment = reader.comment(comment).await?;
        let reply = comment.filter(|reply| reply.is_public && reply.ticket_id == about.ticket.id);
        let reply = found(reply, "no such comment")?;
        Letter::to_subscriber(
            about.user,
            about.brand,
            about.unsubscribe,
            |mail| match reply.author_type {
                AuthorType::Internal => mail.team_replied(&about.ticket, &reply, &about.link),
                AuthorType::Portal => mail.colleague_replied(&about.ticket, &reply, &about.link),
            },
        )
    }

    pub(in crate::compose) async fn participant_told_of_status(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        status: &str,
        user: UserId,
    ) -> Result<Letter, ComposeError> {
        let status = parse_status(ticket, status)?;
        let reader = self.store.reader(scope).await?;
        let about = self.on_ticket(&*reader, ticket, user).await?;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            mail.status_changed(&about.ticket, status, &about.link)
        })
    }

    pub(in crate::compose) async fn submitted_by_colleague(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        manager: UserId,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let about = self.submitted(&*reader, ticket).await?;
        let manager = found(reader.account(manager).await?, "no such manager")?.user;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            mail.submitted_by_colleague(&about.ticket, manager.display_name(), &about.link)
        })
    }

    pub(in crate::compose) async fn submitted_for_colleague(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        manager: UserId,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let ticket = reader.visible_ticket(manager, ticket).await?;
        let ticket = found(
            ticket,
            "no such ticket, or the manager may not see it any more",
        )?;
        let kind = NotificationKind::OwnTickets;
        let about = self.addressed(&*reader, ticket, manager, kind).await?;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            mail.submitted_for_colleague(&about.ticket, &about.link)
        })
    }
}
