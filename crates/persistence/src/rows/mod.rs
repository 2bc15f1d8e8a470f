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
pub(crate) mod files;
pub(crate) mod idempotency;
pub(crate) mod notifications;
pub(crate) mod organizations;
pub(crate) mod profiles;
pub(crate) mod tickets;

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use portal_domain::store::StorageError;
use portal_domain::text::StoredText;

use crate::sql_types::DbId;

/// How many places that cannot be read are remembered and logged.
const MAX_LOGGED: usize = 1000;

/// The entities of rows.
pub(crate) fn entities<R, E>(rows: Vec<R>) -> Result<Vec<E>, StorageError>
where
    E: TryFrom<R, Error = StorageError>,
{
    rows.into_iter().map(E::try_from).collect()
}

/// A row of a table, whose texts are read as the domain's values. An error names the place and never
/// the value, which may be anybody's address or description.
#[derive(Debug, Clone, Copy)]
struct Place(&'static str, DbId);

impl Place {
    fn value<T: FromStr>(self, column: &'static str, text: &str) -> Result<T, StorageError> {
        self.found(column, text.parse().ok())
    }

    fn text<T: StoredText>(self, column: &'static str, text: String) -> Result<T, StorageError> {
        self.found(column, T::from_storage(text))
    }

    fn found<T>(self, column: &'static str, value: Option<T>) -> Result<T, StorageError> {
        let Self(table, id) = self;
        value.ok_or_else(|| StorageError::Corrupt {
            table,
            column,
            id: id.to_string(),
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
        text.map(|text| self.text(column, text)).transpose()
    }
}

/// The value, or nothing if it cannot be read. The log names each such place once.
fn readable<T>(value: Result<Option<T>, StorageError>) -> Option<T> {
    static LOGGED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    value.unwrap_or_else(|error| {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.len() < MAX_LOGGED && logged.insert(error.to_string()) {
            tracing::error!("{error}, and left out");
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use portal_domain::ids::TicketId;
    use portal_domain::tickets::{Subject, TicketStatus};

    use super::*;

    fn place() -> Place {
        let id: TicketId = "00000000-0000-7000-8000-00000000000a".parse().unwrap();
        Place("tickets", DbId::of(id))
    }

    #[test]
    fn what_an_earlier_release_did_not_know_to_be_blank_is_read() {
        let place = place();
        let subject: Subject = place.text("subject", "\u{2800}".to_owned()).unwrap();
        assert_eq!(subject.as_str(), "\u{2800}");
        assert!(place.text::<Subject>("subject", "a\nb".to_owned()).is_err());
    }

    #[test]
    fn what_no_version_writes_is_reported_with_its_place() {
        let error = place()
            .value::<TicketStatus>("status", "melted")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the status of the row 00000000-0000-7000-8000-00000000000a of tickets is invalid"
        );
        let absent = place().optional::<Subject>("subject", None).unwrap();
        assert_eq!(absent, None);
    }
}
