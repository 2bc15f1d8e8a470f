//! Ticket numbers.

use crate::environment::Environment;
use crate::text::text_value;

text_value! {
    /// A ticket's number: eight characters, unique across organizations.
    ///
    /// The alphabet has no vowels, so that no number is a word, and no characters that are easily
    /// confused (0 and O, 1 and I and L, 5 and S, 8 and B). That makes 24⁸ ≈ 1.1 × 10¹¹ numbers; a
    /// collision is retried.
    ///
    /// Parsing accepts any alphanumeric text of up to 32 characters, in any case, as imported
    /// tickets may have other numbers.
    pub struct TicketNumber(parse) -> InvalidTicketNumber;
}

/// The text is not a ticket number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a ticket number such as 7KQ3MRXD")]
pub struct InvalidTicketNumber;

impl TicketNumber {
    /// The length of a generated number.
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
}

fn parse(text: &str) -> Result<String, InvalidTicketNumber> {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=32).contains(&text.len()) && text.bytes().all(is_legal) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(InvalidTicketNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::SystemEnvironment;

    #[test]
    fn ticket_numbers_have_no_vowels_and_no_confusable_characters() {
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
    fn a_ticket_number_in_lower_case_is_accepted() {
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
