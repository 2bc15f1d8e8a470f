//! Time zones.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// A zone of the IANA time zone database, such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(chrono_tz::Tz);

/// The text names no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an IANA time zone such as Europe/Berlin")]
pub struct InvalidTimeZone;

impl TimeZone {
    /// Coordinated universal time, the default.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// The zone's name in the IANA database.
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }

    /// What a clock in this zone shows at an instant.
    pub fn local(self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.0).naive_local()
    }

    /// The last second of a calendar day in this zone: what is due on a day is due until then.
    ///
    /// `None` for days beyond what an instant can be.
    pub fn end_of(self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let next = day.succ_opt()?;
        // Where clocks are put forward at midnight, the day begins at the first time that exists.
        let midnight = (0..24)
            .filter_map(|hour| next.and_hms_opt(hour, 0, 0))
            .find_map(|time| time.and_local_timezone(self.0).earliest())?;
        Some(midnight.to_utc() - TimeDelta::seconds(1))
    }

    /// The calendar day that an instant falls on in this zone.
    pub fn day_of(self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.0).date_naive()
    }

    /// Whether the calendar day of an instant is over in this zone at `now`.
    pub fn is_day_over(self, instant: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.day_of(instant) < self.day_of(now)
    }
}

impl FromStr for TimeZone {
    type Err = InvalidTimeZone;

    fn from_str(text: &str) -> Result<Self, InvalidTimeZone> {
        text.parse().ok().map(Self).ok_or(InvalidTimeZone)
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_where_the_organization_is() {
        let instant = "2026-01-31T23:30:00Z".parse().unwrap();
        let berlin: TimeZone = "Europe/Berlin".parse().unwrap();
        assert_eq!(TimeZone::UTC.day_of(instant).to_string(), "2026-01-31");
        assert_eq!(berlin.day_of(instant).to_string(), "2026-02-01");
        assert_eq!(berlin.local(instant).to_string(), "2026-02-01 00:30:00");
        assert_eq!("Mars/Olympus".parse::<TimeZone>(), Err(InvalidTimeZone));
    }

    #[test]
    fn a_day_is_over_from_the_next_one_on() {
        for (zone, now, expected) in [
            ("UTC", "2026-01-30T00:00:00Z", false),
            ("UTC", "2026-01-31T23:59:59Z", false),
            ("UTC", "2026-02-01T00:00:00Z", true),
            ("Europe/Berlin", "2026-01-31T22:59:59Z", false),
            ("Europe/Berlin", "2026-01-31T23:00:00Z", true),
            ("America/New_York", "2026-01-31T05:00:00Z", true),
        ] {
            let midnight = "2026-01-31T00:00:00Z".parse().unwrap();
            let zone: TimeZone = zone.parse().unwrap();
            let over = zone.is_day_over(midnight, now.parse().unwrap());
            assert_eq!(over, expected, "{zone} {now}");
        }
    }

    #[test]
    fn the_end_of_a_day_follows_the_clocks_of_its_zone() {
        for (zone, day, end) in [
            ("UTC", "2026-01-31", "2026-01-31T23:59:59Z"),
            ("Europe/Berlin", "2026-01-31", "2026-01-31T22:59:59Z"),
            ("Europe/Berlin", "2026-03-29", "2026-03-29T21:59:59Z"),
            ("America/New_York", "2026-01-31", "2026-02-01T04:59:59Z"),
            // clocks go from 23:59 to 1:00 there on this night
            ("Africa/Cairo", "2026-04-23", "2026-04-23T21:59:59Z"),
        ] {
            let zone: TimeZone = zone.parse().unwrap();
            let day = day.parse().unwrap();
            let end: DateTime<Utc> = end.parse().unwrap();
            assert_eq!(zone.end_of(day), Some(end), "{zone} {day}");
            assert_eq!(zone.day_of(end), day, "{zone} {day}");
        }
    }
}
