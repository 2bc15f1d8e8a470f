//! The stories of the demo organizations, read from `stories/*.toml`.

use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;
use portal_domain::assets::{Condition, LoanNotes};
use portal_domain::branding::{Color, FooterText, PhoneNumber, WelcomeMessage};
use portal_domain::devices::{DeviceStatus, DisplayName, Hostname, OsType, OsVersion};
use portal_domain::organizations::{OrganizationName, Slug};
use portal_domain::profiles::Role;
use portal_domain::tickets::{
    CommentText, Description, ExternalTicketId, Subject, TicketPriority, TicketStatus,
};
use portal_domain::values::{DomainName, EmailAddress, HttpUrl, PersonName};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::clock::When;
use crate::error::DemoError;

/// The name and text of each file.
const FILES: [(&str, &str); 2] = [
    ("acme.toml", include_str!("../stories/acme.toml")),
    ("globex.toml", include_str!("../stories/globex.toml")),
];

/// What is attached to tickets, by name.
const ATTACHMENTS: [(&str, &[u8]); 1] = [(
    "error-0x80070005.png",
    include_bytes!("../stories/error-0x80070005.png"),
)];

/// The content of a file that a story names.
pub(crate) fn file(name: &str) -> Option<&'static [u8]> {
    let mut files = ATTACHMENTS.into_iter();
    files.find_map(|(file, content)| (file == name).then_some(content))
}

/// Reads all stories.
pub(crate) fn all() -> Result<Vec<Story>, DemoError> {
    FILES
        .map(|(file, text)| read(file, text))
        .into_iter()
        .collect()
}

fn read(file: &'static str, text: &str) -> Result<Story, DemoError> {
    toml::from_str(text).map_err(|reason| DemoError::Story { file, reason })
}

/// A value that is written as its text form.
#[derive(Debug)]
pub(crate) struct Parsed<T>(T);

impl<T: Clone> Parsed<T> {
    /// The value.
    pub(crate) fn get(&self) -> T {
        self.0.clone()
    }
}

impl<'de, T> Deserialize<'de> for Parsed<T>
where
    T: FromStr<Err: fmt::Display>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let value = text
            .parse()
            .map_err(|reason| D::Error::custom(format_args!("{text:?} {reason}")))?;
        Ok(Self(value))
    }
}

/// An organization and everything that happened in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Story {
    pub(crate) name: Parsed<OrganizationName>,
    pub(crate) slug: Parsed<Slug>,
    pub(crate) zone: Parsed<Tz>,
    pub(crate) since: Parsed<When>,
    /// Who creates and changes what is not the customers' or technicians' to do.
    pub(crate) operator: Parsed<PersonName>,
    /// When the inventory first listed the devices.
    pub(crate) inventory_since: Parsed<When>,
    pub(crate) branding: Branding,
    pub(crate) people: Vec<Person>,
    pub(crate) devices: Vec<Device>,
    pub(crate) tickets: Vec<Ticket>,
    /// Loans of one device are in the order in which they began.
    pub(crate) loans: Vec<Loan>,
}

/// The branding, set on the first day; the domain is verified.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Branding {
    pub(crate) primary_color: Parsed<Color>,
    pub(crate) secondary_color: Parsed<Color>,
    pub(crate) accent_color: Parsed<Color>,
    pub(crate) custom_domain: Parsed<DomainName>,
    pub(crate) welcome_message: Parsed<WelcomeMessage>,
    pub(crate) support_email: Parsed<EmailAddress>,
    pub(crate) support_phone: Parsed<PhoneNumber>,
    pub(crate) footer_text: Parsed<FooterText>,
    /// Whether people can look each other up.
    #[serde(default)]
    pub(crate) enable_colleagues: bool,
}

/// A portal user.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) email: Parsed<EmailAddress>,
    pub(crate) name: Option<Parsed<PersonName>>,
    pub(crate) role: Option<Parsed<Role>>,
    pub(crate) since: Parsed<When>,
    pub(crate) state: State,
    /// What there is to see when signed in as them.
    pub(crate) remark: String,
}

/// A user's state in the end.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Uses the portal, and signed in last at this moment.
    Active(Parsed<When>),
    /// Has not set up the account yet.
    Invited,
    /// Was disabled at this moment.
    Left(Parsed<When>),
}

