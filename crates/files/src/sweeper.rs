//! Removes what nobody needs any more, again and again.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::environment::Environment;
use portal_domain::files::{FileStore, sweep};
use portal_domain::idempotency::forget_expired;
use portal_domain::store::Store;
use tokio::time;
use tokio_util::sync::CancellationToken;

/// How often it sweeps.
const INTERVAL: Duration = Duration::from_mins(5);

/// Removes uploads that were never attached, the bytes of removed files, and answers that are no
/// longer given again.
///
/// What is due follows from the rows and the clock alone, so a restart forgets nothing, and any number
/// may run against one database.
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

    /// Sweeps every five minutes, until `shutdown` is cancelled.
    ///
    /// A failure is logged, and comes again with the next sweep.
    pub async fn run(self, shutdown: CancellationToken) {
        let sweeps = async {
            loop {
                match sweep(&*self.store, &*self.files, &*self.env).await {
                    Ok(0) => {}
                    Ok(files) => tracing::info!(files, "files were removed"),
                    Err(error) => {
                        let error: &(dyn Error + Send + Sync) = &error;
                        tracing::error!(error, "files could not be removed");
                    }
                }
                if let Err(error) = forget_expired(&*self.store, &*self.env).await {
                    let error: &(dyn Error + Send + Sync) = &error;
                    tracing::error!(error, "answers to repeated requests could not be removed");
                }
                time::sleep(INTERVAL).await;
            }
        };
        shutdown.run_until_cancelled(sweeps).await;
    }
}
