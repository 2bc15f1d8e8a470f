//! Mails about tickets.

mod colleagues;

use portal_domain::branding::Brand;
use portal_domain::files::{FileName, attached_to};
use portal_domain::ids::{CommentId, TicketId, UserId};
use portal_domain::profiles::{NotificationKind, PortalUser};
use portal_domain::store::{StorageError, TenantReader, TenantScope};
use portal_domain::tickets::{AuthorType, Comment, Ticket, TicketStatus};

use super::{ComposeError, Composer, found, notified};
use crate::outgoing::{Letter, Recipient};
use crate::render::Addressee;

/// A ticket with the customer who is notified of it.
struct Notified {
    ticket: Ticket,
    user: PortalUser,
    to: Addressee,
    brand: Brand,
    link: String,
    unsubscribe: String,
}

impl Composer<'_> {
    /// A ticket with its submitter.
    async fn submitted(
        &self,
        reader: &dyn TenantReader,
        id: TicketId,
    ) -> Result<Notified, ComposeError> {
        self.on_ticket(reader, id, None).await
    }

    /// A ticket with one who is notified of it, unless they switched off mails of the kind.
    async fn addressed(
        &self,
        reader: &dyn TenantReader,
        ticket: Ticket,
        user: UserId,
        kind: NotificationKind,
    ) -> Result<Notified, ComposeError> {
        let user = notified(reader.account(user).await?, kind)?;
        let sender = self.sender(reader).await?;
        let to = if user.id == ticket.submitted_by {
            Addressee::Submitter
        } else {
            Addressee::Participant
        };
        Ok(Notified {
            to,
            unsubscribe: self.unsubscribe(&sender.links, &user, kind),
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
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let about = self.submitted(&*reader, ticket).await?;
        let files = file_names(&*reader, ticket, None).await?;
        Letter::to_subscriber(about.user, about.brand, about.unsubscribe, |mail| {
            let body = mail.ticket_received(&about.ticket, &about.link);
            mail.naming_files(body, &files)
        })
    }

    pub(super) async fn new_ticket(
        &self,
        scope: TenantScope,
        ticket: TicketId,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let ticket = found(reader.ticket(ticket).await?, "no such ticket")?;
        let sender = self.sender(&*reader).await?;
        let customer = submitter(&*reader, &ticket).await?;
        let files = file_names(&*reader, ticket.id, None).await?;
        Letter::to_team(sender.team()?, sender.brand, customer.clone(), |mail| {
            mail.naming_files(mail.new_ticket(&ticket, &customer), &files)
        })
    }

    pub(super) async fn customer_replied(
        &self,
        scope: TenantScope,
        ticket: TicketId,
        comment: CommentId,
    ) -> Result<Letter, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let ticket = found(reader.ticket(ticket).await?, "no such ticket")?;
        let reply = public_comment(&*reader, &ticket, comment, AuthorType::Portal).await?;
        let sender = self.sender(&*reader).await?;
        let customer = author(&*reader, &ticket, &reply).await?;
        let files = file_names(&*reader, ticket.id, Some(reply.id)).await?;
        Letter::to_team(sender.team()?, sender.brand, customer.clone(), |mail| {
            let body = mail.customer_replied(&ticket, &reply, &customer);
            mail.naming_files(body, &files)
        })
    }
}

/// The names of the files of a ticket itself, or of one of its comments.
async fn file_names(
    reader: &dyn TenantReader,
    ticket: TicketId,
    comment: Option<CommentId>,
) -> Result<Vec<FileName>, StorageError> {
    let files = attached_to(reader, ticket, comment).await?;
    Ok(files.into_iter().map(|file| file.file_name).collect())
}

/// The status in a row of the outbox.
fn parse_status(ticket: TicketId, status: &str) -> Result<TicketStatus, ComposeError> {
    let parsed = status.parse().ok();
    let parsed = parsed.ok_or_else(|| StorageError::Corrupt {
        table: "mail_outbox",
        column: "status",
        id: format!("of ticket {ticket}"),
    })?;
    Ok(parsed)
}

/// The customer who submitted a ticket, by their present address.
async fn submitter(reader: &dyn TenantReader, ticket: &Ticket) -> Result<Recipient, ComposeError> {
    let account = reader.account(ticket.submitted_by).await?;
    Ok(match account {
        Some(account) => account.user.into(),
        None => Recipient {
            address: ticket.submitter_email.clone(),
            name: ticket.submitter_name.as_ref().map(ToString::to_string),
        },
    })
}

/// The customer who wrote a comment, by their present address.
async fn author(
    reader: &dyn TenantReader,
    ticket: &Ticket,
    comment: &Comment,
) -> Result<Recipient, ComposeError> {
    let account = match comment.portal_user_id {
        Some(user) => reader.account(user).await?,
        None => None,
    };
    match account {
        Some(account) => Ok(account.user.into()),
        None => submitter(reader, ticket).await,
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
