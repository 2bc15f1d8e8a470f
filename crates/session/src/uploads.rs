//! Files that arrive, and files that are fetched.

use std::ops::Range;
use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};
use portal_auth::StateUnavailable;
use portal_auth::rate_limits::LimitError;
use portal_domain::branding::Feature;
use portal_domain::files::{
    self, Attachment, FileBytes, FileLimits, FileName, FileStoreError, Reception, StoredFile,
    UploadError,
};
use portal_domain::store::StorageError;
use tokio::time::{Instant, timeout_at};

use crate::authenticated::{Authenticated, FrontEndError, SessionUser};
use crate::error::{Fault, RequestError};
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

impl<E: FrontEndError> Authenticated<E> {
    /// Takes a file of the user, which they can then attach to a ticket or a comment. `announced`
    /// is its size, where that is known before it arrives.
    ///
    /// Nothing is stored before the user's rights, their limit and the organization's quota are
    /// checked.
    ///
    /// # Errors
    ///
    /// Those of the access check, then [`UploadFailure`].
    pub async fn upload<F>(
        &self,
        name: FileName,
        announced: Option<u64>,
        bytes: impl Stream<Item = Result<Bytes, F>> + Unpin,
    ) -> Result<Attachment, E> {
        Ok(self.take(name, announced, bytes).await??)
    }

    /// [`upload`](Self::upload), with what is wrong with the file apart from what is wrong with the
    /// request.
    pub(crate) async fn take<F>(
        &self,
        name: FileName,
        announced: Option<u64>,
        bytes: impl Stream<Item = Result<Bytes, F>> + Unpin,
    ) -> Result<Result<Attachment, UploadFailure>, E> {
        let files = self.portal.files().map_err(RequestError::from)?;
        let limits = files.depot.limits;
        let (_, checked) = self
            .read(FEATURE, async |reader| {
                Ok(files::check_room(reader, &limits, announced.unwrap_or(1)).await)
            })
            .await?;
        if let Err(error) = checked {
            return Ok(Err(error.into()));
        }
        let stored = match self.store(files, name, announced, bytes).await {
            Ok(stored) => stored,
            Err(failure) => return Ok(Err(failure)),
        };
        let input = Ok(stored.clone());
        let added = self
            .write(FEATURE, input, async |op, stored| {
                let added = files::add_upload(op, &limits, stored).await;
                added.map_err(|error| E::from(UploadFailure::from(error)))
            })
            .await;
        if added.is_err() {
            files.depot.discard(&stored).await;
        }
        added.map(Ok)
    }

    /// Stores the bytes of a file within the limits.
    async fn store<F>(
        &self,
        files: &Files,
        name: FileName,
        announced: Option<u64>,
        bytes: impl Stream<Item = Result<Bytes, F>> + Unpin,
    ) -> Result<StoredFile, UploadFailure> {
        let max = files.depot.limits.max_bytes;
        if announced.is_some_and(|size| size > max) {
            return Err(UploadFailure::Refused(UploadError::TooLarge { max }));
        }
        files
            .limiter
            .attempt_of_user(files.limit, self.id())
            .await?;
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
) -> Result<(), UploadFailure> {
    let started = Instant::now();
    loop {
        let deadline = started + FileLimits::time_for(reception.size());
        match timeout_at(deadline, bytes.next()).await {
            Err(_) => return Err(RequestError::BodyTimeout.into()),
            Ok(None) => return Ok(()),
            Ok(Some(Err(_))) => return Err(RequestError::MalformedBody.into()),
            Ok(Some(Ok(chunk))) => reception.write(chunk).await?,
        }
    }
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
