//! Tickets and comments.

use std::fmt::Write as _;

use portal_domain::ids::OrganizationId;
use portal_domain::tickets::ExternalTicketId;
use portal_domain::values::HttpUrl;
use portal_domain::{files, tickets};
use portal_wire::{
    Attachment, Comment, Person, TicketDetails, TicketDevice, TicketSummary, Timestamp,
    fields_of_ticket,
};
use serde::Serialize;

use crate::output::{Output, indented, printable};

/// The fields of a ticket that only operators see.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TeamFields {
    org_id: OrganizationId,
    submitter_name: Option<String>,
    submitter_email: String,
    assigned_to_name: Option<String>,
    source: &'static str,
    first_response_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
}

impl From<&tickets::TeamTicketSummary> for TeamFields {
    fn from(ticket: &tickets::TeamTicketSummary) -> Self {
        let submitter = &ticket.summary.submitter;
        Self {
            org_id: ticket.organization_id,
            submitter_name: submitter.name.as_ref().map(ToString::to_string),
            submitter_email: submitter.email.to_string(),
            assigned_to_name: ticket.assigned_to_name.as_ref().map(ToString::to_string),
            source: ticket.source.as_str(),
            first_response_at: ticket.first_response_at.map(Timestamp),
            resolved_at: ticket.resolved_at.map(Timestamp),
            closed_at: ticket.closed_at.map(Timestamp),
        }
    }
}

/// A ticket without description and comments.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketLine {
    #[serde(flatten)]
    summary: TicketSummary,
    external_ticket_id: Option<String>,
    external_ticket_url: Option<String>,
    #[serde(flatten)]
    team: TeamFields,
}

impl TicketLine {
    /// The columns of a table.
    pub(crate) const COLUMNS: &'static [&'static str] = &[
        "ticketNumber",
        "subject",
        "status",
        "priority",
        "submitterEmail",
        "assignedToName",
        "createdAt",
    ];
}

impl From<tickets::TeamTicketSummary> for TicketLine {
    fn from(ticket: tickets::TeamTicketSummary) -> Self {
        Self {
            team: (&ticket).into(),
            summary: ticket.summary.into(),
            external_ticket_id: ticket.external_ticket_id.map(ExternalTicketId::into_string),
            external_ticket_url: ticket.external_ticket_url.map(HttpUrl::into_string),
        }
    }
}

/// A comment or internal note.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommentView {
    #[serde(flatten)]
    comment: Comment,
    is_public: bool,
}

impl CommentView {
    pub(crate) fn new<'f>(
        comment: tickets::Comment,
        files: impl Iterator<Item = &'f files::Attachment>,
    ) -> Self {
        Self {
            is_public: comment.is_public,
            comment: Comment::new(comment, files),
        }
    }

    /// The output of a new comment; as text with the names of its files.
    pub(crate) fn output(&self) -> anyhow::Result<Output> {
        let mut text = Output::record_without(self, &["attachments"])?.into_text()?;
        let files = self.comment.attachments.iter();
        let names: Vec<_> = files.map(|file| printable(&file.file_name)).collect();
        let names = if names.is_empty() {
            "-".to_owned()
        } else {
            names.join(", ")
        };
        writeln!(text, "attachments: {names}")?;
        Output::prose(self, text)
    }
}

/// A ticket with description and comments.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketView {
    #[serde(flatten)]
    summary: TicketSummary,
    #[serde(flatten)]
    details: TicketDetails,
    #[serde(flatten)]
    team: TeamFields,
    device: Option<TicketDevice>,
    participants: Vec<Person>,
    attachments: Vec<Attachment>,
    comments: Vec<CommentView>,
    comments_total: i64,
}

impl From<tickets::ShownTicket> for TicketView {
    fn from(shown: tickets::ShownTicket) -> Self {
        let tickets::ShownTicket {
            ticket,
            comments,
            last_team_reply: _,
            participants,
            device,
            attachments,
        } = shown;
        let team = TeamFields::from(&tickets::TeamTicketSummary::from(&ticket));
        let (summary, details) = fields_of_ticket(ticket);
        let of_ticket = files::of_comment(&attachments, None);
        let comment = |comment: tickets::Comment| {
            let files = files::of_comment(&attachments, Some(comment.id));
            CommentView::new(comment, files)
        };
        Self {
            summary,
            details,
            team,
            device: device.map(TicketDevice::from),
            participants: participants.into_iter().map(Person::from).collect(),
            attachments: of_ticket.map(Attachment::from).collect(),
            comments: comments.items.into_iter().map(comment).collect(),
            comments_total: comments.total,
        }
    }
}

impl TicketView {
    /// The output of a change; as text without description and comments.
    pub(crate) fn summary(&self) -> anyhow::Result<Output> {
        const LEFT_OUT: [&str; 4] = ["description", "attachments", "comments", "commentsTotal"];
        Output::record_without(self, &LEFT_OUT)
    }

    /// The output of the whole ticket; as text the fields, then the conversation.
    pub(crate) fn conversation(&self) -> anyhow::Result<Output> {
        let mut text = self.summary()?.into_text()?;
        write!(text, "\ndescription:\n{}", block(&self.details.description))?;
        text.push_str(&listed(&self.attachments));
        for CommentView { comment, is_public } in &self.comments {
            let kind = if *is_public {
                comment.author_type.0.as_str()
            } else {
                "internal note"
            };
            let (at, author) = (comment.created_at, printable(&comment.author_name));
            let content = block(&comment.content);
            write!(text, "\n{at} {author} ({kind}):\n{content}")?;
            text.push_str(&listed(&comment.attachments));
        }
        Output::prose(self, text)
    }
}

/// A line for each file.
fn listed(files: &[Attachment]) -> String {
    let line = |file: &Attachment| {
        let (name, kind) = (printable(&file.file_name), file.content_type);
        format!("  file {name} ({kind}, {} bytes)\n", file.size_bytes)
    };
    files.iter().map(line).collect()
}

fn block(text: &str) -> String {
    format!("  {}\n", indented(&printable(text)))
}
