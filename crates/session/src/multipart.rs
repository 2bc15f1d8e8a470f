//! Forms with files (`multipart/form-data`, RFC 7578), read as they arrive.

use std::io;
use std::pin::Pin;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use portal_domain::files::{AttachmentIds, FileLimits, UploadError};
use portal_domain::ids::FileId;
use tokio::time::{Instant, timeout_at};

use crate::authenticated::{Authenticated, FrontEndError, SessionUser};
use crate::body::FormFields;
use crate::csrf::{self, SubmittedForm};
use crate::error::RequestError;
use crate::portal::Portal;
use crate::uploads::UploadFailure;

/// A file of a form, as it stands among the form's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileField {
    /// It was taken, now or before, and waits to be attached.
    Taken(FileId),
    /// It is empty.
    Empty,
    /// It is too large.
    TooLarge,
    /// It runs when it is opened, or is malicious.
    Refused,
    /// The organization or the user may not upload more at present.
    NoRoom,
    /// There are too many in the form.
    TooMany,
}

impl FileField {
    /// The name of the fields with ids of files that were taken.
    pub const TAKEN: &str = "attachment";

    /// The name of the fields that say why a file was not taken.
    pub const PROBLEM: &str = "attachment-problem";

    const PROBLEMS: [(&str, Self); 5] = [
        ("empty", Self::Empty),
        ("too-large", Self::TooLarge),
        ("refused", Self::Refused),
        ("no-room", Self::NoRoom),
        ("too-many", Self::TooMany),
    ];

    /// The file that a field of a form is about, if it is about one.
    pub fn of(name: &str, value: &str) -> Option<Self> {
        match name {
            Self::TAKEN => value.parse().ok().map(Self::Taken),
            Self::PROBLEM => {
                let mut problems = Self::PROBLEMS.into_iter();
                problems
                    .find(|(key, _)| *key == value)
                    .map(|(_, field)| field)
            }
            _ => None,
        }
    }

    fn into_field(self) -> (String, String) {
        if let Self::Taken(id) = self {
            return (Self::TAKEN.to_owned(), id.to_string());
        }
        let mut problems = Self::PROBLEMS.into_iter();
        let key = problems
            .find(|(_, field)| *field == self)
            .map(|(key, _)| key);
        (Self::PROBLEM.to_owned(), key.unwrap_or_default().to_owned())
    }
}

/// Whether a request's body is a form with files.
pub(crate) fn is_multipart(request: &HttpRequest) -> bool {
    request
        .content_type()
        .eq_ignore_ascii_case("multipart/form-data")
}

/// [`Authenticated::by_form`] of a form with files. Files that come before a valid CSRF token, or in a
/// form of nobody, are not taken.
pub(crate) async fn by_multipart<E: FrontEndError>(
    request: &HttpRequest,
    payload: Payload,
) -> Result<SubmittedForm<Authenticated<E>>, E> {
    let portal = Portal::of(request).map_err(RequestError::from)?;
    let user = match SessionUser::<E>::by_cookie(request) {
        Ok(user) => Ok(user),
        Err(error @ (RequestError::MissingCredentials | RequestError::InvalidSession)) => {
            Err(error)
        }
        Err(error) => return Err(error.into()),
    };
    csrf::check_page(request, portal).await?;
    let mut form = Form {
        request,
        portal,
        user: user.as_ref().ok(),
        fields: Vec::new(),
        room: portal.config.max_body_bytes,
        files: 0,
    };
    let read = form.read(payload).await;
    let fields = form.fields;
    let user = match user {
        Ok(user) => user,
        // What was typed is kept, where it could be read.
        Err(error) => {
            return match read.and(Ok(csrf::sender(&fields, portal, &[]).is_ok())) {
                Ok(true) => Ok(SubmittedForm::SignedOut(fields)),
                _ => Err(error.into()),
            };
        }
    };
    read?;
    let sender = csrf::sender(&fields, portal, &[user.id]).map_err(RequestError::from)?;
    Ok(match sender {
        Some(_) => SubmittedForm::Valid(Authenticated::new(user, request), fields),
        None => SubmittedForm::Outdated(fields),
    })
}

/// A form that is being read.
struct Form<'r, E> {
    request: &'r HttpRequest,
    portal: &'r Portal,
    user: Option<&'r SessionUser<E>>,
    fields: FormFields,
    /// How many bytes all texts may still have.
    room: usize,
    /// How many files there were.
    files: usize,
}

