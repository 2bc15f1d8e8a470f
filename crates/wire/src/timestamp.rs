//! Timestamps.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, SecondsFormat, Timelike as _, Utc};
use portal_domain::timestamp::InvalidTimestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A timestamp: RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-31T09:05:00.000Z")]
pub struct Timestamp(pub DateTime<Utc>);

impl Timestamp {
    fn with_text<T>(self, show: impl FnOnce(&str) -> T) -> T {
        let text = self.common_text();
        match text.as_ref().map(|text| str::from_utf8(text)) {
            Some(Ok(text)) => show(text),
            _ => show(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true)),
        }
    }

    /// What chrono would write, in a fraction of the time: a list has hundreds. `None` for a
    /// leap second, or a year outside 0 to 9999.
    fn common_text(self) -> Option<[u8; 24]> {
        let millis = self.0.timestamp_subsec_millis();
        let year = u32::try_from(self.0.year()).ok()?;
        if year > 9999 || millis > 999 {
            return None;
        }
        let mut text = *b"yyyy-mm-ddThh:mm:ss.mmmZ";
        for (place, mut number) in [
            (0..4, year),
            (5..7, self.0.month()),
            (8..10, self.0.day()),
            (11..13, self.0.hour()),
            (14..16, self.0.minute()),
            (17..19, self.0.second()),
            (20..23, millis),
        ] {
            for digit in text.get_mut(place)?.iter_mut().rev() {
                *digit = b'0' + u8::try_from(number % 10).ok()?;
                number /= 10;
            }
        }
        Some(text)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(timestamp: DateTime<Utc>) -> Self {
        Self(timestamp)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        portal_domain::timestamp::parse(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_has_milliseconds_and_is_in_utc() {
        for (timestamp, text) in [
            ("2026-01-31T09:05:00Z", "2026-01-31T09:05:00.000Z"),
            ("2026-01-31T10:05:00.1239+01:00", "2026-01-31T09:05:00.123Z"),
        ] {
            let timestamp: DateTime<Utc> = timestamp.parse().unwrap();
            assert_eq!(serde_json::to_value(Timestamp(timestamp)).unwrap(), text);
        }
    }

    #[test]
    fn a_timestamp_is_written_as_chrono_writes_it() {
        let leap_second = DateTime::from_timestamp(1_483_228_799, 1_500_000_000);
        let others = [
            "0000-01-01T00:00:00Z",
            "0999-02-28T23:59:59.999999999Z",
            "2024-02-29T12:34:56.007Z",
            "9999-12-31T23:59:59.999Z",
            "+10000-01-01T00:00:00Z",
            "-0001-12-31T00:00:00Z",
        ];
        let others = others.map(|text| text.parse::<DateTime<Utc>>().unwrap());
        for timestamp in others.into_iter().chain(leap_second) {
            let expected = timestamp.to_rfc3339_opts(SecondsFormat::Millis, true);
            assert_eq!(Timestamp(timestamp).to_string(), expected);
        }
    }
}
