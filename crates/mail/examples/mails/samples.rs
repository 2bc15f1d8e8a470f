//! One mail of each kind.

use chrono::{DateTime, Days, TimeDelta, Utc};
use portal_domain::branding::{Brand, Colors};
use portal_domain::clients::{ClientName, Program, System};
use portal_domain::devices::{Device, DeviceStatus, OsType};
use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::{CommentId, DeviceId, OrganizationId, TicketId, UserId};
use portal_domain::tickets::{
    AuthorType, Comment, Ticket, TicketNumber, TicketPriority, TicketSource, TicketStatus,
};
use portal_mail::outgoing::Recipient;
use portal_mail::render::{Addressee, MailBody, ResetLink, SignInPlace, Templates};

const ENV: SystemEnvironment = SystemEnvironment;

/// What people wrote.
pub(crate) struct Words<'a> {
    /// A person's and an organization's name.
    pub(crate) name: &'a str,
    /// A device's name.
    pub(crate) device: &'a str,
    /// A ticket's subject.
    pub(crate) subject: &'a str,
    /// A ticket's description, and the answers to it.
    pub(crate) text: &'a str,
}

impl Default for Words<'_> {
    fn default() -> Self {
        Self {
            name: "Ada Lovelace",
            device: "Meeting room camera",
            subject: "Printer on the 3rd floor jams",
            text: "Every second page gets stuck.\n\nI have already:\n  - opened the flap\n  - \
                   tried other paper",
        }
    }
}

/// The moment of everything here.
pub(crate) fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
}

/// An organization's brand with everything that mails show.
pub(crate) fn brand(name: &str) -> Brand {
    Brand {
        name: Some(name.to_owned()),
        logo_url: "https://cdn.acme.example/logo.png?v=1&w=2".parse().ok(),
        colors: Colors {
            primary: "#0f766e".parse().ok(),
            ..Colors::default()
        },
        support_email: "help@acme.example".parse().ok(),
        support_phone: "+49 30 123456".parse().ok(),
        footer_text: "Acme & Sons, Berlin".parse().ok(),
        ..Brand::default()
    }
}

/// Whom the mails go to.
pub(crate) fn recipient(words: &Words<'_>) -> Recipient {
    Recipient {
        address: "ada@acme.example".parse().unwrap(),
        name: Some(words.name.to_owned()),
    }
}

