//! Ticket numbers.

use std::fmt;
use std::str::FromStr;

use crate::environment::Environment;

/// Eight characters, unique across organizations, that survive being read aloud.
///
/// The alphabet has no vowels, so that no number is a word, and none of the characters that are
/// taken for one another on paper or on the phone (0 and O, 1 and I and L, 5 and S, 8 and B).
/// 24 characters make 24⁸ ≈ 1.1 × 10¹¹ numbers; a collision is retried.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TicketNumber(String);

/// The text is no ticket number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a ticket number such as 7KQ3MRXD")]
pub struct InvalidTicketNumber;

impl TicketNumber {
    /// How many characters a number has.
    pub const LENGTH: usize = 8;
    const ALPHABET: &[u8; 24] = b"234679CDFGHJKMNPQRTVWXYZ";

    /// A random number.
    pub fn generate(env: &dyn Environment) -> Self {
        let radix = Self::ALPHABET.len() as u128;
        let mut random = u128::from_le_bytes(env.random());
        let draw = |_| {
            let index = usize::try_from(random % radix).unwrap_or_default();
            random /= radix;
            char::from(Self::ALPHABET.get(index).copied().unwrap_or(b'2'))
        };
        Self((0..Self::LENGTH).map(draw).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Accepts any upper-case alphanumeric text of up to 32 characters, in any case: numbers of
/// tickets that came from elsewhere have other forms.
impl FromStr for TicketNumber {
    type Err = InvalidTicketNumber;

    fn from_str(text: &str) -> Result<Self, InvalidTicketNumber> {
        let valid = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        valid
            .then(|| Self(text.to_ascii_uppercase()))
            .ok_or(InvalidTicketNumber)
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::SystemEnvironment;

    #[test]
    fn numbers_are_short_and_can_be_read_aloud() {
        for _ in 0..1_000 {
            let number = TicketNumber::generate(&SystemEnvironment);
            assert_eq!(number.as_str().len(), TicketNumber::LENGTH);
            assert!(
                !number
                    .as_str()
                    .contains(|c: char| "01358BILOSAEU".contains(c) && c != '3')
            );
            assert_eq!(number.as_str().parse::<TicketNumber>(), Ok(number.clone()));
        }
    }

    #[test]
    fn a_number_may_be_typed_in_lower_case() {
        assert_eq!(
            "7kq3mrxd".parse::<TicketNumber>().unwrap().as_str(),
            "7KQ3MRXD"
        );
        for text in ["", "7KQ 3MRXD", "ÄÖÜ", "'; --", &"7".repeat(33)] {
            assert_eq!(
                text.parse::<TicketNumber>(),
                Err(InvalidTicketNumber),
                "{text:?}"
            );
        }
    }
}
