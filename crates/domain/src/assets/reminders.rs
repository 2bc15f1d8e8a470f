//! Reminders of loans that are due or overdue.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::actors::Automation;
use crate::environment::Environment;
use crate::ids::{CheckoutId, OrganizationId};
use crate::notifications::MailKind;
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::store::SystemReader;
use crate::values::TimeZone;

/// Tomorrow ends within this time in every time zone: two days, and a day for clock changes.
const LOOK_AHEAD: TimeDelta = TimeDelta::days(3);

/// A kind of reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// The device is expected back tomorrow.
    DueTomorrow,
    /// The day on which the device was expected back is over.
    Overdue,
}

impl Reminder {
    const fn mail(self, checkout_id: CheckoutId) -> MailKind {
        match self {
            Self::DueTomorrow => MailKind::LoanDue { checkout_id },
            Self::Overdue => MailKind::LoanOverdue { checkout_id },
        }
    }
}

/// An active loan, and the return dates that its borrower was reminded of so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemindedLoan {
    /// The loan.
    pub checkout_id: CheckoutId,
    /// When the device is expected back.
    pub expected_return_at: Option<DateTime<Utc>>,
    /// The return date that the "due tomorrow" reminder was sent for.
    pub due_reminded_for: Option<DateTime<Utc>>,
    /// The return date that the "overdue" reminder was sent for.
    pub overdue_reminded_for: Option<DateTime<Utc>>,
}

impl RemindedLoan {
    /// The reminder to send at `now`, and the return date that it is about. Days are those of
    /// `zone`.
    ///
    /// Each reminder is sent once per return date; that of a return tomorrow once per day of
    /// return.
    pub fn reminder(
        &self,
        zone: TimeZone,
        now: DateTime<Utc>,
    ) -> Option<(Reminder, DateTime<Utc>)> {
        let expected = self.expected_return_at?;
        if zone.is_day_over(expected, now) {
            let is_new = self.overdue_reminded_for != Some(expected);
            return is_new.then_some((Reminder::Overdue, expected));
        }
        let day = zone.day_of(expected);
        let is_tomorrow = zone.day_of(now).succ_opt() == Some(day);
        let is_new = self.due_reminded_for.map(|date| zone.day_of(date)) != Some(day);
        (is_tomorrow && is_new).then_some((Reminder::DueTomorrow, expected))
    }
}

