//! Entries of the audit log.

use portal_domain::audit::AuditEntry;
use portal_domain::ids::{AuditEntryId, OrganizationId};
use portal_wire::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// An entry of the audit log.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEntryView {
    id: AuditEntryId,
    org_id: OrganizationId,
    timestamp: Timestamp,
    actor_type: &'static str,
    actor_id: Option<String>,
    actor_email: Option<String>,
    actor_name: Option<String>,
    action: &'static str,
    resource_type: String,
    resource_id: String,
    resource_name: Option<String>,
    details: Value,
    ip_address: Option<String>,
    user_agent: Option<String>,
    result: &'static str,
}

impl AuditEntryView {
    /// The columns of a table.
    pub(crate) const COLUMNS: &'static [&'static str] = &[
        "timestamp",
        "actorType",
        "actorEmail",
        "actorName",
        "action",
        "resourceName",
        "details",
        "result",
    ];
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry {
            id,
            organization_id,
            timestamp,
            actor_type,
            actor_id,
            actor_email,
            actor_name,
            action,
            resource_type,
            resource_id,
            resource_name,
            details,
            ip_address,
            user_agent,
            result,
        } = entry;
        Self {
            id,
            org_id: organization_id,
            timestamp: timestamp.into(),
            actor_type: actor_type.as_str(),
            actor_id: actor_id.map(|id| id.to_string()),
            actor_email,
            actor_name,
            action: action.as_str(),
            resource_type,
            resource_id,
            resource_name,
            details,
            ip_address: ip_address.map(|address| address.to_string()),
            user_agent,
            result: result.as_str(),
        }
    }
}
