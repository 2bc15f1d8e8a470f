//! The store's handles: transactions on one organization, or across all.

use async_trait::async_trait;
use portal_domain::ids::OrganizationId;
use portal_domain::store::{
    self, LookupReader, StorageError, SystemReader, SystemTransaction, TenantReader, TenantScope,
    TenantTransaction,
};

use crate::conn::Conn;
use crate::shares::Places;
use crate::sql_types::DbId;
use crate::transaction::Transaction;

/// A transaction on the data of a scope.
pub(crate) struct Handle<Scope> {
    transaction: Transaction,
    scope: Scope,
    /// Given back after the transaction is over.
    _places: Places,
}

/// A transaction on one organization's data.
pub(crate) type Tenant = Handle<TenantScope>;

/// A transaction across organizations.
pub(crate) type System = Handle<()>;

impl<Scope> Handle<Scope> {
    pub(crate) fn new(transaction: Transaction, scope: Scope) -> Self {
        Self {
            transaction,
            scope,
            _places: Places::default(),
        }
    }

    /// The same, which gives places back when it ends.
    pub(crate) fn within(self, places: Places) -> Self {
        Self {
            _places: places,
            ..self
        }
    }

    pub(crate) const fn conn(&self) -> &Conn {
        self.transaction.conn()
    }
}

#[async_trait]
impl<Scope: Send + Sync> store::Transaction for Handle<Scope> {
    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        self.transaction.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), StorageError> {
        self.transaction.rollback().await
    }
}

impl LookupReader for System {}

impl SystemReader for System {}

impl SystemTransaction for System {}

impl TenantReader for Tenant {
    fn scope(&self) -> TenantScope {
        self.scope
    }
}

impl TenantTransaction for Tenant {}

/// A row was to be written for another organization than the handle's.
#[derive(Debug, thiserror::Error)]
#[error("a row of {0} is of another organization")]
struct ForeignRow(&'static str);

impl Tenant {
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
            Err(StorageError::Query(Box::new(ForeignRow(table))))
        }
    }
}
