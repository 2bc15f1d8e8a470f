//! Uploaded files are attached to tickets and comments.

use std::convert::Infallible;

use super::{Attachment, Claim, FileReader};
use crate::audit::Actor;
use crate::field::{Field, FieldValue};
use crate::ids::{CommentId, FileId, TicketId, UserId};
use crate::operation::Operation;
use crate::storage_error::StorageError;

/// The files of a new ticket or comment: at most ten, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentIds(Vec<FileId>);

/// Why files cannot be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAttachments {
    /// There are too many.
    #[error("must be at most {} files", AttachmentIds::MAX)]
    TooMany,
    /// Something in the list is not a UUID.
    #[error("must be a list of UUIDs")]
    NotIds,
}

impl AttachmentIds {
    /// How many files a ticket or a comment may have.
    pub const MAX: usize = 10;

    /// None.
    pub const NONE: Self = Self(Vec::new());

    /// These, in their order; one that is named again counts once.
    ///
    /// # Errors
    ///
    /// [`InvalidAttachments::TooMany`].
    pub fn of(ids: impl IntoIterator<Item = FileId>) -> Result<Self, InvalidAttachments> {
        let mut distinct = Vec::new();
        for id in ids {
            if !distinct.contains(&id) {
                distinct.push(id);
            }
            if distinct.len() > Self::MAX {
                return Err(InvalidAttachments::TooMany);
            }
        }
        Ok(Self(distinct))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ids.
    pub fn ids(&self) -> &[FileId] {
        &self.0
    }
}

/// A JSON array of UUIDs.
impl FieldValue for AttachmentIds {
    type Error = InvalidAttachments;
    const JSON_TYPE: &'static str = "an array";

    fn from_text(_: &str) -> Option<Result<Self, InvalidAttachments>> {
        None
    }

    fn from_bool(_: bool) -> Option<Self> {
        None
    }

    fn from_list(
        items: Vec<Field<String, Infallible>>,
    ) -> Option<Result<Self, InvalidAttachments>> {
        let id = |item: Field<String, Infallible>| item.valid()?.parse().ok();
        let ids: Option<Vec<FileId>> = items.into_iter().map(id).collect();
        Some(ids.ok_or(InvalidAttachments::NotIds).and_then(Self::of))
    }
}

/// Why files were not attached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClaimError {
    /// One of them is not a file of who attaches it, or is attached already.
    #[error("a file is not there to be attached")]
    Unknown,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Attaches files that `uploader` uploaded, or the team, to a ticket or one of its comments.
pub(crate) async fn claim(
    op: &Operation<'_, impl Actor>,
    uploader: Option<UserId>,
    files: &AttachmentIds,
    ticket: TicketId,
    comment: Option<CommentId>,
) -> Result<(), ClaimError> {
    for (position, file) in (0_i32..).zip(files.ids()) {
        let claim = Claim {
            file: *file,
            uploader,
            ticket,
            comment,
            position,
        };
        if !op.tx.claim_file(&claim).await? {
            return Err(ClaimError::Unknown);
        }
    }
    Ok(())
}

/// Reads the files of a ticket itself, or of one of its comments, in their order.
pub async fn attached_to(
    reader: &(impl FileReader + ?Sized),
    ticket: TicketId,
    comment: Option<CommentId>,
) -> Result<Vec<Attachment>, StorageError> {
    match comment {
        None => reader.files_of_ticket(ticket).await,
        Some(comment) => reader.files_of_comments(ticket, &[comment]).await,
    }
}

/// Of files that were read, those of a ticket itself or of one of its comments, in their order.
pub fn of_comment(
    all: &[Attachment],
    comment: Option<CommentId>,
) -> impl Iterator<Item = &Attachment> {
    all.iter().filter(move |file| file.comment_id == comment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::SystemEnvironment;

    fn read(json: serde_json::Value) -> Field<AttachmentIds> {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_list_of_ids_is_read_and_each_counts_once() {
        let ids: Vec<FileId> = (0..3)
            .map(|_| FileId::generate(&SystemEnvironment))
            .collect();
        let [a, b, c] = *ids else { panic!() };
        let field = read(serde_json::json!([a, b, a, c]));
        assert_eq!(field.valid().unwrap().ids(), [a, b, c]);
        assert_eq!(
            read(serde_json::json!([])).valid(),
            Some(AttachmentIds::NONE)
        );
    }

    #[test]
    fn everything_else_is_an_error_of_the_field() {
        let many: Vec<FileId> = (0..11)
            .map(|_| FileId::generate(&SystemEnvironment))
            .collect();
        for (json, problem) in [
            (serde_json::json!(many), "must be at most 10 files"),
            (serde_json::json!(["7"]), "must be a list of UUIDs"),
            (serde_json::json!([7]), "must be a list of UUIDs"),
            (serde_json::json!([null]), "must be a list of UUIDs"),
            (serde_json::json!([[]]), "must be a list of UUIDs"),
            (serde_json::json!("7"), "must be an array"),
            (serde_json::json!({}), "must be an array"),
        ] {
            assert_eq!(
                read(json.clone()).problem().as_deref(),
                Some(problem),
                "{json}"
            );
        }
    }
}
