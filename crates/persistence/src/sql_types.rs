//! SQL types that both databases have, so that one set of rows serves both.
//!
//! | SQL type         | Rust type   | PostgreSQL    | SQLite                                     |
//! |------------------|-------------|---------------|--------------------------------------------|
//! | [`Uuid`]         | [`DbId`]    | `uuid`        | `TEXT`, hyphenated lower case              |
//! | [`UtcTimestamp`] | [`Time`]    | `timestamptz` | `TEXT`, `YYYY-MM-DD HH:MM:SS.ffffff+00:00` |
//! | [`Jsonb`]        | [`Json<T>`] | `jsonb`       | `TEXT`                                     |
//!
//! The Rust types have to be this crate's: `AsExpression` for a foreign type and one of these SQL
//! types would collide with a blanket impl in diesel.

use std::fmt::{self, Debug};
use std::io::Write as _;
use std::ops::Range;

use chrono::{DateTime, Datelike as _, NaiveDate, SubsecRound as _, TimeDelta, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self as native, SqlType};
pub(crate) use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[derive(SqlType, QueryId)]
#[diesel(
    postgres_type(oid = 2950, array_oid = 2951),
    sqlite_type(name = "Text")
)]
pub struct Uuid;

/// A point in time, to the microsecond. Not called `Timestamp`, because `diesel::table!` gives
/// columns of a type of that name arithmetic.
#[derive(SqlType, QueryId)]
#[diesel(
    postgres_type(oid = 1184, array_oid = 1185),
    sqlite_type(name = "Text")
)]
pub struct UtcTimestamp;

#[derive(SqlType, QueryId)]
#[diesel(
    postgres_type(oid = 3802, array_oid = 3807),
    sqlite_type(name = "Text")
)]
pub struct Jsonb;

/// An id of any entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Uuid)]
pub(crate) struct DbId(uuid::Uuid);

impl DbId {
    pub(crate) fn of(id: impl Into<uuid::Uuid>) -> Self {
        Self(id.into())
    }

    pub(crate) fn typed<T: From<uuid::Uuid>>(self) -> T {
        self.0.into()
    }
}

impl fmt::Display for DbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl ToSql<Uuid, Pg> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<native::Uuid, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<Uuid, Pg> for DbId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<native::Uuid, Pg>::from_sql(value).map(Self)
    }
}

impl ToSql<Uuid, Sqlite> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.hyphenated().to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<Uuid, Sqlite> for DbId {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_text().parse()?))
    }
}

/// A point in time to the microsecond, as both databases keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = UtcTimestamp)]
pub(crate) struct Time(DateTime<Utc>);

impl Time {
    /// The first instant of the year 1, before which nothing is stored.
    pub(crate) fn earliest() -> Self {
        Self(DateTime::UNIX_EPOCH - TimeDelta::days(719_162))
    }
}

impl From<DateTime<Utc>> for Time {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(6))
    }
}

impl From<Time> for DateTime<Utc> {
    fn from(Time(instant): Time) -> Self {
        instant
    }
}

/// Of fixed width, so that texts sort by time.
const TIMESTAMP_FORMAT: &str = "%Y-%m-%d %H:%M:%S%.6f%:z";

impl ToSql<UtcTimestamp, Pg> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<native::Timestamptz, Pg>::to_sql(&self.0, out)
    }
}

/// When PostgreSQL's time begins, 2000-01-01, in microseconds of Unix time.
const PG_EPOCH: i64 = 946_684_800_000_000;

impl FromSql<UtcTimestamp, Pg> for Time {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let since: i64 = FromSql::<BigInt, Pg>::from_sql(value)?;
        let time = since
            .checked_add(PG_EPOCH)
            .and_then(DateTime::from_timestamp_micros);
        Ok(Self(time.ok_or("a timestamp that is out of range")?))
    }
}

impl ToSql<UtcTimestamp, Sqlite> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        if !(1..=9999).contains(&self.0.year()) {
            return Err("a timestamp outside of the years 1 to 9999".into());
        }
        out.set_value(self.0.format(TIMESTAMP_FORMAT).to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<UtcTimestamp, Sqlite> for Time {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = value.read_text();
        if let Some(time) = parse_in_utc(text) {
            return Ok(Self(time));
        }
        let time = DateTime::parse_from_str(text, TIMESTAMP_FORMAT)?;
        Ok(Self(time.to_utc()))
    }
}

/// Reads a timestamp as [`TIMESTAMP_FORMAT`] writes it, in a tenth of the time that the format takes.
fn parse_in_utc(text: &str) -> Option<DateTime<Utc>> {
    let number = |digits: Range<usize>| -> Option<u32> {
        let digits = text.as_bytes().get(digits)?;
        digits.iter().try_fold(0, |number: u32, digit| {
            let digit = char::from(*digit).to_digit(10)?;
            Some(number * 10 + digit)
        })
    };
    let is_at =
        |place: usize, mark: &[u8]| text.as_bytes().get(place..place + mark.len()) == Some(mark);
    let marks: [(usize, &[u8]); 6] = [
        (4, b"-"),
        (7, b"-"),
        (10, b" "),
        (13, b":"),
        (16, b":"),
        (19, b"."),
    ];
    let is_whole = text.len() == 32 && is_at(26, b"+00:00");
    if !is_whole || !marks.iter().all(|(place, mark)| is_at(*place, mark)) {
        return None;
    }
    let year = i32::try_from(number(0..4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?)?
        .and_hms_micro_opt(
            number(11..13)?,
            number(14..16)?,
            number(17..19)?,
            number(20..26)?,
        )
        .map(|time| time.and_utc())
}

#[derive(Debug, Clone, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub(crate) struct Json<T: 'static>(pub(crate) T);

/// What the binary form of `jsonb` begins with.
const JSONB_VERSION: u8 = 1;

impl<T: Serialize + Debug> ToSql<Jsonb, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned> FromSql<Jsonb, Pg> for Json<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [JSONB_VERSION, json @ ..] => Ok(Self(serde_json::from_slice(json)?)),
            _ => Err("an unknown version of jsonb".into()),
        }
    }
}

impl<T: Serialize + Debug> ToSql<Jsonb, Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned> FromSql<Jsonb, Sqlite> for Json<T> {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(value.read_text())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_instant_is_the_first_of_the_year_1() {
        assert_eq!(Time::earliest().0.to_rfc3339(), "0001-01-01T00:00:00+00:00");
    }

    #[test]
    fn a_timestamp_is_read_as_its_format_says() {
        for text in [
            "2026-01-31 09:05:00.123456+00:00",
            "0001-01-01 00:00:00.000000+00:00",
            "9999-12-31 23:59:59.999999+00:00",
            "2026-02-30 09:05:00.000000+00:00",
            "2026-01-31 24:05:00.000000+00:00",
            "2026-01-31T09:05:00.000000+00:00",
            "2026-01-31 09:05:00.000000-00:00",
            "2026-01-31 09:05:+1.000000+00:00",
            "2026-01-31 09:05:00.0000000+00:0",
            "",
        ] {
            let expected = DateTime::parse_from_str(text, TIMESTAMP_FORMAT).ok();
            let expected = expected.filter(|_| text.ends_with("+00:00") && !text.contains(":+"));
            assert_eq!(
                parse_in_utc(text),
                expected.map(|time| time.to_utc()),
                "{text}"
            );
        }
    }
}
