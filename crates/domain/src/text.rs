//! Text values: length limits and permitted characters.
//!
//! Lengths count Unicode scalar values, as the API's schema (JSON Schema's `maxLength`) and the
//! databases do. Text is stored as given; nothing is trimmed.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};
use icu_properties::props::{BidiClass, DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use validator::ValidateLength as _;

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
pub(crate) fn single_line(text: String, max: u64) -> Result<String, TextError> {
    check_length(&text, max)?;
    if has_control_character::<false>(&text) {
        return Err(TextError::ControlCharacter);
    }
    Ok(text)
}

/// Parses a text of any number of lines and at most `max` characters.
///
/// CRLF, the line break of HTML forms, becomes LF before characters are counted. Any other carriage
/// return is a control character.
pub(crate) fn multi_line(text: String, max: u64) -> Result<String, TextError> {
    let text = if text.contains('\r') {
        text.replace("\r\n", "\n")
    } else {
        text
    };
    check_length(&text, max)?;
    if has_control_character::<true>(&text) {
        return Err(TextError::ControlCharacter);
    }
    Ok(text)
}

/// Whether a text has a control character, other than tab and newline where it may have lines.
///
/// Every text that is read from storage is checked. The first pass looks at bytes and never stops
/// early, so it is vectorized; only a text with a suspicious byte is decoded. 0xC2 begins U+0080 to
/// U+009F, and other characters.
fn has_control_character<const LINES: bool>(text: &str) -> bool {
    let may_be = |byte: u8| match byte {
        b'\t' | b'\n' => !LINES,
        _ => byte < b' ' || byte == 0x7f || byte == 0xc2,
    };
    let is_one = |c: char| c.is_control() && !(LINES && matches!(c, '\t' | '\n'));
    let is_suspect = text.bytes().fold(false, |found, byte| found | may_be(byte));
    is_suspect && text.contains(is_one)
}

/// A text is blank unless it has a [visible](is_visible) character.
pub(crate) fn check_not_blank(text: &str) -> Result<(), TextError> {
    if text.chars().any(is_visible) {
        Ok(())
    } else {
        Err(TextError::Blank)
    }
}

/// Whether a character alone shows something. White space, combining marks without a letter, format
/// characters and the few symbols that are drawn as a blank do not.
///
/// Characters that this version of Unicode does not know, such as next year's emoji, do.
pub fn is_visible(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, Format, NonspacingMark, SpacingMark};
    /// The blank Braille pattern, the placeholder of an object, the null note head, and the blanks
    /// of hieroglyphs.
    const BLANK: [char; 5] = [
        '\u{2800}',
        '\u{fffc}',
        '\u{1d159}',
        '\u{13441}',
        '\u{13442}',
    ];
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let is_mark = matches!(category, EnclosingMark | NonspacingMark | SpacingMark);
    !(c.is_whitespace() || is_invisible(c) || is_mark || category == Format || BLANK.contains(&c))
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

/// Whether a character is a space of any script (category Zs), unlike tabs and line breaks.
pub(crate) fn is_space(c: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::SpaceSeparator
}

/// The key of a text to search in, and of the words to search for.
///
/// Two texts have the same key if they are a canonical caseless match (definition D145 of the Unicode
/// Standard). Beyond that:
///
/// - Invisible characters (`Default_Ignorable_Code_Point`) are left out. Nobody can type the soft
///   hyphens and zero-width spaces that come along with pasted text.
/// - The four letters I of Turkish are one. By the default folding, `İstanbul` would be found only
///   with its combining dot, `i\u{307}stanbul`, and `ISPARTA` not by its Turkish spelling `ısparta`.
///   The language of a text is not known, and finding a text too many does no harm in a search.
///
/// Compatibility variants stay different (`m²` is not `m2`): full case folding covers those that
/// people do not see, such as the ligature `ﬁ`.
pub fn search_key(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let text: String = text.chars().filter(|c| !ignorable.contains(*c)).collect();
    let folded = fold_case(&decompose(&text));
    compose(&folded.replace("i\u{307}", "i").replace('ı', "i"))
}

/// A text as a part of another, such as a name in a sentence, a title or the subject of a mail: it
/// changes nothing of what is around it.
///
/// Embeddings and overrides of the writing direction and line separators are left out, and isolates
/// are balanced. A text with letters that are written from right to left is isolated as a whole
/// (`U+2068`, `U+2069`). All others are returned as they are.
pub fn isolated(text: &str) -> Cow<'_, str> {
    let classes = CodePointMapData::<BidiClass>::new();
    let is_special = |c| {
        matches!(c, '\u{2028}'..='\u{202e}' | LEFT_ISOLATE..=POP_ISOLATE)
            || is_right_to_left(classes.get(c))
    };
    if !text.contains(is_special) {
        return Cow::Borrowed(text);
    }
    let mut isolated = String::with_capacity(text.len() + 2 * POP_ISOLATE.len_utf8());
    let (mut depth, mut needs_isolation) = (0_u32, false);
    for c in text.chars() {
        match c {
            '\u{2028}' | '\u{2029}' => isolated.push(' '),
            '\u{202a}'..='\u{202e}' => {}
            LEFT_ISOLATE..=FIRST_STRONG_ISOLATE => {
                depth += 1;
                isolated.push(c);
            }
            POP_ISOLATE if depth == 0 => {}
            POP_ISOLATE => {
                depth -= 1;
                isolated.push(c);
            }
            _ => {
                needs_isolation |= depth == 0 && is_right_to_left(classes.get(c));
                isolated.push(c);
            }
        }
    }
    isolated.extend((0..depth).map(|_| POP_ISOLATE));
    if needs_isolation {
        isolated.insert(0, FIRST_STRONG_ISOLATE);
        isolated.push(POP_ISOLATE);
    }
    Cow::Owned(isolated)
}

