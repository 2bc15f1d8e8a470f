//! The small parsers that several settings share.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use crate::error::InvalidValue;

/// Finds the one of `all` that is written `text`, without regard to case.
pub(crate) fn choice<T: Copy>(
    text: &str,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<T, InvalidValue> {
    all.iter()
        .copied()
        .find(|&one| as_str(one).eq_ignore_ascii_case(text))
        .ok_or_else(|| {
            let words: Vec<&str> = all.iter().map(|&one| as_str(one)).collect();
            InvalidValue::Choice {
                allowed: words.join(", "),
            }
        })
}

/// Reads `true`, `false`, `1` or `0`.
pub(crate) fn boolean(text: &str) -> Result<bool, InvalidValue> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(InvalidValue::Boolean),
    }
}

/// Makes a parser of whole numbers within `range`.
pub(crate) fn number<T>(range: RangeInclusive<u32>) -> impl Fn(&str) -> Result<T, InvalidValue>
where
    T: TryFrom<u32>,
{
    move |text| {
        u32::from_str(text)
            .ok()
            .filter(|number| range.contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| InvalidValue::Number {
                min: u64::from(*range.start()),
                max: u64::from(*range.end()),
            })
    }
}

/// Makes a parser of whole seconds within `range`.
pub(crate) fn seconds(
    range: RangeInclusive<u32>,
) -> impl Fn(&str) -> Result<Duration, InvalidValue> {
    move |text| number::<u64>(range.clone())(text).map(Duration::from_secs)
}

/// Makes a parser of whole milliseconds within `range`.
pub(crate) fn milliseconds(
    range: RangeInclusive<u32>,
) -> impl Fn(&str) -> Result<Duration, InvalidValue> {
    move |text| number::<u64>(range.clone())(text).map(Duration::from_millis)
}

/// Reads a comma-separated list; blanks around an entry and empty entries do not count.
pub(crate) fn list<T>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, InvalidValue>,
) -> Result<Vec<T>, InvalidValue> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_true_false_one_and_zero() {
        for (text, expected) in [
            ("true", Ok(true)),
            ("TRUE", Ok(true)),
            ("1", Ok(true)),
            ("false", Ok(false)),
            ("0", Ok(false)),
            ("yes", Err(InvalidValue::Boolean)),
            ("2", Err(InvalidValue::Boolean)),
        ] {
            assert_eq!(boolean(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_stay_within_their_range() {
        let refused = Err(InvalidValue::Number { min: 1, max: 10 });
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
    fn durations_know_their_unit() {
        assert_eq!(seconds(0..=60)("5"), Ok(Duration::from_secs(5)));
        assert_eq!(milliseconds(0..=60)("5"), Ok(Duration::from_millis(5)));
    }

    #[test]
    fn lists_ignore_blanks_and_empty_entries() {
        assert_eq!(list(" 1, 0 ,,", boolean), Ok(vec![true, false]));
        assert_eq!(list("1,x", boolean), Err(InvalidValue::Boolean));
    }
}
