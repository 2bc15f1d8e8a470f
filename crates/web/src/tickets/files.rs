//! Files in the forms of tickets and replies.

use portal_domain::branding::Feature;
use portal_domain::files::{Attachment, AttachmentIds, attached_to};
use portal_domain::ids::{CommentId, FileId, TicketId};
use portal_domain::store::{StorageError, TenantReader};
use portal_session::FileField;

use crate::error::PageError;
use crate::forms::{Form, InvalidForm};
use crate::i18n::Message;
use crate::requests::UserRequest;

/// The name of the file field.
pub(super) const FIELD: &str = "files";

/// The files of a form that were taken. One that was not is an error of the field.
pub(super) fn parse(form: &mut Form) -> Result<AttachmentIds, InvalidForm> {
    let (ids, problem) = read(form);
    if let Some(key) = problem {
        return Err(form.add_error(FIELD, Message::new(key)));
    }
    let ids = AttachmentIds::of(ids);
    ids.map_err(|_too_many| form.add_error(FIELD, Message::new("files-too-many")))
}

fn read(form: &Form) -> (Vec<FileId>, Option<&'static str>) {
    let mut ids = Vec::new();
    let mut problem = None;
    for (name, value) in form.fields() {
        let Some(file) = FileField::of(name, value) else {
            continue;
        };
        let key = match file {
            FileField::Taken(id) => {
                ids.push(id);
                continue;
            }
            FileField::Empty => "files-empty",
            FileField::TooLarge => "files-too-large",
            FileField::Refused => "files-refused",
            FileField::NoRoom => "files-no-room",
            FileField::TooMany => "files-too-many",
            FileField::Unsent => "files-unsent",
            FileField::Unavailable => "files-unavailable",
        };
        problem = problem.or(Some(key));
    }
    (ids, problem)
}

/// Whether a ticket, or one of its comments, has all these files: if a form was sent before, with
/// others, it may not.
pub(super) async fn are_attached(
    reader: &dyn TenantReader,
    files: &AttachmentIds,
    ticket: TicketId,
    comment: Option<CommentId>,
) -> Result<bool, StorageError> {
    if files.is_empty() {
        return Ok(true);
    }
    let attached = attached_to(reader, ticket, comment).await?;
    let is_there = |id: &FileId| attached.iter().any(|file| file.id == *id);
    Ok(files.ids().iter().all(is_there))
}

/// Says that a file is not there any more, or was attached already.
pub(super) fn add_unknown(form: &mut Form) {
    form.add_error(FIELD, Message::new("files-unknown"));
}

/// The files that wait to be attached with a form, so that it can be shown again with them.
pub(super) async fn waiting(
    request: &UserRequest,
    form: &Form,
) -> Result<Vec<Attachment>, PageError> {
    let (mut ids, _) = read(form);
    ids.truncate(AttachmentIds::MAX);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let user = request.user_id();
    let (_, waiting) = request
        .read(Some(Feature::Tickets), async |reader| {
            Ok(reader.waiting_files(user, &ids).await?)
        })
        .await?;
    Ok(waiting)
}
