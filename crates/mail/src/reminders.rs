//! Enqueues reminders of loans when they are due.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::actors::Automation;
use portal_domain::assets;
use portal_domain::environment::Environment;
use portal_domain::ids::OrganizationId;
use portal_domain::operation::Operation;
use portal_domain::store::{StorageError, Store, TenantScope};
use tokio::sync::Notify;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// How often loans are checked.
const INTERVAL: Duration = Duration::from_mins(1);

/// Reminds borrowers of devices that are due tomorrow or overdue.
///
/// What is due follows from the loans and the clock alone, and a reminder is recorded in the
/// transaction that enqueues it. So a restart forgets none, and any number may run against one
/// database.
pub struct ReminderScheduler {
    store: Arc<dyn Store>,
    env: Arc<dyn Environment>,
    wake_sender: Arc<Notify>,
}

impl ReminderScheduler {
    /// A scheduler that is not running yet. `wake_sender` is notified of new mails; see
    /// [`MailSender::notifier`](crate::MailSender::notifier).
    pub fn new(store: Arc<dyn Store>, env: Arc<dyn Environment>, wake_sender: Arc<Notify>) -> Self {
        Self {
            store,
            env,
            wake_sender,
        }
    }

    /// Checks the loans once a minute, until `shutdown` is cancelled.
    ///
    /// A failure of the database is logged, and the loans are checked again a minute later.
    pub async fn run(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            if let Err(error) = self.run_until(&shutdown).await {
                let cause: &(dyn Error + Send + Sync) = &error;
                error!(error = cause, "reminders of loans could not be looked for");
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = time::sleep(INTERVAL) => {}
            }
        }
    }

    /// Puts the reminders that are due now into the outbox, and returns how many there are.
    ///
    /// # Errors
    ///
    /// Those of storage. A failure in one organization does not keep the others back; the first
    /// one is returned.
    pub async fn run_due(&self) -> Result<usize, StorageError> {
        self.run_until(&CancellationToken::new()).await
    }

    async fn run_until(&self, shutdown: &CancellationToken) -> Result<usize, StorageError> {
        let mut reminded = 0;
        let mut failure = None;
        for organization in self.organizations().await? {
            if shutdown.is_cancelled() {
                break;
            }
            match self.remind(organization).await {
                Ok(count) => reminded += count,
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if reminded > 0 {
            info!(reminded, "reminders of loans enqueued");
            self.wake_sender.notify_one();
        }
        failure.map_or(Ok(reminded), Err)
    }

    async fn organizations(&self) -> Result<Vec<OrganizationId>, StorageError> {
        let reader = self.store.system_reader().await?;
        assets::organizations_to_remind(&*reader, &*self.env).await
    }

    async fn remind(&self, organization: OrganizationId) -> Result<usize, StorageError> {
        let tx = self.store.begin(TenantScope::of(organization)).await?;
        let reminded = assets::remind(&Operation::new(&*tx, &Automation, &*self.env)).await?;
        tx.commit().await?;
        Ok(reminded)
    }
}
