//! Files that customers and the team attach to tickets and comments.
//!
//! A file arrives in three steps, each of which may be the last: its bytes are stored
//! ([`FileDepot::receive`]), then its row ([`add_upload`]), then it is attached, in the transaction
//! that adds the ticket or comment. What stays behind after the first or the second step goes
//! after a day ([`remove_orphans`], [`sweep`]).

mod attach;
mod content;
mod name;
mod store;
mod upkeep;
mod upload;

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::audit::{Audited, Resource};
use crate::ids::{CommentId, FileId, OrganizationId, TicketId, UserId};
use crate::storage_error::StorageError;

pub use attach::{AttachmentIds, InvalidAttachments, attached_to, of_comment};
pub(crate) use attach::{ClaimError, claim};
pub use content::{ContentType, InvalidContentType};
pub use name::FileName;
pub use store::{
    FileBytes, FileKey, FileScanner, FileSink, FileStore, FileStoreError, ScanError, StoredBytes,
    Verdict,
};
pub use upkeep::{
    FileCheck, UNCLAIMED_FOR, UpkeepError, check, remove_broken_off, remove_orphans, repair, sweep,
};
pub use upload::{
    FileDepot, FileLimits, Reception, StoredFile, UploadError, add_team_upload, add_upload,
    check_room,
};

/// A SHA-256 of a file's bytes; its text is 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256Digest(pub [u8; 32]);

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not a [`Sha256Digest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 64 hexadecimal digits")]
pub struct InvalidDigest;

impl FromStr for Sha256Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let mut digest = [0; 32];
        if text.len() != 64 {
            return Err(InvalidDigest);
        }
        for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).ok().ok_or(InvalidDigest)?;
            *byte = u8::from_str_radix(pair, 16).ok().ok_or(InvalidDigest)?;
        }
        Ok(Self(digest))
    }
}

/// A file that was uploaded, and is attached to a ticket or comment or waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: FileId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub file_name: FileName,
    /// Its type, by its content.
    pub content_type: ContentType,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The hash of its bytes.
    pub sha256: Sha256Digest,
    /// The customer who uploaded it, unless the team did.
    pub uploaded_by: Option<UserId>,
    /// The ticket that it is attached to.
    pub ticket_id: Option<TicketId>,
    /// The comment that it is attached to; none for a file of the ticket itself.
    pub comment_id: Option<CommentId>,
    /// Its place among the files of that ticket or comment, from 0.
    pub position: i32,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
    /// When it was removed, and its bytes are to go.
    pub removed_at: Option<DateTime<Utc>>,
}

impl Attachment {
    /// Where its bytes are.
    pub const fn key(&self) -> FileKey {
        FileKey {
            organization: self.organization_id,
            file: self.id,
        }
    }
}

impl Audited for Attachment {
    fn resource(&self) -> Resource {
        Resource::new("file", &self.id, &self.file_name)
    }
}

/// A file to attach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The file.
    pub file: FileId,
    /// Who must have uploaded it; `None` for the team.
    pub uploader: Option<UserId>,
    /// The ticket.
    pub ticket: TicketId,
    /// The ticket's comment, if it is to be a comment's.
    pub comment: Option<CommentId>,
    /// Its place among the files there.
    pub position: i32,
}

/// Reads files. But for [`all_files`](Self::all_files), removed ones are never read.
#[async_trait]
pub trait FileReader: Send + Sync {
    /// The files of a ticket itself, in their order.
    async fn files_of_ticket(&self, ticket: TicketId) -> Result<Vec<Attachment>, StorageError>;

    /// The files of some of a ticket's comments, those of each in their order.
    async fn files_of_comments(
        &self,
        ticket: TicketId,
        comments: &[CommentId],
    ) -> Result<Vec<Attachment>, StorageError>;

    /// A file of a ticket, if this customer may see that ticket and the file's comment.
    async fn visible_file(
        &self,
        viewer: UserId,
        ticket: TicketId,
        file: FileId,
    ) -> Result<Option<Attachment>, StorageError>;

    /// What a user uploaded and has not attached, of these files.
    async fn waiting_files(
        &self,
        uploader: UserId,
        files: &[FileId],
    ) -> Result<Vec<Attachment>, StorageError>;

    /// The size of all files of the organization together, in bytes.
    async fn total_file_bytes(&self) -> Result<u64, StorageError>;

    /// All files of the organization, removed ones too.
    async fn all_files(&self) -> Result<Vec<Attachment>, StorageError>;
}

/// Writes files.
#[async_trait]
pub trait FileWriter: Send + Sync {
    /// Adds a file.
    async fn add_file(&self, file: &Attachment) -> Result<(), StorageError>;

    /// Attaches a file, if it is there and not attached yet; `false` if not.
    async fn claim_file(&self, claim: &Claim) -> Result<bool, StorageError>;

    /// Removes a file; `false` if it is not there.
    async fn remove_file(&self, file: FileId, at: DateTime<Utc>) -> Result<bool, StorageError>;

    /// Removes all files of a comment.
    async fn remove_files_of_comment(
        &self,
        comment: CommentId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Removes all files of a ticket and its comments.
    async fn remove_files_of_ticket(
        &self,
        ticket: TicketId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Removes the files that were uploaded before an instant and never attached.
    async fn expire_files(
        &self,
        before: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Files that were removed and whose rows are still there, in the order of their ids: at most
    /// `limit` of those after one.
    async fn removed_files(
        &self,
        after: Option<FileId>,
        limit: i64,
    ) -> Result<Vec<FileId>, StorageError>;

    /// Deletes the rows of removed files.
    async fn forget_files(&self, files: &[FileId]) -> Result<(), StorageError>;
}

/// Finds organizations with files to sweep.
#[async_trait]
pub trait FileSweepReader: Send + Sync {
    /// Those that have removed files, or ones uploaded before an instant and never attached.
    async fn organizations_to_sweep(
        &self,
        before: DateTime<Utc>,
    ) -> Result<Vec<OrganizationId>, StorageError>;
}
