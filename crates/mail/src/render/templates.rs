//! The body of each kind of mail; the translations are in `locales/`.

mod colleagues;

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use portal_domain::branding::Brand;
use portal_domain::clients::ClientName;
use portal_domain::devices::Device;
use portal_domain::files::FileName;
use portal_domain::organizations::OrganizationName;
use portal_domain::text::isolated;
use portal_domain::tickets::{Comment, Ticket, TicketStatus};
use portal_domain::values::TimeZone;
use portal_i18n::{
    FluentValue, Formats, Locale, Message, Texts, client_name, ticket_priority, ticket_status,
};

use super::{MailBody, texts};
use crate::outgoing::Recipient;

/// The mails to one recipient, in one language and in one brand. Links are absolute.
pub struct Templates<'a> {
    pub(super) texts: &'static Texts,
    pub(super) brand: &'a Brand,
    to: &'a Recipient,
}

/// Which customer on a ticket a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee {
    /// Whose ticket it is, and who may close it.
    Submitter,
    /// A colleague who takes part.
    Participant,
}

/// A link by which the password of one account is reset.
pub struct ResetLink {
    /// The account's organization.
    pub organization: OrganizationName,
    /// The link.
    pub url: String,
}

/// When and from where somebody has signed in.
#[derive(Debug, Clone, Copy)]
pub struct SignInPlace {
    /// When.
    pub at: DateTime<Utc>,
    /// The browser.
    pub client: ClientName,
    /// Its address, where it is known.
    pub address: Option<IpAddr>,
}

impl<'a> Templates<'a> {
    /// The mails to a recipient.
    pub fn new(to: &'a Recipient, brand: &'a Brand, locale: Locale) -> Self {
        let texts = texts(locale);
        Self { texts, brand, to }
    }

    /// An account is waiting to be set up, by a link that is valid for some time.
    pub fn invitation(&self, link: &str, valid_for: TimeDelta) -> MailBody {
        let days = rounded(valid_for, TimeDelta::days(1));
        let subject = self.t1("invitation-subject", "organization", self.sender());
        let text = self.t1("invitation-text", "organization", self.sender());
        self.greet(subject, self.t("invitation-heading"))
            .paragraph(text)
            .action(self.t("invitation-button"), link)
            .paragraph(self.t1("invitation-lifetime", "days", days))
            .paragraph(self.t("invitation-unexpected"))
    }

    /// A new password may be chosen, for each of the address's accounts, by links that are valid for
    /// some time; `links` is never empty.
    pub fn password_reset(&self, links: &[ResetLink], valid_for: TimeDelta) -> MailBody {
        let minutes = rounded(valid_for, TimeDelta::minutes(1));
        let lifetime = Message::new("reset-lifetime")
            .with("links", links.len())
            .with("minutes", minutes);
        let heading = self.t("reset-heading");
        let mut body = self
            .greet(heading.clone(), heading)
            .paragraph(self.t("reset-text"));
        if let [link] = links {
            body = body.action(self.t("reset-button"), &link.url);
        } else {
            body = body.paragraph(self.t("reset-several"));
            for link in links {
                let organization = link.organization.to_string();
                let label = self.t1("reset-button-of", "organization", organization);
                body = body.action(label, &link.url);
            }
        }
        body.paragraph(self.texts.say(&lifetime))
            .paragraph(self.t("reset-unexpected"))
    }

    /// The password was changed at an instant, which is shown in a time zone.
    pub fn password_changed(&self, at: DateTime<Utc>, zone: TimeZone, link: &str) -> MailBody {
        let moment = Formats::moment(self.texts.locale(), zone.local(at));
        let text = Message::new("changed-text")
            .with("organization", self.sender())
            .with("moment", moment)
            .with("zone", zone.as_str());
        let heading = self.t("changed-heading");
        self.greet(heading.clone(), heading)
            .paragraph(self.texts.say(&text))
            .paragraph(self.t("changed-unexpected"))
            .action(self.t("open-portal"), link)
    }

    /// Somebody has signed in from a browser that the account did not know, at an instant that is
    /// shown in a time zone.
    pub fn new_sign_in(&self, sign_in: &SignInPlace, zone: TimeZone, link: &str) -> MailBody {
        let moment = Formats::moment(self.texts.locale(), zone.local(sign_in.at));
        let moment = Message::new("sign-in-moment")
            .with("moment", moment)
            .with("zone", zone.as_str());
        let heading = self.t("sign-in-heading");
        let mut facts = vec![
            (self.t("fact-when"), self.texts.say(&moment)),
            (
                self.t("fact-client"),
                client_name(self.texts, sign_in.client),
            ),
        ];
        if let Some(address) = sign_in.address {
            facts.push((self.t("fact-address"), address.to_canonical().to_string()));
        }
        self.greet(heading.clone(), heading)
            .paragraph(self.t1("sign-in-text", "organization", self.sender()))
            .facts(facts)
            .paragraph(self.t("sign-in-unexpected"))
            .action(self.t("open-portal"), link)
    }

