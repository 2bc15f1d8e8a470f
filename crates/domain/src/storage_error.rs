//! Errors of the database.

/// Why a database operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database cannot be reached or did not respond in time. A later try may succeed.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row holds a value that no version of this program writes. The value is not told, since it
    /// may be anybody's.
    #[error("the {column} of the row {id} of {table} is invalid")]
    Corrupt {
        /// The row's table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        id: String,
    },
    /// A write affected no row of this table.
    #[error("no row of {0} was changed")]
    Missing(&'static str),
    /// Any other error: a bug in the program or the schema.
    #[error("a query failed")]
    Query(#[source] Box<dyn std::error::Error + Send + Sync>),
}
