//! Mails about tickets.

use portal_domain::branding::Brand;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::profiles::PortalUser;
use portal_domain::store::{StorageError, TenantReader, TenantScope};
use portal_domain::tickets::{AuthorType, Comment, Ticket};

use super::{ComposeError, Composed, Composer, found, notified};

/// A ticket with the customer who is notified of it.
struct Submitted {
    ticket: Ticket,
    submitter: PortalUser,
    brand: Brand,
    link: String,
}

impl Composer<'_> {
    async fn submitted(
        &self,
        reader: &dyn TenantReader,
        id: TicketId,
    ) -> Result<Submitted, ComposeError> {
        let ticket = found(reader.ticket(id).await?, "no such ticket")?;
        let submitter = notified(reader.account(ticket.submitted_by).await?)?;
        let sender = self.sender(reader).await?;
        Ok(Submitted {
            link: sender.links.ticket(ticket.id),
            ticket,
            submitter,
            brand: sender.brand,
        })
    }

    pub(super) async fn ticket_received(
        &self,
        scope: TenantScope,
        ticket: TicketId,
    ) -> Result<Composed, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let about = self.submitted(&*reader, ticket).await?;
        Composed::to_user(about.submitter, about.brand, |mail| {
            mail.ticket_received(&about.ticket, &about.link)
        })
    }

    pub(super) async fn team_replied(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        comment: CommentId,
    ) -> Result<Composed, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let about = self.submitted(&*reader, ticket).await?;
        let team = AuthorType::Internal;
        let reply = public_comment(&*reader, &about.ticket, comment, team).await?;
        Composed::to_user(about.submitter, about.brand, |mail| {
            mail.team_replied(&about.ticket, &reply, &about.link)
        })
    }

    pub(super) async fn status_changed(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        status: &str,
    ) -> Result<Composed, ComposeError> {
        let status = status.parse().ok().ok_or_else(|| StorageError::Corrupt {
            table: "mail_outbox",
            column: "status",
            id: format!("of ticket {ticket}"),
        })?;
        let reader = self.store.reader(scope).await?;
        let about = self.submitted(&*reader, ticket).await?;
        Composed::to_user(about.submitter, about.brand, |mail| {
            mail.status_changed(&about.ticket, status, &about.link)
        })
    }

    pub(super) async fn new_ticket(
        &self,
        scope: TenantScope,
        ticket: TicketId,
    ) -> Result<Composed, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let ticket = found(reader.ticket(ticket).await?, "no such ticket")?;
        let sender = self.sender(&*reader).await?;
        Composed::to_team(sender.team()?, sender.brand, |mail| {
            mail.new_ticket(&ticket)
        })
    }

    pub(super) async fn customer_replied(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        comment: CommentId,
    ) -> Result<Composed, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let ticket = found(reader.ticket(ticket).await?, "no such ticket")?;
        let reply = public_comment(&*reader, &ticket, comment, AuthorType::Portal).await?;
        let sender = self.sender(&*reader).await?;
        Composed::to_team(sender.team()?, sender.brand, |mail| {
            mail.customer_replied(&ticket, &reply)
        })
    }
}

/// A public comment of a ticket by one side, unless it was withdrawn. An internal note never
/// leaves, whatever a row of the outbox may say.
async fn public_comment(
    reader: &dyn TenantReader,
    ticket: &Ticket,
    id: CommentId,
    author_type: AuthorType,
) -> Result<Comment, ComposeError> {
    let comment = reader.comment(id).await?.filter(|comment| {
        comment.is_public && comment.author_type == author_type && comment.ticket_id == ticket.id
    });
    found(comment, "no such comment")
}