    /// The ticket has arrived.
    pub fn ticket_received(&self, ticket: &Ticket, link: &str) -> MailBody {
        let heading = self.t("received-heading");
        self.notify_of(ticket, heading.clone(), heading)
            .paragraph(self.t("received-text"))
            .facts(self.facts_of(ticket))
            .action(self.t("view-ticket"), link)
    }

    /// The team has answered.
    pub fn team_replied(
        &self,
        ticket: &Ticket,
        to: Addressee,
        reply: &Comment,
        link: &str,
    ) -> MailBody {
        let text = Message::new("replied-text")
            .with("author", reply.author_name.clone())
            .with("subject", ticket.subject.to_string());
        let (subject, heading) = match to {
            Addressee::Submitter => (self.t("replied-subject"), self.t("replied-heading")),
            Addressee::Participant => (
                self.t("replied-subject-shared"),
                self.t("replied-heading-shared"),
            ),
        };
        self.notify_of(ticket, subject, heading)
            .paragraph(self.texts.say(&text))
            .quote(reply.content.as_str())
            .action(self.t("replied-button"), link)
    }

    /// The ticket was moved to another status.
    pub fn status_changed(
        &self,
        ticket: &Ticket,
        to: Addressee,
        status: TicketStatus,
        link: &str,
    ) -> MailBody {
        let meaning = match (status, to) {
            (TicketStatus::New, _) => self.t("status-new"),
            (TicketStatus::Open, _) => self.t("status-open"),
            (TicketStatus::Pending, Addressee::Submitter) => self.t("status-pending"),
            (TicketStatus::Pending, Addressee::Participant) => self.t("status-pending-shared"),
            (TicketStatus::OnHold, _) => self.t("status-on_hold"),
            (TicketStatus::Resolved, Addressee::Submitter) => self.t("status-resolved"),
            (TicketStatus::Resolved, Addressee::Participant) => self.t("status-resolved-shared"),
            (TicketStatus::Closed, _) => self.t("status-closed"),
        };
        let status = self.t(ticket_status(status));
        let subject = self.t1("status-subject", "status", status.as_str());
        let (heading, button) = match to {
            Addressee::Submitter => (
                self.t1("status-heading", "status", status.as_str()),
                self.t("view-ticket"),
            ),
            Addressee::Participant => (
                self.t1("status-heading-shared", "status", status.as_str()),
                self.t("view-shared-ticket"),
            ),
        };
        let text = Message::new("status-text")
            .with("status", status)
            .with("subject", ticket.subject.to_string())
            .with("meaning", meaning);
        self.notify_of(ticket, subject, heading)
            .paragraph(self.texts.say(&text))
            .action(button, link)
    }

    /// A borrowed device is due.
    pub fn loan_due(&self, device: &Device, due: NaiveDate, link: &str) -> MailBody {
        let subject = self.loan(
            "due-subject",
            device,
            Formats::day(self.texts.locale(), due),
        );
        let day = Formats::weekday(self.texts.locale(), due);
        self.notify(subject, self.t("due-heading"))
            .paragraph(self.loan("due-text", device, day))
            .paragraph(self.t("due-longer"))
            .action(self.t("open-portal"), link)
    }

    /// A borrowed device is overdue.
    pub fn loan_overdue(&self, device: &Device, due: NaiveDate, link: &str) -> MailBody {
        let subject = self.t1("overdue-subject", "device", device.name());
        let day = Formats::weekday(self.texts.locale(), due);
        self.notify(subject, self.t("overdue-heading"))
            .paragraph(self.loan("overdue-text", device, day))
            .paragraph(self.t("overdue-return"))
            .action(self.t("open-portal"), link)
    }

    /// A ticket was submitted; for the team.
    pub fn new_ticket(&self, ticket: &Ticket, customer: &Recipient) -> MailBody {
        let subject = self.t1("new-ticket-subject", "subject", ticket.subject.as_str());
        let (heading, quote) = (self.t("new-ticket-heading"), ticket.description.as_str());
        self.notify_team(
            ticket,
            customer,
            subject,
            heading,
            self.priority(ticket),
            quote,
        )
    }

