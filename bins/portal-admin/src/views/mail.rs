//! Mails of the outbox.

use portal_domain::ids::{OrganizationId, OutboxMailId};
use portal_domain::notifications::OutboxMail;
use portal_wire::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// An unsent mail.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MailView {
    id: OutboxMailId,
    org_id: OrganizationId,
    kind: &'static str,
    about: Value,
    state: &'static str,
    attempts: i32,
    last_error: Option<String>,
    created_at: Timestamp,
    next_attempt_at: Timestamp,
    sent_at: Option<Timestamp>,
    dead_at: Option<Timestamp>,
    retried_at: Option<Timestamp>,
}

impl MailView {
    /// The columns of a table.
    pub(crate) const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "state",
        "attempts",
        "createdAt",
        "nextAttemptAt",
        "lastError",
    ];

    /// A mail: its kind, the ids that it is about, and its state.
    pub(crate) fn new(mail: OutboxMail) -> anyhow::Result<Self> {
        let OutboxMail {
            id,
            organization_id,
            kind,
            created_at,
            next_attempt_at,
            attempts,
            last_error,
            sent_at,
            dead_at,
            retried_at,
        } = mail;
        let mut about = serde_json::to_value(&kind)?;
        if let Some(fields) = about.as_object_mut() {
            fields.remove("kind");
        }
        let state = match (sent_at, dead_at) {
            (Some(_), _) => "sent",
            (None, Some(_)) => "dead",
            (None, None) => "waiting",
        };
        Ok(Self {
            id,
            org_id: organization_id,
            kind: kind.name(),
            about,
            state,
            attempts,
            last_error,
            created_at: created_at.into(),
            next_attempt_at: next_attempt_at.into(),
            sent_at: sent_at.map(Timestamp),
            dead_at: dead_at.map(Timestamp),
            retried_at: retried_at.map(Timestamp),
        })
    }
}
