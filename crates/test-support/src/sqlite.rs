//! SQLite files behind the portal's back.

use std::path::Path;

use diesel::SqliteConnection;
use diesel::connection::{Connection as _, SimpleConnection as _};

/// Runs SQL in a database file.
pub fn execute(file: &Path, sql: &str) {
    let file = file.to_str().expect("a path in UTF-8");
    let mut conn = SqliteConnection::establish(file).expect("a database file");
    conn.batch_execute(sql).expect("valid SQL");
}
