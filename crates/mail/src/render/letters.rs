//! The body of each kind of mail; the translations are in `locales/`.

use chrono::{DateTime, NaiveDate, Utc};
use portal_domain::devices::Device;
use portal_domain::profiles::OneTimeTokenPurpose;
use portal_domain::tickets::{Comment, Ticket, TicketStatus};
use portal_domain::values::{HttpUrl, PersonName, TimeZone};
use portal_i18n::{Formats, Message, Texts, ticket_priority, ticket_status};

use super::Brand;
use super::letter::Letter;
use crate::content::{Content, ResetLink};

/// Writes the letter that a mail's content asks for.
pub(super) fn write(content: &Content, brand: &Brand, texts: &'static Texts) -> Letter {
    let writer = Writer { texts, brand };
    match content {
        Content::Invitation { name, link } => writer.invitation(name.as_ref(), link),
        Content::PasswordReset { name, links } => writer.password_reset(name.as_ref(), links),
        Content::PasswordChanged {
            name,
            at,
            zone,
            link,
        } => writer.password_changed(name.as_ref(), *at, *zone, link),
        Content::TicketReceived { name, ticket, link } => {
            writer.ticket_received(name.as_ref(), ticket, link)
        }
        Content::TeamReplied {
            name,
            ticket,
            reply,
            link,
        } => writer.team_replied(name.as_ref(), ticket, reply, link),
        Content::StatusChanged {
            name,
            ticket,
            status,
            link,
        } => writer.status_changed(name.as_ref(), ticket, *status, link),
        Content::LoanDue {
            name,
            device,
            due,
            link,
        } => writer.loan_due(name.as_ref(), device, *due, link),
        Content::LoanOverdue {
            name,
            device,
            due,
            link,
        } => writer.loan_overdue(name.as_ref(), device, *due, link),
        Content::NewTicket { ticket, link } => writer.new_ticket(ticket, link.as_ref()),
        Content::CustomerReplied {
            ticket,
            reply,
            link,
        } => writer.customer_replied(ticket, reply, link.as_ref()),
    }
}

/// Writes in one language, for one organization or for none in particular.
struct Writer<'a> {
    texts: &'static Texts,
    brand: &'a Brand,
}

