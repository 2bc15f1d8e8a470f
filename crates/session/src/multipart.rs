//! Forms with files (`multipart/form-data`, RFC 7578), read as they arrive.

use std::cell::Cell;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use portal_domain::clients::client_network;
use portal_domain::files::{AttachmentIds, UploadError};
use portal_domain::ids::FileId;
use portal_shares::{Crowded, Share, Shares};

use crate::CSRF_FIELD;
use crate::authenticated::{Authenticated, FrontEndError, SessionUser};
use crate::body::{FormFields, LONG, Waited};
use crate::csrf::{self, SubmittedForm};
use crate::error::{Fault, RequestError};
use crate::portal::Portal;
use crate::request_info::RequestInfo;
use crate::uploads::UploadFailure;

/// What each part of a form takes at least, so that there are not very many without a text.
const PART: usize = 64;

/// What the parser may have read ahead, and the boundaries, beyond the room for texts.
const SLACK: usize = LONG;

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
    /// It came without a signed-in sender, and has to be chosen again.
    Unsent,
    /// The store or the scanner is out of reach.
    Unavailable,
}

impl FileField {
    /// The name of the fields with ids of files that were taken.
    pub const TAKEN: &str = "attachment";

    /// The name of the fields that say why a file was not taken.
    pub const PROBLEM: &str = "attachment-problem";

    const PROBLEMS: [(&str, Self); 7] = [
        ("empty", Self::Empty),
        ("too-large", Self::TooLarge),
        ("refused", Self::Refused),
        ("no-room", Self::NoRoom),
        ("too-many", Self::TooMany),
        ("unsent", Self::Unsent),
        ("unavailable", Self::Unavailable),
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
    let user = match SessionUser::<E>::by_cookie(request) {
        Ok(user) => user,
        Err(error) => {
            let read = read_of_nobody::<E>(request, payload);
            return Ok(csrf::without_session(error, read).await?);
        }
    };
    let portal = Portal::of(request).map_err(RequestError::from)?;
    csrf::check_page(request, portal).await?;
    let mut form = Form::new(request, portal, Some(&user));
    form.read(payload)
        .await
        .map_err(ReadError::into_front_end)?;
    let fields = form.fields;
    let sender = csrf::sender(&fields, portal, &[user.id]).map_err(RequestError::from)?;
    Ok(match sender {
        Some(_) => SubmittedForm::Valid(Authenticated::new(user, request), fields),
        None => SubmittedForm::Outdated(fields),
    })
}

/// The fields of a form that nobody is signed in for.
async fn read_of_nobody<E: FrontEndError>(
    request: &HttpRequest,
    payload: Payload,
) -> Result<FormFields, RequestError> {
    let portal = Portal::of(request)?;
    csrf::check_page(request, portal).await?;
    let mut form = Form::<E>::new(request, portal, None);
    match form.read(payload).await {
        Ok(()) => {}
        Err(ReadError::Request(error)) => return Err(error),
        Err(ReadError::Upload(_)) => return Err(Fault::internal("nobody has uploaded").into()),
    }
    csrf::sender(&form.fields, portal, &[])?;
    Ok(form.fields)
}

/// Why a form could not be read.
enum ReadError<E> {
    /// What arrived of it.
    Request(RequestError),
    /// What a file of a signed-in user was refused for.
    Upload(E),
}

impl<E: From<RequestError>> ReadError<E> {
    fn into_front_end(self) -> E {
        match self {
            Self::Request(error) => error.into(),
            Self::Upload(error) => error,
        }
    }
}

impl<E> From<RequestError> for ReadError<E> {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

/// A form that is being read.
struct Form<'r, E> {
    request: &'r HttpRequest,
    portal: &'r Portal,
    user: Option<&'r SessionUser<E>>,
    fields: FormFields,
    /// How many bytes all texts, names and files without a sender may still have.
    room: usize,
    /// How many bytes the files of a signed-in sender may still have.
    room_for_files: u64,
    /// How many files there were.
    files: usize,
    /// How many bytes the whole body may have.
    limit: Rc<Cell<u64>>,
}

impl<'r, E: FrontEndError> Form<'r, E> {
    fn new(request: &'r HttpRequest, portal: &'r Portal, user: Option<&'r SessionUser<E>>) -> Self {
        let room = portal.config.max_body_bytes;
        Self {
            request,
            portal,
            user,
            fields: Vec::new(),
            room,
            room_for_files: portal.max_form_file_bytes(),
            files: 0,
            limit: Rc::new(Cell::new(room.saturating_add(SLACK) as u64)),
        }
    }

