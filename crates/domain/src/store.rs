//! The ports through which use cases reach a database.
//!
//! A handle is scoped to one organization when it is opened. No method takes an organization, so
//! none can be called with the wrong one. What has to work before the organization is known
//! (sign-in, custom domains) uses a [`LookupReader`], and what works on all of them (sending mails,
//! reminders) the `System*` ports, which offer only that.
//!
//! Requests have a [`SharedStore`], which they open on somebody's behalf; the portal's own work and
//! operators have a [`Store`].
//!
//! All methods take `&self`, so independent reads can be joined: PostgreSQL answers them in one
//! round trip.

use std::net::IpAddr;

use async_trait::async_trait;

use crate::assets::{AssetReader, AssetWriter, ReminderReader, ReminderWriter};
use crate::audit::{AuditReader, AuditWriter};
use crate::branding::{BrandingReader, BrandingWriter, DomainReader};
use crate::clients::client_network;
use crate::devices::{DeviceReader, DeviceWriter};
use crate::files::{FileReader, FileSweepReader, FileWriter};
use crate::idempotency::{KeyReader, KeySweepReader, KeyWriter};
use crate::ids::UserId;
use crate::notifications::{OutboxMonitor, OutboxQueue, OutboxWriter};
use crate::organizations::{OrganizationReader, OrganizationWriter};
use crate::profiles::{AccountReader, ProfileReader, ProfileWriter};
use crate::tickets::{TicketNumberReader, TicketReader, TicketWriter};

pub use crate::scope::TenantScope;
pub use crate::storage_error::StorageError;

/// The data of one organization at a time.
#[async_trait]
pub trait TenantStore: Send + Sync {
    /// Opens a read-only view of one organization, consistent as of one moment.
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError>;

    /// Begins a transaction on one organization's data.
    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError>;
}

/// On whose behalf a request uses a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A signed-in user.
    User(UserId),
    /// A client without a session, by its [`client_network`].
    Client(IpAddr),
}

impl Asker {
    /// A client without a session, at this address.
    pub fn client(address: IpAddr) -> Self {
        Self::Client(client_network(address))
    }
}

/// A database that requests share. None reaches it without saying on whose behalf, so that nobody
/// has more than their share of it.
#[async_trait]
pub trait SharedStore: Send + Sync {
    /// The database, of which a user or a client has a small share at a time: what more of their
    /// requests open waits, then fails with [`StorageError::Unavailable`].
    fn on_behalf_of(&self, asker: Asker) -> Box<dyn RequestStore>;

    /// Checks that the database takes writes, for all that the program does there.
    async fn ping(&self) -> Result<(), StorageError>;
}

/// A database, as one request may use it.
#[async_trait]
pub trait RequestStore: TenantStore {
    /// Opens a read-only view of what has to be known before an organization is.
    async fn lookup(&self) -> Result<Box<dyn LookupReader>, StorageError>;
}

/// A database, with all that the portal and its operators do on their own.
#[async_trait]
pub trait Store: TenantStore + SharedStore {
    /// Opens a read-only view of the whole system.
    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError>;

    /// Begins a transaction on the whole system.
    async fn begin_system(&self) -> Result<Box<dyn SystemTransaction>, StorageError>;
}

/// Read access to one organization.
pub trait TenantReader:
    ProfileReader
    + TicketReader
    + FileReader
    + KeyReader
    + DeviceReader
    + AssetReader
    + BrandingReader
    + AuditReader
{
    /// The organization that this handle is scoped to.
    fn scope(&self) -> TenantScope;
}

/// The end of a transaction. One that is dropped is rolled back.
#[async_trait]
pub trait Transaction: Send + Sync {
    /// Commits the transaction.
    async fn commit(self: Box<Self>) -> Result<(), StorageError>;

    /// Rolls the transaction back. Dropping it does the same, but closes the connection; so call
    /// this for expected errors.
    async fn rollback(self: Box<Self>) -> Result<(), StorageError>;
}

/// A transaction on one organization's data.
pub trait TenantTransaction:
    Transaction
    + TenantReader
    + ProfileWriter
    + TicketWriter
    + FileWriter
    + KeyWriter
    + DeviceWriter
    + AssetWriter
    + ReminderWriter
    + BrandingWriter
    + AuditWriter
    + OutboxWriter
{
}

/// Read access across organizations, for requests whose organization is not known yet.
pub trait LookupReader: AccountReader + DomainReader {}

/// Read access to the whole system, for what is not scoped to an organization.
pub trait SystemReader:
    LookupReader
    + TicketNumberReader
    + FileSweepReader
    + KeySweepReader
    + ReminderReader
    + OrganizationReader
    + OutboxMonitor
{
}

/// A transaction on the whole system.
pub trait SystemTransaction: Transaction + SystemReader + OrganizationWriter + OutboxQueue {}

/// Runs `change` in a transaction. Commits it on success, rolls it back on failure.
///
/// The compiler cannot yet prove that the future of an async closure is `Send`. A task that is
/// spawned on another thread calls [`finish`] instead.
pub async fn transact<X, T, E>(
    tx: Box<X>,
    change: impl AsyncFnOnce(&X) -> Result<T, E>,
) -> Result<T, E>
where
    X: Transaction + ?Sized,
    E: From<StorageError>,
{
    let outcome = change(&*tx).await;
    finish(tx, outcome).await
}

/// Commits the transaction of a successful `outcome`, and rolls back that of a failed one.
pub async fn finish<X, T, E>(tx: Box<X>, outcome: Result<T, E>) -> Result<T, E>
where
    X: Transaction + ?Sized,
    E: From<StorageError>,
{
    match outcome {
        Ok(value) => {
            tx.commit().await?;
            Ok(value)
        }
        Err(error) => {
            // `error` says more than a failed rollback, after which nothing is committed either.
            drop(tx.rollback().await);
            Err(error)
        }
    }
}
