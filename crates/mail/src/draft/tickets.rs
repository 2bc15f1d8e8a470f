//! Mails about tickets.

use portal_domain::ids::{CommentId, TicketId};
use portal_domain::profiles::PortalUser;
use portal_domain::store::{StorageError, TenantReader, TenantScope};
use portal_domain::tickets::{AuthorType, Comment, Ticket};

use super::{Draft, DraftError, Drafter, OrganizationView, found, notified};
use crate::content::Content;

/// A ticket with the customer who is told of it.
struct Submitted {
    ticket: Ticket,
    submitter: PortalUser,
    from: OrganizationView,
}

impl Submitted {
    fn link(&self) -> String {
        self.from.links.ticket(self.ticket.id)
    }

    fn draft(self, content: impl FnOnce(Self) -> Content) -> Draft {
        let (submitter, brand) = (self.submitter.clone(), self.from.brand());
        Draft::to_user(&submitter, brand, content(self))
    }
}

impl Drafter<'_> {
    async fn submitted(
        &self,
        reader: &dyn TenantReader,
        id: TicketId,
    ) -> Result<Submitted, DraftError> {
        let ticket = found(reader.ticket(id).await?, "no such ticket")?;
        let submitter = notified(reader.account(ticket.submitted_by).await?)?;
        let from = self.sender(reader).await?;
        Ok(Submitted {
            ticket,
            submitter,
            from,
        })
    }

    pub(super) async fn ticket_received(
        &self,
        scope: TenantScope,
        ticket: TicketId,
    ) -> Result<Draft, DraftError> {
        let reader = self.store.reader(scope).await?;
        let submitted = self.submitted(&*reader, ticket).await?;
        Ok(submitted.draft(|about| Content::TicketReceived {
            link: about.link(),
            name: about.submitter.name,
            ticket: Box::new(about.ticket),
        }))
    }

    pub(super) async fn team_replied(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        comment: CommentId,
    ) -> Result<Draft, DraftError> {
        let reader = self.store.reader(scope).await?;
        let submitted = self.submitted(&*reader, ticket).await?;
        // An internal note never leaves, whatever a row may say.
        let reply = public_comment(&*reader, &submitted.ticket, comment, AuthorType::Internal);
        let reply = Box::new(reply.await?);
        Ok(submitted.draft(|about| Content::TeamReplied {
            link: about.link(),
            name: about.submitter.name,
            ticket: Box::new(about.ticket),
            reply,
        }))
    }

    pub(super) async fn status_changed(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        status: &str,
    ) -> Result<Draft, DraftError> {
        let status = status.parse().ok().ok_or_else(|| {
            let (table, column) = ("mail_outbox", "status");
            StorageError::Corrupt {
                table,
                column,
                value: status.to_owned(),
            }
        })?;
        let reader = self.store.reader(scope).await?;
        let submitted = self.submitted(&*reader, ticket).await?;
        Ok(submitted.draft(|about| Content::StatusChanged {
            link: about.link(),
            name: about.submitter.name,
            ticket: Box::new(about.ticket),
            status,
        }))
    }

    pub(super) async fn new_ticket(
        &self,
        scope: TenantScope,
        ticket: TicketId,
    ) -> Result<Draft, DraftError> {
        let reader = self.store.reader(scope).await?;
        let ticket = found(reader.ticket(ticket).await?, "no such ticket")?;
        let from = self.sender(&*reader).await?;
        let to = from.team()?;
        let link = ticket.external_ticket_url.clone();
        let content = Content::NewTicket {
            ticket: Box::new(ticket),
            link,
        };
        Ok(Draft::to_team(to, from.brand(), content))
    }

    pub(super) async fn customer_replied(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        comment: CommentId,
    ) -> Result<Draft, DraftError> {
        let reader = self.store.reader(scope).await?;
        let ticket = found(reader.ticket(ticket).await?, "no such ticket")?;
        let reply = public_comment(&*reader, &ticket, comment, AuthorType::Portal).await?;
        let from = self.sender(&*reader).await?;
        let to = from.team()?;
        let link = ticket.external_ticket_url.clone();
        let (ticket, reply) = (Box::new(ticket), Box::new(reply));
        let content = Content::CustomerReplied {
            ticket,
            reply,
            link,
        };
        Ok(Draft::to_team(to, from.brand(), content))
    }
}

/// A public comment of a ticket by one side, unless it was withdrawn.
async fn public_comment(
    reader: &dyn TenantReader,
    ticket: &Ticket,
    id: CommentId,
    author_type: AuthorType,
) -> Result<Comment, DraftError> {
    let comment = reader.comment(id).await?.filter(|comment| {
        comment.is_public && comment.author_type == author_type && comment.ticket_id == ticket.id
    });
    found(comment, "no such comment")
}
