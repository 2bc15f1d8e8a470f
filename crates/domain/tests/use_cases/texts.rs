//! Length and characters of texts.

use std::fmt::Display;
use std::str::FromStr;

use portal_domain::assets::{Condition, LoanNotes};
use portal_domain::branding::{FooterText, PhoneNumber, WelcomeMessage};
use portal_domain::devices::{DisplayName, Hostname, OsVersion};
use portal_domain::organizations::OrganizationName;
use portal_domain::text::TextError;
use portal_domain::tickets::{CommentText, Description, ExternalTicketId, Subject, TicketPriority};
use portal_domain::values::PersonName;

/// The rules for one kind of text.
struct Rule {
    name: &'static str,
    max_chars: usize,
    has_lines: bool,
    is_required: bool,
    parse: fn(&str) -> Result<String, TextError>,
}

fn rule<T>(name: &'static str, max_chars: usize, has_lines: bool, is_required: bool) -> Rule
where
    T: FromStr<Err = TextError> + Display,
{
    Rule {
        name,
        max_chars,
        has_lines,
        is_required,
        parse: |text| text.parse::<T>().map(|value| value.to_string()),
    }
}

fn rules() -> [Rule; 14] {
    const REQUIRED: bool = true;
    const OPTIONAL: bool = false;
    const LINE: bool = false;
    const LINES: bool = true;
    [
        rule::<Subject>("subject", 255, LINE, REQUIRED),
        rule::<Description>("description", 50_000, LINES, REQUIRED),
        rule::<CommentText>("comment", 5_000, LINES, REQUIRED),
        rule::<ExternalTicketId>("external ticket id", 255, LINE, REQUIRED),
        rule::<LoanNotes>("notes", 2_000, LINES, OPTIONAL),
        rule::<Condition>("condition", 100, LINE, OPTIONAL),
        rule::<PersonName>("person's name", 255, LINE, REQUIRED),
        rule::<OrganizationName>("organization's name", 255, LINE, REQUIRED),
        rule::<Hostname>("hostname", 255, LINE, REQUIRED),
        rule::<DisplayName>("display name", 255, LINE, REQUIRED),
        rule::<OsVersion>("version", 100, LINE, REQUIRED),
        rule::<WelcomeMessage>("welcome", 2_000, LINES, REQUIRED),
        rule::<FooterText>("footer", 1_000, LINES, REQUIRED),
        rule::<PhoneNumber>("phone number", 50, LINE, REQUIRED),
    ]
}

/// Asserts that the text is rejected with this error.
fn assert_rejected(result: Result<String, TextError>, expected: TextError, name: &str) {
    assert_eq!(result.map(drop), Err(expected), "{name}");
}

#[test]
fn lengths_count_unicode_scalar_values() {
    for Rule {
        name,
        max_chars,
        parse,
        ..
    } in rules()
    {
        // An emoji has four bytes; an e and its accent are two scalar values, though one letter.
        let longest = "🔥".repeat(max_chars);
        assert_eq!(parse(&longest), Ok(longest.clone()), "{name}");
        let max = max_chars.try_into().unwrap();
        let too_long = TextError::TooLong { max };
        assert_rejected(parse(&format!("{longest}x")), too_long, name);
        let accents = "e\u{301}".repeat(max_chars / 2 + 1);
        assert_rejected(parse(&accents), too_long, name);
    }
}

#[test]
fn a_required_text_is_not_blank_and_no_text_is_trimmed() {
    for Rule {
        name,
        is_required,
        parse,
        ..
    } in rules()
    {
        for blank in ["", " ", "\u{2003}", "\u{200b}"] {
            if is_required {
                assert_rejected(parse(blank), TextError::Blank, name);
            } else {
                assert_eq!(parse(blank).as_deref(), Ok(blank), "{name}");
            }
        }
        assert_eq!(parse(" a ").as_deref(), Ok(" a "), "{name}");
    }
}

#[test]
fn control_characters_are_rejected_except_tab_and_newline_in_long_texts() {
    for Rule {
        name,
        has_lines,
        parse,
        ..
    } in rules()
    {
        for character in [
            '\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{85}', '\r', '\t', '\n',
        ] {
            let text = format!("a{character}b");
            if has_lines && matches!(character, '\t' | '\n') {
                assert_eq!(parse(&text), Ok(text), "{name}");
            } else {
                assert_rejected(parse(&text), TextError::ControlCharacter, name);
            }
        }
    }
}

#[test]
fn crlf_becomes_lf_before_the_length_is_counted() {
    for Rule {
        name,
        max_chars,
        has_lines,
        parse,
        ..
    } in rules()
    {
        if !has_lines {
            continue;
        }
        assert_eq!(parse("a\r\nb").as_deref(), Ok("a\nb"), "{name}");
        let text = "x".repeat(max_chars - 1);
        assert_eq!(parse(&format!("{text}\r\n")), Ok(format!("{text}\n")));
    }
}

#[test]
fn a_priority_is_one_of_four_in_lower_case() {
    for text in ["low", "normal", "high", "urgent"] {
        assert_eq!(text.parse::<TicketPriority>().unwrap().as_str(), text);
    }
    for text in ["", "medium", "HIGH", " high"] {
        assert!(text.parse::<TicketPriority>().is_err(), "{text:?}");
    }
}
