//! Checks that no connection pooler in between loses prepared statements.
//!
//! A pooler in transaction mode lends a connection to the server for one transaction, and then to
//! the next client. The driver prepares each query once for a connection, and numbers them from
//! zero in every process: without a pooler that keeps the names of its clients apart (`PgBouncer`
//! from 1.21 on), a query is unknown to the server, or is another process's query of that name.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use portal_domain::store::StorageError;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::address::Address;
use super::connection::connect_plainly;
use crate::errors::{in_time, unavailable};

/// Why the portal cannot work through a pooler.
#[derive(Debug, thiserror::Error)]
pub enum PoolerError {
    /// It loses prepared statements, or mixes up those of its clients.
    #[error(
        "a connection pooler before the database mixes up prepared statements: use PgBouncer 1.21 \
         or later with max_prepared_statements above 0, or session mode, or none"
    )]
    PreparedStatements,
    /// It would pass on the role that a connection has taken.
    #[error(
        "behind a connection pooler in transaction mode one login cannot take several roles, as \
         `{0}` would have to: give each of DATABASE_URL, DATABASE_SYSTEM_URL and DATABASE_OWNER_URL \
         a login of its own"
    )]
    SharedLogin(String),
    /// The database could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How often two clients take turns. An idle pooler shows itself at once; on a busy one other
/// clients may come in between.
const TURNS: usize = 10;

/// Fails if prepared statements cannot be relied upon at this address. Yields the login if a pooler
/// lends its connections to one client after another.
pub(crate) async fn check(
    address: &Address,
    limit: Duration,
) -> Result<Option<String>, PoolerError> {
    let (one, _) = in_time(limit, connect_plainly(address)).await?;
    let (other, _) = in_time(limit, connect_plainly(address)).await?;
    let number = RandomState::new().build_hasher().finish();
    let query = format!("SELECT pg_backend_pid() /* {number} */");
    let statement = prepared(in_time(limit, one.prepare(&query)).await)?;
    let (mut processes, mut pooled) = (BTreeSet::new(), None);
    for _ in 0..TURNS {
        let row = prepared(in_time(limit, one.query_one(&statement, &[])).await)?;
        let process: i32 = row.try_get(0).map_err(unavailable)?;
        processes.insert(process);
        let seen = in_time(limit, Seen::by(&other, &query)).await?;
        if seen.knows_statement {
            return Err(PoolerError::PreparedStatements);
        }
        if processes.len() > 1 || processes.contains(&seen.process) {
            pooled = Some(seen.login);
        }
    }
    Ok(pooled)
}

/// What another client sees.
struct Seen {
    login: String,
    /// The server's process that it is connected to.
    process: i32,
    /// Whether it has the first client's statement under the driver's own name for it.
    knows_statement: bool,
}

impl Seen {
    async fn by(client: &Client, query: &str) -> Result<Self, Error> {
        let sql = format!(
            "SELECT session_user, pg_backend_pid(), EXISTS (
                SELECT FROM pg_prepared_statements
                WHERE statement = '{query}' AND name ~ '^s[0-9]+$'
            )"
        );
        let answer = client.simple_query(&sql).await?;
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let column = |index| row.and_then(|row: &SimpleQueryRow| row.get(index));
        let process = column(1).and_then(|process| process.parse().ok());
        Ok(Self {
            login: column(0).unwrap_or_default().to_owned(),
            process: process.ok_or("the database does not name its process")?,
            knows_statement: column(2) == Some("t"),
        })
    }
}

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Tells a statement that was lost or mixed up from other failures.
fn prepared<T>(outcome: Result<T, StorageError>) -> Result<T, PoolerError> {
    outcome.map_err(|error| {
        let cause = match &error {
            StorageError::Unavailable(cause) => cause.downcast_ref::<tokio_postgres::Error>(),
            _ => None,
        };
        let is_mixed_up = cause
            .and_then(tokio_postgres::Error::code)
            .is_some_and(|code| {
                [
                    SqlState::INVALID_SQL_STATEMENT_NAME,
                    SqlState::DUPLICATE_PSTATEMENT,
                    SqlState::PROTOCOL_VIOLATION,
                ]
                .contains(code)
            });
        if is_mixed_up {
            PoolerError::PreparedStatements
        } else {
            error.into()
        }
    })
}