impl Writer<'_> {
    fn t(&self, key: &'static str) -> String {
        self.texts.t(key).into_owned()
    }

    fn say(&self, message: &Message) -> String {
        self.texts.say(message)
    }

    fn letter(&self, subject: String, heading: String) -> Letter {
        Letter::new(self.sender(), subject, heading)
    }

    /// Who the mail speaks for.
    fn sender(&self) -> String {
        let name = self.brand.name();
        name.map_or_else(|| self.t("portal-name"), str::to_owned)
    }

    fn greeting(&self, name: Option<&PersonName>) -> String {
        match name {
            Some(name) => self.say(&Message::new("greeting-name").with("name", name.to_string())),
            None => self.t("greeting"),
        }
    }

    fn invitation(&self, name: Option<&PersonName>, link: &str) -> Letter {
        let of_organization = |key| Message::new(key).with("organization", self.sender());
        let days = OneTimeTokenPurpose::Invitation.lifetime().num_days();
        self.letter(
            self.say(&of_organization("invitation-subject")),
            self.t("invitation-heading"),
        )
        .paragraph(self.greeting(name))
        .paragraph(self.say(&of_organization("invitation-text")))
        .action(self.t("invitation-button"), link)
        .paragraph(self.say(&Message::new("invitation-lifetime").with("days", days)))
        .paragraph(self.t("invitation-unexpected"))
    }

    fn password_reset(&self, name: Option<&PersonName>, links: &[ResetLink]) -> Letter {
        let minutes = OneTimeTokenPurpose::PasswordReset.lifetime().num_minutes();
        let lifetime = Message::new("reset-lifetime")
            .with("links", links.len())
            .with("minutes", minutes);
        let letter = self
            .letter(self.t("reset-heading"), self.t("reset-heading"))
            .paragraph(self.greeting(name))
            .paragraph(self.t("reset-text"));
        let letter = match links {
            [link] => letter.action(self.t("reset-button"), &link.url),
            several => {
                several
                    .iter()
                    .fold(letter.paragraph(self.t("reset-several")), |letter, link| {
                        let label = Message::new("reset-button-of")
                            .with("organization", link.organization.to_string());
                        letter.action(self.say(&label), &link.url)
                    })
            }
        };
        letter
            .paragraph(self.say(&lifetime))
            .paragraph(self.t("reset-unexpected"))
    }

    fn password_changed(
        &self,
        name: Option<&PersonName>,
        at: DateTime<Utc>,
        zone: TimeZone,
        link: &str,
    ) -> Letter {
        let moment = Formats::moment(self.texts.locale(), zone.local(at));
        let text = Message::new("changed-text")
            .with("organization", self.sender())
            .with("moment", moment)
            .with("zone", zone.as_str());
        self.letter(self.t("changed-heading"), self.t("changed-heading"))
            .paragraph(self.greeting(name))
            .paragraph(self.say(&text))
            .paragraph(self.t("changed-unexpected"))
            .action(self.t("open-portal"), link)
    }

    fn ticket_received(&self, name: Option<&PersonName>, ticket: &Ticket, link: &str) -> Letter {
        let heading = self.t("received-heading");
        self.letter(self.about(ticket, heading.clone()), heading)
            .paragraph(self.greeting(name))
            .paragraph(self.t("received-text"))
            .facts([
                (self.t("fact-ticket"), ticket.number.to_string()),
                (self.t("fact-subject"), ticket.subject.to_string()),
                (self.t("fact-priority"), self.priority(ticket)),
            ])
            .action(self.t("view-ticket"), link)
            .reason(self.t("reason-notification"))
    }

    fn team_replied(
        &self,
        name: Option<&PersonName>,
        ticket: &Ticket,
        reply: &Comment,
        link: &str,
    ) -> Letter {
        let text = Message::new("replied-text")
            .with("author", reply.author_name.clone())
            .with("subject", ticket.subject.to_string());
        self.letter(
            self.about(ticket, self.t("replied-subject")),
            self.t("replied-heading"),
        )
        .paragraph(self.greeting(name))
        .paragraph(self.say(&text))
        .quote(reply.content.as_str())
        .action(self.t("replied-button"), link)
        .reason(self.t("reason-notification"))
    }

    fn status_changed(
        &self,
        name: Option<&PersonName>,
        ticket: &Ticket,
        status: TicketStatus,
        link: &str,
    ) -> Letter {
        let meaning = match status {
            TicketStatus::New => self.t("status-new"),
            TicketStatus::Open => self.t("status-open"),
            TicketStatus::Pending => self.t("status-pending"),
            TicketStatus::OnHold => self.t("status-on_hold"),
            TicketStatus::Resolved => self.t("status-resolved"),
            TicketStatus::Closed => self.t("status-closed"),
        };
        let status = self.t(ticket_status(status));
        let of_status = |key| Message::new(key).with("status", status.clone());
        let text = of_status("status-text")
            .with("subject", ticket.subject.to_string())
            .with("meaning", meaning);
        self.letter(
            self.about(ticket, self.say(&of_status("status-subject"))),
            self.say(&of_status("status-heading")),
        )
        .paragraph(self.greeting(name))
        .paragraph(self.say(&text))
        .action(self.t("view-ticket"), link)
        .reason(self.t("reason-notification"))
    }

    fn loan_due(
        &self,
        name: Option<&PersonName>,
        device: &Device,
        due: NaiveDate,
        link: &str,
    ) -> Letter {
        let locale = self.texts.locale();
        let of_loan = |key, day| {
            let message = Message::new(key).with("device", device.name().to_owned());
            message.with("day", day)
        };
        self.letter(
            self.say(&of_loan("due-subject", Formats::day(locale, due))),
            self.t("due-heading"),
        )
        .paragraph(self.greeting(name))
        .paragraph(self.say(&of_loan("due-text", Formats::weekday(locale, due))))
        .paragraph(self.t("due-longer"))
        .action(self.t("open-portal"), link)
        .reason(self.t("reason-notification"))
    }

    fn loan_overdue(
        &self,
        name: Option<&PersonName>,
        device: &Device,
        due: NaiveDate,
        link: &str,
    ) -> Letter {
        let of_device = |key| Message::new(key).with("device", device.name().to_owned());
        let day = Formats::weekday(self.texts.locale(), due);
        self.letter(
            self.say(&of_device("overdue-subject")),
            self.t("overdue-heading"),
        )
        .paragraph(self.greeting(name))
        .paragraph(self.say(&of_device("overdue-text").with("day", day)))
        .paragraph(self.t("overdue-return"))
        .action(self.t("open-portal"), link)
        .reason(self.t("reason-notification"))
    }

    fn new_ticket(&self, ticket: &Ticket, link: Option<&HttpUrl>) -> Letter {
        let heading = self.t("new-ticket-heading");
        let priority = (self.t("fact-priority"), self.priority(ticket));
        let letter = self.for_team("new-ticket-subject", heading, ticket, priority);
        self.with_team_link(letter.quote(ticket.description.as_str()), link)
    }

    fn customer_replied(&self, ticket: &Ticket, reply: &Comment, link: Option<&HttpUrl>) -> Letter {
        let heading = self.t("customer-replied-heading");
        // What the reply may have reopened.
        let status = (self.t("fact-status"), self.t(ticket_status(ticket.status)));
        let letter = self.for_team("customer-replied-subject", heading, ticket, status);
        self.with_team_link(letter.quote(reply.content.as_str()), link)
    }

    fn for_team(
        &self,
        subject: &'static str,
        heading: String,
        ticket: &Ticket,
        last_fact: (String, String),
    ) -> Letter {
        let subject = Message::new(subject).with("subject", ticket.subject.to_string());
        let reason = Message::new("reason-team").with("organization", self.sender());
        self.letter(self.about(ticket, self.say(&subject)), heading)
            .facts([
                (self.t("fact-ticket"), ticket.number.to_string()),
                (self.t("fact-from"), submitter(ticket)),
                (self.t("fact-subject"), ticket.subject.to_string()),
                last_fact,
            ])
            .reason(self.say(&reason))
    }

    fn with_team_link(&self, letter: Letter, link: Option<&HttpUrl>) -> Letter {
        match link {
            Some(link) => letter.action(self.t("team-button"), link.as_str()),
            None => letter,
        }
    }

    /// A subject by which readers and their programs find what belongs together.
    fn about(&self, ticket: &Ticket, subject: String) -> String {
        let message = Message::new("about-ticket")
            .with("number", ticket.number.to_string())
            .with("subject", subject);
        self.say(&message)
    }

    fn priority(&self, ticket: &Ticket) -> String {
        self.t(ticket_priority(ticket.priority))
    }
}

fn submitter(ticket: &Ticket) -> String {
    match &ticket.submitter_name {
        Some(name) => format!("{name} ({})", ticket.submitter_email),
        None => ticket.submitter_email.to_string(),
    }
}
