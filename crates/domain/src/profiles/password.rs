//! Password rules.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizer;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use validator::{ValidateLength as _, ValidateNonControlCharacter as _};

use crate::text::{TextError, fold_case, is_space};

/// Commonly leaked passwords that pass the other rules, in lower case, sorted.
///
/// Origin: the 20,000 most frequent entries of the Pwned Passwords corpus, compiled by Royce
/// Williams and published with Django 5.2 as `common-passwords.txt` (BSD 3-clause licence). Only
/// entries of at least 8 characters with two letters (one for each case) and a digit: the other
/// rules reject the rest.
const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON_PASSWORDS.lines().collect());

/// The first rule that a new password breaks, as a sentence to show its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`Password::MIN_CHARS`] characters.
    #[error("Password must be at least {} characters", Password::MIN_CHARS)]
    TooShort,
    /// More than [`Password::MAX_CHARS`] characters.
    #[error("Password must be at most {} characters", Password::MAX_CHARS)]
    TooLong,
    /// No lower-case letter of any script.
    #[error("Password must contain a lowercase letter")]
    NoLowercase,
    /// No upper-case letter of any script.
    #[error("Password must contain an uppercase letter")]
    NoUppercase,
    /// No digit from `0` to `9`.
    #[error("Password must contain a number")]
    NoNumber,
    /// A control character, such as NUL or a newline.
    #[error("Password must not contain control characters")]
    ControlCharacter,
    /// A commonly leaked password, ignoring case.
    #[error("Password is too common")]
    TooCommon,
}

/// A password as it is hashed: the same however it was typed, by the profile `OpaqueString` (RFC 8265,
/// section 4.2). Spaces of any script become `U+0020`, and the text is normalized to NFC. Case and white
/// space at the ends are kept.
///
/// Characters that the profile disallows, such as the joiners of emoji, are kept too: people have
/// passwords with them.
pub fn opaque_string(password: &str) -> Zeroizing<String> {
    let space = |c| if is_space(c) { ' ' } else { c };
    let spaced = Zeroizing::new(password.chars().map(space).collect::<String>());
    Zeroizing::new(
        ComposingNormalizer::new_nfc()
            .normalize(&spaced)
            .into_owned(),
    )
}

/// A password to be verified, in clear text, as it was typed.
///
/// It need not obey the rules for new passwords, as an existing one may be older. Wiped from memory
/// when dropped, and redacted by `Debug`.
#[derive(Debug, Clone)]
pub struct TypedPassword(SecretString);

impl TypedPassword {
    /// The password in clear text.
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    /// The password in clear text, owned.
    pub fn into_secret(self) -> SecretString {
        self.0
    }
}

impl FromStr for TypedPassword {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        if text.validate_non_control_character() {
            Ok(Self(text.into()))
        } else {
            Err(TextError::ControlCharacter)
        }
    }
}

/// A new password that obeys the rules, in clear text and as an [`opaque_string`].
///
/// Not for signing in, as an existing password may be older than the rules. Wiped from memory when
/// dropped, and redacted by `Debug`.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// The minimum length in Unicode scalar values.
    pub const MIN_CHARS: u64 = 8;
    /// The maximum length in Unicode scalar values, which bounds the work of hashing.
    pub const MAX_CHARS: u64 = 128;

    /// The password in clear text, for hashing.
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl FromStr for Password {
    type Err = PasswordError;

    fn from_str(text: &str) -> Result<Self, PasswordError> {
        let text = opaque_string(text);
        if !text.validate_length(Some(Self::MIN_CHARS), None, None) {
            Err(PasswordError::TooShort)
        } else if !text.validate_length(None, Some(Self::MAX_CHARS), None) {
            Err(PasswordError::TooLong)
        } else if !text.contains(char::is_lowercase) {
            Err(PasswordError::NoLowercase)
        } else if !text.contains(char::is_uppercase) {
            Err(PasswordError::NoUppercase)
        } else if !text.contains(|c: char| c.is_ascii_digit()) {
            Err(PasswordError::NoNumber)
        } else if !text.validate_non_control_character() {
            Err(PasswordError::ControlCharacter)
        } else if is_common(&text) {
            Err(PasswordError::TooCommon)
        } else {
            Ok(Self(text.as_str().into()))
        }
    }
}