    async fn read(&mut self, payload: Payload) -> Result<(), ReadError<E>> {
        let client = RequestInfo::of(self.request, &self.portal.config).client;
        let arriving = Arriving {
            payload,
            waited: Waited::default(),
            received: 0,
            limit: Rc::clone(&self.limit),
            long_bodies: self.portal.long_bodies.clone(),
            client: client_network(client.address),
            share: None,
        };
        let mut parts = Multipart::new(self.request.headers(), arriving.into_stream());
        while let Some(part) = parts.try_next().await.map_err(RequestError::from)? {
            let file_name = part
                .content_disposition()
                .and_then(|disposition| disposition.get_filename().map(str::to_owned));
            let names = part.name().map_or(0, str::len) + file_name.as_ref().map_or(0, String::len);
            self.count(PART + names)?;
            match file_name {
                Some(name) => self.read_file(&name, part).await?,
                None => self.read_text(part).await?,
            }
        }
        Ok(())
    }

    /// Takes bytes from the room for all but files.
    fn count(&mut self, bytes: usize) -> Result<(), RequestError> {
        let room = self.room.checked_sub(bytes);
        self.room = room.ok_or(RequestError::BodyTooLarge)?;
        Ok(())
    }

    async fn read_text(&mut self, mut part: Field) -> Result<(), RequestError> {
        let name = part.name().unwrap_or_default().to_owned();
        let mut text = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(RequestError::from)? {
            self.count(chunk.len())?;
            text.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(text);
        let text = text.ok().ok_or(RequestError::MalformedBody)?;
        let is_token = name == CSRF_FIELD;
        // Said by this program alone.
        if name != FileField::PROBLEM {
            self.fields.push((name, text));
        }
        if is_token && self.sender().is_some() {
            let more = self.portal.max_form_file_bytes();
            let all = (self.portal.config.max_body_bytes.saturating_add(SLACK) as u64)
                .saturating_add(more);
            self.limit.set(all);
        }
        Ok(())
    }

    async fn read_file(&mut self, name: &str, part: Field) -> Result<(), ReadError<E>> {
        // A part may not be polled after its end.
        let mut part = part.fuse();
        let first = match part.try_next().await.map_err(RequestError::from)? {
            Some(first) => first,
            // A file field that nothing was chosen for.
            None if name.is_empty() => return Ok(()),
            None => Bytes::new(),
        };
        self.files += 1;
        let sender = self.sender();
        let Some(user) = sender.filter(|_| self.files <= AttachmentIds::MAX) else {
            if self.files == AttachmentIds::MAX + 1 {
                self.fields.push(FileField::TooMany.into_field());
            } else if self.files == 1 {
                self.fields.push(FileField::Unsent.into_field());
            }
            self.count_file(sender.is_some(), first.len())?;
            return Ok(self.skip(sender.is_some(), part).await?);
        };
        let user = Authenticated::new(user.clone(), self.request);
        let Ok(name) = name.parse();
        let (taken, length) = {
            let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
            let mut length = 0;
            let bytes = first
                .chain(part.by_ref())
                .inspect_ok(|chunk| length += chunk.len());
            let taken = user.take(name, None, bytes).await;
            (taken.map_err(ReadError::Upload)?, length)
        };
        let field = match taken {
            Ok(file) => FileField::Taken(file.id),
            Err(UploadFailure::Refused(UploadError::Empty)) => FileField::Empty,
            Err(UploadFailure::Refused(UploadError::TooLarge { .. })) => FileField::TooLarge,
            Err(
                UploadFailure::Refused(UploadError::QuotaExceeded)
                | UploadFailure::RateLimited { .. }
                | UploadFailure::Request(RequestError::TooManyWrites { .. }),
            ) => FileField::NoRoom,
            Err(UploadFailure::Refused(_)) => FileField::Refused,
            Err(UploadFailure::Request(RequestError::Fault(Fault::Unavailable(cause)))) => {
                let error: &dyn std::error::Error = &*cause;
                tracing::warn!(error, "a file of a form was not taken");
                FileField::Unavailable
            }
            Err(UploadFailure::Request(error)) => return Err(error.into()),
        };
        self.fields.push(field.into_field());
        self.count_file(true, length)?;
        // What was not read of a file that was not taken.
        Ok(self.skip(true, part).await?)
    }

    /// The signed-in user, once the form's token is known to be theirs.
    fn sender(&self) -> Option<&'r SessionUser<E>> {
        self.user.filter(|user| {
            let sender = csrf::sender(&self.fields, self.portal, &[user.id]);
            matches!(sender, Ok(Some(_)))
        })
    }

