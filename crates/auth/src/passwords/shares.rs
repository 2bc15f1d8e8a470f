//! Who holds how much of the hasher's places.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::rate_limits::Subject;

/// The shares of all who have jobs at this moment.
pub(super) struct Shares {
    /// How many jobs of one holder may have places.
    places: usize,
    /// How many more of them may wait.
    waiting: usize,
    held: Mutex<HashMap<Subject, Held>>,
}

/// What one holder has.
struct Held {
    places: Arc<Semaphore>,
    /// Their jobs, with a place or waiting for one.
    jobs: usize,
}

/// A part of a holder's share, given back when dropped.
pub(super) struct Share {
    shares: Arc<Shares>,
    holder: Subject,
    place: Option<OwnedSemaphorePermit>,
}

impl Shares {
    pub(super) fn new(places: usize, waiting: usize) -> Self {
        Self {
            places,
            waiting,
            held: Mutex::default(),
        }
    }

    /// Waits until fewer of the holder's jobs have a place than they may; `None` when too many wait
    /// for that already.
    pub(super) async fn take(self: &Arc<Self>, holder: Subject) -> Option<Share> {
        let places = self.enter(holder)?;
        // From here on, a caller who gives up leaves.
        let mut share = Share {
            shares: Arc::clone(self),
            holder,
            place: None,
        };
        share.place = places.acquire_owned().await.ok();
        Some(share)
    }

    fn enter(&self, holder: Subject) -> Option<Arc<Semaphore>> {
        let mut held = self.lock();
        let entry = held.entry(holder).or_insert_with(|| Held {
            places: Arc::new(Semaphore::new(self.places)),
            jobs: 0,
        });
        if entry.jobs >= self.places.saturating_add(self.waiting) {
            return None;
        }
        entry.jobs += 1;
        Some(Arc::clone(&entry.places))
    }

    fn leave(&self, holder: Subject) {
        let mut held = self.lock();
        if let Some(entry) = held.get_mut(&holder) {
            entry.jobs = entry.jobs.saturating_sub(1);
            if entry.jobs == 0 {
                held.remove(&holder);
            }
        }
    }

    /// Locks, poisoned or not: no change leaves an inconsistent state behind.
    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn holders(&self) -> usize {
        self.lock().len()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // Before the holder's entry goes, whose semaphore it belongs to.
        drop(self.place.take());
        self.shares.leave(self.holder);
    }
}
