//! Mails about tickets.

mod colleagues;

use portal_domain::branding::Brand;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::profiles::{NotificationKind, PortalUser};
use portal_domain::store::{StorageError, TenantReader, TenantScope};
use portal_domain::tickets::{AuthorType, Comment, Ticket, TicketStatus};

use super::{ComposeError, Composed, Composer, found, notified};

/// A ticket with the customer who is notified of it.
struct Notified {
    ticket: Ticket,
    user: PortalUser,
    brand: Brand,
    link: String,
}

impl Composer<'_> {
    async fn submitted(
        &self,
        reader: &dyn TenantReader,
        id: TicketId,
    ) -> Result<Notified, ComposeError> {
        let ticket = found(reader.ticket(id).await?, "no such ticket")?;
        let account = reader.account(ticket.submitted_by).await?;
        let user = notified(account, NotificationKind::OwnTickets)?;
        let sender = self.sender(reader).await?;
        Ok(Notified {
            link: sender.links.ticket(ticket.id),
            ticket,
            user,
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
        Composed::to_user(about.user, about.brand, |mail| {
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
        Composed::to_user(about.user, about.brand, |mail| {
            mail.team_replied(&about.ticket, &reply, &about.link)
        })
    }

    pub(super) async fn status_changed(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        status: &str,
    ) -> Result<Composed, ComposeError> {
        let status = parse_status(status)?;
        let reader = self.store.reader(scope).await?;
        let about = self.submitted(&*reader, ticket).await?;
        Composed::to_user(about.user, about.brand, |mail| {
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

/// The status in a row of the outbox.
fn parse_status(status: &str) -> Result<TicketStatus, ComposeError> {
    let parsed = status.parse().ok();
    let parsed = parsed.ok_or_else(|| StorageError::Corrupt {
        table: "mail_outbox",
        column: "status",
        value: status.to_owned(),
    })?;
    Ok(parsed)
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
