//! A database that can be gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use portal_domain::store::{
    StorageError, Store, SystemReader, SystemTransaction, TenantReader, TenantScope,
    TenantTransaction,
};

/// Whether the database is gone, and how often it was asked for meanwhile.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outage {
    is_on: Arc<AtomicBool>,
    refused: Arc<AtomicUsize>,
}

impl Outage {
    /// A database that is gone during this outage.
    pub(crate) fn of(&self, store: Arc<dyn Store>) -> impl Store + use<> {
        Mortal {
            store,
            outage: self.clone(),
        }
    }

    pub(crate) fn begin(&self) {
        self.is_on.store(true, Ordering::SeqCst);
    }

    pub(crate) fn end(&self) {
        self.is_on.store(false, Ordering::SeqCst);
    }

    /// Waits until the database was asked for in vain.
    pub(crate) async fn noticed(&self) {
        while self.refused.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

struct Mortal {
    store: Arc<dyn Store>,
    outage: Outage,
}

impl Mortal {
    fn store(&self) -> Result<&dyn Store, StorageError> {
        if self.outage.is_on.load(Ordering::SeqCst) {
            self.outage.refused.fetch_add(1, Ordering::SeqCst);
            return Err(StorageError::Unavailable("it is gone".into()));
        }
        Ok(&*self.store)
    }
}

#[async_trait]
impl Store for Mortal {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        self.store()?.reader(scope).await
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        self.store()?.begin(scope).await
    }

    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError> {
        self.store()?.system_reader().await
    }

    async fn begin_system(&self) -> Result<Box<dyn SystemTransaction>, StorageError> {
        self.store()?.begin_system().await
    }

    async fn ping(&self) -> Result<(), StorageError> {
        self.store()?.ping().await
    }
}