    /// The customer has answered; for the team.
    pub fn customer_replied(
        &self,
        ticket: &Ticket,
        reply: &Comment,
        customer: &Recipient,
    ) -> MailBody {
        let subject = ticket.subject.as_str();
        let subject = self.t1("customer-replied-subject", "subject", subject);
        let (heading, quote) = (self.t("customer-replied-heading"), reply.content.as_str());
        // The reply may have reopened the ticket.
        let status = (self.t("fact-status"), self.t(ticket_status(ticket.status)));
        self.notify_team(ticket, customer, subject, heading, status, quote)
    }

    /// A mail that also names the files of what it tells of. They are in the portal alone.
    #[must_use]
    pub fn naming_files(&self, body: MailBody, files: &[FileName]) -> MailBody {
        if files.is_empty() {
            return body;
        }
        let names: Vec<_> = files.iter().map(|name| isolated(name.as_str())).collect();
        body.facts_before_actions([(self.t("fact-files"), names.join(", "))])
    }

    fn notify_team(
        &self,
        ticket: &Ticket,
        customer: &Recipient,
        subject: String,
        heading: String,
        last_fact: (String, String),
        quote: &str,
    ) -> MailBody {
        let address = customer.address.for_people();
        let from = match &customer.name {
            Some(name) => format!("{} ({address})", isolated(name)),
            None => address.to_string(),
        };
        let body = MailBody::new(self.about(ticket, subject), heading)
            .facts([
                (self.t("fact-ticket"), ticket.number.to_string()),
                (self.t("fact-from"), from),
                (
                    self.t("fact-subject"),
                    isolated(ticket.subject.as_str()).into_owned(),
                ),
                last_fact,
            ])
            .quote(quote)
            .answers(self.t1("answers-team", "address", address))
            .reason(self.t1("reason-team", "organization", self.sender()));
        match &ticket.external_ticket_url {
            Some(link) => body.action(self.t("team-button"), link.as_str()),
            None => body,
        }
    }

    /// A mail about a ticket that users can switch off.
    fn notify_of(&self, ticket: &Ticket, subject: String, heading: String) -> MailBody {
        let answers = self.answers("answers-ticket", "answers-ticket-nobody");
        self.notify(self.about(ticket, subject), heading)
            .answers(answers)
    }

    /// A mail that users can switch off.
    fn notify(&self, subject: String, heading: String) -> MailBody {
        self.greet(subject, heading)
            .reason(self.t("reason-notification"))
    }

    fn greet(&self, subject: String, heading: String) -> MailBody {
        let greeting = match &self.to.name {
            Some(name) => self.t1("greeting-name", "name", name.as_str()),
            None => self.t("greeting"),
        };
        MailBody::new(subject, heading)
            .paragraph(greeting)
            .answers(self.answers("answers", "answers-nobody"))
    }

    /// Who reads answers to the mail: the team by its address, or nobody.
    fn answers(&self, read: &str, unread: &str) -> String {
        match &self.brand.support_email {
            Some(address) => self.t1(read, "address", address.for_people()),
            None => self.t(unread),
        }
    }

    /// The name that the mail goes by.
    pub(super) fn sender(&self) -> String {
        match &self.brand.name {
            Some(name) => isolated(name).into_owned(),
            None => self.t("portal-name"),
        }
    }

    /// A subject by which readers and their programs find what belongs together.
    fn about(&self, ticket: &Ticket, subject: String) -> String {
        let message = Message::new("about-ticket")
            .with("number", ticket.number.to_string())
            .with("subject", subject);
        self.texts.say(&message)
    }

    fn loan(&self, key: &'static str, device: &Device, day: String) -> String {
        let message = Message::new(key)
            .with("device", device.name().to_owned())
            .with("day", day);
        self.texts.say(&message)
    }

    fn facts_of(&self, ticket: &Ticket) -> [(String, String); 3] {
        [
            (self.t("fact-ticket"), ticket.number.to_string()),
            (
                self.t("fact-subject"),
                isolated(ticket.subject.as_str()).into_owned(),
            ),
            self.priority(ticket),
        ]
    }

    fn priority(&self, ticket: &Ticket) -> (String, String) {
        let priority = self.t(ticket_priority(ticket.priority));
        (self.t("fact-priority"), priority)
    }

    fn t(&self, key: &str) -> String {
        self.texts.t(key).into_owned()
    }

    fn t1<'v>(&self, key: &str, name: &'v str, value: impl Into<FluentValue<'v>>) -> String {
        self.texts.t1(key, name, value)
    }
}

/// A time in whole units, at least one.
fn rounded(time: TimeDelta, unit: TimeDelta) -> i64 {
    let (time, unit) = (time.num_seconds(), unit.num_seconds());
    ((time + unit / 2) / unit).max(1)
}
