//! Maps database errors to the domain's.

use std::error::Error as StdError;

use diesel::result::{DatabaseErrorKind, Error};
use portal_domain::store::StorageError;

/// What SQLite says when it cannot get at its files, be it for a moment; diesel has no kind for
/// these (<https://sqlite.org/rescode.html>: `BUSY`, `READONLY`, `IOERR`, `FULL`, `CANTOPEN`).
const SQLITE_UNAVAILABLE: [&str; 5] = [
    "database is locked",
    "attempt to write a readonly database",
    "disk I/O error",
    "database or disk is full",
    "unable to open database file",
];

/// A query that failed.
pub(crate) fn failed(error: Error) -> StorageError {
    match &error {
        Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
            _,
        ) => unavailable(error),
        Error::DatabaseError(DatabaseErrorKind::Unknown, information)
            if SQLITE_UNAVAILABLE.contains(&information.message()) =>
        {
            unavailable(error)
        }
        _ => StorageError::Query(Box::new(error)),
    }
}

/// A database that cannot be reached, or did not answer in time.
pub(crate) fn unavailable(error: impl Into<Box<dyn StdError + Send + Sync>>) -> StorageError {
    StorageError::Unavailable(error.into())
}

/// Whether a write was refused because a row with one of its unique values exists.
pub(crate) const fn is_taken(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)
    )
}

/// Makes sure that a write of one row of `table` found it.
pub(crate) const fn written(table: &'static str, rows: usize) -> Result<(), StorageError> {
    match rows {
        0 => Err(StorageError::Missing(table)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};

    use super::*;

    #[test]
    fn a_database_locked_by_another_process_is_unavailable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.db").display().to_string();
        let mut first = SqliteConnection::establish(&path).unwrap();
        let mut second = SqliteConnection::establish(&path).unwrap();
        first.batch_execute("BEGIN IMMEDIATE").unwrap();
        let error = second.batch_execute("BEGIN IMMEDIATE").unwrap_err();
        assert!(matches!(failed(error), StorageError::Unavailable(_)));
        let error = second.batch_execute("BEGIN NONSENSE").unwrap_err();
        assert!(matches!(failed(error), StorageError::Query(_)));
    }

    #[test]
    fn a_database_that_cannot_be_written_is_unavailable() {
        let mut database = SqliteConnection::establish(":memory:").unwrap();
        database
            .batch_execute("CREATE TABLE notes (text TEXT); PRAGMA query_only = ON")
            .unwrap();
        let error = database.batch_execute("DELETE FROM notes").unwrap_err();
        assert!(matches!(failed(error), StorageError::Unavailable(_)));
    }
}
