//! The ports through which use cases reach a database.
//!
//! A handle is scoped to one organization when it is opened. No method takes an organization, so
//! none can be called with the wrong one. What has to work before the organization is known
//! (sign-in, custom domains) or on all of them (sending mails, reminders) uses the `System*` ports,
//! which offer only that.
//!
//! All methods take `&self`, so independent reads can be joined: PostgreSQL answers them in one
//! round trip.

use async_trait::async_trait;

use crate::assets::{AssetReader, AssetWriter, ReminderReader, ReminderWriter};
use crate::audit::{AuditReader, AuditWriter};
use crate::branding::{BrandingReader, BrandingWriter, DomainReader};
use crate::devices::{DeviceReader, DeviceWriter};
use crate::files::{FileReader, FileSweepReader, FileWriter};
use crate::idempotency::{KeyReader, KeySweepReader, KeyWriter};
use crate::notifications::{OutboxMonitor, OutboxQueue, OutboxWriter};
use crate::organizations::{OrganizationReader, OrganizationWriter};
use crate::profiles::{AccountReader, ProfileReader, ProfileWriter};
use crate::tickets::{TicketNumberReader, TicketReader, TicketWriter};

pub use crate::scope::TenantScope;
pub use crate::storage_error::StorageError;

/// A database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a read-only view of one organization, consistent as of one moment.
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError>;

    /// Begins a transaction on one organization's data.
    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError>;

    /// Opens a read-only view of the whole system.
    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError>;

    /// Begins a transaction on the whole system.
    async fn begin_system(&self) -> Result<Box<dyn SystemTransaction>, StorageError>;

    /// Checks that the database takes writes, for all that the program does there.
    async fn ping(&self) -> Result<(), StorageError>;
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

/// Read access to the whole system, for what is not scoped to an organization.
pub trait SystemReader:
    AccountReader
    + DomainReader
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
