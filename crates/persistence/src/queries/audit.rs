//! Queries on `audit_logs`.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use portal_domain::audit::{AuditEntry, AuditFilter, AuditReader, AuditWriter};
use portal_domain::store::StorageError;

use crate::conn::{Columns as _, RunQuery as _, load_on_backend};
use crate::handles::Tenant;
use crate::rows::audit::AuditRow;
use crate::rows::entities;
use crate::schema::audit_logs;
use crate::sql_types::Time;

#[async_trait]
impl AuditReader for Tenant {
    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let rows: Vec<AuditRow> = load_on_backend!(self.conn(), {
            let mut query = audit_logs::table
                .filter(audit_logs::org_id.eq(self.org()))
                .order((audit_logs::timestamp.desc(), audit_logs::id.desc()))
                .limit(limit.into())
                .select(AuditRow::columns())
                .into_boxed();
            if let Some(action) = filter.action {
                query = query.filter(audit_logs::action.eq(action.as_str()));
            }
            if let Some(since) = filter.since {
                query = query.filter(audit_logs::timestamp.ge(Time::from(since)));
            }
            query
        })?;
        entities(rows)
    }
}

#[async_trait]
impl AuditWriter for Tenant {
    async fn add_audit_entry(&self, entry: &AuditEntry) -> Result<(), StorageError> {
        self.check_owner("audit_logs", entry.organization_id)?;
        diesel::insert_into(audit_logs::table)
            .values(AuditRow::from(entry))
            .execute(self.conn())
            .await?;
        Ok(())
    }
}
