//! The delivery of one mail.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use metrics::counter;
use portal_domain::environment::Environment;
use portal_domain::notifications::OutboxMail;
use portal_domain::store::Store;
use tracing::{debug, info, warn};

use super::MailConfig;
use crate::backoff;
use crate::compose::{ComposeError, Composer};
use crate::transport::{DeliveryError, MailTransport};

/// The least time between two tries of a mail that was refused for now.
const MIN_DELAY: TimeDelta = TimeDelta::seconds(15);

/// What deliveries need.
pub(super) struct Desk {
    pub(super) store: Arc<dyn Store>,
    pub(super) env: Arc<dyn Environment>,
    pub(super) transport: Arc<dyn MailTransport>,
    pub(super) config: MailConfig,
}

/// Why a mail was not sent. What it says is kept in the outbox: no address, no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// Its time was over before it was tried.
    #[error("the mail could not be sent in time{}", after(.0.as_deref()))]
    Expired(Option<String>),
}

fn after(last_error: Option<&str>) -> String {
    let before =
        last_error.filter(|error| !error.starts_with("the mail could not be sent in time"));
    before.map_or_else(String::new, |error| format!(": {error}"))
}

impl SendError {
    fn is_permanent(&self) -> bool {
        match self {
            Self::Expired(_) => true,
            Self::Delivery(error) => error.is_permanent(),
            Self::Compose(_) => false,
        }
    }
}

/// The outcome of a delivery, as it is recorded.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Delivered.
    Sent,
    /// No longer wanted.
    Skipped,
    /// To be tried again.
    Failed { error: String, next: DateTime<Utc> },
    /// Given up.
    Dead { error: String },
}

impl Outcome {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Skipped => "skipped",
            Self::Failed { .. } => "failed",
            Self::Dead { .. } => "dead",
        }
    }
}

impl Desk {
    /// Composes and delivers a mail.
    pub(super) async fn send(&self, mail: &OutboxMail) -> Result<(), SendError> {
        if self.env.now() >= mail.expires_at() {
            return Err(SendError::Expired(mail.last_error.clone()));
        }
        let composer = Composer {
            store: &*self.store,
            env: &*self.env,
            public_url: &self.config.public_url,
            custom_domain_path: &self.config.custom_domain_path,
            from: &self.config.from,
            unsubscribe_tokens: &self.config.unsubscribe_tokens,
        };
        let outgoing = composer.compose(mail).await?;
        Ok(self.transport.deliver(&outgoing).await?)
    }

    /// What is to be recorded of a delivery, which is logged and counted. A pause that the server is
    /// given takes the place of the mail's own.
    pub(super) fn judge(
        &self,
        mail: &OutboxMail,
        result: Result<(), SendError>,
        pause: Option<Duration>,
    ) -> Outcome {
        let (id, kind) = (mail.id, mail.kind.name());
        let outcome = match result {
            Ok(()) => {
                info!(mail.id = %id, mail.kind = kind, "mail sent");
                Outcome::Sent
            }
            Err(SendError::Compose(ComposeError::Skipped(why))) => {
                debug!(mail.id = %id, mail.kind = kind, why, "mail skipped");
                Outcome::Skipped
            }
            Err(error) => {
                let next = self.env.now() + self.delay(mail, pause);
                let is_dead = error.is_permanent() || next >= mail.expires_at();
                let cause: &(dyn Error + Send + Sync) = &error;
                warn!(mail.id = %id, mail.kind = kind, is_dead, error = cause, "mail not sent");
                let error = error.to_string();
                if is_dead {
                    Outcome::Dead { error }
                } else {
                    Outcome::Failed { error, next }
                }
            }
        };
        counter!("mails_total", "kind" => kind, "outcome" => outcome.as_str()).increment(1);
        outcome
    }

    /// At most half of the time that the mail has left, so that one with a short life is tried to its
    /// end; but no less than a quarter of a minute.
    fn delay(&self, mail: &OutboxMail, pause: Option<Duration>) -> TimeDelta {
        if let Some(pause) = pause.and_then(|pause| TimeDelta::from_std(pause).ok()) {
            return pause;
        }
        let left = mail.expires_at() - self.env.now();
        let delay = backoff::delay(mail.attempts, &*self.env);
        delay.min(left / 2).max(MIN_DELAY)
    }
}
