//! Files arrive: first their bytes, then their rows.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::content::Sniffer;
use super::store::{FileKey, FileScanner, FileSink, FileStore, FileStoreError, ScanError, Verdict};
use super::{Attachment, ContentType, FileName, Sha256Digest};
use crate::actors::{Customer, Technician};
use crate::audit::{Actor, AuditAction};
use crate::environment::Environment;
use crate::ids::{FileId, OrganizationId, UserId};
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::store::TenantReader;

/// Limits on files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// What all files of an organization may have together, in bytes.
    pub quota_bytes: u64,
    /// How many files a user may upload in an hour.
    pub per_hour: usize,
}

impl FileLimits {
    /// 25 MB a file, 10 GB an organization, 100 files an hour.
    pub const DEFAULT: Self = Self {
        max_bytes: 25_000_000,
        quota_bytes: 10_000_000_000,
        per_hour: 100,
    };

    /// How long the first bytes of an upload may take in all: 15 seconds, and one more for each
    /// 32 KiB.
    pub const fn time_for(bytes: u64) -> Duration {
        Duration::from_secs(15 + bytes / (32 * 1024))
    }
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It has no bytes.
    #[error("The file is empty")]
    Empty,
    /// It has more bytes than `max`.
    #[error("The file is larger than {} MB", .max / 1_000_000)]
    TooLarge {
        /// The limit, in bytes.
        max: u64,
    },
    /// It runs when it is opened.
    #[error("Files that run when they are opened are not accepted")]
    Runnable,
    /// It holds malicious software.
    #[error("The file contains malicious software")]
    Infected,
    /// The organization's files have no more room.
    #[error("There is no more room for files of your organization")]
    QuotaExceeded,
    /// The store of files failed.
    #[error(transparent)]
    Store(#[from] FileStoreError),
    /// The scanner failed, so nobody knows what is in the file.
    #[error(transparent)]
    Scanner(#[from] ScanError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Where files are, and what is taken.
#[derive(Clone)]
pub struct FileDepot {
    /// The bytes.
    pub store: Arc<dyn FileStore>,
    /// Scans each file before anybody can fetch it.
    pub scanner: Option<Arc<dyn FileScanner>>,
    /// The limits.
    pub limits: FileLimits,
}

impl FileDepot {
    /// Begins to take a file of an organization.
    ///
    /// # Errors
    ///
    /// [`UploadError::Runnable`], and those of the store.
    pub async fn receive(
        &self,
        env: &dyn Environment,
        organization: OrganizationId,
        name: FileName,
    ) -> Result<Reception<'_>, UploadError> {
        if name.is_runnable() {
            return Err(UploadError::Runnable);
        }
        let file = FileId::generate(env);
        let key = FileKey { organization, file };
        Ok(Reception {
            depot: self,
            key,
            name,
            sniffer: Sniffer::default(),
            hash: Sha256::new(),
            size: 0,
            sink: self.store.create(key).await?,
        })
    }

    /// Takes bytes back that got no row. A failure is left to
    /// [`remove_orphans`](super::remove_orphans).
    pub async fn discard(&self, stored: &StoredFile) {
        let _left_to_the_sweeper = self.store.remove(stored.key).await;
    }
}

/// A file that is arriving. One that is dropped leaves nothing that anybody can fetch.
pub struct Reception<'d> {
    depot: &'d FileDepot,
    key: FileKey,
    name: FileName,
    sniffer: Sniffer,
    hash: Sha256,
    size: u64,
    sink: Box<dyn FileSink>,
}

impl Reception<'_> {
    /// How many bytes have arrived.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`UploadError::TooLarge`], and those of the store. Then [`abort`](Self::abort) it.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), UploadError> {
        self.size += chunk.len() as u64;
        let max = self.depot.limits.max_bytes;
        if self.size > max {
            return Err(UploadError::TooLarge { max });
        }
        self.sniffer.write(&chunk);
        self.hash.update(&chunk);
        Ok(self.sink.write(chunk).await?)
    }

    /// Gives the file up.
    pub async fn abort(self) {
        self.sink.abort().await;
    }

    /// Stores what has arrived, and scans it.
    ///
    /// # Errors
    ///
    /// [`UploadError`], after which nothing is left.
    pub async fn finish(self) -> Result<StoredFile, UploadError> {
        let refused = if self.size == 0 {
            Some(UploadError::Empty)
        } else {
            self.sniffer.is_runnable().then_some(UploadError::Runnable)
        };
        if let Some(error) = refused {
            self.sink.abort().await;
            return Err(error);
        }
        let stored = StoredFile {
            key: self.key,
            content_type: self.sniffer.content_type(&self.name),
            name: self.name,
            size_bytes: self.size,
            sha256: Sha256Digest(self.hash.finalize().into()),
        };
        self.sink.finish().await?;
        if let Err(error) = self.depot.scan(&stored).await {
            self.depot.discard(&stored).await;
            return Err(error);
        }
        Ok(stored)
    }
}

