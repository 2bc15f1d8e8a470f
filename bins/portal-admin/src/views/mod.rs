//! What is shown of each entity: the keys of the API, and what only operators see.

pub(crate) mod audit;
pub(crate) mod branding;
pub(crate) mod checkouts;
pub(crate) mod devices;
pub(crate) mod mail;
pub(crate) mod organizations;
pub(crate) mod tickets;
pub(crate) mod users;

use chrono::{DateTime, SecondsFormat, Utc};

/// An instant as the API writes it: RFC 3339 in UTC with milliseconds.
pub(crate) fn instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}
