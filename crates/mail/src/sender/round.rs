//! Claims mails, delivers them side by side, and records the outcomes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use portal_domain::ids::{OrganizationId, OutboxMailId};
use portal_domain::notifications::{MailClaim, MailPriority, OutboxMail};
use portal_domain::store::{StorageError, SystemTransaction};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tracing::{error, warn};

use super::SendReport;
use super::breaker::{self, Breaker};
use super::delivery::{Desk, Outcome, SendError};
use super::room::{self, Delivery, Room};
use crate::transport::Failing;

/// How long a claimed mail is hidden from other senders. A claim whose delivery takes longer is
/// extended, so this is only how long the mails of a sender that died have to wait.
const HIDDEN_FOR: TimeDelta = TimeDelta::minutes(5);

/// How often claims are extended.
const EXTEND_EVERY: Duration = Duration::from_mins(1);

/// After so many refusals in a row it may be the server that fails.
const REFUSALS_IN_A_ROW: u32 = 10;

/// The longest pause after them. They may as well be addresses that nobody has, so those of others
/// must not wait long.
const PAUSE_AFTER_REFUSALS: Duration = Duration::from_secs(5);

/// A mail with the end of its delivery.
type End = (OutboxMail, Result<(), SendError>);

/// The work of a sender from claim to claim.
pub(super) struct Round {
    desk: Arc<Desk>,
    tasks: JoinSet<End>,
    deliveries: HashMap<Id, Delivery>,
    /// Outcomes that are not recorded yet.
    unrecorded: Vec<(OutboxMailId, Outcome)>,
    breaker: Breaker,
    refusals: u32,
    last_turn: Option<OrganizationId>,
    extended: Instant,
    report: SendReport,
}

