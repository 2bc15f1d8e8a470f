//! The fields of one line.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use portal_domain::field::{Field, FieldValue};
use portal_domain::text;

use super::Row;
use super::columns::word;

/// The fields of one line, and the problems that were found in reading them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    /// By column, none empty.
    texts: HashMap<&'static str, String>,
    problems: Vec<String>,
}

impl FromIterator<(&'static str, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (&'static str, String)>>(texts: I) -> Self {
        let texts = texts.into_iter();
        let texts = texts.map(|(column, text)| (column, text::trim(&text).to_owned()));
        Self {
            texts: texts.filter(|(_, text)| !text.is_empty()).collect(),
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
    pub(crate) fn required<T: FieldValue>(&mut self, column: &'static str) -> Option<T> {
        self.check_present(column);
        self.optional(column)
    }

    /// A field that may be absent or empty.
    pub(crate) fn optional<T: FieldValue>(&mut self, column: &'static str) -> Option<T> {
        let text = self.texts.get(column)?;
        let field = Field::of_text(text);
        if let Some(problem) = field.problem() {
            let hint = text.chars().find(|c| is_unseen(*c)).map(unseen);
            let hint = hint.unwrap_or_default();
            self.problems.push(format!("{column}: {problem}{hint}"));
        }
        field.valid()
    }

    /// A field that must be there, one of a few words in any case.
    pub(crate) fn required_word<T: FromStr<Err: Display>>(
        &mut self,
        column: &'static str,
    ) -> Option<T> {
        self.check_present(column);
        self.optional_word(column)
    }

    /// A field that may be absent or empty, one of a few words in any case.
    pub(crate) fn optional_word<T: FromStr<Err: Display>>(
        &mut self,
        column: &'static str,
    ) -> Option<T> {
        self.optional(column).map(|Word(value)| value)
    }

    fn check_present(&mut self, column: &'static str) {
        if !self.texts.contains_key(column) {
            self.problems.push(format!("{column}: is missing"));
        }
    }
}

/// One of a few words, in any case.
struct Word<T>(T);

impl<T: FromStr> FromStr for Word<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        word(text).parse().map(Self)
    }
}

/// A boolean as spreadsheets and programs write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Boolean(pub(crate) bool);

impl FromStr for Boolean {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match word(text).as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err("must be true or false"),
        }
    }
}

fn is_unseen(c: char) -> bool {
    text::is_invisible(c) || (c.is_whitespace() && c != ' ')
}

/// What to do about an invisible character.
fn unseen(c: char) -> String {
    let name = match c {
        '\t' => "a tab",
        '\n' | '\r' => "a line break",
        '\u{a0}' => "a no-break space",
        '\u{ad}' => "a soft hyphen",
        '\u{200b}' => "a zero-width space",
        '\u{200c}' | '\u{200d}' => "a zero-width joiner",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "a mark of writing direction"
        }
        '\u{feff}' => "a byte order mark",
        _ => "an invisible character",
    };
    format!(
        " (it has {name}, U+{:04X}, which must be removed)",
        u32::from(c)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        [("x", text.to_owned())].into_iter().collect()
    }

    #[test]
    fn words_are_parsed_in_any_case_and_in_german() {
        for (text, value) in [
            ("true", true),
            ("TRUE", true),
            ("1", true),
            ("WAHR", true),
            (" Ja\u{a0}", true),
            ("False", false),
            ("FALSCH", false),
            ("no", false),
        ] {
            assert_eq!(fields(text).optional("x"), Some(Boolean(value)), "{text}");
        }
        for text in ["2", "maybe"] {
            let mut fields = fields(text);
            assert_eq!(fields.optional::<Boolean>("x"), None);
            assert_eq!(fields.problems, ["x: must be true or false"]);
        }
    }

    #[test]
    fn an_invisible_character_in_an_invalid_value_is_named() {
        let mut fields = fields("1\u{200b}2");
        assert_eq!(fields.optional::<u8>("x"), None);
        assert_eq!(
            fields.problems,
            [
                "x: invalid digit found in string (it has a zero-width space, U+200B, which must be \
              removed)"
            ]
        );
    }
}
