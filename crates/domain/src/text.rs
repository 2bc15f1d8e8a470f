//! Text values: length limits and permitted characters.
//!
//! Lengths count Unicode scalar values, as the API's schema (JSON Schema's `maxLength`) and the
//! databases do. Text is stored as given; nothing is trimmed.

use icu_casemap::CaseMapper;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use validator::{ValidateLength as _, ValidateNonControlCharacter as _};

/// Why a text is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The text is blank, but required.
    #[error("must not be blank")]
    Blank,
    /// The text is longer than `max` Unicode scalar values.
    #[error("must be at most {max} characters")]
    TooLong {
        /// The maximum length.
        max: u64,
    },
    /// The text has a control character (in a multi-line text, other than tab and newline).
    #[error("must not contain control characters")]
    ControlCharacter,
}

/// Parses a text of one line and at most `max` characters.
pub(crate) fn single_line(text: &str, max: u64) -> Result<String, TextError> {
    check_length(text, max)?;
    if !text.validate_non_control_character() {
        return Err(TextError::ControlCharacter);
    }
    Ok(text.to_owned())
}

/// Parses a text of any number of lines and at most `max` characters.
///
/// CRLF, the line break of HTML forms, becomes LF before characters are counted. Any other carriage
/// return is a control character.
pub(crate) fn multi_line(text: &str, max: u64) -> Result<String, TextError> {
    let text = text.replace("\r\n", "\n");
    check_length(&text, max)?;
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\t' | '\n'))
    {
        return Err(TextError::ControlCharacter);
    }
    Ok(text)
}

/// Blank text has only white space and invisible characters such as the zero-width space (Unicode's
/// property `Default_Ignorable_Code_Point`).
pub(crate) fn check_not_blank(text: &str) -> Result<(), TextError> {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    if text
        .chars()
        .all(|c| c.is_whitespace() || ignorable.contains(c))
    {
        Err(TextError::Blank)
    } else {
        Ok(())
    }
}

fn check_length(text: &str, max: u64) -> Result<(), TextError> {
    if text.validate_length(None, Some(max), None) {
        Ok(())
    } else {
        Err(TextError::TooLong { max })
    }
}

/// Full case folding (Unicode Standard, section 3.13), for comparison and search: `Straße` and
/// `STRASSE` fold to the same text.
pub fn fold_case(text: &str) -> String {
    CaseMapper::new().fold_string(text).into_owned()
}