/// One mail of each kind, and two more where the number or the status changes its form; each with
/// its name and the link in it.
pub(crate) fn samples(
    words: &Words<'_>,
    mail: &Templates<'_>,
) -> Vec<(&'static str, String, MailBody)> {
    let ticket = ticket(words);
    let device = device(words);
    let due = moment().date_naive() + Days::new(1);
    let customer = comment(&ticket, AuthorType::Portal, words);
    let reply = comment(&ticket, AuthorType::Internal, words);
    let sign_in = SignInPlace {
        at: moment(),
        client: ClientName {
            program: Program::Firefox,
            system: System::Windows,
        },
        address: "203.0.113.9".parse().ok(),
    };
    let zone = "Europe/Berlin".parse().unwrap();
    let portal = "https://help.acme.example/";
    let invite = &format!("{portal}accept-invite?token=SAMPLE");
    let link = &format!("{portal}tickets/{}", ticket.id);
    let external = ticket.external_ticket_url.as_ref().unwrap().as_str();
    let reset_link = &format!("{portal}reset-password?token=SAMPLE");
    let reset = |name: &str| ResetLink {
        organization: name.parse().unwrap(),
        url: reset_link.clone(),
    };
    let (one, two) = ([reset("Acme")], [reset(words.name), reset("Globex")]);
    let mut samples = vec![
        (
            "invitation",
            invite.as_str(),
            mail.invitation(invite, TimeDelta::days(7)),
        ),
        (
            "password_reset",
            reset_link,
            mail.password_reset(&one, TimeDelta::hours(1)),
        ),
        (
            "password_reset_several",
            reset_link,
            mail.password_reset(&two, TimeDelta::hours(1)),
        ),
        (
            "password_changed",
            portal,
            mail.password_changed(moment(), zone, portal),
        ),
        (
            "new_sign_in",
            portal,
            mail.new_sign_in(&sign_in, zone, portal),
        ),
        ("ticket_received", link, mail.ticket_received(&ticket, link)),
        (
            "team_replied",
            link,
            mail.team_replied(&ticket, Addressee::Submitter, &reply, link),
        ),
        (
            "participant_added",
            link,
            mail.participant_added(&ticket, link),
        ),
        (
            "colleague_replied",
            link,
            mail.colleague_replied(&ticket, &customer, link),
        ),
        (
            "submitted_by_colleague",
            link,
            mail.submitted_by_colleague(&ticket, words.name, link),
        ),
        (
            "submitted_for_colleague",
            link,
            mail.submitted_for_colleague(&ticket, link),
        ),
        ("loan_due", portal, mail.loan_due(&device, due, portal)),
        (
            "loan_overdue",
            portal,
            mail.loan_overdue(&device, due, portal),
        ),
        (
            "new_ticket",
            external,
            mail.new_ticket(&ticket, &recipient(words)),
        ),
        (
            "customer_replied",
            external,
            mail.customer_replied(&ticket, &customer, &recipient(words)),
        ),
    ];
    for &status in TicketStatus::ALL {
        let kind = match status {
            TicketStatus::New => "status_changed_new",
            TicketStatus::Open => "status_changed_open",
            TicketStatus::Pending => "status_changed_pending",
            TicketStatus::OnHold => "status_changed_on_hold",
            TicketStatus::Resolved => "status_changed_resolved",
            TicketStatus::Closed => "status_changed_closed",
        };
        samples.push((
            kind,
            link,
            mail.status_changed(&ticket, Addressee::Submitter, status, link),
        ));
    }
    samples
        .into_iter()
        .map(|(kind, link, body)| (kind, link.to_owned(), body))
        .collect()
}

fn ticket(words: &Words<'_>) -> Ticket {
    Ticket {
        id: TicketId::generate(&ENV),
        organization_id: OrganizationId::generate(&ENV),
        number: "7KQ3MRXD".parse::<TicketNumber>().unwrap(),
        subject: words.subject.parse().unwrap(),
        description: words.text.parse().unwrap(),
        status: TicketStatus::Open,
        priority: TicketPriority::High,
        submitted_by: UserId::generate(&ENV),
        submitter_email: "ada@acme.example".parse().unwrap(),
        submitter_name: words.name.parse().ok(),
        device_id: None,
        assigned_to_name: None,
        source: TicketSource::Portal,
        external_ticket_id: None,
        external_ticket_url: "https://desk.example/tickets/42?a=1&b=2".parse().ok(),
        created_at: moment(),
        updated_at: moment(),
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        deleted_at: None,
    }
}

fn comment(ticket: &Ticket, author_type: AuthorType, words: &Words<'_>) -> Comment {
    Comment {
        id: CommentId::generate(&ENV),
        organization_id: ticket.organization_id,
        ticket_id: ticket.id,
        portal_user_id: None,
        author_name: words.name.to_owned(),
        author_type,
        content: words.text.parse().unwrap(),
        is_public: true,
        created_at: moment(),
        edited_at: None,
        deleted_at: None,
    }
}

fn device(words: &Words<'_>) -> Device {
    Device {
        id: DeviceId::generate(&ENV),
        organization_id: OrganizationId::generate(&ENV),
        hostname: "lt-0042".parse().unwrap(),
        display_name: words.device.parse().ok(),
        os_type: OsType::Linux,
        os_version: "13".parse().unwrap(),
        status: DeviceStatus::Online,
        last_seen_at: None,
        is_ephemeral: false,
        is_loanable: true,
        created_at: moment(),
        updated_at: moment(),
    }
}
