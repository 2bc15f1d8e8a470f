//! Files that arrive, and files that are fetched.

use std::cell::Cell;
use std::ops::Range;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures_util::Stream;
use portal_auth::StateUnavailable;
use portal_auth::rate_limits::LimitError;
use portal_domain::actors::Customer;
use portal_domain::branding::Feature;
use portal_domain::files::{
    self, Attachment, FileBytes, FileName, FileStoreError, Reception, StoredFile, UploadError,
};
use portal_domain::idempotency::{self, IdempotencyKey};
use portal_domain::operation::Operation;
use portal_domain::store::StorageError;
use serde::Serialize;

use crate::authenticated::{Authenticated, FrontEndError, SessionUser};
use crate::body::Waited;
use crate::error::{Fault, RequestError};
use crate::idempotency::{answer, once, response};
use crate::portal::Files;

/// Files belong to tickets.
const FEATURE: Option<Feature> = Some(Feature::Tickets);

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadFailure {
    /// The file is refused. Its sentence is for people.
    #[error(transparent)]
    Refused(UploadError),
    /// The user has uploaded too many files.
    #[error("too many files were uploaded")]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
    },
    /// The bytes did not arrive, or something failed that is not the client's fault.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl From<UploadError> for UploadFailure {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Store(error) => unavailable(error).into(),
            UploadError::Scanner(error) => unavailable(error).into(),
            UploadError::Storage(error) => error.into(),
            refusal => Self::Refused(refusal),
        }
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> RequestError {
    Fault::Unavailable(error.into()).into()
}

impl From<StorageError> for UploadFailure {
    fn from(error: StorageError) -> Self {
        Self::Request(error.into())
    }
}

impl From<StateUnavailable> for UploadFailure {
    fn from(error: StateUnavailable) -> Self {
        Self::Request(error.into())
    }
}

impl From<LimitError> for UploadFailure {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Exceeded { retry_after } => Self::RateLimited { retry_after },
            LimitError::Unavailable(error) => error.into(),
        }
    }
}

/// A file whose bytes have arrived.
struct Received<'p> {
    files: &'p Files,
    stored: StoredFile,
}

/// Adds the row of a file whose bytes have arrived.
struct AddRow<'a> {
    files: &'a Files,
    stored: StoredFile,
    is_added: &'a Cell<bool>,
}

impl AddRow<'_> {
    async fn run<E: FrontEndError>(self, op: &Operation<'_, Customer>) -> Result<Attachment, E> {
        let added = files::add_upload(op, &self.files.depot.limits, self.stored).await;
        self.is_added.set(added.is_ok());
        added.map_err(|error| UploadFailure::from(error).into())
    }
}

impl<E: FrontEndError> Authenticated<E> {
    /// Takes a file of the user, which they can then attach to a ticket or a comment, and answers 201
    /// with what `show` makes of it. `announced` is its size, where that is known before it arrives.
    ///
    /// Nothing is read before the user's rights, the announced size, the name, the user's limits and
    /// the organization's quota are checked, in this order. It counts as a change as well. A request
    /// with an `Idempotency-Key` is repeated as in [`write_once`](Self::write_once): the bytes have
    /// to arrive again, and are dropped.
    ///
    /// # Errors
    ///
    /// Those of the access check, then [`RequestError::InvalidIdempotencyKey`], then
    /// [`UploadFailure`], then [`RequestError::ReusedIdempotencyKey`].
    pub async fn upload<F, B: Serialize>(
        &self,
        name: FileName,
        announced: Option<u64>,
        bytes: impl Stream<Item = Result<Bytes, F>> + Unpin,
        show: impl FnOnce(&Attachment) -> B,
    ) -> Result<HttpResponse, E>
    where
        F: Into<RequestError>,
    {
        let key = match self.idempotency_key() {
            Ok(key) => key,
            Err(error) => {
                self.check(FEATURE).await?;
                return Err(error);
            }
        };
        let received = self.receive(name, announced, bytes, key.as_ref()).await?;
        let Received { files, stored } = received?;
        let request = key.map(|key| {
            let (name, digest) = (stored.name().as_str(), stored.sha256());
            self.keyed(key, [name.as_bytes(), &digest.0])
        });
        let answer = self
            .keep(files, stored, async |op, add| {
                once(op, request.as_ref(), async || {
                    let file = add.run::<E>(op).await?;
                    Ok(answer(StatusCode::CREATED, &show(&file))?)
                })
                .await
            })
            .await?;
        Ok(response(answer)?)
    }

    /// Takes a file of a form, with what is wrong with the file apart from what is wrong with the
    /// request.
    pub(crate) async fn take<F>(
        &self,
        name: FileName,
        announced: Option<u64>,
        bytes: impl Stream<Item = Result<Bytes, F>> + Unpin,
    ) -> Result<Result<Attachment, UploadFailure>, E>
    where
        F: Into<RequestError>,
    {
        match self.receive(name, announced, bytes, None).await? {
            Ok(Received { files, stored }) => {
                let added = self.keep(files, stored, async |op, add| add.run::<E>(op).await);
                added.await.map(Ok)
            }
            Err(failure) => Ok(Err(failure)),
        }
    }

