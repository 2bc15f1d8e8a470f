//! The words of each mail, in English.

use chrono::{DateTime, NaiveDate, Utc};
use portal_domain::branding::HttpUrl;
use portal_domain::devices::{Device, DisplayName, Hostname};
use portal_domain::profiles::{OneTimeTokenPurpose, PersonName};
use portal_domain::tickets::{Comment, Ticket, TicketPriority, TicketStatus};

use super::Brand;
use super::letter::Letter;
use crate::content::{Content, ResetLink};

const NOTIFICATION: &str = "You receive this mail because notifications are switched on in your \
    profile. You can switch them off there.";

/// Writes the letter that a mail's content asks for.
pub(super) fn write(content: &Content, brand: &Brand) -> Letter {
    match content {
        Content::Invitation { name, link } => invitation(brand, name.as_ref(), link),
        Content::PasswordReset { name, links } => password_reset(name.as_ref(), links),
        Content::PasswordChanged { name, at, link } => {
            password_changed(brand, name.as_ref(), *at, link)
        }
        Content::TicketReceived { name, ticket, link } => {
            ticket_received(name.as_ref(), ticket, link)
        }
        Content::TeamReplied {
            name,
            ticket,
            reply,
            link,
        } => team_replied(name.as_ref(), ticket, reply, link),
        Content::StatusChanged {
            name,
            ticket,
            status,
            link,
        } => status_changed(name.as_ref(), ticket, *status, link),
        Content::LoanDue {
            name,
            device,
            due,
            link,
        } => loan_due(name.as_ref(), device, *due, link),
        Content::LoanOverdue {
            name,
            device,
            due,
            link,
        } => loan_overdue(name.as_ref(), device, *due, link),
        Content::NewTicket { ticket, link } => new_ticket(brand, ticket, link.as_ref()),
        Content::CustomerReplied {
            ticket,
            reply,
            link,
        } => customer_replied(brand, ticket, reply, link.as_ref()),
    }
}

fn invitation(brand: &Brand, name: Option<&PersonName>, link: &str) -> Letter {
    let organization = brand.name();
    let days = OneTimeTokenPurpose::Invitation.lifetime().num_days();
    Letter::new(
        format!("Set up your account at {organization}"),
        "Set up your account",
    )
    .paragraph(greeting(name))
    .paragraph(format!(
        "{organization} has prepared an account for you in its customer portal. \
             Choose a password to begin."
    ))
    .action("Set up your account", link)
    .paragraph(format!("The link works once, within {days} days."))
    .paragraph("If you did not expect this mail, you can ignore it.")
}

fn password_reset(name: Option<&PersonName>, links: &[ResetLink]) -> Letter {
    let minutes = OneTimeTokenPurpose::PasswordReset.lifetime().num_minutes();
    let letter = Letter::new("Reset your password", "Reset your password")
        .paragraph(greeting(name))
        .paragraph("Somebody, probably you, has asked for a new password.");
    let letter = match links {
        [link] => letter.action("Choose a new password", link.url.as_str()),
        several => several.iter().fold(
            letter.paragraph(
                "You have an account with several organizations. Choose the one whose password \
                 you want to change.",
            ),
            |letter, link| {
                let label = format!("New password for {}", link.organization);
                letter.action(label, link.url.as_str())
            },
        ),
    };
    let link = if links.len() == 1 { "The" } else { "Each" };
    letter
        .paragraph(format!("{link} link works once, within {minutes} minutes."))
        .paragraph("If you did not ask for this, ignore this mail. Your password stays as it is.")
}

fn password_changed(
    brand: &Brand,
    name: Option<&PersonName>,
    at: DateTime<Utc>,
    link: &str,
) -> Letter {
    let moment = at.format("%-d %B %Y at %H:%M UTC");
    Letter::new("Your password was changed", "Your password was changed")
        .paragraph(greeting(name))
        .paragraph(format!(
            "Your password at {} was changed on {moment}.",
            brand.name()
        ))
        .paragraph(
            "If that was you, there is nothing to do. If it was not, ask for a new password on \
             the sign-in page now, and tell your IT team.",
        )
        .action("Open the portal", link)
}

fn ticket_received(name: Option<&PersonName>, ticket: &Ticket, link: &str) -> Letter {
    Letter::new(
        about(ticket, "We have received your ticket"),
        "We have received your ticket",
    )
    .paragraph(greeting(name))
    .paragraph("Thank you for telling us. We will look into it and answer you here.")
    .facts([
        ("Ticket", ticket.number.to_string()),
        ("Subject", ticket.subject.to_string()),
        ("Priority", priority(ticket.priority).to_owned()),
    ])
    .action("View your ticket", link)
    .reason(NOTIFICATION)
}

