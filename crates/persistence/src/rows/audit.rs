//! Rows of `audit_logs`.

use diesel::prelude::{Insertable, Queryable, Selectable};
use portal_domain::audit::AuditEntry;
use portal_domain::store::StorageError;
use serde_json::Value;

use super::Place;
use crate::schema::audit_logs;
use crate::sql_types::{DbId, Json, Time};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_logs, treat_none_as_default_value = false)]
pub(crate) struct AuditRow {
    id: DbId,
    org_id: DbId,
    timestamp: Time,
    actor_type: String,
    actor_id: Option<DbId>,
    actor_email: Option<String>,
    actor_name: Option<String>,
    action: String,
    resource_type: String,
    resource_id: String,
    resource_name: Option<String>,
    details: Json<Value>,
    ip_address: Option<String>,
    user_agent: Option<String>,
    result: String,
}

impl From<&AuditEntry> for AuditRow {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            id: DbId::of(entry.id),
            org_id: DbId::of(entry.organization_id),
            timestamp: Time::from(entry.timestamp),
            actor_type: entry.actor_type.to_string(),
            actor_id: entry.actor_id.map(DbId::of),
            actor_email: entry.actor_email.clone(),
            actor_name: entry.actor_name.clone(),
            action: entry.action.to_string(),
            resource_type: entry.resource_type.clone(),
            resource_id: entry.resource_id.clone(),
            resource_name: entry.resource_name.clone(),
            details: Json(entry.details.clone()),
            ip_address: entry.ip_address.map(|address| address.to_string()),
            user_agent: entry.user_agent.clone(),
            result: entry.result.to_string(),
        }
    }
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StorageError;

    fn try_from(row: AuditRow) -> Result<Self, StorageError> {
        let place = Place("audit_logs", row.id);
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            timestamp: row.timestamp.into(),
            actor_type: place.value("actor_type", &row.actor_type)?,
            actor_id: row.actor_id.map(DbId::typed),
            actor_email: row.actor_email,
            actor_name: row.actor_name,
            action: place.value("action", &row.action)?,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            resource_name: row.resource_name,
            details: row.details.0,
            ip_address: place.optional("ip_address", row.ip_address)?,
            user_agent: row.user_agent,
            result: place.value("result", &row.result)?,
        })
    }
}
