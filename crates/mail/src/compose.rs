//! Composes the mails of the outbox from the present state, or finds that they are not to be sent.
//!
//! A row records an event; the mail is composed later and is skipped when:
//!
//! | mail | skipped when |
//! |---|---|
//! | invitation | the user is gone, disabled or set up, or the organization disabled, or a newer invitation was sent |
//! | password reset | no account is left that is active, of an active organization that allows resets, and without a newer link |
//! | password changed, new sign-in | the user is gone; it is a warning, so nothing else stops it |
//! | ticket received, team replied, status changed | the ticket or the reply is gone, or the submitter is, is not active or wants no notifications |
//! | the same to participants, colleague replied, participant added, submitted by or for a colleague | as above, or the recipient does not take part in the ticket (any more) |
//! | loan due | the device is back or its date has moved away, or as above for the borrower |
//! | loan overdue | the device is back or its day is not over, or as above for the borrower |
//! | new ticket, customer replied | the ticket or the reply is gone, the organization is disabled or has no support address |
//!
//! Mail goes to the address that is stored when it is composed. A token is stored, by its hash, in
//! a transaction that is committed before the mail exists, and with the user's row locked, so that
//! a change of address either comes first or voids it. Each try mints a token of its own. All of one
//! request's are good until it expires or one of them is used, so that whichever copy of a mail a
//! mailbox keeps, its link works.

mod accounts;
mod loans;
mod tickets;

use futures_util::future::try_join;
use portal_auth::{Subscription, UnsubscribeTokens};
use portal_domain::branding::{Brand, Branding};
use portal_domain::environment::Environment;
use portal_domain::notifications::{MailKind, OutboxMail};
use portal_domain::organizations::{Organization, OrganizationStatus};
use portal_domain::profiles::{Account, Locale, NotificationKind, PortalUser};
use portal_domain::store::{StorageError, Store, TenantReader, TenantScope};
use portal_domain::tickets::AuthorType;
use portal_domain::values::EmailAddress;
use url::Url;

use crate::links::Links;
use crate::outgoing::{InvalidMail, Letter, OutgoingMail, Recipient, SenderAddress};
use crate::render::{MailBody, RenderError, SignInPlace, Templates};

/// The language of users who chose none, and of the team, whose language is not known.
const DEFAULT_LOCALE: Locale = Locale::English;

/// Why a mail could not be composed. What it says is kept in the outbox: no address, no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComposeError {
    /// The mail is not to be sent; see the table above.
    #[error("the mail is no longer wanted: {0}")]
    Skipped(&'static str),
    #[error("what the mail is about could not be read")]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Invalid(#[from] InvalidMail),
}

/// Composes mails.
pub(crate) struct Composer<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) env: &'a dyn Environment,
    pub(crate) public_url: &'a Url,
    pub(crate) custom_domain_path: &'a str,
    pub(crate) from: &'a SenderAddress,
    pub(crate) unsubscribe_tokens: &'a UnsubscribeTokens,
}

impl Composer<'_> {
    /// Composes a mail. If it carries links with tokens, these are valid from now on.
    ///
    /// # Errors
    ///
    /// See [`ComposeError`].
    pub(crate) async fn compose(&self, mail: &OutboxMail) -> Result<OutgoingMail, ComposeError> {
        let scope = TenantScope::of(mail.organization_id);
        let letter = match &mail.kind {
            MailKind::Invitation { user_id } => {
                self.invitation(scope, *user_id, mail.requested_at()).await
            }
            MailKind::PasswordReset { accounts } => {
                self.password_reset(accounts, mail.requested_at()).await
            }
            MailKind::PasswordChanged { user_id } => {
                self.password_changed(scope, *user_id, mail.created_at)
                    .await
            }
            MailKind::NewSignIn {
                user_id,
                client,
                ip_address,
            } => {
                let sign_in = SignInPlace {
                    at: mail.created_at,
                    client: *client,
                    address: *ip_address,
                };
                self.new_sign_in(scope, *user_id, sign_in).await
            }
            MailKind::TicketReceived { ticket_id } => self.ticket_received(scope, *ticket_id).await,
            MailKind::TeamReplied {
                ticket_id,
                comment_id,
            } => {
                let team = AuthorType::Internal;
                self.told_of_reply(scope, *ticket_id, *comment_id, team, None)
                    .await
            }
            MailKind::StatusChanged { ticket_id, status } => {
                self.told_of_status(scope, *ticket_id, status, None).await
            }
            MailKind::SubmittedByColleague { ticket_id, user_id } => {
                self.submitted_by_colleague(scope, *ticket_id, *user_id)
                    .await
            }
            MailKind::SubmittedForColleague { ticket_id, user_id } => {
                self.submitted_for_colleague(scope, *ticket_id, *user_id)
                    .await
            }
            MailKind::ParticipantAdded { ticket_id, user_id } => {
                self.participant_added(scope, *ticket_id, *user_id).await
            }
            MailKind::ParticipantTeamReplied {
                ticket_id,
                comment_id,
                user_id,
            } => {
                let (team, user) = (AuthorType::Internal, Some(*user_id));
                self.told_of_reply(scope, *ticket_id, *comment_id, team, user)
                    .await
            }
            MailKind::ColleagueReplied {
                ticket_id,
                comment_id,
                user_id,
            } => {
                let (colleague, user) = (AuthorType::Portal, Some(*user_id));
                self.told_of_reply(scope, *ticket_id, *comment_id, colleague, user)
                    .await
            }
            MailKind::ParticipantStatusChanged {
                ticket_id,
                status,
                user_id,
            } => {
                self.told_of_status(scope, *ticket_id, status, Some(*user_id))
                    .await
            }
            MailKind::LoanDue { checkout_id } => self.loan_due(scope, *checkout_id).await,
            MailKind::LoanOverdue { checkout_id } => self.loan_overdue(scope, *checkout_id).await,
            MailKind::NewTicket { ticket_id } => self.new_ticket(scope, *ticket_id).await,
            MailKind::CustomerReplied {
                ticket_id,
                comment_id,
            } => self.customer_replied(scope, *ticket_id, *comment_id).await,
        }?;
        let letter = Letter {
            ticket: mail.kind.ticket(),
            ..letter
        };
        let mail = OutgoingMail::new(mail.id, self.env.now(), self.from, letter)?;
        Ok(mail)
    }

    /// The address by which a user switches off mails of a kind.
    fn unsubscribe(&self, links: &Links, user: &PortalUser, kind: NotificationKind) -> String {
        links.unsubscribe(&self.unsubscribe_tokens.issue(Subscription {
            organization_id: user.organization_id,
            user_id: user.id,
            kind,
        }))
    }

    /// The organization of a handle, as the sender of its mails.
    async fn sender(&self, reader: &dyn TenantReader) -> Result<Sender, ComposeError> {
        let (organization, branding) =
            try_join(reader.own_organization(), reader.branding()).await?;
        let organization = found(organization, "no such organization")?;
        let domain = branding.as_ref().and_then(Branding::verified_domain);
        let links = Links::new(self.public_url, domain, self.custom_domain_path);
        let brand = Brand::of(organization.name.as_str(), branding);
        Ok(Sender {
            organization,
            brand,
            links,
        })
    }
}

