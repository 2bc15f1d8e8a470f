//! The customer portal's business rules: entities, values, use cases, and the ports through which
//! they reach a database.
//!
//! The crate does no I/O and knows nothing of HTTP, SQL or mail. A service that embeds it provides
//! a [`store::Store`] (`portal-persistence` has one for SQLite and PostgreSQL) and an
//! [`environment::Environment`].
//!
//! # Overview
//!
//! A module is a feature, with the same name in every crate of the workspace. It has entities and
//! values, `*Reader` and `*Writer` ports, and a file for each group of use cases. A query takes a
//! reader. A change takes an [`Operation`](operation::Operation): a transaction, the actor and the
//! time. Several changes can thus share one transaction:
//!
//! ```no_run
//! # use portal_domain::{environment::SystemEnvironment, store::{Store, TenantScope, StorageError}};
//! # use portal_domain::{actors::Technician, operation::Operation};
//! # use portal_domain::tickets;
//! # use portal_domain::ids::{OrganizationId, TicketId};
//! # async fn example(store: &dyn Store, org: OrganizationId, id: TicketId)
//! #     -> Result<(), Box<dyn std::error::Error>> {
//! let robin = Technician::named("Robin".parse()?);
//! let tx = store.begin(TenantScope::of(org)).await?;
//! let op = Operation::new(&*tx, &robin, &SystemEnvironment);
//! tickets::add_team_reply(&op, id, "On my way.".parse()?).await?;
//! tx.commit().await?; // a dropped transaction is rolled back
//! # Ok(())
//! # }
//! ```
//!
//! From the bottom up, the modules are:
//!
//! 1. [`ids`], [`values`], [`text`], [`field`], [`pagination`] and [`environment`];
//! 2. [`audit`] and [`notifications`], which every change writes to;
//! 3. the features: [`organizations`], [`branding`], [`profiles`], [`devices`], [`assets`],
//!    [`tickets`], [`files`];
//! 4. [`store`], the list of their ports, and [`actors`] and [`operation`], which their use cases
//!    take (the only dependency cycle);
//! 5. [`access`] and [`idempotency`], which no other module uses.
//!
//! # Adding a feature
//!
//! 1. Write a module with the entity, its values ([`text::text_value!`]), a reader and a writer
//!    port, and the use cases.
//! 2. Add the ports to [`store::TenantReader`] and [`store::TenantTransaction`], implement them in
//!    `portal-persistence`, and test them in its contract suite.
//! 3. Implement [`audit::Audited`] for the entity, and write an audit entry for every change with
//!    [`Operation::audit`](operation::Operation::audit).

pub mod access;
pub mod actors;
pub mod assets;
pub mod audit;
pub mod branding;
pub mod clients;
pub mod devices;
mod enums;
pub mod environment;
pub mod field;
pub mod files;
pub mod idempotency;
pub mod ids;
pub mod notifications;
pub mod operation;
pub mod organizations;
pub mod pagination;
pub mod profiles;
mod scope;
mod storage_error;
pub mod store;
pub mod text;
pub mod tickets;
pub mod timestamp;
pub mod values;

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
