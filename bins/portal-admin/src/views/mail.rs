//! Mails of the outbox.

use portal_domain::notifications::OutboxMail;
use serde::Serialize;
use serde_json::Value;

use super::instant;
use crate::answer::Listed;

/// A mail that is not sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MailView {
    id: String,
    org_id: String,
    kind: &'static str,
    about: Value,
    state: &'static str,
    attempts: i32,
    last_error: Option<String>,
    created_at: String,
    next_attempt_at: String,
    sent_at: Option<String>,
    dead_at: Option<String>,
}

impl Listed for MailView {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "state",
        "attempts",
        "createdAt",
        "nextAttemptAt",
        "lastError",
    ];
}

impl MailView {
    /// What is known of a mail: its kind, and the ids that it is about.
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
            id: id.to_string(),
            org_id: organization_id.to_string(),
            kind: kind.name(),
            about,
            state,
            attempts,
            last_error,
            created_at: instant(created_at),
            next_attempt_at: instant(next_attempt_at),
            sent_at: sent_at.map(instant),
            dead_at: dead_at.map(instant),
        })
    }
}
