//! Search queries.

use std::str::FromStr;

use crate::text::fold_case;

/// The words of a search query, case-folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchWords(Vec<String>);

/// Why a text is not a search query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSearch {
    /// Too long: each word makes the database scan every ticket.
    #[error("must be at most {} characters", SearchWords::MAX_CHARS)]
    TooLong,
    /// It has a control character other than white space.
    #[error("must not contain control characters")]
    Control,
}

impl SearchWords {
    /// The most characters that a search may have.
    pub const MAX_CHARS: usize = 200;

    /// The words; none means that everything matches.
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

impl FromStr for SearchWords {
    type Err = InvalidSearch;

    fn from_str(text: &str) -> Result<Self, InvalidSearch> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidSearch::TooLong);
        }
        if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Err(InvalidSearch::Control);
        }
        let mut words: Vec<String> = fold_case(text)
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        words.sort_unstable();
        words.dedup();
        Ok(Self(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_no_filter_and_words_count_once() {
        assert_eq!("  \t ".parse::<SearchWords>(), Ok(SearchWords::default()));
        assert_eq!("a B A".parse::<SearchWords>().unwrap().words(), ["a", "b"]);
    }

    #[test]
    fn a_search_has_bounds() {
        assert_eq!("ä".repeat(200).parse::<SearchWords>().map(|_| ()), Ok(()));
        assert_eq!(
            "ä".repeat(201).parse::<SearchWords>(),
            Err(InvalidSearch::TooLong)
        );
        assert_eq!("a\0b".parse::<SearchWords>(), Err(InvalidSearch::Control));
    }
}
