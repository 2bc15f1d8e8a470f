//! Search words and ticket filters.

use std::str::FromStr;

use super::{Description, Subject, TicketNumber, TicketPriority, TicketStatus};
use crate::ids::UserId;
use crate::text::fold_case;
use crate::values::SearchWords;

/// The text that is searched, stored beside the ticket. Case folding happens here because that of
/// SQLite is ASCII only.
pub fn search_text(subject: &Subject, number: &TicketNumber, description: &Description) -> String {
    // A word has no line feed in it, so none matches across two texts.
    fold_case(&format!("{subject}\n{number}\n{description}"))
}

/// The order of a list of tickets; ties are broken by id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketSort {
    /// By the moment of submission.
    CreatedAt {
        /// The newest first.
        descending: bool,
    },
    /// By the moment of the last visible change.
    UpdatedAt {
        /// The newest first.
        descending: bool,
    },
    /// By the rank of the priority.
    Priority {
        /// The most urgent first.
        descending: bool,
    },
}

/// The newest first.
impl Default for TicketSort {
    fn default() -> Self {
        Self::CreatedAt { descending: true }
    }
}

/// The text names no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of createdAt, updatedAt, priority, with `-` before it for descending")]
pub struct InvalidSort;

impl FromStr for TicketSort {
    type Err = InvalidSort;

    fn from_str(text: &str) -> Result<Self, InvalidSort> {
        let (descending, key) = match text.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, text),
        };
        match key {
            "createdAt" => Ok(Self::CreatedAt { descending }),
            "updatedAt" => Ok(Self::UpdatedAt { descending }),
            "priority" => Ok(Self::Priority { descending }),
            _ => Err(InvalidSort),
        }
    }
}

/// Which tickets are asked for, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// Of this customer only.
    pub submitted_by: Option<UserId>,
    /// In one of these statuses; in any when empty.
    pub statuses: Vec<TicketStatus>,
    /// Of one of these priorities; of any when empty.
    pub priorities: Vec<TicketPriority>,
    /// In which each of these words occurs.
    pub words: SearchWords,
    /// The order.
    pub sort: TicketSort,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_ignored_for_all_of_unicode() {
        let haystack = search_text(
            &"Straße nach ΟΔΥΣΣΕΥΣ".parse().unwrap(),
            &"7KQ3MRXD".parse().unwrap(),
            &"100% of ÄRGER".parse().unwrap(),
        );
        for word in ["STRASSE", "οδυσσευς", "7kq3", "ärger", "100%"] {
            let words: SearchWords = word.parse().unwrap();
            assert!(
                words
                    .words()
                    .iter()
                    .all(|word| haystack.contains(word.as_str())),
                "{word}"
            );
        }
    }

    #[test]
    fn an_order_has_a_direction() {
        assert_eq!(
            "-priority".parse(),
            Ok(TicketSort::Priority { descending: true })
        );
        assert_eq!(
            "createdAt".parse(),
            Ok(TicketSort::CreatedAt { descending: false })
        );
        for text in ["", "-", "created_at", "--priority", "subject"] {
            assert_eq!(text.parse::<TicketSort>(), Err(InvalidSort), "{text:?}");
        }
    }
}
