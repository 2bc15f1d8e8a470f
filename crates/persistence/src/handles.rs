//! The store's handles: transactions on one organization, or across all.

use async_trait::async_trait;
use portal_domain::ids::OrganizationId;
use portal_domain::store::{
    self, StorageError, SystemReader, SystemTransaction, TenantReader, TenantScope,
    TenantTransaction,
};

use crate::conn::Conn;
use crate::sql_types::DbId;
use crate::transaction::Transaction;

/// A transaction on one organization's data.
pub(crate) struct Tenant {
    transaction: Transaction,
    scope: TenantScope,
}

/// A row was to be written for another organization than the handle's.
#[derive(Debug, thiserror::Error)]
#[error("a row of {table} is of another organization")]
struct ForeignRow {
    table: &'static str,
}

impl Tenant {
    /// Works on the organization of `scope`.
    pub(crate) const fn new(transaction: Transaction, scope: TenantScope) -> Self {
        Self { transaction, scope }
    }

    /// The connection, to run queries on.
    pub(crate) const fn conn(&self) -> &Conn {
        self.transaction.conn()
    }

    /// The organization, by which every query filters.
    pub(crate) fn org(&self) -> DbId {
        DbId::of(self.scope.organization())
    }

    /// Makes sure that a row to be written is of this organization.
    pub(crate) fn check_owner(
        &self,
        table: &'static str,
        owner: OrganizationId,
    ) -> Result<(), StorageError> {
        if owner == self.scope.organization() {
            Ok(())
        } else {
            Err(StorageError::Query(Box::new(ForeignRow { table })))
        }
    }
}

impl TenantReader for Tenant {
    fn scope(&self) -> TenantScope {
        self.scope
    }
}

impl TenantTransaction for Tenant {}

#[async_trait]
impl store::Transaction for Tenant {
    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        self.transaction.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), StorageError> {
        self.transaction.rollback().await
    }
}

/// A transaction across organizations.
pub(crate) struct System {
    transaction: Transaction,
}

impl System {
    /// Works on all organizations.
    pub(crate) const fn new(transaction: Transaction) -> Self {
        Self { transaction }
    }

    /// The connection, to run queries on.
    pub(crate) const fn conn(&self) -> &Conn {
        self.transaction.conn()
    }
}

impl SystemReader for System {}

impl SystemTransaction for System {}

#[async_trait]
impl store::Transaction for System {
    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        self.transaction.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), StorageError> {
        self.transaction.rollback().await
    }
}
