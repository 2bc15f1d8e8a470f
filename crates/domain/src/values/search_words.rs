//! Search queries.

use std::str::FromStr;

use crate::text::{earlier_name_keys, search_key};

/// The words of a search query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchWords(Vec<SearchWord>);

/// A word of a search query.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SearchWord {
    key: String,
    earlier_keys: Option<[String; 3]>,
}

impl SearchWord {
    fn new(word: &str) -> Self {
        let key = search_key(word);
        let earlier_keys = earlier_name_keys(word);
        Self {
            earlier_keys: earlier_keys
                .iter()
                .any(|earlier| *earlier != key)
                .then_some(earlier_keys),
            key,
        }
    }

    /// Its [`search_key`].
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The keys that the word has in texts stored by earlier releases, which only folded case, where
    /// they differ. Stored texts get new keys when they are next written.
    pub const fn earlier_keys(&self) -> Option<&[String; 3]> {
        self.earlier_keys.as_ref()
    }
}

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
    pub fn words(&self) -> &[SearchWord] {
        &self.0
    }

    /// Whether each of the words occurs in the text that has this [`search_key`].
    pub fn occur_in(&self, key: &str) -> bool {
        self.0.iter().all(|word| key.contains(&word.key))
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
        let mut words: Vec<SearchWord> = text
            .split_whitespace()
            .map(SearchWord::new)
            .filter(|word| !word.key.is_empty())
            .collect();
        words.sort_unstable();
        words.dedup_by(|a, b| a.key == b.key);
        Ok(Self(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        let words: SearchWords = text.parse().unwrap();
        words.0.into_iter().map(|word| word.key).collect()
    }

    #[test]
    fn blank_is_no_filter_and_words_count_once() {
        for blank in ["  \t ", "\u{200b} \u{ad}"] {
            assert_eq!(blank.parse::<SearchWords>(), Ok(SearchWords::default()));
        }
        assert_eq!(keys("a B A"), ["a", "b"]);
        assert_eq!(keys("Café cafe\u{301}"), ["café"]);
    }

    #[test]
    fn a_word_has_the_keys_of_earlier_releases_where_they_differ() {
        let words: SearchWords = "printer STRASSE".parse().unwrap();
        assert!(words.words().iter().all(|word| word.earlier_keys.is_none()));
        for (word, earlier) in [
            ("CAFE\u{301}", ["cafe\u{301}", "café", "cafe\u{301}"]),
            ("Café", ["café", "café", "cafe\u{301}"]),
            ("İ", ["i\u{307}", "i\u{307}", "i\u{307}"]),
            ("a\u{ad}b", ["a\u{ad}b", "ab", "ab"]),
        ] {
            let words: SearchWords = word.parse().unwrap();
            let [word] = words.words() else {
                panic!("one word")
            };
            assert_eq!(word.earlier_keys, Some(earlier.map(str::to_owned)));
        }
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
