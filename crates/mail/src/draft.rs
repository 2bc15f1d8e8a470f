//! Loads what a mail reports, or finds that it is no longer wanted.
//!
//! A row tells of a moment; the mail is made later, from the present state. It is no longer wanted
//! when:
//!
//! | mail | not wanted when |
//! |---|---|
//! | invitation | the user is gone, disabled or set up, or the organization disabled |
//! | password reset | no account is left that is active, of an active organization that allows resets |
//! | password changed | the user is gone; it is a warning, so nothing else stops it |
//! | ticket received, team replied, status changed | the ticket or the reply is gone, or the submitter is, is not active or wants no notifications |
//! | loan due | the device is back or its date has moved away, or as above for the borrower |
//! | loan overdue | the device is back or its date lies ahead, or as above for the borrower |
//! | new ticket, customer replied | the ticket or the reply is gone, the organization is disabled or has no support address |
//!
//! Mail goes to the address that is stored when it is made. A token is stored, by its hash, in a
//! transaction that is committed before the mail exists, and with the user's row locked, so that a
//! change of address either comes first or voids it.

mod accounts;
mod loans;
mod tickets;

use futures_util::future::try_join;
use portal_domain::branding::Branding;
use portal_domain::environment::Environment;
use portal_domain::notifications::{MailKind, OutboxMail};
use portal_domain::organizations::{Organization, OrganizationStatus};
use portal_domain::profiles::{Account, Locale, PortalUser};
use portal_domain::store::{StorageError, Store, TenantReader, TenantScope};
use url::Url;

use crate::content::Content;
use crate::links::Links;
use crate::outgoing::Recipient;
use crate::render::Brand;

/// Everything about a mail but its looks.
pub(crate) struct Draft {
    pub(crate) to: Recipient,
    pub(crate) brand: Brand,
    pub(crate) content: Content,
    /// The reader's language.
    pub(crate) locale: Locale,
}

/// The language of readers who chose none, and of the team, whose nobody knows.
const DEFAULT_LOCALE: Locale = Locale::English;

impl Draft {
    /// A mail to a user, in the language that they chose.
    fn to_user(user: &PortalUser, brand: Brand, content: Content) -> Self {
        Self {
            to: Recipient {
                address: user.email.clone(),
                name: user.name.clone(),
            },
            brand,
            content,
            locale: user.locale.unwrap_or(DEFAULT_LOCALE),
        }
    }

    /// A mail to the team.
    const fn to_team(to: Recipient, brand: Brand, content: Content) -> Self {
        Self {
            to,
            brand,
            content,
            locale: DEFAULT_LOCALE,
        }
    }
}

/// Why there is nothing to send.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DraftError {
    /// The mail is no longer wanted; see the table above.
    #[error("the mail is no longer wanted: {0}")]
    Unwanted(&'static str),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What drafts are made from.
pub(crate) struct Drafter<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) env: &'a dyn Environment,
    pub(crate) public_url: &'a Url,
    /// The name that a mail about several organizations goes by.
    pub(crate) neutral_name: Option<&'a str>,
}

impl Drafter<'_> {
    /// Reads what a mail is about. Where it carries links with tokens, these are good from now on.
    ///
    /// # Errors
    ///
    /// See [`DraftError`].
    pub(crate) async fn draft(&self, mail: &OutboxMail) -> Result<Draft, DraftError> {
        let scope = TenantScope::of(mail.organization_id);
        match &mail.kind {
            MailKind::Invitation { user_id } => self.invitation(scope, *user_id).await,
            MailKind::PasswordReset { accounts } => self.password_reset(accounts).await,
            MailKind::PasswordChanged { user_id } => {
                self.password_changed(scope, *user_id, mail.created_at)
                    .await
            }
            MailKind::TicketReceived { ticket_id } => self.ticket_received(scope, *ticket_id).await,
            MailKind::TeamReplied {
                ticket_id,
                comment_id,
            } => self.team_replied(scope, *ticket_id, *comment_id).await,
            MailKind::StatusChanged { ticket_id, status } => {
                self.status_changed(scope, *ticket_id, status).await
            }
            MailKind::LoanDue { checkout_id } => self.loan_due(scope, *checkout_id).await,
            MailKind::LoanOverdue { checkout_id } => self.loan_overdue(scope, *checkout_id).await,
            MailKind::NewTicket { ticket_id } => self.new_ticket(scope, *ticket_id).await,
            MailKind::CustomerReplied {
                ticket_id,
                comment_id,
            } => self.customer_replied(scope, *ticket_id, *comment_id).await,
        }
    }

    /// The organization of a handle, as its mails show it.
    async fn sender(&self, reader: &dyn TenantReader) -> Result<OrganizationView, DraftError> {
        let (organization, branding) =
            try_join(reader.own_organization(), reader.branding()).await?;
        let organization = organization.ok_or(DraftError::Unwanted("no such organization"))?;
        let domain = branding.as_ref().and_then(Branding::verified_domain);
        let links = Links::new(self.public_url, domain);
        Ok(OrganizationView {
            organization,
            branding,
            links,
        })
    }
}

/// An organization with what its mails show of it.
struct OrganizationView {
    organization: Organization,
    branding: Option<Branding>,
    links: Links,
}

impl OrganizationView {
    fn brand(&self) -> Brand {
        Brand::of(&self.organization, self.branding.as_ref())
    }

    /// The team's address, for mails that only the team of an active organization gets.
    fn team(&self) -> Result<Recipient, DraftError> {
        if self.organization.status != OrganizationStatus::Active {
            return Err(DraftError::Unwanted("the organization is disabled"));
        }
        let support = self
            .branding
            .as_ref()
            .and_then(|branding| branding.support_email.clone());
        let address = support.ok_or(DraftError::Unwanted("no support address"))?;
        Ok(Recipient {
            address,
            name: None,
        })
    }
}

fn found<T>(value: Option<T>, otherwise: &'static str) -> Result<T, DraftError> {
    value.ok_or(DraftError::Unwanted(otherwise))
}

/// The user of an account, if they are to be told what happens.
fn notified(account: Option<Account>) -> Result<PortalUser, DraftError> {
    let account = found(account, "no such user")?;
    if !account.is_active() {
        return Err(DraftError::Unwanted("the account is not active"));
    }
    if !account.user.receive_notifications {
        return Err(DraftError::Unwanted("notifications are off"));
    }
    Ok(account.user)
}
