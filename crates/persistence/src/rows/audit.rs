//! Rows of `audit_logs`.

use diesel::pg::Pg;
use diesel::prelude::{Insertable, Queryable, Selectable};
use diesel::sqlite::Sqlite;
use portal_domain::audit::AuditEntry;
use portal_domain::store::StorageError;
use serde_json::Value;

use super::Table;
use crate::schema::audit_logs;
use crate::sql_types::{DbId, Json, Time};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(
    table_name = audit_logs,
    treat_none_as_default_value = false,
    check_for_backend(Pg, Sqlite)
)]
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
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            timestamp: Time::from(*timestamp),
            actor_type: actor_type.to_string(),
            actor_id: actor_id.map(DbId::of),
            actor_email: actor_email.clone(),
            actor_name: actor_name.clone(),
            action: action.to_string(),
            resource_type: resource_type.clone(),
            resource_id: resource_id.clone(),
            resource_name: resource_name.clone(),
            details: Json(details.clone()),
            ip_address: ip_address.map(|address| address.to_string()),
            user_agent: user_agent.clone(),
            result: result.to_string(),
        }
    }
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StorageError;

    fn try_from(row: AuditRow) -> Result<Self, StorageError> {
        let AuditRow {
            id,
            org_id,
            timestamp,
            actor_type,
            actor_id,
            actor_email,
            actor_name,
            action,
            resource_type,
            resource_id,
            resource_name,
            details: Json(details),
            ip_address,
            user_agent,
            result,
        } = row;
        let table = Table("audit_logs");
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            timestamp: timestamp.into(),
            actor_type: table.value("actor_type", &actor_type)?,
            actor_id: actor_id.map(DbId::typed),
            actor_email,
            actor_name,
            action: table.value("action", &action)?,
            resource_type,
            resource_id,
            resource_name,
            details,
            ip_address: table.optional("ip_address", ip_address.as_deref())?,
            user_agent,
            result: table.value("result", &result)?,
        })
    }
}
