//! The domain's storage ports over diesel, for SQLite and PostgreSQL.
//!
//! [`Database`] is a [`portal_domain::store::Store`]. Which of the two databases it is, is decided
//! at run time; the queries are written once and checked by the compiler against both.
//!
//! This crate depends on the domain and on diesel, and is the only one that knows diesel. It knows
//! nothing of HTTP, mail or settings.
//!
//! ```no_run
//! # use portal_domain::store::{TenantScope, TenantStore as _};
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
//! # Layout
//!
//! A feature has the same name here as in the domain: `rows/tickets.rs` has its rows and their
//! conversion to entities, `queries/tickets.rs` its queries, as implementations of the domain's
//! ports. Neither knows which database it runs on: `sql_types.rs` has column types for both, and
//! `conn.rs` runs a query on either. `transaction.rs` gives connections back to their pool,
//! `sqlite.rs` and `postgres/` have the connections of each, and `database.rs` and `migrations.rs`
//! open and migrate either.
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
//! the next number; never change one that was released. Then adapt `schema.rs` and the rows. A new
//! field of an entity does not compile until a row stores and reads it.
//!
//! The previous release has to keep working on the new schema, so a migration only adds. A new
//! column is NULL or has a default. What the previous release reads is not dropped, renamed or
//! filled with values that it cannot parse; that waits for the release after. On SQLite a table
//! that others refer to cannot be rebuilt, since foreign keys are checked while a migration runs.
//! `tests/upgrades.rs` upgrades databases of all earlier releases, and `crates/system-tests` runs
//! the previous release on the new schema.
//!
//! On PostgreSQL a table with an `org_id` needs row-level security, and every table its owner and
//! grants: see the migration `row_level_security`, which has a pattern for each.
//! `crates/system-tests/tests/postgres/row_level_security.rs` fails where one is forgotten.

mod config;
mod conn;
mod database;
mod errors;
mod handles;
mod migrations;
mod postgres;
mod queries;
mod rows;
mod schema;
mod shares;
mod sql_types;
mod sqlite;
mod transaction;

/// How full a pool of connections is.
pub use deadpool::Status as PoolStatus;

pub use config::{Access, DatabaseConfig, Logins, Target};
pub use database::{Database, OpenError};
pub use migrations::MigrationError;
pub use postgres::{AddressError, IsolationError, PoolerError};
