//! The port through which the bytes of files are stored.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;

use crate::ids::{FileId, InvalidId, OrganizationId};

/// Where the bytes of a file are: `<organization>/<file>`, never a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    /// The organization.
    pub organization: OrganizationId,
    /// The file.
    pub file: FileId,
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.organization, self.file)
    }
}

impl FromStr for FileKey {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (organization, file) = text.split_once('/').ok_or(InvalidId)?;
        Ok(Self {
            organization: organization.parse()?,
            file: file.parse()?,
        })
    }
}

/// Why the store of files failed.
#[derive(Debug, thiserror::Error)]
pub enum FileStoreError {
    /// There are no bytes under a key.
    #[error("the store has no such file")]
    Missing,
    /// The store cannot be reached, is full, or refuses.
    #[error("the store of files is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The bytes of a file.
pub type FileBytes = BoxStream<'static, Result<Bytes, FileStoreError>>;

/// Bytes in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredBytes {
    /// Where they are.
    pub key: FileKey,
    /// How many.
    pub size_bytes: u64,
    /// When they were written, by the store's clock.
    pub stored_at: DateTime<Utc>,
}

/// Stores the bytes of files.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Begins to write a file.
    async fn create(&self, key: FileKey) -> Result<Box<dyn FileSink>, FileStoreError>;

    /// A part of a file's bytes.
    async fn read(&self, key: FileKey, range: Range<u64>) -> Result<FileBytes, FileStoreError>;

    /// Removes a file; one that is not there is removed already.
    async fn remove(&self, key: FileKey) -> Result<(), FileStoreError>;

    /// Removes what files whose writing was broken off before an instant have left, and returns of how
    /// many; nothing where the store does so itself.
    async fn remove_unfinished(&self, before: DateTime<Utc>) -> Result<usize, FileStoreError>;

    /// All that is stored under keys of an organization, in no particular order.
    fn list(
        &self,
        organization: OrganizationId,
    ) -> BoxStream<'static, Result<StoredBytes, FileStoreError>>;
}

/// A file that is being written. It is there, whole and for good, when [`finish`](Self::finish) has
/// returned, and never in part.
#[async_trait]
pub trait FileSink: Send {
    /// Writes the next bytes.
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileStoreError>;

    /// Completes the file.
    async fn finish(self: Box<Self>) -> Result<(), FileStoreError>;

    /// Gives the file up.
    async fn abort(self: Box<Self>);
}

/// What a scanner found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Clean,
    /// Malicious software, by its name.
    Infected(String),
}

/// The scanner cannot be reached, or gave no verdict.
#[derive(Debug, thiserror::Error)]
#[error("the scanner is unavailable")]
pub struct ScanError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Looks for malicious software.
#[async_trait]
pub trait FileScanner: Send + Sync {
    /// Scans the bytes of a file.
    async fn scan(&self, bytes: FileBytes) -> Result<Verdict, ScanError>;
}
