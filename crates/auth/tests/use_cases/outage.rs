//! A database that can be gone, and knows who asked it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use portal_domain::store::{
    Asker, LookupReader, RequestStore, SharedStore, StorageError, Store, TenantReader, TenantScope,
    TenantStore, TenantTransaction,
};

/// Whether the database is gone, how often it was asked for meanwhile, and by whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outage {
    is_on: Arc<AtomicBool>,
    refused: Arc<AtomicUsize>,
    askers: Arc<Mutex<HashSet<Asker>>>,
}

impl Outage {
    /// A database that is gone during this outage.
    pub(crate) fn of(&self, store: Arc<dyn Store>) -> impl SharedStore + use<> {
        Mortal::<dyn Store> {
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

    /// On whose behalf the database was asked since the last time.
    pub(crate) fn askers(&self) -> HashSet<Asker> {
        std::mem::take(&mut *self.askers.lock().unwrap())
    }

    /// Waits until the database was asked for in vain.
    pub(crate) async fn noticed(&self) {
        while self.refused.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

struct Mortal<S: ?Sized> {
    store: Arc<S>,
    outage: Outage,
}

impl<S: ?Sized> Mortal<S> {
    fn store(&self) -> Result<&S, StorageError> {
        if self.outage.is_on.load(Ordering::SeqCst) {
            self.outage.refused.fetch_add(1, Ordering::SeqCst);
            return Err(StorageError::Unavailable("it is gone".into()));
        }
        Ok(&self.store)
    }
}

#[async_trait]
impl SharedStore for Mortal<dyn Store> {
    fn on_behalf_of(&self, asker: Asker) -> Box<dyn RequestStore> {
        self.outage.askers.lock().unwrap().insert(asker);
        Box::new(Mortal::<dyn RequestStore> {
            store: self.store.on_behalf_of(asker).into(),
            outage: self.outage.clone(),
        })
    }

    async fn ping(&self) -> Result<(), StorageError> {
        self.store()?.ping().await
    }
}

#[async_trait]
impl TenantStore for Mortal<dyn RequestStore> {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        self.store()?.reader(scope).await
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        self.store()?.begin(scope).await
    }
}

#[async_trait]
impl RequestStore for Mortal<dyn RequestStore> {
    async fn lookup(&self) -> Result<Box<dyn LookupReader>, StorageError> {
        self.store()?.lookup().await
    }
}