    /// Takes the bytes of a file from the room for them.
    fn count_file(&mut self, has_sender: bool, bytes: usize) -> Result<(), RequestError> {
        if !has_sender {
            return self.count(bytes);
        }
        let room = self.room_for_files.checked_sub(bytes as u64);
        self.room_for_files = room.ok_or(RequestError::BodyTooLarge)?;
        Ok(())
    }

    /// Reads what is left of a part, and forgets it.
    async fn skip(
        &mut self,
        has_sender: bool,
        mut part: impl Stream<Item = Result<Bytes, MultipartError>> + Unpin,
    ) -> Result<(), RequestError> {
        while let Some(chunk) = part.try_next().await? {
            self.count_file(has_sender, chunk.len())?;
        }
        Ok(())
    }
}

/// A body that is arriving.
struct Arriving {
    payload: Payload,
    waited: Waited,
    /// How many bytes have arrived.
    received: u64,
    /// How many may arrive.
    limit: Rc<Cell<u64>>,
    long_bodies: Shares<IpAddr>,
    client: IpAddr,
    /// The place of a long body.
    share: Option<Share<IpAddr>>,
}

impl Arriving {
    fn into_stream(self) -> Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> {
        let next = async |mut body: Self| Some((body.next().await.transpose()?, body));
        Box::pin(stream::unfold(self, next).fuse())
    }

    async fn next(&mut self) -> Result<Option<Bytes>, PayloadError> {
        if self.received > self.limit.get() {
            return Err(PayloadError::Overflow);
        }
        if self.share.is_none() && self.received > LONG as u64 {
            let share = self.long_bodies.take(self.client).await;
            self.share = Some(share.map_err(io::Error::other)?);
        }
        let next = self.waited.next(&mut self.payload, self.received).await;
        let chunk = next.map_err(|_late| io::Error::from(io::ErrorKind::TimedOut))?;
        let chunk = chunk.transpose()?;
        self.received += chunk.as_ref().map_or(0, Bytes::len) as u64;
        Ok(chunk)
    }
}

impl From<PayloadError> for RequestError {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::Overflow => Self::BodyTooLarge,
            PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut => Self::BodyTimeout,
            PayloadError::Io(error) => match error.downcast::<Crowded>() {
                Ok(crowded) => Fault::from(crowded).into(),
                Err(_) => Self::MalformedBody,
            },
            _ => Self::MalformedBody,
        }
    }
}

impl From<MultipartError> for RequestError {
    fn from(error: MultipartError) -> Self {
        match error {
            MultipartError::Payload(error) => error.into(),
            _ => Self::MalformedBody,
        }
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::SystemEnvironment;

    use super::*;
    use crate::shares::of_long_bodies;

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
            FileField::Unsent,
            FileField::Unavailable,
        ] {
            let (name, value) = file.into_field();
            assert_eq!(FileField::of(&name, &value), Some(file));
        }
        assert_eq!(FileField::of("attachment", "7"), None);
        assert_eq!(FileField::of("attachment-problem", "x"), None);
        assert_eq!(FileField::of("subject", "empty"), None);
    }

    fn arriving(chunks: &[&'static [u8]], limit: u64) -> Arriving {
        let chunks: Vec<_> = chunks
            .iter()
            .map(|chunk| Ok(Bytes::from_static(chunk)))
            .collect();
        Arriving {
            payload: Payload::Stream {
                payload: Box::pin(stream::iter(chunks)),
            },
            waited: Waited::default(),
            received: 0,
            limit: Rc::new(Cell::new(limit)),
            long_bodies: of_long_bodies(),
            client: "192.0.2.1".parse().unwrap(),
            share: None,
        }
    }

    #[tokio::test]
    async fn a_body_ends_at_its_limit_whatever_is_in_it() {
        let mut body = arriving(&[&b"0123456789"[..]; 3], 15);
        for _ in 0..2 {
            assert_eq!(body.next().await.unwrap().unwrap().len(), 10);
        }
        let error = RequestError::from(body.next().await.unwrap_err());
        assert!(matches!(error, RequestError::BodyTooLarge));
        // A valid token raises it.
        body.limit.set(20);
        assert!(body.next().await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_long_form_takes_a_place_among_long_bodies() {
        static HALF: [u8; LONG] = [b'x'; LONG];
        let mut body = arriving(&[&HALF, b"x", b"x"], u64::MAX);
        for is_long in [false, false, true] {
            body.next().await.unwrap();
            assert_eq!(body.share.is_some(), is_long);
        }
    }
}
