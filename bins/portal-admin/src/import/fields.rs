//! The fields of one line.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use super::Row;

/// The fields of one line, and the problems that were found in reading them.
#[derive(Debug)]
pub(crate) struct Fields {
    /// By column, none empty.
    texts: HashMap<&'static str, String>,
    problems: Vec<String>,
}

impl FromIterator<(&'static str, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (&'static str, String)>>(texts: I) -> Self {
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        Self {
            texts: texts.collect(),
            problems: Vec::new(),
        }
    }
}

impl Fields {
    /// The row, or all problems of the line.
    pub(super) fn into_row<R: Row>(mut self) -> Result<R, Vec<String>> {
        let row = R::read(&mut self);
        row.filter(|_| self.problems.is_empty())
            .ok_or(self.problems)
    }

    /// A field that must be there.
    pub(crate) fn required<T: FromStr<Err: Display>>(&mut self, column: &'static str) -> Option<T> {
        if !self.texts.contains_key(column) {
            self.problems.push(format!("{column}: is missing"));
        }
        self.optional(column)
    }

    /// A field that may be absent or empty.
    pub(crate) fn optional<T: FromStr<Err: Display>>(&mut self, column: &'static str) -> Option<T> {
        self.optional_by(column, str::parse)
    }

    /// [`optional`](Self::optional) with a parser of its own.
    pub(crate) fn optional_by<T, E: Display>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        parse(self.texts.get(column)?)
            .map_err(|error| self.problems.push(format!("{column}: {error}")))
            .ok()
    }
}

/// Parses a boolean as spreadsheets and programs write it.
pub(crate) fn boolean(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("must be true or false"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_parsed_without_regard_to_case() {
        for (text, value) in [
            ("true", true),
            ("TRUE", true),
            ("1", true),
            ("False", false),
        ] {
            assert_eq!(boolean(text), Ok(value), "{text}");
        }
        for text in ["", "2", "maybe", " true"] {
            assert!(boolean(text).is_err(), "{text:?}");
        }
    }
}
