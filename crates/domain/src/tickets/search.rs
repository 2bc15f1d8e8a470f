//! Ticket search, filters and sorting.

use std::cmp::Ordering;
use std::str::FromStr;

use super::{
    Description, Subject, TicketNumber, TicketPriority, TicketScope, TicketStatus, TicketSummary,
    Viewer,
};
use crate::ids::{DeviceId, UserId};
use crate::text::search_key;
use crate::values::SearchWords;

/// How much of a description a search looks in: each word makes the database scan all of it.
const SEARCHED_CHARS: usize = 4_000;

/// The text that a search looks in, stored with the ticket: the [`search_key`] of its fields, made
/// here because SQLite's `LOWER` is ASCII only.
pub fn search_text(subject: &Subject, number: &TicketNumber, description: &Description) -> String {
    let start: String = description.as_str().chars().take(SEARCHED_CHARS).collect();
    // Search words contain no line feed, so no match spans two fields.
    search_key(&format!("{subject}\n{number}\n{start}"))
}

/// The order of a list of tickets; ties are broken by id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketSort {
    /// By time of submission.
    CreatedAt {
        /// The newest first.
        descending: bool,
    },
    /// By time of the last visible change.
    UpdatedAt {
        /// The newest first.
        descending: bool,
    },
    /// By [rank](TicketPriority::rank) of the priority.
    Priority {
        /// The most urgent first.
        descending: bool,
    },
}

impl TicketSort {
    /// The opposite order.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::CreatedAt { descending } => Self::CreatedAt {
                descending: !descending,
            },
            Self::UpdatedAt { descending } => Self::UpdatedAt {
                descending: !descending,
            },
            Self::Priority { descending } => Self::Priority {
                descending: !descending,
            },
        }
    }

    /// Compares two tickets by their places in this order.
    pub fn compare(self, a: &TicketSummary, b: &TicketSummary) -> Ordering {
        let (order, descending) = match self {
            Self::CreatedAt { descending } => (a.created_at.cmp(&b.created_at), descending),
            Self::UpdatedAt { descending } => (a.updated_at.cmp(&b.updated_at), descending),
            Self::Priority { descending } => {
                (a.priority.rank().cmp(&b.priority.rank()), descending)
            }
        };
        let order = order.then(a.id.cmp(&b.id));
        if descending { order.reverse() } else { order }
    }
}

/// The newest first.
impl Default for TicketSort {
    fn default() -> Self {
        Self::CreatedAt { descending: true }
    }
}

/// The text is not a sort order.
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

/// Selects and sorts tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// Only tickets that this viewer may see.
    pub viewer: Viewer,
    /// For a customer, only this part of them.
    pub scope: Option<TicketScope>,
    /// Only tickets about this device.
    pub device: Option<DeviceId>,
    /// Only these statuses; any when empty.
    pub statuses: Vec<TicketStatus>,
    /// Only these priorities; any when empty.
    pub priorities: Vec<TicketPriority>,
    /// Only tickets that contain each of these words.
    pub words: SearchWords,
    /// The sort order.
    pub sort: TicketSort,
}

impl TicketFilter {
    /// The tickets that a customer may see, or a part of them.
    pub fn of(customer: UserId, scope: impl Into<Option<TicketScope>>) -> Self {
        Self {
            viewer: Viewer::Customer(customer),
            scope: scope.into(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_ignores_case_and_canonical_form_for_all_of_unicode() {
        let haystack = search_text(
            &"Straße nach ΟΔΥΣΣΕΥΣ, Cafe\u{301}".parse().unwrap(),
            &"7KQ3MRXD".parse().unwrap(),
            &"100% of ÄRGER".parse().unwrap(),
        );
        for word in [
            "STRASSE",
            "οδυσσευς",
            "7kq3",
            "ärger",
            "A\u{308}rger",
            "CAFÉ",
            "100%",
        ] {
            let words: SearchWords = word.parse().unwrap();
            assert!(
                words
                    .words()
                    .iter()
                    .all(|word| haystack.contains(word.key())),
                "{word}"
            );
        }
    }

    #[test]
    fn a_search_looks_in_the_first_4000_characters_of_a_description() {
        let text = |leading: usize| {
            let description = format!("{}ä", " ".repeat(leading));
            let (subject, number) = ("Printer".parse(), "7KQ3MRXD".parse());
            search_text(
                &subject.unwrap(),
                &number.unwrap(),
                &description.parse().unwrap(),
            )
        };
        assert!(text(3_999).contains('ä'));
        assert!(!text(4_000).contains('ä'));
    }

    #[test]
    fn a_sort_order_has_a_key_and_a_direction() {
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
