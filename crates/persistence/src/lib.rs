//! The domain's storage ports over diesel, for SQLite and PostgreSQL.
//!
//! [`Database`] is a [`portal_domain::store::Store`]. Which of the two databases it is, is decided
//! at run time; the queries are written once and checked by the compiler against both.
//!
//! This crate depends on the domain and on diesel, and is the only one that knows diesel. It knows
//! nothing of HTTP, mail or settings.
//!
//! ```no_run
//! # use portal_domain::store::{Store as _, TenantScope};
//! # use portal_persistence::{Database, DatabaseConfig, Target};
//! # async fn example(scope: TenantScope) -> Result<(), Box<dyn std::error::Error>> {
//! let database = Database::open(DatabaseConfig::new(Target::Sqlite("data/portal.db".into())))?;
//! database.migrate().await?;
//! let tx = database.begin(scope).await?;
//! // …use cases of `portal_domain`…
//! tx.commit().await?; // dropped instead, nothing of it has happened
//! # Ok(())
//! # }
//! ```
//!
//! # Finding one's way
//!
//! A feature has the same name here as in the domain: `rows/tickets.rs` holds its rows and how they
//! become entities, `queries/tickets.rs` its queries, as implementations of the domain's ports.
//! `conn.rs` is the one place that tells the databases apart, `transaction.rs` makes sure that no
//! connection goes back to the pool with a transaction open, and `postgres/` has what is
//! PostgreSQL's alone.
//!
//! # Adding a query
//!
//! Declare a method in a port of the domain and implement it in `queries/`, with the methods of
//! `RunQuery` instead of diesel's. Every query on a tenant's table filters by `self.org()`. Then
//! prove it in the contract suite, `tests/contract/`, which runs on both databases.
//!
//! # Adding a table or a column
//!
//! Add a folder of the same name to `migrations/sqlite` and `migrations/postgres`, beginning with
//! the next number; never change one that was released. Bring `schema.rs` and the rows in line:
//! conversions take rows and entities apart in full, so the compiler finds every place.
//!
//! The release before goes on working on the new schema. So a migration only adds: a new column of
//! an old table may be NULL or has a default, since that release inserts rows without it, and what
//! that release reads is neither dropped nor renamed, nor holds what it cannot read. Such a step
//! waits for the release after. On SQLite a table that others refer to cannot be made anew, since
//! foreign keys hold while a migration runs. `tests/upgrades.rs` upgrades databases of all earlier
//! releases, and `crates/system-tests` has the one before at work.
//!
//! On PostgreSQL a table with an `org_id` needs row-level security, and every table its owner and
//! its grants: see the migration `row_level_security`, which has a pattern for each.
//! `crates/system-tests/tests/postgres/row_level_security.rs` fails where one is forgotten.

mod blocking;
mod config;
mod conn;
mod contains;
mod database;
mod errors;
mod handles;
mod migrations;
mod pool;
mod postgres;
mod queries;
mod rows;
mod schema;
mod sql_types;
mod transaction;

pub use config::{Access, DatabaseConfig, Logins, Target};
pub use database::{Database, OpenError};
pub use pool::PoolStatus;
pub use postgres::{AddressError, IsolationError};
