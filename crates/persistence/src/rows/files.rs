//! Rows of `attachments`.

use diesel::prelude::{Insertable, Queryable, Selectable};
use portal_domain::files::Attachment;
use portal_domain::store::StorageError;

use super::Place;
use crate::schema::attachments;
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub(crate) struct AttachmentRow {
    id: DbId,
    org_id: DbId,
    file_name: String,
    content_type: String,
    size_bytes: i64,
    sha256: String,
    uploaded_by: Option<DbId>,
    ticket_id: Option<DbId>,
    comment_id: Option<DbId>,
    position: i32,
    created_at: Time,
    removed_at: Option<Time>,
}

impl From<&Attachment> for AttachmentRow {
    fn from(file: &Attachment) -> Self {
        Self {
            id: DbId::of(file.id),
            org_id: DbId::of(file.organization_id),
            file_name: file.file_name.to_string(),
            content_type: file.content_type.to_string(),
            size_bytes: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
            sha256: file.sha256.to_string(),
            uploaded_by: file.uploaded_by.map(DbId::of),
            ticket_id: file.ticket_id.map(DbId::of),
            comment_id: file.comment_id.map(DbId::of),
            position: file.position,
            created_at: Time::from(file.created_at),
            removed_at: file.removed_at.map(Into::into),
        }
    }
}

impl TryFrom<AttachmentRow> for Attachment {
    type Error = StorageError;

    fn try_from(row: AttachmentRow) -> Result<Self, StorageError> {
        let place = Place("attachments", row.id);
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            file_name: place.text("file_name", row.file_name)?,
            content_type: place.value("content_type", &row.content_type)?,
            size_bytes: place.found("size_bytes", u64::try_from(row.size_bytes).ok())?,
            sha256: place.value("sha256", &row.sha256)?,
            uploaded_by: row.uploaded_by.map(DbId::typed),
            ticket_id: row.ticket_id.map(DbId::typed),
            comment_id: row.comment_id.map(DbId::typed),
            position: row.position,
            created_at: row.created_at.into(),
            removed_at: row.removed_at.map(Into::into),
        })
    }
}
