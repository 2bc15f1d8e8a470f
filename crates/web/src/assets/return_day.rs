//! The return date field.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use portal_domain::values::TimeZone;

use crate::forms::{FieldProblem, Form, InvalidForm};
use crate::i18n::Message;

/// The name of the field.
pub(super) const FIELD: &str = "return-date";

/// A day as browsers submit it: `2026-01-31`, the HTML Standard's "valid date string".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReturnDay(NaiveDate);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a day")]
pub(super) struct InvalidDay;

impl ReturnDay {
    /// Today in the organization's time zone, the first possible return date.
    pub(super) fn today(zone: TimeZone, now: DateTime<Utc>) -> Self {
        Self(zone.day_of(now))
    }

    pub(super) fn of(due: DateTime<Utc>, zone: TimeZone) -> Self {
        Self(zone.day_of(due))
    }

    /// The end of the day in the organization's time zone. RFC 3339 ends with the year 9999.
    fn end(self, zone: TimeZone) -> Option<DateTime<Utc>> {
        let end = zone.end_of(self.0)?;
        (end.year() <= 9999).then_some(end)
    }
}

impl FromStr for ReturnDay {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
        day.map(Self).ok_or(InvalidDay)
    }
}

impl fmt::Display for ReturnDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FieldProblem for InvalidDay {
    fn message(self) -> Message {
        Message::new("error-date")
    }
}

/// The return date in the form, if there is one.
pub(super) fn parse(
    form: &mut Form,
    zone: TimeZone,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, InvalidForm> {
    let Some(day) = form.parse_optional::<ReturnDay>(FIELD)? else {
        return Ok(None);
    };
    match day.end(zone) {
        Some(end) if zone.is_day_over(end, now) => {
            Err(form.add_error(FIELD, Message::new("error-date-past")))
        }
        Some(end) => Ok(Some(end)),
        None => Err(form.add_error(FIELD, Message::new("error-date"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_end_in_the_organizations_time_zone() {
        let now = "2026-03-10T23:30:00Z".parse().unwrap();
        for (zone, day, until) in [
            ("UTC", "2026-03-10", Ok("2026-03-10T23:59:59Z")),
            ("UTC", "2026-03-09", Err("error-date-past")),
            // 11 March there
            ("Europe/Berlin", "2026-03-10", Err("error-date-past")),
            ("Europe/Berlin", "2026-03-11", Ok("2026-03-11T22:59:59Z")),
            // in summer time
            ("Europe/Berlin", "2026-03-29", Ok("2026-03-29T21:59:59Z")),
            ("America/New_York", "2026-03-10", Ok("2026-03-11T03:59:59Z")),
            ("UTC", "10.03.2026", Err("error-date")),
            ("UTC", "2026-02-30", Err("error-date")),
            ("UTC", "12026-02-03", Err("error-date")),
            ("America/New_York", "9999-12-31", Err("error-date")),
        ] {
            let mut form = Form::default().fill(FIELD, day);
            let parsed = parse(&mut form, zone.parse().unwrap(), now);
            let found = parsed.map(|until| until.unwrap());
            let found = found.map_err(|InvalidForm| form.error(FIELD).unwrap().key());
            assert_eq!(found, until.map(|at| at.parse().unwrap()), "{zone} {day}");
        }
    }

    #[test]
    fn return_date_is_optional() {
        let parsed = parse(&mut Form::default(), TimeZone::UTC, DateTime::UNIX_EPOCH);
        assert_eq!(parsed, Ok(None));
    }
}