impl Round {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            tasks: JoinSet::new(),
            deliveries: HashMap::new(),
            unrecorded: Vec::new(),
            breaker: Breaker::default(),
            refusals: 0,
            last_turn: None,
            extended: Instant::now(),
            report: SendReport::default(),
        }
    }

    pub(super) const fn report(&self) -> SendReport {
        self.report
    }

    /// Whether there is nothing to wait for: all that could be claimed was delivered.
    pub(super) fn is_idle(&self) -> bool {
        self.deliveries.is_empty()
    }

    pub(super) fn is_delivering(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Whether mails may be claimed now.
    pub(super) fn may_claim(&self) -> bool {
        self.room(Instant::now()).is_some()
    }

    /// How long to wait for the next step, unless something happens before: `poll`, or while nothing
    /// may be claimed, until that changes.
    pub(super) fn wait(&self, poll: Duration) -> Duration {
        let pause = self.breaker.pause(Instant::now());
        match pause {
            Some(pause) if self.unrecorded.is_empty() => pause.min(EXTEND_EVERY),
            _ => poll,
        }
    }

    /// Records what has ended, extends the claims of what goes on, and claims what there is room
    /// for, all in one transaction.
    pub(super) async fn step(&mut self) -> Result<(), StorageError> {
        while let Some(end) = self.tasks.try_join_next_with_id() {
            self.ended(end);
        }
        let now = Instant::now();
        let room = self.room(now);
        let extend = !self.deliveries.is_empty() && now - self.extended >= EXTEND_EVERY;
        if room.is_none() && self.unrecorded.is_empty() && !extend {
            return Ok(());
        }
        let tx = self.desk.store.begin_system().await?;
        self.record_in(&*tx).await?;
        if extend {
            let ids: Vec<_> = self.deliveries.values().map(|going| going.mail).collect();
            let until = self.desk.env.now() + HIDDEN_FOR;
            tx.extend_claims(&ids, until).await?;
        }
        let claimed = match &room {
            Some(room) => self.claim_in(&*tx, room).await?,
            None => Vec::new(),
        };
        tx.commit().await?;
        self.unrecorded.clear();
        if extend || self.deliveries.is_empty() {
            self.extended = now;
        }
        self.note_turns(&claimed);
        for mail in claimed {
            self.deliver(mail);
        }
        Ok(())
    }

    /// Records what has ended.
    pub(super) async fn record(&mut self) -> Result<(), StorageError> {
        if self.unrecorded.is_empty() {
            return Ok(());
        }
        let tx = self.desk.store.begin_system().await?;
        self.record_in(&*tx).await?;
        tx.commit().await?;
        self.unrecorded.clear();
        Ok(())
    }

    /// Waits for the end of a delivery.
    pub(super) async fn next_end(&mut self) {
        if let Some(end) = self.tasks.join_next_with_id().await {
            self.ended(end);
        }
    }

    fn room(&self, now: Instant) -> Option<Room> {
        if self.breaker.pause(now).is_some() {
            return None;
        }
        let room = room::left(self.deliveries.values(), self.desk.config.deliveries, now)?;
        let Some(paused_until) = self.breaker.paused_until() else {
            return Some(room);
        };
        // One mail tries whether the server is back. Those that began before are no such try, and
        // may take long.
        let is_trying = |delivery: &Delivery| delivery.started >= paused_until;
        let has_tried = self.deliveries.values().any(is_trying);
        (!has_tried).then_some(Room { mails: 1, ..room })
    }

    async fn claim_in(
        &self,
        tx: &dyn SystemTransaction,
        room: &Room,
    ) -> Result<Vec<OutboxMail>, StorageError> {
        let now = self.desk.env.now();
        tx.claim_mails(&MailClaim {
            now,
            hidden_until: now + HIDDEN_FOR,
            limit: u32::try_from(room.mails).unwrap_or(u32::MAX),
            priority: room.priority,
            after: self.last_turn,
            except: &room.full,
        })
        .await
    }

    async fn record_in(&self, tx: &dyn SystemTransaction) -> Result<(), StorageError> {
        let mut sent = Vec::new();
        for (id, outcome) in &self.unrecorded {
            match outcome {
                Outcome::Sent | Outcome::Skipped => sent.push(*id),
                Outcome::Failed { error, next } => {
                    tx.mark_mail_failed(*id, error, *next, None).await?;
                }
                Outcome::Dead { error } => {
                    let now = self.desk.env.now();
                    tx.mark_mail_failed(*id, error, now, Some(now)).await?;
                }
            }
        }
        if sent.is_empty() {
            return Ok(());
        }
        tx.mark_mails_sent(&sent, self.desk.env.now()).await
    }

    /// Remembers whose turn was last among notifications.
    fn note_turns(&mut self, claimed: &[OutboxMail]) {
        let after = self.last_turn;
        let last = claimed
            .iter()
            .filter(|mail| mail.kind.priority() == MailPriority::Notification)
            .map(|mail| mail.organization_id)
            .max_by_key(|organization| {
                (
                    after.is_some_and(|last| *organization <= last),
                    *organization,
                )
            });
        self.last_turn = last.or(after);
    }

    fn deliver(&mut self, mail: OutboxMail) {
        let delivery = Delivery {
            mail: mail.id,
            organization: mail.organization_id,
            started: Instant::now(),
        };
        let desk = Arc::clone(&self.desk);
        let task = self.tasks.spawn(async move {
            let result = desk.send(&mail).await;
            (mail, result)
        });
        self.deliveries.insert(task.id(), delivery);
    }

    fn ended(&mut self, end: Result<(Id, End), JoinError>) {
        let (mail, result) = match end {
            Ok((id, end)) => {
                self.deliveries.remove(&id);
                end
            }
            Err(panic) => {
                // The mail stays hidden for a while, and is then tried again.
                self.deliveries.remove(&panic.id());
                let error: &dyn std::error::Error = &panic;
                error!(error, "the delivery of a mail panicked");
                return;
            }
        };
        let pause = self.learn(&result);
        let outcome = self.desk.judge(&mail, result, pause);
        match &outcome {
            Outcome::Sent => self.report.sent += 1,
            Outcome::Skipped => self.report.skipped += 1,
            Outcome::Failed { .. } => self.report.failed += 1,
            Outcome::Dead { .. } => self.report.dead += 1,
        }
        self.unrecorded.push((mail.id, outcome));
    }

    /// Learns from a delivery how the server does. Returns the pause that it is given if the delivery
    /// failed because of it.
    fn learn(&mut self, result: &Result<(), SendError>) -> Option<Duration> {
        match result {
            Ok(()) => {
                self.breaker.succeeded();
                self.refusals = 0;
                None
            }
            Err(SendError::Delivery(error)) => match error.failing() {
                Failing::Server => Some(self.pause(breaker::LONGEST)),
                Failing::Mail => {
                    self.refusals += 1;
                    if self.refusals >= REFUSALS_IN_A_ROW {
                        self.pause(PAUSE_AFTER_REFUSALS);
                    } else {
                        // it answers
                        self.breaker.succeeded();
                    }
                    None
                }
            },
            Err(SendError::Compose(_) | SendError::Expired(_)) => None,
        }
    }

    fn pause(&mut self, longest: Duration) -> Duration {
        let now = Instant::now();
        let is_new = self.breaker.pause(now).is_none();
        let pause = self.breaker.failed(now, longest);
        if is_new {
            let seconds = pause.as_secs();
            warn!(seconds, "the mail server cannot be used; mails are paused");
        }
        pause
    }
}
