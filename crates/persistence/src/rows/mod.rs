//! Table rows, and their conversion to and from entities.
//!
//! A new field of an entity has to be read from a row's field, and that has to be written: both
//! directions are struct literals. A row that is only read warns of a field that nobody reads.
//!
//! Every `Insertable` has `treat_none_as_default_value = false`, even without optional fields:
//! PostgreSQL would prepare its statement anew each time otherwise.

pub(crate) mod assets;
pub(crate) mod audit;
pub(crate) mod branding;
pub(crate) mod devices;
pub(crate) mod notifications;
pub(crate) mod organizations;
pub(crate) mod profiles;
pub(crate) mod tickets;

use std::str::FromStr;

use portal_domain::store::StorageError;
use portal_domain::text::StoredText;

/// The entities of rows.
pub(crate) fn entities<R, E>(rows: Vec<R>) -> Result<Vec<E>, StorageError>
where
    E: TryFrom<R, Error = StorageError>,
{
    rows.into_iter().map(E::try_from).collect()
}

/// Reads a table's texts as the domain's values.
#[derive(Debug, Clone, Copy)]
struct Table(&'static str);

impl Table {
    fn value<T: FromStr>(self, column: &'static str, text: &str) -> Result<T, StorageError> {
        self.found(column, text, text.parse().ok())
    }

    fn text<T: StoredText>(self, column: &'static str, text: &str) -> Result<T, StorageError> {
        self.found(column, text, T::from_storage(text).ok())
    }

    fn found<T>(
        self,
        column: &'static str,
        text: &str,
        value: Option<T>,
    ) -> Result<T, StorageError> {
        value.ok_or_else(|| StorageError::Corrupt {
            table: self.0,
            column,
            value: text.to_owned(),
        })
    }

    fn optional<T: FromStr>(
        self,
        column: &'static str,
        text: Option<String>,
    ) -> Result<Option<T>, StorageError> {
        text.map(|text| self.value(column, &text)).transpose()
    }

    fn optional_text<T: StoredText>(
        self,
        column: &'static str,
        text: Option<String>,
    ) -> Result<Option<T>, StorageError> {
        text.map(|text| self.text(column, &text)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::tickets::{Subject, TicketStatus};

    use super::*;

    #[test]
    fn what_an_earlier_release_did_not_know_to_be_blank_is_read() {
        let subject: Subject = Table("tickets").text("subject", "\u{2800}").unwrap();
        assert_eq!(subject.as_str(), "\u{2800}");
        assert!(Table("tickets").text::<Subject>("subject", "a\nb").is_err());
    }

    #[test]
    fn what_no_version_writes_is_reported_with_its_place() {
        let error = Table("tickets")
            .value::<TicketStatus>("status", "melted")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "tickets holds an invalid status: \"melted\""
        );
        let absent = Table("tickets")
            .optional::<Subject>("subject", None)
            .unwrap();
        assert_eq!(absent, None);
    }
}
