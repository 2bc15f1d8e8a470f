//! Parsers that several settings share.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::error::InvalidValue;

/// Parses `true`, `false`, `1` or `0`.
pub(crate) fn boolean(text: &str) -> Result<bool, InvalidValue> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(InvalidValue::new("must be true, false, 1 or 0")),
    }
}

/// A parser of whole numbers in `range`. clap's own would quote the value.
pub(crate) fn number<T: TryFrom<u32>>(
    range: RangeInclusive<u32>,
) -> impl Fn(&str) -> Result<T, InvalidValue> + Clone + Send + Sync {
    move |text| {
        u32::from_str(text)
            .ok()
            .filter(|number| range.contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| {
                let (min, max) = (range.start(), range.end());
                InvalidValue::new(format!("must be a whole number from {min} to {max}"))
            })
    }
}

/// A parser of durations: whole numbers in `range` of a unit of time.
pub(crate) fn duration(
    unit: fn(u64) -> Duration,
    range: RangeInclusive<u32>,
) -> impl Fn(&str) -> Result<Duration, InvalidValue> + Clone + Send + Sync {
    let number = number(range);
    move |text| number(text).map(unit)
}

/// Parses the URL of a server, which may hold a password.
pub(crate) fn server(text: &str, schemes: &[&str]) -> Option<SecretString> {
    let url = Url::parse(text).ok()?;
    (schemes.contains(&url.scheme()) && url.has_host()).then(|| SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_true_false_one_and_zero() {
        for (text, expected) in [
            ("true", Some(true)),
            ("TRUE", Some(true)),
            ("1", Some(true)),
            ("false", Some(false)),
            ("0", Some(false)),
            ("yes", None),
            ("2", None),
        ] {
            assert_eq!(boolean(text).ok(), expected, "{text}");
        }
        let refused = boolean("yes").unwrap_err();
        assert_eq!(refused.to_string(), "must be true, false, 1 or 0");
    }

    #[test]
    fn numbers_outside_their_range_are_refused() {
        let refused = Err(InvalidValue::new("must be a whole number from 1 to 10"));
        for (text, expected) in [
            ("1", Ok(1)),
            ("10", Ok(10)),
            ("0", refused.clone()),
            ("11", refused.clone()),
            ("-1", refused.clone()),
            ("1.5", refused.clone()),
            ("ten", refused.clone()),
            ("99999999999999999999", refused),
        ] {
            assert_eq!(number::<usize>(1..=10)(text), expected, "{text}");
        }
    }

    #[test]
    fn durations_are_counted_in_their_unit() {
        let seconds = duration(Duration::from_secs, 0..=60);
        assert_eq!(seconds("5"), Ok(Duration::from_secs(5)));
        let milliseconds = duration(Duration::from_millis, 0..=60);
        assert_eq!(milliseconds("5"), Ok(Duration::from_millis(5)));
    }
}