/// A device as the inventory reports it today.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Device {
    pub(crate) hostname: Parsed<Hostname>,
    pub(crate) display_name: Option<Parsed<DisplayName>>,
    pub(crate) os_type: Parsed<OsType>,
    pub(crate) os_version: Parsed<OsVersion>,
    pub(crate) status: Parsed<DeviceStatus>,
    pub(crate) last_seen: Option<Parsed<When>>,
    #[serde(default)]
    pub(crate) is_ephemeral: bool,
    #[serde(default)]
    pub(crate) is_loanable: bool,
}

/// A ticket and what followed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ticket {
    /// The submitter.
    pub(crate) by: Parsed<EmailAddress>,
    pub(crate) at: Parsed<When>,
    pub(crate) subject: Parsed<Subject>,
    pub(crate) description: Parsed<Description>,
    pub(crate) priority: Parsed<TicketPriority>,
    /// The device that it is about.
    pub(crate) device: Option<Parsed<Hostname>>,
    /// The names of its files, which are beside the stories.
    #[serde(default)]
    pub(crate) files: Vec<String>,
    /// What followed, in order.
    #[serde(default)]
    pub(crate) events: Vec<(Parsed<When>, Event)>,
}

/// Something done with a ticket: a use case of `portal_domain::tickets` with its input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    Triage(Parsed<TicketPriority>),
    /// To a technician.
    Assign(Parsed<PersonName>),
    /// By a technician.
    TeamReply(Parsed<PersonName>, Parsed<CommentText>),
    /// By a technician.
    InternalNote(Parsed<PersonName>, Parsed<CommentText>),
    /// By the submitter, with a colleague.
    Share(Parsed<EmailAddress>),
    /// By the submitter.
    CustomerReply(Parsed<CommentText>),
    Status(Parsed<TicketStatus>),
    /// To its id and address in another system.
    Link(Parsed<ExternalTicketId>, Parsed<HttpUrl>),
    /// By the submitter.
    Close,
}

/// A loan of a device.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Loan {
    /// The borrower.
    pub(crate) by: Parsed<EmailAddress>,
    pub(crate) hostname: Parsed<Hostname>,
    pub(crate) at: Parsed<When>,
    /// When it was first expected back.
    pub(crate) due: Option<Parsed<When>>,
    pub(crate) condition: Option<Parsed<Condition>>,
    pub(crate) notes: Option<Parsed<LoanNotes>>,
    /// When the borrower asked for more time, and until when.
    pub(crate) extended: Option<(Parsed<When>, Parsed<When>)>,
    pub(crate) returned: Option<Return>,
}

/// The end of a loan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Return {
    pub(crate) at: Parsed<When>,
    /// Whether the team took the device back, instead of the borrower returning it.
    #[serde(default)]
    pub(crate) by_team: bool,
    pub(crate) condition: Option<Parsed<Condition>>,
    pub(crate) notes: Option<Parsed<LoanNotes>>,
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn both_stories_can_be_read() {
        let stories = all().unwrap();
        let slugs: Vec<_> = stories
            .iter()
            .map(|story| story.slug.get().to_string())
            .collect();
        assert_eq!(slugs, ["acme", "globex"]);
    }

    #[test]
    fn a_mistake_is_reported_with_its_file_and_line() {
        let (file, text) = FILES[0];
        for (right, wrong, line_with, reason) in [
            (
                "\"frontdesk@acme.example\"\nsince",
                "\"frontdesk\"\nsince",
                "email = \"frontdesk\"",
                "must be a valid e-mail address",
            ),
            (
                "since = \"-70d 10:00\"",
                "since = \"yesterday\"",
                "since = \"yesterday\"",
                "must be a moment",
            ),
            (
                "{ triage = \"urgent\" }",
                "{ tirage = \"urgent\" }",
                "tirage",
                "unknown variant `tirage`",
            ),
            (
                "is_loanable = true",
                "is_lendable = true",
                "is_lendable",
                "unknown field `is_lendable`",
            ),
        ] {
            let text = text.replacen(right, wrong, 1);
            let number = text
                .lines()
                .position(|line| line.contains(line_with))
                .unwrap()
                + 1;
            let error = read(file, &text).unwrap_err();
            let source = error.source().unwrap().to_string();
            assert!(error.to_string().contains(file), "{error}");
            assert!(
                source.contains(&format!("at line {number},")),
                "{number}: {source}"
            );
            assert!(source.contains(reason), "{source}");
        }
    }
}