/// Declares a type for one kind of text. Parsing (`FromStr`) is the only way to construct it.
///
/// The parentheses hold `single_line` or `multi_line`, `required` (not blank) or `optional` (may
/// be empty), and the maximum length; or the function that parses the text, with its error:
///
/// ```ignore
/// text_value! { pub struct Subject(single_line, required, 255); }
/// text_value! { pub struct DomainName(parse) -> DomainNameError; }
/// ```
macro_rules! text_value {
    ($(
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident($lines:ident, $presence:ident, $max:expr);
    )+) => { $(
        $crate::text::text_value! {
            $(#[$meta])*
            $visibility struct $name(
                $crate::text::text_value!(@parser $lines $presence), Self::MAX_CHARS
            ) -> $crate::text::TextError;
        }

        impl $name {
            /// The maximum length in Unicode scalar values.
            $visibility const MAX_CHARS: u64 = $max;
        }
    )+ };
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident($parse:expr $(, $max:expr)?) -> $error:ty;
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        $visibility struct $name(String);

        impl $name {
            /// The text.
            $visibility fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, owned.
            $visibility fn into_string(self) -> String {
                self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $parse(text $(, $max)?).map(Self)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }
    };
    (@parser $lines:ident optional) => { $crate::text::$lines };
    (@parser $lines:ident required) => {
        |text, max| $crate::text::check_not_blank(text).and_then(|()| $crate::text::$lines(text, max))
    };
}

pub(crate) use text_value;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tickets::CommentText;

    text_value! {
        /// A title.
        struct Title(single_line, required, 5);
        /// A remark.
        struct Remark(multi_line, optional, 5);
    }

    #[test]
    fn a_single_line_is_kept_as_given() {
        assert_eq!(single_line(" Grüße ", 7), Ok(" Grüße ".to_owned()));
        assert_eq!(single_line("", 7), Ok(String::new()));
    }

    #[test]
    fn length_counts_scalar_values_not_bytes() {
        assert!(single_line(&"é".repeat(255), 255).is_ok());
        assert_eq!(
            single_line(&"é".repeat(256), 255),
            Err(TextError::TooLong { max: 255 })
        );
        // a family emoji is one picture, yet five scalar values
        assert_eq!(single_line("👨‍👩‍👧", 4), Err(TextError::TooLong { max: 4 }));
        assert!(single_line("👨‍👩‍👧", 5).is_ok());
    }

    #[test]
    fn control_characters_in_a_single_line_are_rejected() {
        for c in [
            '\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}',
        ] {
            let text = format!("a{c}b");
            assert_eq!(
                single_line(&text, 10),
                Err(TextError::ControlCharacter),
                "{c:?}"
            );
        }
    }

    #[test]
    fn control_characters_in_several_lines_are_rejected_except_tab_and_newline() {
        assert_eq!(multi_line("a\tb\nc", 10), Ok("a\tb\nc".to_owned()));
        for c in ['\0', '\r', '\u{c}', '\u{1b}', '\u{7f}', '\u{85}'] {
            let text = format!("a{c}b");
            assert_eq!(
                multi_line(&text, 10),
                Err(TextError::ControlCharacter),
                "{c:?}"
            );
        }
    }

    #[test]
    fn crlf_becomes_lf_before_the_length_is_counted() {
        assert_eq!(multi_line("a\r\nb\r\n", 4), Ok("a\nb\n".to_owned()));
        assert_eq!(multi_line("a\r\r\nb", 10), Err(TextError::ControlCharacter));
    }

    #[test]
    fn text_of_white_space_or_invisible_characters_is_blank() {
        for blank in [
            "",
            " ",
            "\t\n",
            "\r\n",
            "\u{a0}\u{2003}\u{3000}",
            "\u{200b} \u{2060}\u{feff}",
        ] {
            assert_eq!(blank.parse::<Title>(), Err(TextError::Blank), "{blank:?}");
            assert_eq!(
                blank.parse::<CommentText>(),
                Err(TextError::Blank),
                "{blank:?}"
            );
        }
        assert_eq!(" a\n".parse::<CommentText>().unwrap().as_str(), " a\n");
    }

    #[test]
    fn case_folding_covers_all_of_unicode() {
        for (left, right) in [
            ("Straße", "STRASSE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ПРИНТЕР", "принтер"),
            ("\u{212a}", "k"), // the Kelvin sign
        ] {
            assert_eq!(fold_case(left), fold_case(right));
        }
        assert_ne!(fold_case("e"), fold_case("é"));
    }

    #[test]
    fn a_text_value_obeys_the_rules_it_names() {
        let title: Title = "Hello".parse().unwrap();
        assert_eq!(
            (title.as_str(), title.to_string()),
            ("Hello", "Hello".to_owned())
        );
        assert_eq!(title.into_string(), "Hello");
        assert_eq!("".parse::<Title>(), Err(TextError::Blank));
        assert_eq!("a\nb".parse::<Title>(), Err(TextError::ControlCharacter));
        assert_eq!(
            "Hello!".parse::<Title>(),
            Err(TextError::TooLong {
                max: Title::MAX_CHARS
            })
        );
        assert_eq!("".parse::<Remark>().unwrap().as_str(), "");
        assert_eq!("a\r\nb".parse::<Remark>().unwrap().into_string(), "a\nb");
    }

    #[test]
    fn errors_are_sentences() {
        assert_eq!(TextError::Blank.to_string(), "must not be blank");
        assert_eq!(
            TextError::TooLong { max: 255 }.to_string(),
            "must be at most 255 characters"
        );
        assert_eq!(
            TextError::ControlCharacter.to_string(),
            "must not contain control characters"
        );
    }
}
