//! Sends the mails of the outbox that are due.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use metrics::counter;
use portal_domain::environment::Environment;
use portal_domain::notifications::OutboxMail;
use portal_domain::store::{StorageError, Store};
use tokio::sync::Notify;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};
use url::Url;

use crate::backoff;
use crate::compose::{ComposeError, Composer};
use crate::outgoing::SenderAddress;
use crate::transport::{DeliveryError, MailTransport};

/// How often the outbox is polled between notifications.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// How long a claimed mail is hidden from other senders: long enough for any delivery, short
/// enough for the mail of a sender that died.
const VISIBILITY_TIMEOUT: TimeDelta = TimeDelta::minutes(5);

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
    /// Failed for the last time: a dead letter.
    pub dead: usize,
}

impl SendReport {
    const fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Dead => self.dead += 1,
        }
    }
}

/// The outcome of one mail.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Sent,
    Skipped,
    Failed,
    Dead,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }
}

/// Why a mail was not sent. What it says is kept in the outbox: no address, no token.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
}

/// Sends the mails of the outbox.
///
/// Any number may run against one database: each mail is claimed by one of them at a time.
pub struct MailSender {
    store: Arc<dyn Store>,
    env: Arc<dyn Environment>,
    transport: Arc<dyn MailTransport>,
    config: MailConfig,
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
            store,
            env,
            transport,
            config,
            notifier: Arc::default(),
        }
    }

    /// Wakes [`run`](Self::run). Notify it of a new mail in the outbox to have it sent at once;
    /// otherwise `run` finds it within two seconds.
    pub fn notifier(&self) -> Arc<Notify> {
        Arc::clone(&self.notifier)
    }

    /// Sends mails as they fall due, until `shutdown` is cancelled; a mail that is being sent then
    /// is finished first.
    ///
    /// A failure of the database is logged, and the outbox is polled again two seconds later.
    pub async fn run(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            if let Err(error) = self.send_until(&shutdown).await {
                let cause: &(dyn Error + Send + Sync) = &error;
                error!(error = cause, "the outbox could not be worked on");
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = self.notifier.notified() => {}
                () = time::sleep(POLL_INTERVAL) => {}
            }
        }
    }

    /// Sends every mail that is due now.
    ///
    /// # Errors
    ///
    /// Those of storage in claiming a mail or recording its outcome. A mail whose data cannot be
    /// read counts as failed, and does not keep the others back.
    pub async fn send_due(&self) -> Result<SendReport, StorageError> {
        self.send_until(&CancellationToken::new()).await
    }

    async fn send_until(&self, shutdown: &CancellationToken) -> Result<SendReport, StorageError> {
        let report = self.send_all(shutdown).await;
        self.transport.release().await;
        report
    }

    async fn send_all(&self, shutdown: &CancellationToken) -> Result<SendReport, StorageError> {
        let mut report = SendReport::default();
        while !shutdown.is_cancelled() {
            let Some(mail) = self.claim().await? else {
                break;
            };
            report.count(self.process(&mail).await?);
        }
        Ok(report)
    }

    /// Claims the next mail. One at a time, so that a sender which stops leaves none hidden that
    /// it never tried.
    async fn claim(&self) -> Result<Option<OutboxMail>, StorageError> {
        let now = self.env.now();
        let tx = self.store.begin_system().await?;
        let claimed = tx.claim_mails(now, now + VISIBILITY_TIMEOUT, 1).await?;
        tx.commit().await?;
        Ok(claimed.into_iter().next())
    }

    async fn process(&self, mail: &OutboxMail) -> Result<Outcome, StorageError> {
        let (id, kind) = (mail.id, mail.kind.name());
        let outcome = match self.send(mail).await {
            Ok(()) => {
                self.record_sent(mail).await?;
                info!(mail.id = %id, mail.kind = kind, "mail sent");
                Outcome::Sent
            }
            Err(SendError::Compose(ComposeError::Skipped(why))) => {
                self.record_sent(mail).await?;
                debug!(mail.id = %id, mail.kind = kind, why, "mail skipped");
                Outcome::Skipped
            }
            Err(error) => {
                let is_dead = mail.attempts >= OutboxMail::MAX_ATTEMPTS;
                let cause: &(dyn Error + Send + Sync) = &error;
                warn!(mail.id = %id, mail.kind = kind, is_dead, error = cause, "mail not sent");
                self.record_failed(mail, &error, is_dead).await?;
                if is_dead {
                    Outcome::Dead
                } else {
                    Outcome::Failed
                }
            }
        };
        counter!("mails_total", "kind" => kind, "outcome" => outcome.as_str()).increment(1);
        Ok(outcome)
    }

    async fn send(&self, mail: &OutboxMail) -> Result<(), SendError> {
        let composer = Composer {
            store: &*self.store,
            env: &*self.env,
            public_url: &self.config.public_url,
            custom_domain_path: &self.config.custom_domain_path,
            from: &self.config.from,
        };
        let outgoing = composer.compose(mail).await?;
        Ok(self.transport.deliver(&outgoing).await?)
    }

    async fn record_sent(&self, mail: &OutboxMail) -> Result<(), StorageError> {
        let tx = self.store.begin_system().await?;
        tx.mark_mail_sent(mail.id, self.env.now()).await?;
        tx.commit().await
    }

    async fn record_failed(
        &self,
        mail: &OutboxMail,
        error: &SendError,
        is_dead: bool,
    ) -> Result<(), StorageError> {
        let now = self.env.now();
        let next = now + backoff::delay(mail.attempts, &*self.env);
        let tx = self.store.begin_system().await?;
        tx.mark_mail_failed(mail.id, &error.to_string(), next, is_dead.then_some(now))
            .await?;
        tx.commit().await
    }
}