/// Finds the organizations with reminders to send.
#[async_trait]
pub trait ReminderReader: Send + Sync {
    /// The organizations in which [`ReminderWriter::loans_to_remind_of`] finds loans.
    async fn organizations_to_remind(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<OrganizationId>, StorageError>;
}

/// Records the reminders of an organization's loans.
#[async_trait]
pub trait ReminderWriter: Send + Sync {
    /// The active loans that are expected back until `until`, and whose borrower was not yet
    /// reminded of that date: as overdue if it is before `now`, otherwise as due. Whether a reminder
    /// is due depends on the day, see [`RemindedLoan::reminder`].
    async fn loans_to_remind_of(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<RemindedLoan>, StorageError>;

    /// Records a reminder of a return date; `false` when it is already recorded, the device was
    /// returned or the date has changed.
    async fn note_reminder(
        &self,
        id: CheckoutId,
        reminder: Reminder,
        expected_return_at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
}

/// The organizations in which [`remind`] may have reminders to send.
pub async fn organizations_to_remind(
    reader: &dyn SystemReader,
    env: &dyn Environment,
) -> Result<Vec<OrganizationId>, StorageError> {
    let now = env.now();
    reader.organizations_to_remind(now, now + LOOK_AHEAD).await
}

/// Adds the reminders that are due now to the outbox, and returns their number.
///
/// Safe to run concurrently: the record kept with the loan lets one of the runs send a reminder.
pub async fn remind(op: &Operation<'_, Automation>) -> Result<usize, StorageError> {
    let Some(organization) = op.tx.own_organization().await? else {
        return Ok(0);
    };
    let now = op.now();
    let mut count = 0;
    for loan in op.tx.loans_to_remind_of(now, now + LOOK_AHEAD).await? {
        let Some((reminder, date)) = loan.reminder(organization.time_zone, now) else {
            continue;
        };
        if op
            .tx
            .note_reminder(loan.checkout_id, reminder, date)
            .await?
        {
            op.mail(reminder.mail(loan.checkout_id)).await?;
            count += 1;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::SystemEnvironment;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn loan(expected: &str) -> RemindedLoan {
        RemindedLoan {
            checkout_id: CheckoutId::generate(&SystemEnvironment),
            expected_return_at: Some(at(expected)),
            due_reminded_for: None,
            overdue_reminded_for: None,
        }
    }

    #[test]
    fn a_reminder_is_due_on_the_day_before_in_the_organizations_time_zone() {
        for (zone, expected, now, reminder) in [
            // the whole day before, and only that
            ("UTC", "2026-03-10T12:00:00Z", "2026-03-08T23:59:59Z", None),
            (
                "UTC",
                "2026-03-10T12:00:00Z",
                "2026-03-09T00:00:00Z",
                Some(Reminder::DueTomorrow),
            ),
            (
                "UTC",
                "2026-03-10T12:00:00Z",
                "2026-03-09T23:59:59Z",
                Some(Reminder::DueTomorrow),
            ),
            ("UTC", "2026-03-10T12:00:00Z", "2026-03-10T00:00:00Z", None),
            ("UTC", "2026-03-10T12:00:00Z", "2026-03-10T12:00:00Z", None),
            ("UTC", "2026-03-10T12:00:00Z", "2026-03-10T23:59:59Z", None),
            (
                "UTC",
                "2026-03-10T12:00:00Z",
                "2026-03-11T00:00:00Z",
                Some(Reminder::Overdue),
            ),
            // 11 March in Auckland, where tomorrow begins at 11:00Z
            (
                "Pacific/Auckland",
                "2026-03-10T12:00:00Z",
                "2026-03-09T10:59:59Z",
                None,
            ),
            (
                "Pacific/Auckland",
                "2026-03-10T12:00:00Z",
                "2026-03-09T11:00:00Z",
                Some(Reminder::DueTomorrow),
            ),
            (
                "Pacific/Auckland",
                "2026-03-10T12:00:00Z",
                "2026-03-11T10:59:59Z",
                None,
            ),
            (
                "Pacific/Auckland",
                "2026-03-10T12:00:00Z",
                "2026-03-11T11:00:00Z",
                Some(Reminder::Overdue),
            ),
            // the night on which clocks go forward, so that the day has 23 hours
            (
                "Europe/Berlin",
                "2026-03-29T21:59:00Z",
                "2026-03-28T22:59:59Z",
                Some(Reminder::DueTomorrow),
            ),
            (
                "Europe/Berlin",
                "2026-03-29T22:00:00Z",
                "2026-03-28T22:59:59Z",
                None,
            ),
        ] {
            let found = loan(expected).reminder(zone.parse().unwrap(), at(now));
            assert_eq!(
                found,
                reminder.map(|reminder| (reminder, at(expected))),
                "{zone}, {expected} at {now}"
            );
        }
    }

    #[test]
    fn each_reminder_is_sent_once_for_each_return_date() {
        let expected = "2026-03-10T12:00:00Z";
        let (before, after) = (at("2026-03-09T09:00:00Z"), at("2026-03-11T09:00:00Z"));
        let reminded = RemindedLoan {
            due_reminded_for: Some(at(expected)),
            overdue_reminded_for: Some(at(expected)),
            ..loan(expected)
        };
        assert_eq!(reminded.reminder(TimeZone::UTC, before), None);
        assert_eq!(reminded.reminder(TimeZone::UTC, after), None);

        let moved = |date: &str| RemindedLoan {
            expected_return_at: Some(at(date)),
            ..reminded
        };
        let next_day = moved("2026-03-11T12:00:00Z");
        let later = at("2026-03-10T09:00:00Z");
        assert!(matches!(
            next_day.reminder(TimeZone::UTC, later),
            Some((Reminder::DueTomorrow, _))
        ));
        let same_day = moved("2026-03-10T18:00:00Z");
        assert_eq!(same_day.reminder(TimeZone::UTC, before), None);
        assert!(matches!(
            same_day.reminder(TimeZone::UTC, after),
            Some((Reminder::Overdue, _))
        ));
    }

    #[test]
    fn a_loan_without_an_expected_return_has_no_reminder() {
        let loan = RemindedLoan {
            expected_return_at: None,
            ..loan("2026-03-10T12:00:00Z")
        };
        assert_eq!(loan.reminder(TimeZone::UTC, DateTime::<Utc>::MAX_UTC), None);
    }
}