const LEFT_ISOLATE: char = '\u{2066}';
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

fn is_right_to_left(class: BidiClass) -> bool {
    use BidiClass as Class;
    matches!(
        class,
        Class::RightToLeft | Class::ArabicLetter | Class::ArabicNumber
    )
}

/// A text from storage.
pub trait StoredText: Sized {
    /// Reads a stored text; nothing if no release can have written it. This is cheaper than parsing
    /// it anew. Unlike new texts it may be blank, as earlier releases knew fewer invisible characters.
    fn from_storage(text: String) -> Option<Self>;
}

/// Declares a type for one kind of text. Parsing (`FromStr`) is the only way to construct it,
/// besides reading it from storage.
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

        impl $crate::text::StoredText for $name {
            fn from_storage(text: String) -> Option<Self> {
                $crate::text::$lines(text, Self::MAX_CHARS).ok().map(Self)
            }
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
    (@parser $lines:ident optional) => {
        |text: &str, max| $crate::text::$lines(text.to_owned(), max)
    };
    (@parser $lines:ident required) => {
        |text: &str, max| {
            $crate::text::check_not_blank(text)?;
            $crate::text::$lines(text.to_owned(), max)
        }
    };
}

pub(crate) use text_value;

/// Whether a character has no width and no glyph, such as the zero-width space, a mark of writing
/// direction or a control character.
pub fn is_invisible(c: char) -> bool {
    c.is_control() || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// The text without white space and invisible characters at its ends.
///
/// Characters that shape a letter or symbol before them stay: joiners, variation selectors and the
/// tags of flags.
pub fn trim(text: &str) -> &str {
    let is_unseen = |c: char| c.is_whitespace() || is_invisible(c);
    let modifies = |c: char| {
        matches!(c,
            '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{200c}' | '\u{200d}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
    };
    let text = text.trim_start_matches(is_unseen);
    let visible = text.trim_end_matches(is_unseen);
    if visible.is_empty() || visible.ends_with(|c: char| c.is_ascii()) {
        return visible;
    }
    let shaped = text
        .chars()
        .rev()
        .skip_while(|c| is_unseen(*c) && !modifies(*c));
    let length = shaped.map(char::len_utf8).sum();
    text.get(..length).unwrap_or(visible)
}

/// A key that is equal for all texts that are the same name to a person.
///
/// They may differ in case and canonical form (canonical caseless matching, definition D145 of the
/// Unicode Standard), in invisible characters, and in kind and amount of white space. Of most names
/// it is the same as [`fold_case`].
pub fn name_key(name: &str) -> String {
    compose(&fold_case(&decompose(&visible(name))))
}

/// The keys that earlier releases, which only folded case, gave to a name as it is spelled here and
/// in both canonical forms.
pub fn earlier_name_keys(name: &str) -> [String; 3] {
    let visible = visible(name);
    [name, &compose(&visible), &decompose(&visible)].map(fold_case)
}

/// A text without invisible characters, its words separated by single spaces.
fn visible(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn compose(text: &str) -> String {
    ComposingNormalizer::new_nfc().normalize(text).into_owned()
}

fn decompose(text: &str) -> String {
    DecomposingNormalizer::new_nfd()
        .normalize(text)
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tickets::CommentText;

    fn single_line(text: &str, max: u64) -> Result<String, TextError> {
        super::single_line(text.to_owned(), max)
    }

    fn multi_line(text: &str, max: u64) -> Result<String, TextError> {
        super::multi_line(text.to_owned(), max)
    }

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
    fn characters_that_begin_like_a_control_character_are_permitted() {
        assert_eq!(single_line("21 °C §", 10), Ok("21 °C §".to_owned()));
        assert_eq!(multi_line("21 °C\n§", 10), Ok("21 °C\n§".to_owned()));
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
            "\u{2800}",
            "\u{fffc}\u{fff9}\u{fffa}\u{fffb}",
            "\u{301}",
            "\u{20dd}",
            "\u{93e}",
            " \u{336}\u{489}",
            "\u{600}\u{110bd}",
            "\u{202e}\u{2066}",
            "\u{3164}\u{ffa0}\u{115f}",
            "\u{1d159}\u{13441}",
            "\u{e0020}\u{e0100}",
        ] {
            assert_eq!(blank.parse::<Title>(), Err(TextError::Blank), "{blank:?}");
            assert_eq!(
                blank.parse::<CommentText>(),
                Err(TextError::Blank),
                "{blank:?}"
            );
        }
        for text in [
            " a\n",
            "\u{301}e",
            "?",
            "👍",
            "1\u{fe0f}\u{20e3}",
            "\u{e000}",
            "\u{1fbff}",
        ] {
            assert_eq!(text.parse::<CommentText>().unwrap().as_str(), text);
        }
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
    fn a_name_has_one_key_however_it_is_written() {
        for (left, right) in [
            ("Büro", "Bu\u{308}RO"),
            ("PC-1", "\u{200b}pc-1\u{a0}"),
            ("PC 1", " PC\u{a0}\u{2009} 1"),
            ("PC-1", "PC\u{ad}-\u{202a}1\u{202c}"),
            // The order of marks, and an iota that folds to a letter (D145).
            ("a\u{323}\u{307}", "a\u{307}\u{323}"),
            ("\u{1f80}", "\u{1f00}\u{3b9}"),
            ("Straße", "STRASSE"),
            ("\u{212b}", "å"),
        ] {
            assert_eq!(name_key(left), name_key(right), "{left} {right}");
        }
        for (left, right) in [("Buro", "Büro"), ("PC 1", "PC1"), ("PC-1", "PC-2")] {
            assert_ne!(name_key(left), name_key(right));
        }
        for name in ["LAP-01", "Büro", "Straße 5", "принтер"] {
            assert_eq!(name_key(name), fold_case(name));
        }
    }

    #[test]
    fn the_ends_of_a_text_are_trimmed_of_what_nobody_sees() {
        for (given, trimmed) in [
            (" a b\t\r\n", "a b"),
            ("\u{feff}\u{200b}a\u{a0}\u{2003}\u{202c}\u{1a}", "a"),
            ("\u{3000}\u{200e}\u{0}", ""),
            ("❤\u{fe0f} ", "❤\u{fe0f}"),
            ("a\u{200d}\u{fe0f}", "a"),
            ("\u{fe0f}\u{200d}", ""),
        ] {
            assert_eq!(trim(given), trimmed, "{given:?}");
        }
    }

    #[test]
    fn a_search_key_of_ascii_is_that_of_a_longer_text() {
        let ascii: String = ('\0'..='\x7f').collect();
        assert_eq!(
            search_key(&format!("{ascii}é")),
            format!("{}é", search_key(&ascii))
        );
    }

    #[test]
    fn a_search_key_is_the_same_for_all_spellings() {
        for (left, right) in [
            ("Café", "CAFE\u{301}"),
            ("Straße", "STRASSE"),
            ("ﬁle", "FILE"),
            // the order of marks, and an iota that folds to a letter (D145)
            ("a\u{323}\u{307}", "A\u{307}\u{323}"),
            ("\u{1f80}", "\u{1f00}\u{3b9}"),
            ("\u{ad}Dampf\u{ad}schiff\u{200b}", "dampfschiff"),
            ("❤\u{fe0f}", "❤"),
            ("İstanbul", "istanbul"),
            ("ISPARTA", "ısparta"),
            ("한", "\u{1112}\u{1161}\u{11ab}"),
            ("", "\u{200b}"),
        ] {
            assert_eq!(search_key(left), search_key(right), "{left} {right}");
        }
        for (left, right) in [("e", "é"), ("m²", "m2"), ("a\nb", "ab")] {
            assert_ne!(search_key(left), search_key(right));
        }
    }

    #[test]
    fn an_isolated_text_is_balanced_and_changes_nothing_around_it() {
        for (text, isolated_text) in [
            ("Printer", "Printer"),
            ("Größe 👩‍🚀", "Größe 👩‍🚀"),
            ("\u{202e}abc", "abc"),
            ("\u{202a}a\u{202c}\u{202c}\u{202d}b\u{202b}", "ab"),
            ("a\u{2069}b", "ab"),
            ("\u{2066}a\u{2067}b", "\u{2066}a\u{2067}b\u{2069}\u{2069}"),
            ("a\u{2028}b\u{2029}c", "a b c"),
            ("שלום 1", "\u{2068}שלום 1\u{2069}"),
            ("\u{2069}مرحبا\u{202e}", "\u{2068}مرحبا\u{2069}"),
            (
                "New ticket: \u{2068}שלום\u{2069}",
                "New ticket: \u{2068}שלום\u{2069}",
            ),
        ] {
            assert_eq!(isolated(text), isolated_text, "{text:?}");
            assert_eq!(isolated(isolated_text), isolated_text, "{text:?}");
        }
    }

    #[test]
    fn a_stored_text_may_be_blank() {
        assert_eq!("\u{2800}".parse::<Title>(), Err(TextError::Blank));
        assert_eq!(
            Title::from_storage("\u{2800}".to_owned()).unwrap().as_str(),
            "\u{2800}"
        );
        assert_eq!(Title::from_storage("a\0".to_owned()), None);
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
