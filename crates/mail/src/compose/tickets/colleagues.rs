//! Mails about tickets to the customers who are on them.

use portal_domain::ids::{CommentId, TicketId, UserId};
use portal_domain::profiles::NotificationKind;
use portal_domain::store::{TenantReader, TenantScope};
use portal_domain::tickets::AuthorType;

use super::{Notified, file_names, parse_status, public_comment};
use crate::compose::{ComposeError, Composer, ensure, found};
use crate::outgoing::Letter;

impl Composer<'_> {
    /// A ticket with somebody who is told of it: the submitter, who is `None`, or an active
    /// participant. Who was removed since the mail was put into the outbox gets none.
    pub(super) async fn on_ticket(
        &self,
        reader: &dyn TenantReader,
        id: TicketId,
        user: Option<UserId>,
    ) -> Result<Notified, ComposeError> {
        let ticket = found(reader.ticket(id).await?, "no such ticket")?;
        let user = user.unwrap_or(ticket.submitted_by);
        let kind = if ticket.submitted_by == user {
            NotificationKind::OwnTickets
        } else {
            let participants = reader.participants(id).await?;
            let takes_part = participants
                .iter()
                .any(|participant| participant.id == user);
            ensure(takes_part, "the user does not take part in the ticket")?;
            NotificationKind::SharedTickets
        };
        self.addressed(reader, ticket, user, kind).await
    }

    pub(in crate::compose) async fn participant_added(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        user: UserId,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let about = self.on_ticket(&*reader, ticket, Some(user)).await?;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            mail.participant_added(&about.ticket, &about.link)
        })
    }

    /// A public reply; `None` is the submitter.
    pub(in crate::compose) async fn told_of_reply(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        comment: CommentId,
        author_type: AuthorType,
        user: Option<UserId>,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let about = self.on_ticket(&*reader, ticket, user).await?;
        let reply = public_comment(&*reader, &about.ticket, comment, author_type).await?;
        let files = file_names(&*reader, ticket, Some(comment)).await?;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            let body = match author_type {
                AuthorType::Internal => {
                    mail.team_replied(&about.ticket, about.to, &reply, &about.link)
                }
                AuthorType::Portal => mail.colleague_replied(&about.ticket, &reply, &about.link),
            };
            mail.naming_files(body, &files)
        })
    }

    /// Another status; `None` is the submitter.
    pub(in crate::compose) async fn told_of_status(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        status: &str,
        user: Option<UserId>,
    ) -> Result<Letter, ComposeError> {
        let status = parse_status(ticket, status)?;
        let reader = self.store.reader(scope).await?;
        let about = self.on_ticket(&*reader, ticket, user).await?;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            mail.status_changed(&about.ticket, about.to, status, &about.link)
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
        let files = file_names(&*reader, ticket, None).await?;
        let manager = found(reader.account(manager).await?, "no such manager")?.user;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            let name = manager.display_name();
            let body = mail.submitted_by_colleague(&about.ticket, name, &about.link);
            mail.naming_files(body, &files)
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
        let files = file_names(&*reader, about.ticket.id, None).await?;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            let body = mail.submitted_for_colleague(&about.ticket, &about.link);
            mail.naming_files(body, &files)
        })
    }
}