impl FileDepot {
    async fn scan(&self, stored: &StoredFile) -> Result<(), UploadError> {
        let Some(scanner) = &self.scanner else {
            return Ok(());
        };
        let bytes = self.store.read(stored.key, 0..stored.size_bytes).await?;
        match scanner.scan(bytes).await? {
            Verdict::Clean => Ok(()),
            Verdict::Infected(_) => Err(UploadError::Infected),
        }
    }
}

/// A file whose bytes are stored, and that has no row yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    key: FileKey,
    name: FileName,
    content_type: ContentType,
    size_bytes: u64,
    sha256: Sha256Digest,
}

impl StoredFile {
    /// Its name.
    pub const fn name(&self) -> &FileName {
        &self.name
    }

    /// The hash of its bytes.
    pub const fn sha256(&self) -> &Sha256Digest {
        &self.sha256
    }
}

/// Checks that an organization's files have room for more.
///
/// # Errors
///
/// [`UploadError::QuotaExceeded`], and those of storage.
pub async fn check_room(
    reader: &dyn TenantReader,
    limits: &FileLimits,
    bytes: u64,
) -> Result<(), UploadError> {
    let used = reader.total_file_bytes().await?;
    if used.saturating_add(bytes) > limits.quota_bytes {
        return Err(UploadError::QuotaExceeded);
    }
    Ok(())
}

/// Adds a customer's file, which they can attach to a ticket or comment from now on.
///
/// Files that arrive at the same time may exceed the quota by their own sizes.
///
/// # Errors
///
/// [`UploadError::QuotaExceeded`], and those of storage.
pub async fn add_upload(
    op: &Operation<'_, Customer>,
    limits: &FileLimits,
    stored: StoredFile,
) -> Result<Attachment, UploadError> {
    check_room(op.tx, limits, stored.size_bytes).await?;
    let user = op.by.account.user.id;
    Ok(add(op, AuditAction::PortalFileUpload, Some(user), stored).await?)
}

/// Adds a file of the team.
///
/// # Errors
///
/// Those of storage.
pub async fn add_team_upload(
    op: &Operation<'_, Technician>,
    stored: StoredFile,
) -> Result<Attachment, StorageError> {
    add(op, AuditAction::FileUpload, None, stored).await
}

async fn add(
    op: &Operation<'_, impl Actor>,
    action: AuditAction,
    uploaded_by: Option<UserId>,
    stored: StoredFile,
) -> Result<Attachment, StorageError> {
    let file = Attachment {
        id: stored.key.file,
        organization_id: stored.key.organization,
        file_name: stored.name,
        content_type: stored.content_type,
        size_bytes: stored.size_bytes,
        sha256: stored.sha256,
        uploaded_by,
        ticket_id: None,
        comment_id: None,
        position: 0,
        created_at: op.now(),
        removed_at: None,
    };
    op.tx.add_file(&file).await?;
    let details = json!({
        "contentType": file.content_type.as_str(),
        "sizeBytes": file.size_bytes,
    });
    op.audit(action, &file, details).await?;
    Ok(file)
}
