//! Removes what nobody needs any more, again and again.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::environment::Environment;
use portal_domain::files::{FileStore, UpkeepError, remove_broken_off, remove_orphans, sweep};
use portal_domain::idempotency::forget_expired;
use portal_domain::store::Store;
use tokio::time;
use tokio_util::sync::CancellationToken;

/// How often it sweeps what the database knows of.
const INTERVAL: Duration = Duration::from_mins(5);

/// How often it looks for bytes that the database does not know of. Listing a store takes long, and
/// costs money where it is a bucket.
const ORPHANS_INTERVAL: Duration = Duration::from_hours(24);

/// How long after its start it does so first: programs may be started often.
const ORPHANS_DELAY: Duration = Duration::from_hours(1);

/// The pause between two organizations, so that nobody notices.
const PAUSE: Duration = Duration::from_millis(100);

/// Removes uploads that were never attached, the bytes of removed files, bytes that belong to no file,
/// and answers that are no longer given again.
///
/// What is due follows from the rows, the store and the clock alone, so a restart forgets nothing, and
/// any number may run against one database.
pub struct Sweeper {
    store: Arc<dyn Store>,
    files: Arc<dyn FileStore>,
    env: Arc<dyn Environment>,
}

impl Sweeper {
    /// A sweeper that is not running yet.
    pub fn new(
        store: Arc<dyn Store>,
        files: Arc<dyn FileStore>,
        env: Arc<dyn Environment>,
    ) -> Self {
        Self { store, files, env }
    }

    /// Sweeps every five minutes, and looks for bytes that belong to no file once a day, until
    /// `shutdown` is cancelled.
    ///
    /// A failure is logged, and comes again with the next time.
    pub async fn run(self, shutdown: CancellationToken) {
        let sweeps = futures_util::future::join(self.run_sweeps(), self.run_orphans());
        shutdown.run_until_cancelled(sweeps).await;
    }

    async fn run_sweeps(&self) {
        loop {
            let swept = sweep(&*self.store, &*self.files, &*self.env).await;
            log(swept, "files were removed", "files could not be removed");
            if let Err(error) = forget_expired(&*self.store, &*self.env).await {
                let error: &(dyn Error + Send + Sync) = &error;
                tracing::error!(error, "answers to repeated requests could not be removed");
            }
            time::sleep(INTERVAL).await;
        }
    }

    async fn run_orphans(&self) {
        time::sleep(ORPHANS_DELAY).await;
        loop {
            let removed = self.remove_orphans().await;
            log(
                removed,
                "bytes that belong to no file were removed",
                "bytes that belong to no file could not be removed",
            );
            time::sleep(ORPHANS_INTERVAL).await;
        }
    }

    async fn remove_orphans(&self) -> Result<usize, UpkeepError> {
        let organizations = {
            let system = self.store.system_reader().await?;
            system.organizations().await?
        };
        let mut gone = remove_broken_off(&*self.files, &*self.env).await?;
        let mut failed = None;
        for organization in organizations {
            match remove_orphans(&*self.store, &*self.files, &*self.env, organization.id).await {
                Ok(removed) => gone += removed,
                Err(error) => failed = failed.or(Some(error)),
            }
            time::sleep(PAUSE).await;
        }
        failed.map_or(Ok(gone), Err)
    }
}

fn log(removed: Result<usize, UpkeepError>, done: &str, not_done: &str) {
    match removed {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "{done}"),
        Err(error) => {
            let error: &(dyn Error + Send + Sync) = &error;
            tracing::error!(error, "{not_done}");
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use portal_domain::files::FileKey;
    use portal_domain::ids::FileId;
    use portal_test_support::TestWorld;

    use super::*;

    #[tokio::test]
    async fn bytes_that_belong_to_no_file_go_in_every_organization() {
        let world = TestWorld::create().await;
        let kept = world.uploaded(&world.acme.ada, "a.txt", "a").await;
        let orphan = |organization| FileKey {
            organization,
            file: FileId::generate(&*world.env),
        };
        for organization in [world.acme.id, world.globex.id] {
            world.files.put(orphan(organization), b"left by a crash");
        }
        world.env.advance(TimeDelta::hours(25));
        let arriving = orphan(world.acme.id);
        world.files.put(arriving, b"under way");
        let sweeper = || {
            Sweeper::new(
                Arc::clone(&world.store),
                Arc::clone(&world.files) as _,
                Arc::clone(&world.env) as _,
            )
        };
        let (one, other) = (sweeper(), sweeper());
        let (one, other) = tokio::join!(one.remove_orphans(), other.remove_orphans());
        // Both may have found one before either removed it.
        assert!(one.unwrap() + other.unwrap() >= 2);
        assert_eq!(world.files.keys(), [kept.key(), arriving]);
        assert_eq!(sweeper().remove_orphans().await.unwrap(), 0);
    }
}
