//! What nobody needs any more goes, and both sides are compared.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt as _;

use super::Attachment;
use super::store::{FileKey, FileStore, FileStoreError, StoredBytes};
use crate::environment::Environment;
use crate::ids::{FileId, OrganizationId};
use crate::scope::TenantScope;
use crate::storage_error::StorageError;
use crate::store::Store;

/// How long an upload waits to be attached.
pub const UNCLAIMED_FOR: TimeDelta = TimeDelta::hours(24);

/// How many of an organization's files are removed before their rows are.
const SWEPT_AT_ONCE: i64 = 1000;

/// How old bytes without a row have to be before they count as left behind: an upload that is under
/// way has none yet.
const STILL_ARRIVING: TimeDelta = TimeDelta::hours(1);

/// How old bytes without a row are when they are removed: older than any upload that is under way.
const ORPHANED_FOR: TimeDelta = TimeDelta::hours(24);

/// Why a sweep or a check failed.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// The store of files failed.
    #[error(transparent)]
    Store(#[from] FileStoreError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Removes uploads that nobody attached within a day, and the bytes of removed files; returns how
/// many files are gone.
///
/// First the bytes, then the row: what fails in between is removed by the next sweep. What fails keeps
/// nothing else from going.
///
/// # Errors
///
/// The first [`UpkeepError`], after all that could go is gone.
pub async fn sweep(
    store: &dyn Store,
    files: &dyn FileStore,
    env: &dyn Environment,
) -> Result<usize, UpkeepError> {
    let now = env.now();
    let before = now - UNCLAIMED_FOR;
    let organizations = {
        let system = store.system_reader().await?;
        system.organizations_to_sweep(before).await?
    };
    let mut gone = 0;
    let mut failed = None;
    for organization in organizations {
        match sweep_organization(store, files, organization, before, now).await {
            Ok(swept) => {
                gone += swept.gone;
                failed = failed.or(swept.failed);
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(gone), Err)
}

/// What became of the files of one organization.
#[derive(Default)]
struct Swept {
    /// How many are gone.
    gone: usize,
    /// Why the first of the others is not.
    failed: Option<UpkeepError>,
}

async fn sweep_organization(
    store: &dyn Store,
    files: &dyn FileStore,
    organization: OrganizationId,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Swept, UpkeepError> {
    let scope = TenantScope::of(organization);
    let mut swept = Swept::default();
    let tx = store.begin(scope).await?;
    // Once marked, nobody can attach them any more.
    tx.expire_files(before, now).await?;
    let mut removed = tx.removed_files(None, SWEPT_AT_ONCE).await?;
    tx.commit().await?;
    while let Some(last) = removed.last().copied() {
        let mut gone = Vec::new();
        for file in removed {
            match files.remove(FileKey { organization, file }).await {
                Ok(()) => gone.push(file),
                Err(error) => swept.failed = swept.failed.or(Some(error.into())),
            }
        }
        let tx = store.begin(scope).await?;
        tx.forget_files(&gone).await?;
        removed = tx.removed_files(Some(last), SWEPT_AT_ONCE).await?;
        tx.commit().await?;
        swept.gone += gone.len();
    }
    Ok(swept)
}

/// What a check of one organization's files found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileCheck {
    /// How many files there are in the database.
    pub files: usize,
    /// Files whose bytes are missing or have another size. Only a backup has them.
    pub lost: Vec<FileId>,
    /// Bytes without a row, left by a crash or a failure.
    pub orphans: Vec<FileId>,
}

/// Compares the rows and bytes of an organization's files.
///
/// # Errors
///
/// [`UpkeepError`].
pub async fn check(
    store: &dyn Store,
    files: &dyn FileStore,
    env: &dyn Environment,
    organization: OrganizationId,
) -> Result<FileCheck, UpkeepError> {
    let Compared {
        listed_at,
        rows,
        mut stored,
    } = compare(store, files, env, organization).await?;
    let mut found = FileCheck {
        files: rows.len(),
        ..FileCheck::default()
    };
    for row in rows {
        match stored.remove(&row.id) {
            Some(bytes) if bytes.size_bytes == row.size_bytes => {}
            // Its bytes may be gone already, or have come after the list was made.
            _ if row.removed_at.is_some() || row.created_at + STILL_ARRIVING > listed_at => {}
            _ => found.lost.push(row.id),
        }
    }
    found.orphans = older_than(STILL_ARRIVING, stored, listed_at).collect();
    Ok(found)
}

/// Rows and bytes of an organization's files.
struct Compared {
    listed_at: DateTime<Utc>,
    rows: Vec<Attachment>,
    stored: BTreeMap<FileId, StoredBytes>,
}

async fn compare(
    store: &dyn Store,
    files: &dyn FileStore,
    env: &dyn Environment,
    organization: OrganizationId,
) -> Result<Compared, UpkeepError> {
    // The bytes first: every file whose row is read afterwards had its bytes before.
    let mut stored = BTreeMap::new();
    let mut list = files.list(organization);
    while let Some(bytes) = list.try_next().await? {
        stored.insert(bytes.key.file, bytes);
    }
    let listed_at = env.now();
    let reader = store.reader(TenantScope::of(organization)).await?;
    Ok(Compared {
        listed_at,
        rows: reader.all_files().await?,
        stored,
    })
}

/// The files whose bytes were written longer ago than `age`.
fn older_than(
    age: TimeDelta,
    stored: BTreeMap<FileId, StoredBytes>,
    listed_at: DateTime<Utc>,
) -> impl Iterator<Item = FileId> {
    let is_older = move |bytes: &StoredBytes| bytes.stored_at + age < listed_at;
    let older = stored.into_values().filter(is_older);
    older.map(|bytes| bytes.key.file)
}

/// Removes the bytes of an organization that have had no row for a day; returns how many are gone.
///
/// An upload writes its row soon after its bytes, so none of them is under way. Any number of programs
/// may do this at once.
///
/// # Errors
///
/// The first [`UpkeepError`], after all that could go is gone.
pub async fn remove_orphans(
    store: &dyn Store,
    files: &dyn FileStore,
    env: &dyn Environment,
    organization: OrganizationId,
) -> Result<usize, UpkeepError> {
    let Compared {
        listed_at,
        rows,
        mut stored,
    } = compare(store, files, env, organization).await?;
    for row in rows {
        stored.remove(&row.id);
    }
    let mut gone = 0;
    let mut failed = None;
    for file in older_than(ORPHANED_FOR, stored, listed_at) {
        match files.remove(FileKey { organization, file }).await {
            Ok(()) => gone += 1,
            Err(error) => failed = failed.or(Some(error.into())),
        }
    }
    failed.map_or(Ok(gone), Err)
}

/// Removes the parts of files whose upload was broken off by a crash, where the store does not do so
/// itself.
///
/// # Errors
///
/// [`FileStoreError`].
pub async fn remove_broken_off(
    files: &dyn FileStore,
    env: &dyn Environment,
) -> Result<usize, FileStoreError> {
    files.remove_unfinished(env.now() - ORPHANED_FOR).await
}

/// Mends what a [`check`] found: removes bytes without a row, and the rows of files whose bytes are
/// lost, so that nobody is offered them.
///
/// # Errors
///
/// [`UpkeepError`].
pub async fn repair(
    store: &dyn Store,
    files: &dyn FileStore,
    env: &dyn Environment,
    organization: OrganizationId,
    found: &FileCheck,
) -> Result<(), UpkeepError> {
    for file in &found.orphans {
        let key = FileKey {
            organization,
            file: *file,
        };
        files.remove(key).await?;
    }
    let tx = store.begin(TenantScope::of(organization)).await?;
    for file in &found.lost {
        tx.remove_file(*file, env.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}
