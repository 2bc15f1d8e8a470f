//! Mails to whoever is on a ticket besides the submitter.

use portal_domain::tickets::{Comment, Ticket};
use portal_i18n::Message;

use super::{MailBody, Templates};

impl Templates<'_> {
    /// The recipient takes part in a ticket from now on.
    pub fn participant_added(&self, ticket: &Ticket, link: &str) -> MailBody {
        let submitter = ticket.submitter();
        let text = self.t1("participant-text", "submitter", submitter.display_name());
        let heading = self.t("participant-heading");
        self.notify_of(ticket, heading.clone(), heading)
            .paragraph(text)
            .facts(self.facts_of(ticket))
            .quote(ticket.description.as_str())
            .action(self.t("view-shared-ticket"), link)
    }

    /// A colleague has answered on a ticket.
    pub fn colleague_replied(&self, ticket: &Ticket, reply: &Comment, link: &str) -> MailBody {
        let text = Message::new("replied-text")
            .with("author", reply.author_name.clone())
            .with("subject", ticket.subject.to_string());
        let author = reply.author_name.as_str();
        let heading = self.t1("colleague-replied-heading", "author", author);
        self.notify_of(ticket, heading.clone(), heading)
            .paragraph(self.texts.say(&text))
            .quote(reply.content.as_str())
            .action(self.t("replied-button"), link)
    }

    /// A manager has submitted a ticket for the recipient.
    pub fn submitted_by_colleague(&self, ticket: &Ticket, manager: &str, link: &str) -> MailBody {
        let heading = self.t1("submitted-by-heading", "manager", manager);
        self.notify_of(ticket, heading.clone(), heading)
            .paragraph(self.t("submitted-by-text"))
            .facts(self.facts_of(ticket))
            .quote(ticket.description.as_str())
            .action(self.t("view-ticket"), link)
    }

    /// The ticket that the recipient submitted for a colleague has arrived.
    pub fn submitted_for_colleague(&self, ticket: &Ticket, link: &str) -> MailBody {
        let submitter = ticket.submitter();
        let colleague = submitter.display_name();
        let heading = self.t1("submitted-for-heading", "colleague", colleague);
        self.notify_of(ticket, heading.clone(), heading)
            .paragraph(self.t1("submitted-for-text", "colleague", colleague))
            .facts(self.facts_of(ticket))
            .action(self.t("view-shared-ticket"), link)
    }
}