/// An organization that a mail is from.
struct Sender {
    organization: Organization,
    brand: Brand,
    links: Links,
}

impl Sender {
    /// The address of the organization's team, which gets mails only while it is active.
    fn team(&self) -> Result<EmailAddress, ComposeError> {
        let is_active = self.organization.status == OrganizationStatus::Active;
        ensure(is_active, "the organization is disabled")?;
        found(self.brand.support_email.clone(), "no support address")
    }
}

impl Letter {
    /// A mail to a user, in the language that they chose. Answers go to the team, if it has an
    /// address.
    fn to_user(
        user: PortalUser,
        brand: Brand,
        body: impl FnOnce(&Templates<'_>) -> MailBody,
    ) -> Result<Self, ComposeError> {
        let locale = user.locale.unwrap_or(DEFAULT_LOCALE);
        let team = brand.support_email.clone().map(|address| Recipient {
            address,
            name: brand.name.clone(),
        });
        Self::new(user.into(), brand, team, locale, body)
    }

    /// [`to_user`](Self::to_user), of a kind that the user can switch off by the address
    /// `unsubscribe`.
    fn to_subscriber(
        user: PortalUser,
        brand: Brand,
        unsubscribe: String,
        body: impl FnOnce(&Templates<'_>) -> MailBody,
    ) -> Result<Self, ComposeError> {
        Ok(Self {
            unsubscribe: Some(unsubscribe),
            ..Self::to_user(user, brand, body)?
        })
    }

    /// A mail to the team. Answers go to a customer.
    fn to_team(
        address: EmailAddress,
        brand: Brand,
        customer: Recipient,
        body: impl FnOnce(&Templates<'_>) -> MailBody,
    ) -> Result<Self, ComposeError> {
        let to = Recipient {
            address,
            name: None,
        };
        Self::new(to, brand, Some(customer), DEFAULT_LOCALE, body)
    }

    fn new(
        to: Recipient,
        brand: Brand,
        reply_to: Option<Recipient>,
        locale: Locale,
        body: impl FnOnce(&Templates<'_>) -> MailBody,
    ) -> Result<Self, ComposeError> {
        let templates = Templates::new(&to, &brand, locale);
        let rendered = templates.render(body(&templates))?;
        Ok(Self {
            to,
            brand,
            rendered,
            reply_to,
            ticket: None,
            unsubscribe: None,
        })
    }
}

impl From<PortalUser> for Recipient {
    fn from(user: PortalUser) -> Self {
        Self {
            address: user.email,
            name: user.name.map(|name| name.to_string()),
        }
    }
}

fn ensure(is_wanted: bool, otherwise: &'static str) -> Result<(), ComposeError> {
    found(is_wanted.then_some(()), otherwise)
}

fn found<T>(value: Option<T>, otherwise: &'static str) -> Result<T, ComposeError> {
    value.ok_or(ComposeError::Skipped(otherwise))
}

/// The user of an account, if they are to be notified of this kind of things.
fn notified(account: Option<Account>, kind: NotificationKind) -> Result<PortalUser, ComposeError> {
    let account = found(account, "no such user")?;
    ensure(account.is_active(), "the account is not active")?;
    ensure(
        account.user.notifications.wants(kind),
        "notifications are off",
    )?;
    Ok(account.user)
}
