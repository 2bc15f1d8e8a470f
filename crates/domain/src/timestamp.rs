//! RFC 3339 timestamps.

use chrono::{DateTime, Datelike as _, SubsecRound as _, Timelike as _, Utc};

/// The text is not a timestamp that the portal can store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a date and time such as 2026-01-31T09:05:00Z")]
pub struct InvalidTimestamp;

/// Parses an RFC 3339 date-time of any offset, truncated to microseconds.
///
/// Years outside 1 to 9999 in UTC are rejected, as RFC 3339 has no form for them. A leap second
/// becomes the last microsecond before it, as databases have no second 60; it is accepted only at
/// the end of June and December in UTC.
pub fn parse(text: &str) -> Result<DateTime<Utc>, InvalidTimestamp> {
    parse_ascii(text).ok_or(InvalidTimestamp)
}

fn parse_ascii(text: &str) -> Option<DateTime<Utc>> {
    // chrono also takes U+2212 as a minus sign.
    let text = text.is_ascii().then_some(text)?;
    let timestamp = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    let timestamp = if timestamp.nanosecond() >= 1_000_000_000 {
        may_have_leap_second(timestamp).then_some(())?;
        timestamp.with_nanosecond(999_999_000)?
    } else {
        timestamp.trunc_subsecs(6)
    };
    (1..=9999).contains(&timestamp.year()).then_some(timestamp)
}

/// Whether a leap second may follow the minute (RFC 3339, section 5.7).
fn may_have_leap_second(timestamp: DateTime<Utc>) -> bool {
    let day = (timestamp.month(), timestamp.day());
    let minute = (timestamp.hour(), timestamp.minute());
    matches!(day, (6, 30) | (12, 31)) && minute == (23, 59)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_of_any_offset_becomes_utc() {
        for (given, kept) in [
            (
                "2026-01-31T10:05:00.123456789+01:00",
                "2026-01-31T09:05:00.123456+00:00",
            ),
            ("2026-01-31t09:05:00z", "2026-01-31T09:05:00+00:00"),
            ("2026-01-31T09:05:00-00:00", "2026-01-31T09:05:00+00:00"),
            (
                "2026-02-07T17:00:00.123456789+23:59",
                "2026-02-06T17:01:00.123456+00:00",
            ),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
            (
                "9999-12-31T23:59:59.999999Z",
                "9999-12-31T23:59:59.999999+00:00",
            ),
        ] {
            assert_eq!(parse(given).unwrap().to_rfc3339(), kept, "{given}");
        }
    }

    #[test]
    fn a_leap_second_becomes_the_microsecond_before_it() {
        for (given, kept) in [
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999+00:00"),
            (
                "1990-12-31T15:59:60-08:00",
                "1990-12-31T23:59:59.999999+00:00",
            ),
            (
                "2015-07-01T01:59:60.5+02:00",
                "2015-06-30T23:59:59.999999+00:00",
            ),
        ] {
            assert_eq!(parse(given).unwrap().to_rfc3339(), kept, "{given}");
        }
    }

    #[test]
    fn a_timestamp_outside_rfc_3339_is_rejected() {
        for text in [
            "",
            "tomorrow",
            "2026-01-31",
            "2026-02-30T00:00:00Z",
            "2026-01-31T09:05:00",
            "2026-01-31T25:00:00Z",
            "1770480000",
            "9999-12-31T23:59:59-23:59",
            "9999-12-31T23:59:59-00:01",
            "10000-01-01T00:00:00Z",
            "0000-06-01T00:00:00Z",
            "0001-01-01T00:00:00+00:01",
            "-0001-01-01T00:00:00Z",
            "2026-01-31T09:05:00Z\0",
            "2026-01-31T09:05:00\u{2212}02:00",
            // leap seconds elsewhere than at the end of June and December
            "2026-06-15T12:30:60Z",
            "2026-03-31T23:59:60Z",
            "2016-12-30T23:59:60Z",
            "2016-12-31T22:59:60Z",
            "2016-12-31T23:58:60Z",
            "2016-12-31T23:59:60+01:00",
            "2016-12-31T23:59:61Z",
        ] {
            assert_eq!(parse(text), Err(InvalidTimestamp), "{text:?}");
        }
    }
}
