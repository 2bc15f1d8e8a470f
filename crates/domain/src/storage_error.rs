//! Why storage failed.

/// Why storage could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database cannot be reached, or did not answer in time; trying again later may help.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row holds what no version of this program writes.
    #[error("{table} holds an invalid {column}: {value:?}")]
    Corrupt {
        /// The table that the row is in.
        table: &'static str,
        /// The column whose value is invalid.
        column: &'static str,
        /// The value.
        value: String,
    },
    /// A write found no row where there had to be one.
    #[error("no row of {0} was changed")]
    Missing(&'static str),
    /// Anything else; a fault of the program or of the schema.
    #[error("a query failed")]
    Query(#[source] Box<dyn std::error::Error + Send + Sync>),
}
