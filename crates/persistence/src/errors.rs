//! Maps database errors to the domain's.

use std::error::Error as StdError;
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error};
use portal_domain::store::StorageError;
use tokio::time::timeout;

/// SQLite's messages for `BUSY`, `READONLY`, `IOERR`, `FULL` and `CANTOPEN`
/// (<https://sqlite.org/rescode.html>), for which diesel has no kind.
const SQLITE_UNAVAILABLE: [&str; 5] = [
    "database is locked",
    "attempt to write a readonly database",
    "disk I/O error",
    "database or disk is full",
    "unable to open database file",
];

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

/// Waits for a database until `limit`.
pub(crate) async fn in_time<T, E>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, StorageError>
where
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    let outcome = timeout(limit, work).await.map_err(unavailable)?;
    outcome.map_err(unavailable)
}

/// Makes sure that a row of `table` was written.
pub(crate) fn written(table: &'static str, written: bool) -> Result<(), StorageError> {
    written.then_some(()).ok_or(StorageError::Missing(table))
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