impl<E: FrontEndError> Form<'_, E> {
    async fn read(&mut self, payload: Payload) -> Result<(), E> {
        let mut parts = Multipart::new(self.request.headers(), in_time(payload));
        while let Some(part) = parts.try_next().await.map_err(broken)? {
            let file_name = part
                .content_disposition()
                .and_then(|disposition| disposition.get_filename().map(str::to_owned));
            match file_name {
                Some(name) => self.read_file(&name, part).await?,
                None => self.read_text(part).await?,
            }
        }
        Ok(())
    }

    async fn read_text(&mut self, mut part: Field) -> Result<(), RequestError> {
        let name = part.name().unwrap_or_default().to_owned();
        let mut text = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(broken)? {
            let room = self.room.checked_sub(chunk.len());
            self.room = room.ok_or(RequestError::BodyTooLarge)?;
            text.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(text);
        let text = text.ok().ok_or(RequestError::MalformedBody)?;
        // Said by this program alone.
        if name != FileField::PROBLEM {
            self.fields.push((name, text));
        }
        Ok(())
    }

    async fn read_file(&mut self, name: &str, part: Field) -> Result<(), E> {
        // A part may not be polled after its end.
        let mut part = part.fuse();
        let first = match part.try_next().await.map_err(broken)? {
            Some(first) => first,
            // A file field that nothing was chosen for.
            None if name.is_empty() => return Ok(()),
            None => Bytes::new(),
        };
        self.files += 1;
        let sender = self.user.filter(|user| {
            let sender = csrf::sender(&self.fields, self.portal, &[user.id]);
            matches!(sender, Ok(Some(_)))
        });
        let Some(user) = sender.filter(|_| self.files <= AttachmentIds::MAX) else {
            skip(part).await?;
            if self.files > AttachmentIds::MAX {
                self.fields.push(FileField::TooMany.into_field());
            }
            return Ok(());
        };
        let user = Authenticated::new(user.clone(), self.request);
        let Ok(name) = name.parse();
        let taken = {
            let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
            let bytes = first.chain(part.by_ref());
            user.take(name, None, bytes).await?
        };
        let field = match taken {
            Ok(file) => FileField::Taken(file.id),
            Err(UploadFailure::Refused(UploadError::Empty)) => FileField::Empty,
            Err(UploadFailure::Refused(UploadError::TooLarge { .. })) => FileField::TooLarge,
            Err(
                UploadFailure::Refused(UploadError::QuotaExceeded)
                | UploadFailure::RateLimited { .. },
            ) => FileField::NoRoom,
            Err(UploadFailure::Refused(_)) => FileField::Refused,
            Err(UploadFailure::Request(error)) => return Err(error.into()),
        };
        self.fields.push(field.into_field());
        // What was not read of a file that was not taken.
        Ok(skip(part).await?)
    }
}

/// Reads what is left of a part, and forgets it.
async fn skip(
    mut part: impl Stream<Item = Result<Bytes, MultipartError>> + Unpin,
) -> Result<(), RequestError> {
    while part.try_next().await.map_err(broken)?.is_some() {}
    Ok(())
}

/// The bytes of a body, as long as they arrive in the time that they have.
fn in_time(payload: Payload) -> Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> {
    let start = (payload, Instant::now(), 0_u64);
    let next = async |(mut payload, started, received): (Payload, Instant, u64)| {
        let deadline = started + FileLimits::time_for(received);
        let chunk = match timeout_at(deadline, payload.next()).await {
            Ok(chunk) => chunk?,
            Err(_) => Err(PayloadError::Io(io::ErrorKind::TimedOut.into())),
        };
        let length = chunk.as_ref().map_or(0, Bytes::len) as u64;
        Some((chunk, (payload, started, received + length)))
    };
    Box::pin(stream::unfold(start, next).fuse())
}

fn broken(error: MultipartError) -> RequestError {
    match error {
        MultipartError::Payload(PayloadError::Io(error))
            if error.kind() == io::ErrorKind::TimedOut =>
        {
            RequestError::BodyTimeout
        }
        _ => RequestError::MalformedBody,
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    #[test]
    fn what_became_of_a_file_is_read_from_its_field() {
        let id = FileId::generate(&SystemEnvironment);
        for file in [
            FileField::Taken(id),
            FileField::Empty,
            FileField::TooLarge,
            FileField::Refused,
            FileField::NoRoom,
            FileField::TooMany,
        ] {
            let (name, value) = file.into_field();
            assert_eq!(FileField::of(&name, &value), Some(file));
        }
        assert_eq!(FileField::of("attachment", "7"), None);
        assert_eq!(FileField::of("attachment-problem", "x"), None);
        assert_eq!(FileField::of("subject", "empty"), None);
    }
}
