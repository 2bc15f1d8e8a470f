//! Timestamps.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use portal_domain::timestamp::InvalidTimestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A timestamp: RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-31T09:05:00.000Z")]
pub struct Timestamp(pub DateTime<Utc>);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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
}
