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

/// By when tomorrow is over, wherever it is: two days, and more than any zone ever moved its clocks.
const LOOK_AHEAD: TimeDelta = TimeDelta::days(3);

/// What a borrower is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// The device is expected back tomorrow.
    DueTomorrow,
    /// The device was expected back by now.
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

/// A loan that is out, with the return dates that its borrower was reminded of so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemindedLoan {
    /// The loan.
    pub checkout_id: CheckoutId,
    /// When the device is expected back.
    pub expected_return_at: Option<DateTime<Utc>>,
    /// The date for which the borrower was told that the return is due.
    pub due_reminded_for: Option<DateTime<Utc>>,
    /// The date for which the borrower was told that the return is overdue.
    pub overdue_reminded_for: Option<DateTime<Utc>>,
}

impl RemindedLoan {
    /// The reminder that the borrower should get at `now`, and the date that it is about.
    ///
    /// Each is given once; moving the date of return calls for it anew, that of a return tomorrow
    /// only where the day is another. Days are those of `zone`.
    pub fn reminder(
        &self,
        zone: TimeZone,
        now: DateTime<Utc>,
    ) -> Option<(Reminder, DateTime<Utc>)> {
        let expected = self.expected_return_at?;
        if expected < now {
            let is_new = self.overdue_reminded_for != Some(expected);
            return is_new.then_some((Reminder::Overdue, expected));
        }
        let day = zone.day_of(expected);
        let is_tomorrow = zone.day_of(now).succ_opt() == Some(day);
        let is_new = self.due_reminded_for.map(|date| zone.day_of(date)) != Some(day);
        (is_tomorrow && is_new).then_some((Reminder::DueTomorrow, expected))
    }
}

/// Finds the organizations whose borrowers may have to be reminded.
#[async_trait]
pub trait ReminderReader: Send + Sync {
    /// The organizations with loans as [`ReminderWriter::loans_to_remind_of`] gives them.
    async fn organizations_to_remind(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<OrganizationId>, StorageError>;
}

/// Records the reminders of an organization's loans.
#[async_trait]
pub trait ReminderWriter: Send + Sync {
    /// The loans that are out and expected back until `until`, and whose borrower was not reminded
    /// of this date: as overdue where it lies before `now`, else as due.
    async fn loans_to_remind_of(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<RemindedLoan>, StorageError>;

    /// Notes that the borrower is reminded of a date; `false` when somebody else did so, or the
    /// device is back, or the date has moved.
    async fn note_reminder(
        &self,
        id: CheckoutId,
        reminder: Reminder,
        expected_return_at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
}

/// The organizations in which [`remind`] may find something to do.
///
/// # Errors
///
/// Those of storage.
pub async fn organizations_to_remind(
    reader: &dyn SystemReader,
    env: &dyn Environment,
) -> Result<Vec<OrganizationId>, StorageError> {
    let now = env.now();
    reader.organizations_to_remind(now, now + LOOK_AHEAD).await
}

/// Puts the reminders that an organization's borrowers should get now into the outbox, and says
/// how many these are.
///
/// Any number may do so at once; the note that is kept with the loan lets one of them succeed.
///
/// # Errors
///
/// Those of storage.
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
    fn tomorrow_is_where_the_organization_is() {
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
            (
                "UTC",
                "2026-03-10T12:00:00Z",
                "2026-03-10T12:00:01Z",
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
                "2026-03-10T11:00:00Z",
                None,
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
    fn each_reminder_is_given_once_for_each_date() {
        let expected = "2026-03-10T12:00:00Z";
        let (before, after) = (at("2026-03-09T09:00:00Z"), at("2026-03-11T09:00:00Z"));
        let told = RemindedLoan {
            due_reminded_for: Some(at(expected)),
            overdue_reminded_for: Some(at(expected)),
            ..loan(expected)
        };
        assert_eq!(told.reminder(TimeZone::UTC, before), None);
        assert_eq!(told.reminder(TimeZone::UTC, after), None);

        let moved = |date: &str| RemindedLoan {
            expected_return_at: Some(at(date)),
            ..told
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
    fn nobody_is_reminded_of_a_loan_without_a_date() {
        let loan = RemindedLoan {
            expected_return_at: None,
            ..loan("2026-03-10T12:00:00Z")
        };
        assert_eq!(loan.reminder(TimeZone::UTC, DateTime::<Utc>::MAX_UTC), None);
    }
}
