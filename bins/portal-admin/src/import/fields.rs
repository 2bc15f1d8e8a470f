//! Reads the fields of one record and collects everything that is wrong with it.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use super::Row;

/// The texts of a line by column. An empty text is the same as none.
#[derive(Debug, Default)]
pub(super) struct Fields(HashMap<&'static str, String>);

impl Fields {
    /// Adds a text, unless it is empty.
    pub(super) fn insert(&mut self, column: &'static str, text: String) {
        if !text.is_empty() {
            self.0.insert(column, text);
        }
    }

    /// The row that they make up, or everything that is wrong with them.
    pub(super) fn read<R: Row>(&self) -> Result<R, Vec<String>> {
        let mut reader = FieldReader {
            fields: self,
            problems: Vec::new(),
        };
        let row = R::read(&mut reader);
        row.filter(|_| reader.problems.is_empty())
            .ok_or(reader.problems)
    }
}

/// Reads the fields of one line, and notes what is wrong with them.
pub(crate) struct FieldReader<'a> {
    fields: &'a Fields,
    problems: Vec<String>,
}

impl FieldReader<'_> {
    /// A value that has to be there.
    pub(crate) fn required<T>(&mut self, column: &'static str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        if !self.fields.0.contains_key(column) {
            self.problems.push(format!("{column}: is missing"));
        }
        self.optional(column)
    }

    /// A value that may be there.
    pub(crate) fn optional<T>(&mut self, column: &'static str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.optional_by(column, str::parse)
    }

    /// A value that may be there, in a form of its own.
    pub(crate) fn optional_by<T, E: Display>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(self.fields.0.get(column)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(format!("{column}: {error}"));
                None
            }
        }
    }
}

/// The text is no truth value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be true or false")]
pub(crate) struct InvalidBoolean;

/// Reads a truth value as spreadsheets and programs write it.
pub(crate) fn boolean(text: &str) -> Result<bool, InvalidBoolean> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(InvalidBoolean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truth_value_is_told_without_regard_to_case() {
        for (text, value) in [
            ("true", true),
            ("TRUE", true),
            ("1", true),
            ("False", false),
        ] {
            assert_eq!(boolean(text), Ok(value), "{text}");
        }
        for text in ["", "2", "maybe", " true"] {
            assert_eq!(boolean(text), Err(InvalidBoolean), "{text:?}");
        }
    }
}
