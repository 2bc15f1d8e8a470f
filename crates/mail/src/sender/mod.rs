//! Sends the mails of the outbox that are due.
//!
//! | module | holds |
//! |---|---|
//! | `round` | claims mails, delivers them side by side, records the outcomes |
//! | `room` | how many at the same time, and for whom |
//! | `breaker` | pauses while the mail server cannot be used |
//! | `delivery` | the delivery of one mail |

mod breaker;
mod delivery;
mod room;
mod round;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use portal_auth::UnsubscribeTokens;
use portal_domain::environment::Environment;
use portal_domain::store::{StorageError, Store};
use tokio::sync::Notify;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::error;
use url::Url;

use self::delivery::Desk;
use self::round::Round;
use crate::outgoing::SenderAddress;
use crate::transport::MailTransport;

/// How often the outbox is polled between notifications.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// How long deliveries that are going on may take at the end. A mail whose delivery is cut off then
/// is sent again.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// The configuration of a sender.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The portal's own address, for links of organizations without a verified domain.
    pub public_url: Url,
    /// The path below which links lead on verified domains, without a slash at its end; mostly
    /// empty.
    pub custom_domain_path: String,
    /// The mailbox that all mails come from.
    pub from: SenderAddress,
    /// For the addresses by which readers switch mails off.
    pub unsubscribe_tokens: UnsubscribeTokens,
    /// How many mails are delivered at the same time, at least one. Deliveries of more than five
    /// seconds do not count, up to four times as many in all; two more may be of mails about
    /// accounts.
    pub deliveries: usize,
}

impl MailConfig {
    /// The usual number of deliveries at the same time.
    pub const DELIVERIES: usize = 8;
}

/// The outcomes of the mails that were due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SendReport {
    /// Delivered.
    pub sent: usize,
    /// No longer wanted, so not sent.
    pub skipped: usize,
    /// Failed; to be retried.
    pub failed: usize,
    /// Given up: a dead letter.
    pub dead: usize,
}

/// Sends the mails of the outbox.
///
/// Any number may run against one database: each mail is claimed by one of them at a time.
pub struct MailSender {
    desk: Arc<Desk>,
    notifier: Arc<Notify>,
}

impl MailSender {
    /// A sender that is not running yet.
    pub fn new(
        store: Arc<dyn Store>,
        env: Arc<dyn Environment>,
        transport: Arc<dyn MailTransport>,
        config: MailConfig,
    ) -> Self {
        Self {
            desk: Arc::new(Desk {
                store,
                env,
                transport,
                config,
            }),
            notifier: Arc::default(),
        }
    }

    /// Wakes [`run`](Self::run). Notify it of a new mail in the outbox to have it sent at once;
    /// otherwise `run` finds it within two seconds.
    pub fn notifier(&self) -> Arc<Notify> {
        Arc::clone(&self.notifier)
    }

    /// Sends mails as they fall due, until `shutdown` is cancelled; mails that are being sent then
    /// have five seconds to be finished.
    ///
    /// A failure of the database is logged, and the outbox is polled again two seconds later. While
    /// the mail server cannot be used, it is tried after pauses of up to two minutes, and the
    /// database is left alone.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut round = Round::new(Arc::clone(&self.desk));
        while !shutdown.is_cancelled() {
            let failed = log_failure(&round.step().await);
            if round.is_idle() {
                self.desk.transport.release().await;
            }
            let wait = round.wait(POLL_INTERVAL);
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = round.next_end(), if !failed && round.is_delivering() => {}
                () = self.notifier.notified(), if !failed && round.may_claim() => {}
                () = time::sleep(wait) => {}
            }
        }
        let finished = async {
            while round.is_delivering() {
                round.next_end().await;
            }
        };
        drop(time::timeout(SHUTDOWN_GRACE, finished).await);
        log_failure(&round.record().await);
        self.desk.transport.release().await;
    }

    /// Sends every mail that is due now, or until the mail server cannot be used.
    ///
    /// # Errors
    ///
    /// Those of storage in claiming mails or recording their outcomes. A mail whose data cannot be
    /// read counts as failed, and does not keep the others back.
    pub async fn send_due(&self) -> Result<SendReport, StorageError> {
        let mut round = Round::new(Arc::clone(&self.desk));
        let sent = self.send_in(&mut round).await;
        self.desk.transport.release().await;
        sent.map(|()| round.report())
    }

    async fn send_in(&self, round: &mut Round) -> Result<(), StorageError> {
        loop {
            round.step().await?;
            if round.is_idle() {
                return Ok(());
            }
            round.next_end().await;
        }
    }
}

/// Logs a failure of the database, and says whether there was one.
fn log_failure(result: &Result<(), StorageError>) -> bool {
    if let Err(error) = result {
        let cause: &(dyn Error + Send + Sync) = error;
        error!(error = cause, "the outbox could not be worked on");
    }
    result.is_err()
}
