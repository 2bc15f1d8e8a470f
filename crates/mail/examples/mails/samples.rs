//! One mail of each kind.

use chrono::{DateTime, Days, Utc};
use portal_domain::branding::Branding;
use portal_domain::devices::{Device, DeviceStatus, OsType};
use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::{BrandingId, CommentId, DeviceId, OrganizationId, TicketId, UserId};
use portal_domain::organizations::{Organization, OrganizationStatus};
use portal_domain::tickets::{
    AuthorType, Comment, Ticket, TicketNumber, TicketPriority, TicketSource, TicketStatus,
};
use portal_domain::values::TimeZone;
use portal_mail::content::{Content, ResetLink};
use portal_mail::render::Brand;

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

/// An organization's brand with everything set.
pub(crate) fn brand(name: &str) -> Brand {
    let now = moment();
    let organization = Organization {
        id: OrganizationId::generate(&ENV),
        name: name.parse().unwrap(),
        slug: "acme".parse().unwrap(),
        time_zone: TimeZone::UTC,
        status: OrganizationStatus::Active,
        created_at: now,
        updated_at: now,
    };
    let branding = Branding {
        logo_url: "https://cdn.acme.example/logo.png?v=1&w=2".parse().ok(),
        primary_color: "#0f766e".parse().ok(),
        support_email: "help@acme.example".parse().ok(),
        support_phone: "+49 30 123456".parse().ok(),
        footer_text: "Acme & Sons, Berlin".parse().ok(),
        ..Branding::unset(BrandingId::generate(&ENV), organization.id, now)
    };
    Brand::of(&organization, Some(&branding))
}

/// One mail of each kind, and the two that have a form of their own for several of something.
pub(crate) fn contents(words: &Words<'_>) -> Vec<(&'static str, Content)> {
    let name = words.name.parse().ok();
    let ticket = Box::new(ticket(words));
    let device = Box::new(device(words));
    let due = moment().date_naive() + Days::new(1);
    let customer = Box::new(comment(&ticket, AuthorType::Portal, words));
    let reply = Box::new(comment(&ticket, AuthorType::Internal, words));
    let portal = "https://help.acme.example/".to_owned();
    let link = format!("{portal}tickets/{}", ticket.id);
    let external = ticket.external_ticket_url.clone();
    let reset = |name: &str| ResetLink {
        organization: name.parse().unwrap(),
        url: format!("{portal}reset-password?token=SAMPLE"),
    };
    let clone = || (name.clone(), ticket.clone(), link.clone());
    let mut contents = vec![
        (
            "invitation",
            Content::Invitation {
                name: name.clone(),
                link: format!("{portal}accept-invite?token=SAMPLE"),
            },
        ),
        (
            "password_reset",
            Content::PasswordReset {
                name: name.clone(),
                links: vec![reset("Acme")],
            },
        ),
        (
            "password_reset_several",
            Content::PasswordReset {
                name: name.clone(),
                links: vec![reset(words.name), reset("Globex")],
            },
        ),
        (
            "password_changed",
            Content::PasswordChanged {
                name: name.clone(),
                at: moment(),
                zone: "Europe/Berlin".parse().unwrap(),
                link: portal.clone(),
            },
        ),
        ("ticket_received", {
            let (name, ticket, link) = clone();
            Content::TicketReceived { name, ticket, link }
        }),
        ("team_replied", {
            let (name, ticket, link) = clone();
            Content::TeamReplied {
                name,
                ticket,
                reply,
                link,
            }
        }),
        (
            "loan_due",
            Content::LoanDue {
                name: name.clone(),
                device: device.clone(),
                due,
                link: portal.clone(),
            },
        ),
        (
            "loan_overdue",
            Content::LoanOverdue {
                name: name.clone(),
                device,
                due,
                link: portal.clone(),
            },
        ),
        (
            "new_ticket",
            Content::NewTicket {
                ticket: ticket.clone(),
                link: external.clone(),
            },
        ),
        (
            "customer_replied",
            Content::CustomerReplied {
                ticket: ticket.clone(),
                reply: customer,
                link: external,
            },
        ),
    ];
    for &status in TicketStatus::ALL {
        let (name, ticket, link) = clone();
        let kind = match status {
            TicketStatus::New => "status_changed_new",
            TicketStatus::Open => "status_changed_open",
            TicketStatus::Pending => "status_changed_pending",
            TicketStatus::OnHold => "status_changed_on_hold",
            TicketStatus::Resolved => "status_changed_resolved",
            TicketStatus::Closed => "status_changed_closed",
        };
        contents.push((
            kind,
            Content::StatusChanged {
                name,
                ticket,
                status,
                link,
            },
        ));
    }
    contents
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
