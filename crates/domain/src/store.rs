//! The ports through which use cases reach a database.
//!
//! A handle is scoped to one organization when it is opened: no method takes the organization as
//! an argument, so none can be called with the wrong one. Work before an organization is known
//! (signing in, looking up a domain) or across all of them (sending mails, finding out who has to
//! be reminded) goes through the `System*` ports, which offer just that.
//!
//! All methods take `&self`. Reads that do not depend on each other may be joined: on PostgreSQL
//! they then travel together.

use async_trait::async_trait;

use crate::assets::{AssetReader, AssetWriter, ReminderReader, ReminderWriter};
use crate::audit::{AuditReader, AuditWriter};
use crate::branding::{BrandingReader, BrandingWriter, DomainReader};
use crate::devices::{DeviceReader, DeviceWriter};
use crate::notifications::{OutboxMonitor, OutboxQueue, OutboxWriter};
use crate::organizations::{OrganizationReader, OrganizationWriter};
use crate::profiles::{AccountReader, ProfileReader, ProfileWriter};
use crate::tickets::{TicketNumberReader, TicketReader, TicketWriter};

pub use crate::scope::TenantScope;
pub use crate::storage_error::StorageError;

/// A database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a view of one organization. It changes nothing, and what it reads is from one moment.
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError>;

    /// Begins a transaction on one organization's data.
    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError>;

    /// Opens a view for what is asked before an organization is known, or across all.
    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError>;

    /// Begins a transaction across organizations.
    async fn begin_system(&self) -> Result<Box<dyn SystemTransaction>, StorageError>;

    /// Asks the database for a sign of life.
    async fn ping(&self) -> Result<(), StorageError>;
}

/// What can be read of one organization.
pub trait TenantReader:
    ProfileReader + TicketReader + DeviceReader + AssetReader + BrandingReader + AuditReader
{
    /// The organization that this handle works on.
    fn scope(&self) -> TenantScope;
}

/// What ends a transaction. Dropped without [`commit`](Self::commit), it has never happened.
#[async_trait]
pub trait Transaction: Send + Sync {
    /// Makes everything done in this transaction permanent.
    async fn commit(self: Box<Self>) -> Result<(), StorageError>;

    /// Undoes everything and gives the connection back. Dropping undoes too, but costs the
    /// connection; so this is for errors that are part of daily life.
    async fn rollback(self: Box<Self>) -> Result<(), StorageError>;
}

/// A transaction on one organization's data.
pub trait TenantTransaction:
    Transaction
    + TenantReader
    + ProfileWriter
    + TicketWriter
    + DeviceWriter
    + AssetWriter
    + ReminderWriter
    + BrandingWriter
    + AuditWriter
    + OutboxWriter
{
}

/// What can be asked before an organization is known, or across all.
pub trait SystemReader:
    AccountReader
    + DomainReader
    + TicketNumberReader
    + ReminderReader
    + OrganizationReader
    + OutboxMonitor
{
}

/// A transaction across organizations.
pub trait SystemTransaction: Transaction + SystemReader + OrganizationWriter + OutboxQueue {}

/// Runs `change` in a transaction that was just begun: committed when it succeeds, undone when it
/// fails.
///
/// The compiler cannot yet see that the future of an async closure is `Send`; a task to be spawned
/// on another thread calls [`finish`] itself.
///
/// # Errors
///
/// Those of `change`, and those of storage.
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

/// Commits what succeeded and undoes what did not.
///
/// # Errors
///
/// That of `outcome`, and those of storage.
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
            // The error at hand says more than a failing rollback, which loses nothing either.
            drop(tx.rollback().await);
            Err(error)
        }
    }
}