    /// Receives and stores the bytes of a file that has no row yet.
    async fn receive<F>(
        &self,
        name: FileName,
        announced: Option<u64>,
        bytes: impl Stream<Item = Result<Bytes, F>> + Unpin,
        key: Option<&IdempotencyKey>,
    ) -> Result<Result<Received<'_>, UploadFailure>, E>
    where
        F: Into<RequestError>,
    {
        let files = match self.portal.files() {
            Ok(files) => files,
            Err(fault) => return Ok(Err(UploadFailure::Request(fault.into()))),
        };
        let limits = files.depot.limits;
        let (_, room) = self
            .read(FEATURE, async |reader| {
                let room = files::check_room(reader, &limits, announced.unwrap_or(1)).await;
                // What was taken the first time needs no more room.
                if let (Err(UploadError::QuotaExceeded), Some(key)) = (&room, key) {
                    let now = self.portal.env.now();
                    if idempotency::is_answered(reader, self.id(), key, now).await? {
                        return Ok(Ok(()));
                    }
                }
                Ok(room)
            })
            .await?;
        let admitted = self.admit(files, &name, announced, room).await;
        if let Err(failure) = admitted {
            return Ok(Err(failure));
        }
        let stored = self.store(files, name, bytes).await;
        Ok(stored.map(|stored| Received { files, stored }))
    }

    /// Runs a change that adds the row of a file. Where it does not, the bytes are dropped.
    async fn keep<T>(
        &self,
        files: &Files,
        stored: StoredFile,
        change: impl AsyncFnOnce(&Operation<'_, Customer>, AddRow<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let is_added = Cell::new(false);
        let add = AddRow {
            files,
            stored: stored.clone(),
            is_added: &is_added,
        };
        let kept = self.write_uncounted(FEATURE, add, change).await;
        // If it failed after that, nobody knows whether the row is there. The bytes are removed later
        // if it is not.
        if !is_added.get() {
            files.depot.discard(&stored).await;
        }
        kept
    }

    /// Checks and counts a file before it is read.
    async fn admit(
        &self,
        files: &Files,
        name: &FileName,
        announced: Option<u64>,
        room: Result<(), UploadError>,
    ) -> Result<(), UploadFailure> {
        let max = files.depot.limits.max_bytes;
        if announced.is_some_and(|size| size > max) {
            return Err(UploadError::TooLarge { max }.into());
        }
        if name.is_runnable() {
            return Err(UploadError::Runnable.into());
        }
        self.count_write().await.map_err(RequestError::from)?;
        let limiter = &self.portal.limiter;
        limiter.attempt_of_user(&files.limit, self.id()).await?;
        Ok(room?)
    }

    /// Stores the bytes of a file, few of a user at a time.
    async fn store<F>(
        &self,
        files: &Files,
        name: FileName,
        bytes: impl Stream<Item = Result<Bytes, F>> + Unpin,
    ) -> Result<StoredFile, UploadFailure>
    where
        F: Into<RequestError>,
    {
        let share = self.portal.uploads.take(self.id()).await;
        let _share = share.map_err(|crowded| RequestError::from(Fault::from(crowded)))?;
        let (env, organization) = (&*self.portal.env, self.session().org_id);
        let mut reception = files.depot.receive(env, organization, name).await?;
        if let Err(failure) = pass_on(bytes, &mut reception).await {
            reception.abort().await;
            return Err(failure);
        }
        Ok(reception.finish().await?)
    }
}

/// Passes bytes on as they arrive, in the time that they have.
async fn pass_on<F>(
    mut bytes: impl Stream<Item = Result<Bytes, F>> + Unpin,
    reception: &mut Reception<'_>,
) -> Result<(), UploadFailure>
where
    F: Into<RequestError>,
{
    let mut waited = Waited::default();
    while let Some(chunk) = waited.next(&mut bytes, reception.size()).await? {
        reception
            .write(chunk.map_err(Into::<RequestError>::into)?)
            .await?;
    }
    Ok(())
}

impl<E: FrontEndError> SessionUser<E> {
    /// A part of the bytes of a file that the user was found to see.
    ///
    /// # Errors
    ///
    /// Faults.
    pub async fn open_file(
        &self,
        file: &Attachment,
        range: Range<u64>,
    ) -> Result<FileBytes, Fault> {
        let store = &self.portal.files()?.depot.store;
        store
            .read(file.key(), range)
            .await
            .map_err(|error| match error {
                FileStoreError::Missing => Fault::internal(error),
                FileStoreError::Unavailable(_) => Fault::Unavailable(error.into()),
            })
    }
}
