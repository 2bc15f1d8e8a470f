//! Where jobs wait for a core, and run.

use std::sync::Arc;

use portal_shares::{Rule, Share, Shares};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::PasswordHashError;
use crate::rate_limits::Subject;

/// The gauge of jobs waiting for a core.
const QUEUE_DEPTH: &str = "argon2_queue_depth";
/// The counter of jobs rejected because too many waited.
const REJECTED: &str = "argon2_refused_total";

/// Of how many places one holder has one.
const SHARE: usize = 8;

/// The places of all jobs.
pub(super) struct Places {
    /// Permits for running and waiting jobs.
    all: Arc<Semaphore>,
    max_jobs: usize,
    /// Permits for running jobs.
    cores: Arc<Semaphore>,
    max_running: usize,
    /// What each address and account has of them.
    shares: Shares<Subject>,
}

/// The permits of a running job. The shares and the place are dropped first, so that they are free
/// once the core is.
pub(super) struct Permits {
    _shares: Vec<Share<Subject>>,
    _place: OwnedSemaphorePermit,
    _core: OwnedSemaphorePermit,
}

impl Places {
    /// Places for one running job on each core, and for so many that wait.
    pub(super) fn new(cores: usize, queue: usize) -> Self {
        let max_jobs = cores.saturating_add(queue);
        Self {
            all: Arc::new(Semaphore::new(max_jobs)),
            max_jobs,
            cores: Arc::new(Semaphore::new(cores)),
            max_running: cores,
            shares: Shares::new(Rule {
                whose: "address or account",
                places: Rule::part(max_jobs, SHARE),
                waiting: max_jobs,
                patience: None,
            }),
        }
    }

    /// Waits for a core, unless too many jobs are waiting. Whose own jobs have their share of the
    /// places waits for these before.
    pub(super) async fn take(
        &self,
        holders: Option<&[Subject; 2]>,
    ) -> Result<Permits, PasswordHashError> {
        let mut shares = Vec::new();
        // Always the address first: an address that waits for an account keeps nobody who has one.
        for holder in holders.into_iter().flatten() {
            shares.push(self.shares.take(*holder).await.map_err(refused)?);
        }
        let place = Arc::clone(&self.all).try_acquire_owned().map_err(refused)?;
        let _waiting = Waiting::begin();
        let core = Arc::clone(&self.cores).acquire_owned().await;
        let core = core.map_err(|error| PasswordHashError::Failed(error.into()))?;
        Ok(Permits {
            _shares: shares,
            _place: place,
            _core: core,
        })
    }

    /// Whether a job is waiting for a core.
    pub(super) fn has_waiting(&self) -> bool {
        self.max_jobs - self.all.available_permits() > self.max_running
    }

    /// How many more jobs may wait or run.
    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.all.available_permits()
    }

    /// How many addresses and accounts have jobs.
    #[cfg(test)]
    pub(super) fn holders(&self) -> usize {
        self.shares.holders()
    }

    /// Waits until a core is free.
    #[cfg(test)]
    pub(super) async fn core(&self) {
        drop(self.cores.acquire().await);
    }
}

/// Counts a job that finds no place.
fn refused<E>(_: E) -> PasswordHashError {
    metrics::counter!(REJECTED).increment(1);
    PasswordHashError::Busy
}

/// A waiting job, in the gauge until it is dropped, also by a cancelled caller.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
        metrics::gauge!(QUEUE_DEPTH).increment(1.0);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics::gauge!(QUEUE_DEPTH).decrement(1.0);
    }
}
