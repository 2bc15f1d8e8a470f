//! What one organization may use of a database at a time.
//!
//! A pool serves whoever comes first, and so does SQLite's turn to write. Without a bound, the many
//! requests of one organization would all be ahead of the one of another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portal_domain::ids::OrganizationId;
use portal_domain::store::StorageError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::errors::unavailable;

/// How many transactions of one organization may wait, which bounds the memory that they take.
const WAITING: usize = 1024;

/// Why an organization got no place.
#[derive(Debug, thiserror::Error)]
#[error("too many transactions of one organization are waiting")]
struct Crowded;

/// The places of all organizations that have transactions at this moment.
pub(crate) struct Shares {
    places: usize,
    waiting: usize,
    patience: Duration,
    held: Mutex<HashMap<OrganizationId, Held>>,
}

/// What one organization has.
struct Held {
    places: Arc<Semaphore>,
    /// The transactions with a place, and those that wait for one.
    transactions: usize,
}

/// A place, given back when dropped.
pub(crate) struct Share {
    shares: Arc<Shares>,
    organization: OrganizationId,
    place: Option<OwnedSemaphorePermit>,
}

impl Shares {
    /// For a pool of this number of connections, of which an organization uses a quarter, but at
    /// least two, since reading and writing may overlap. Who waits longer than `patience` is told
    /// so.
    pub(crate) fn of_pool(connections: usize, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            places: (connections / 4).max(2),
            waiting: WAITING,
            patience,
            held: Mutex::default(),
        })
    }

    /// A place of an organization.
    pub(crate) async fn take(
        self: &Arc<Self>,
        organization: OrganizationId,
    ) -> Result<Share, StorageError> {
        let crowded = || unavailable(Crowded);
        let places = self.enter(organization).ok_or_else(crowded)?;
        // From here on, a caller who gives up leaves.
        let mut share = Share {
            shares: Arc::clone(self),
            organization,
            place: None,
        };
        // At once, if there is one, without a timer.
        share.place = match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => Some(place),
            Err(_) => match timeout(self.patience, places.acquire_owned()).await {
                Ok(Ok(place)) => Some(place),
                Ok(Err(_)) | Err(_) => return Err(crowded()),
            },
        };
        Ok(share)
    }

    /// The organization's places, unless too many transactions wait for them already.
    fn enter(&self, organization: OrganizationId) -> Option<Arc<Semaphore>> {
        let mut held = self.lock();
        let entry = held.entry(organization).or_insert_with(|| Held {
            places: Arc::new(Semaphore::new(self.places)),
            transactions: 0,
        });
        if entry.transactions >= self.places.saturating_add(self.waiting) {
            return None;
        }
        entry.transactions += 1;
        Some(Arc::clone(&entry.places))
    }

    fn leave(&self, organization: OrganizationId) {
        let mut held = self.lock();
        if let Some(entry) = held.get_mut(&organization) {
            entry.transactions = entry.transactions.saturating_sub(1);
            if entry.transactions == 0 {
                held.remove(&organization);
            }
        }
    }

    /// Locks, poisoned or not: no change leaves an inconsistent state behind.
    fn lock(&self) -> MutexGuard<'_, HashMap<OrganizationId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // Before the organization's entry goes, whose semaphore it belongs to.
        drop(self.place.take());
        self.shares.leave(self.organization);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::{FutureExt as _, poll};
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn organization() -> OrganizationId {
        OrganizationId::generate(&SystemEnvironment)
    }

    #[tokio::test]
    async fn an_organization_with_many_transactions_waits_and_keeps_no_other() {
        let shares = Shares::of_pool(16, PATIENCE);
        let acme = organization();
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(shares.take(acme).await.unwrap());
        }
        let mut fifth = pin!(shares.take(acme));
        assert!(poll!(fifth.as_mut()).is_pending());
        assert!(shares.take(organization()).now_or_never().is_some());
        held.pop();
        drop(fifth.now_or_never().unwrap().unwrap());
        drop(held);
        assert!(shares.lock().is_empty());
    }

    #[tokio::test]
    async fn who_gives_up_leaves_nothing_behind() {
        let shares = Shares::of_pool(1, PATIENCE);
        let acme = organization();
        {
            let _held = [(); 2].map(|()| shares.take(acme).now_or_never().unwrap());
            let mut waiting = pin!(shares.take(acme));
            assert!(poll!(waiting.as_mut()).is_pending());
        }
        assert!(shares.lock().is_empty());
        assert!(shares.take(acme).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_transaction_is_refused_when_the_queue_is_full_or_does_not_move() {
        let shares = Arc::new(Shares {
            places: 1,
            waiting: 1,
            patience: PATIENCE,
            held: Mutex::default(),
        });
        let acme = organization();
        let _held = shares.take(acme).await.unwrap();
        let mut waiting = pin!(shares.take(acme));
        assert!(poll!(waiting.as_mut()).is_pending());
        assert!(matches!(
            shares.take(acme).now_or_never(),
            Some(Err(StorageError::Unavailable(_)))
        ));

        let impatient = Shares::of_pool(8, Duration::ZERO);
        let _held = [(); 2].map(|()| impatient.take(acme).now_or_never().unwrap());
        assert!(matches!(
            impatient.take(acme).await,
            Err(StorageError::Unavailable(_))
        ));
    }
}