fn team_replied(name: Option<&PersonName>, ticket: &Ticket, reply: &Comment, link: &str) -> Letter {
    Letter::new(
        about(ticket, "We have replied to your ticket"),
        "There is a reply for you",
    )
    .paragraph(greeting(name))
    .paragraph(format!(
        "{} has replied to “{}”:",
        reply.author_name, ticket.subject
    ))
    .quote(reply.content.as_str())
    .action("View and reply", link)
    .reason(NOTIFICATION)
}

fn status_changed(
    name: Option<&PersonName>,
    ticket: &Ticket,
    status: TicketStatus,
    link: &str,
) -> Letter {
    let meaning = match status {
        TicketStatus::New => "It waits to be looked at.",
        TicketStatus::Open => "We are working on it.",
        TicketStatus::Pending => "We need something from you to go on. Please have a look.",
        TicketStatus::OnHold => {
            "We are waiting for somebody else. There is nothing that you need to do."
        }
        TicketStatus::Resolved => {
            "We think that this is solved. Please confirm it by closing the ticket, or reply if \
             it is not."
        }
        TicketStatus::Closed => "If you need more help, please open a new ticket.",
    };
    let label = status.label();
    Letter::new(
        about(ticket, &format!("Status: {label}")),
        format!("Your ticket: {label}"),
    )
    .paragraph(greeting(name))
    .paragraph(format!(
        "The status of “{}” is now “{label}”. {meaning}",
        ticket.subject
    ))
    .action("View your ticket", link)
    .reason(NOTIFICATION)
}

fn loan_due(name: Option<&PersonName>, device: &Device, due: NaiveDate, link: &str) -> Letter {
    let (device, date) = (device_name(device), day(due));
    let subject = format!("Please return {device} by {}", due.format("%-d %B"));
    Letter::new(subject, "Time to return a device")
        .paragraph(greeting(name))
        .paragraph(format!(
            "You have borrowed {device}. It is expected back on {date}."
        ))
        .paragraph("If you need it longer, move the return date in the portal.")
        .action("Open the portal", link)
        .reason(NOTIFICATION)
}

fn loan_overdue(name: Option<&PersonName>, device: &Device, due: NaiveDate, link: &str) -> Letter {
    let (device, date) = (device_name(device), day(due));
    Letter::new(format!("Overdue: {device}"), "A device is overdue")
        .paragraph(greeting(name))
        .paragraph(format!(
            "You have borrowed {device}. It was expected back on {date}."
        ))
        .paragraph("Please return it, or move the return date in the portal.")
        .action("Open the portal", link)
        .reason(NOTIFICATION)
}

fn new_ticket(brand: &Brand, ticket: &Ticket, link: Option<&HttpUrl>) -> Letter {
    let subject = about(ticket, &format!("New ticket: {}", ticket.subject));
    let letter = Letter::new(subject, "New ticket")
        .facts([
            ("Ticket", ticket.number.to_string()),
            ("From", submitter(ticket)),
            ("Subject", ticket.subject.to_string()),
            ("Priority", priority(ticket.priority).to_owned()),
        ])
        .quote(ticket.description.as_str());
    for_team(letter, brand, link)
}

fn customer_replied(
    brand: &Brand,
    ticket: &Ticket,
    reply: &Comment,
    link: Option<&HttpUrl>,
) -> Letter {
    let subject = about(ticket, &format!("Customer reply: {}", ticket.subject));
    let letter = Letter::new(subject, "The customer has replied")
        .facts([
            ("Ticket", ticket.number.to_string()),
            ("From", submitter(ticket)),
            ("Subject", ticket.subject.to_string()),
            ("Status", ticket.status.label().to_owned()),
        ])
        .quote(reply.content.as_str());
    for_team(letter, brand, link)
}

fn for_team(letter: Letter, brand: &Brand, link: Option<&HttpUrl>) -> Letter {
    let letter = letter.reason(format!(
        "This mail goes to the support address of {} in the customer portal.",
        brand.name()
    ));
    match link {
        Some(link) => letter.action("Open the ticket", link.as_str()),
        None => letter,
    }
}

fn greeting(name: Option<&PersonName>) -> String {
    name.map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"))
}

/// A subject by which readers and their programs find what belongs together.
fn about(ticket: &Ticket, subject: &str) -> String {
    format!("[{}] {subject}", ticket.number)
}

fn submitter(ticket: &Ticket) -> String {
    match &ticket.submitter_name {
        Some(name) => format!("{name} ({})", ticket.submitter_email),
        None => ticket.submitter_email.to_string(),
    }
}

const fn priority(priority: TicketPriority) -> &'static str {
    match priority {
        TicketPriority::Low => "Low",
        TicketPriority::Normal => "Normal",
        TicketPriority::High => "High",
        TicketPriority::Urgent => "Urgent",
    }
}

fn device_name(device: &Device) -> &str {
    let hostname: &Hostname = &device.hostname;
    device
        .display_name
        .as_ref()
        .map_or(hostname.as_str(), DisplayName::as_str)
}

fn day(date: NaiveDate) -> String {
    date.format("%A, %-d %B %Y").to_string()
}