fn is_common(password: &str) -> bool {
    let folded = Zeroizing::new(fold_case(password));
    COMMON.contains(folded.as_str())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn broken_rule(text: &str) -> Option<String> {
        text.parse::<Password>()
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn a_password_is_the_same_however_it_is_typed() {
        for (typed, hashed) in [
            ("Gru\u{308}ße-2026!x", "Grüße-2026!x"),
            ("Grüße-2026!x", "Grüße-2026!x"),
            ("Correct\u{a0}Horse\u{3000}7\u{2009}", "Correct Horse 7 "),
            (" Ａ𝔄\u{200d}👩‍🚀ﬁ\u{2028}\t", " Ａ𝔄\u{200d}👩‍🚀ﬁ\u{2028}\t"),
            ("한글\u{1112}\u{1161}\u{11ab}", "한글한"),
        ] {
            assert_eq!(opaque_string(typed).as_str(), hashed, "{typed}");
            assert_eq!(opaque_string(hashed).as_str(), hashed);
        }
        let new: Password = "Gru\u{308}ße\u{a0}2026".parse().unwrap();
        assert_eq!(new.secret().expose_secret(), "Grüße 2026");
        assert_eq!(
            broken_rule("Ae\u{301}e\u{301}e\u{301}1"),
            Some("Password must be at least 8 characters".to_owned())
        );
    }

    #[test]
    fn a_typed_password_is_any_text_without_control_characters() {
        for text in ["", " x\u{a0}", "Gru\u{308}ße"] {
            let typed: TypedPassword = text.parse().unwrap();
            assert_eq!(typed.secret().expose_secret(), text);
        }
        for text in ["a\0b", "a\n", "\t", "\u{85}"] {
            let error = text.parse::<TypedPassword>().unwrap_err();
            assert_eq!(error, TextError::ControlCharacter, "{text:?}");
        }
    }

    #[test]
    fn a_weak_password_is_rejected_with_the_sentence_of_the_first_broken_rule() {
        let long = format!("{}Aa1", "x".repeat(126));
        for (text, sentence) in [
            ("", "Password must be at least 8 characters"),
            ("Sh0rt!!", "Password must be at least 8 characters"),
            // as many bytes as are needed, but not as many characters
            ("Äöü-1ß", "Password must be at least 8 characters"),
            ("Aa1🔥🔥🔥🔥", "Password must be at least 8 characters"),
            ("\0", "Password must be at least 8 characters"),
            (long.as_str(), "Password must be at most 128 characters"),
            ("--------", "Password must contain a lowercase letter"),
            (
                "CORRECT-HORSE-1",
                "Password must contain a lowercase letter",
            ),
            ("correct-horse", "Password must contain an uppercase letter"),
            ("Correct-Horse", "Password must contain a number"),
            ("Correct-Horse-½", "Password must contain a number"),
            (
                "Correct\0Horse1",
                "Password must not contain control characters",
            ),
            (
                "Correct-Horse1\n",
                "Password must not contain control characters",
            ),
            ("Password1", "Password is too common"),
            ("pASSWORD123", "Password is too common"),
            ("Qwerty123", "Password is too common"),
            ("\u{212a}iller123", "Password is too common"), // begins with the Kelvin sign
        ] {
            assert_eq!(broken_rule(text).as_deref(), Some(sentence), "{text:?}");
        }
    }

    #[test]
    fn valid_passwords_are_kept_unchanged() {
        let longest = format!("{}Aa1", "é".repeat(125));
        for text in [
            "Correct-Horse1",
            "Zz9-zz9-",
            "Aa1🔥🔥🔥🔥🔥",
            "Kü8 Äpfel",
            "Пароль-для-портала-7",
            longest.as_str(),
        ] {
            assert_eq!(
                text.parse::<Password>().unwrap().secret().expose_secret(),
                text
            );
        }
    }

    #[test]
    fn debug_redacts_the_password() {
        let password: Password = "Correct-Horse1".parse().unwrap();
        assert!(!format!("{password:?}").contains("Horse"));
    }

    #[test]
    fn common_passwords_are_those_that_pass_the_other_rules() {
        assert!(COMMON.contains("password1"));
        for line in COMMON_PASSWORDS.lines() {
            let letters = line.chars().filter(char::is_ascii_lowercase).count();
            let digits = line.chars().filter(char::is_ascii_digit).count();
            assert!(line.len() >= 8 && letters >= 2 && digits >= 1, "{line}");
            assert_eq!(fold_case(line), line);
        }
        assert!(COMMON_PASSWORDS.lines().is_sorted_by(|a, b| a < b));
    }
}
