//! The customer portal's rules: what an organization's people may see and do, and what follows.
//!
//! This crate holds entities, values, use cases and the ports through which they reach a database.
//! It is pure: no clock, randomness, environment or I/O of its own, and no knowledge of HTTP, SQL
//! or mail. A service that embeds it brings a [`store::Store`] (the crate `portal-persistence` has
//! one for SQLite and PostgreSQL) and an [`environment::Environment`].
//!
//! # Finding one's way
//!
//! A module is a feature, and the feature has the same name in every crate of the workspace.
//! Inside a feature: entities and values, `*Reader` and `*Writer` ports, and a file for each use
//! case. What reads takes a reader. What changes something takes an
//! [`Operation`](operation::Operation): the transaction it works in, who acts, and the time, so
//! that several use cases compose into one transaction:
//!
//! ```no_run
//! # use portal_domain::{environment::SystemEnvironment, store::{Store, TenantScope, StorageError}};
//! # use portal_domain::{actors::Technician, operation::Operation};
//! # use portal_domain::tickets::{self, TicketError};
//! # use portal_domain::ids::{OrganizationId, TicketId};
//! # async fn example(store: &dyn Store, org: OrganizationId, id: TicketId) -> Result<(), TicketError> {
//! let robin = Technician::named("Robin".parse()?);
//! let tx = store.begin(TenantScope::of(org)).await?;
//! let op = Operation::new(&*tx, &robin, &SystemEnvironment);
//! tickets::add_team_reply(&op, id, "On my way.".parse()?).await?;
//! tx.commit().await?; // dropped instead, nothing of it has happened
//! # Ok(())
//! # }
//! ```
//!
//! From the bottom up, the modules are:
//!
//! 1. [`ids`], [`values`], [`text`], [`field`], [`pagination`] and [`environment`], which know no
//!    feature;
//! 2. [`audit`] and [`notifications`], which every change writes to, and which know none either;
//! 3. the features: [`organizations`], [`branding`], [`profiles`], [`devices`], [`assets`],
//!    [`tickets`];
//! 4. [`store`], the list of their ports, and [`actors`] and [`operation`], which the features'
//!    use cases take: the one circle there is;
//! 5. [`access`], which no other module uses.
//!
//! # Adding a feature
//!
//! Make a module with the entity, its values ([`text::text_value!`] makes the textual ones), a
//! reader and a writer port, and the use cases; add the ports to [`store::TenantReader`] and
//! [`store::TenantTransaction`]; implement them in `portal-persistence` and prove them in its
//! contract suite. The entity implements [`audit::Audited`], and every change writes its audit
//! entry by [`Operation::audit`](operation::Operation::audit).

pub mod access;
pub mod actors;
pub mod assets;
pub mod audit;
pub mod branding;
pub mod devices;
mod enums;
pub mod environment;
pub mod field;
pub mod ids;
pub mod instant;
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
pub mod values;

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
