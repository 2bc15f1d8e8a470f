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
use crate::draft::{DraftError, Drafter};
use crate::outgoing::{ComposeError, OutgoingMail, SenderAddress};
use crate::render::{self, RenderError};
use crate::transport::{DeliveryError, MailTransport};

/// How often the outbox is looked at when nobody says that there is something in it.
const INTERVAL: Duration = Duration::from_secs(2);

/// How long a claimed mail is hidden from other senders: long enough for any delivery, short
/// enough for the mail of a sender that died.
const HIDDEN_FOR: TimeDelta = TimeDelta::minutes(5);

/// What a sender needs to know of its installation.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The portal's own address, for links of organizations without a verified domain.
    pub public_url: Url,
    /// The mailbox that all mails come from.
    pub from: SenderAddress,
}

/// What became of the mails of one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SendReport {
    /// Handed over.
    pub sent: usize,
    /// No longer wanted, so done with.
    pub unwanted: usize,
    /// Failed, to be tried again.
    pub failed: usize,
    /// Failed for the last time.
    pub dead: usize,
}

impl SendReport {
    const fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Unwanted => self.unwanted += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Dead => self.dead += 1,
        }
    }
}

/// What became of a mail.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Sent,
    Unwanted,
    Failed,
    Dead,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unwanted => "unwanted",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }
}

/// Why a mail was not handed over. What it says is kept in the outbox: no address, no token.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("the mail is no longer wanted: {0}")]
    Unwanted(&'static str),
    #[error("what the mail is about could not be read")]
    Storage(#[source] StorageError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
}

impl From<DraftError> for SendError {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::Unwanted(why) => Self::Unwanted(why),
            DraftError::Storage(error) => Self::Storage(error),
        }
    }
}

/// Sends what is in the outbox.
///
/// Any number may run against one database; a mail is claimed by one at a time.
pub struct MailSender {
    store: Arc<dyn Store>,
    env: Arc<dyn Environment>,
    transport: Arc<dyn MailTransport>,
    config: MailConfig,
    notifier: Arc<Notify>,
}

impl MailSender {
    /// A sender that has not begun yet.
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

    /// Wakes [`run`](Self::run): to be notified after a mail was put into the outbox, so that it
    /// leaves at once. Nothing is lost when nobody does, as `run` looks every two seconds.
    pub fn notifier(&self) -> Arc<Notify> {
        Arc::clone(&self.notifier)
    }

    /// Sends mails as they fall due, until `shutdown` is cancelled; a mail that is being sent then
    /// is finished first.
    ///
    /// A failing database ends nothing: it is logged, and asked again two seconds later.
    pub async fn run(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            if let Err(error) = self.send_until(&shutdown).await {
                let cause: &(dyn Error + Send + Sync) = &error;
                error!(error = cause, "the outbox could not be worked on");
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = self.notifier.notified() => {}
                () = time::sleep(INTERVAL) => {}
            }
        }
    }

    /// Sends every mail that is due now.
    ///
    /// # Errors
    ///
    /// Those of storage in claiming a mail or noting what became of it. A mail whose content cannot
    /// be read counts as failed, and does not keep the others back.
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

    /// Takes the next mail. One at a time, so that a sender which stops leaves none hidden that
    /// it never tried.
    async fn claim(&self) -> Result<Option<OutboxMail>, StorageError> {
        let now = self.env.now();
        let tx = self.store.begin_system().await?;
        let claimed = tx.claim_mails(now, now + HIDDEN_FOR, 1).await?;
        tx.commit().await?;
        Ok(claimed.into_iter().next())
    }

    async fn process(&self, mail: &OutboxMail) -> Result<Outcome, StorageError> {
        let (id, kind) = (mail.id, mail.kind.name());
        let outcome = match self.send(mail).await {
            Ok(()) => {
                self.note_sent(mail).await?;
                info!(mail.id = %id, mail.kind = kind, "mail sent");
                Outcome::Sent
            }
            Err(SendError::Unwanted(why)) => {
                self.note_sent(mail).await?;
                debug!(mail.id = %id, mail.kind = kind, why, "mail no longer wanted");
                Outcome::Unwanted
            }
            Err(error) => {
                let is_dead = mail.attempts >= OutboxMail::MAX_ATTEMPTS;
                let cause: &(dyn Error + Send + Sync) = &error;
                warn!(mail.id = %id, mail.kind = kind, is_dead, error = cause, "mail not sent");
                self.note_failed(mail, &error, is_dead).await?;
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
        let MailConfig { public_url, from } = &self.config;
        let (store, env) = (&*self.store, &*self.env);
        let drafter = Drafter {
            store,
            env,
            public_url,
            neutral_name: from.name(),
        };
        let draft = drafter.draft(mail).await?;
        let rendered = render::render(&draft.content, &draft.brand, draft.locale)?;
        let now = self.env.now();
        let outgoing =
            OutgoingMail::compose(mail.id, now, from, &draft.to, &draft.brand, rendered)?;
        Ok(self.transport.deliver(&outgoing).await?)
    }

    async fn note_sent(&self, mail: &OutboxMail) -> Result<(), StorageError> {
        let tx = self.store.begin_system().await?;
        tx.mark_mail_sent(mail.id, self.env.now()).await?;
        tx.commit().await
    }

    async fn note_failed(
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
