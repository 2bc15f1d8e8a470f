//! Files.

use portal_domain::files;
use portal_domain::ids::FileId;
use serde::Serialize;
use utoipa::ToSchema;

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: FileId,
    /// The name, as it was typed.
    #[schema(example = "screenshot.png")]
    pub file_name: String,
    /// The type, by the file's content.
    #[schema(example = "image/png")]
    pub content_type: &'static str,
    /// The size in bytes.
    #[schema(example = 48213, minimum = 1)]
    pub size_bytes: u64,
}

impl From<&files::Attachment> for Attachment {
    fn from(file: &files::Attachment) -> Self {
        let files::Attachment {
            id,
            organization_id: _,
            file_name,
            content_type,
            size_bytes,
            sha256: _,
            uploaded_by: _,
            ticket_id: _,
            comment_id: _,
            position: _,
            created_at: _,
            removed_at: _,
        } = file;
        Self {
            id: *id,
            file_name: file_name.as_str().to_owned(),
            content_type: content_type.as_str(),
            size_bytes: *size_bytes,
        }
    }
}
