//! Errors of the request boundary.

use std::time::Duration;

use portal_auth::{LimitError, PasswordHashError, StateUnavailable};
use portal_domain::idempotency::{ClaimKeyError, InvalidKey};
use portal_domain::store::StorageError;
use portal_shares::Crowded;

use crate::csrf::CsrfError;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a request is rejected before its use case runs.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is neither a token nor a cookie.
    #[error("the request has no credentials")]
    MissingCredentials,
    /// The token or cookie has no live session.
    #[error("the session has ended")]
    InvalidSession,
    /// The CSRF check failed.
    #[error(transparent)]
    Csrf(#[from] CsrfError),
    /// The body has another content type.
    #[error("the body has another content type")]
    UnsupportedMediaType,
    /// The body exceeds the limit.
    #[error("the body is too long")]
    BodyTooLarge,
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTimeout,
    /// The connection was closed, or a form is not UTF-8.
    #[error("the body cannot be read")]
    MalformedBody,
    /// The user, or all users of the organization together, made too many changes.
    #[error("too many changes")]
    TooManyWrites {
        /// When the next one is possible, in whole seconds.
        retry_after: Duration,
    },
    /// The header `Idempotency-Key` is not a key.
    #[error("the idempotency key is invalid")]
    InvalidIdempotencyKey(#[from] InvalidKey),
    /// The user has sent another request with this idempotency key.
    #[error("the idempotency key belongs to another request")]
    ReusedIdempotencyKey,
    /// Something failed that is not the client's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<LimitError> for RequestError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Exceeded { retry_after } => Self::TooManyWrites { retry_after },
            LimitError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ClaimKeyError> for RequestError {
    fn from(error: ClaimKeyError) -> Self {
        match error {
            ClaimKeyError::Reused => Self::ReusedIdempotencyKey,
            ClaimKeyError::Storage(error) => error.into(),
        }
    }
}

/// Implements `From` for the errors of storage, state and password hashing, by way of [`Fault`].
#[macro_export]
macro_rules! from_faults {
    ($error:ty) => { $crate::from_faults! { $error:
        ::portal_auth::PasswordHashError,
        ::portal_auth::StateUnavailable,
        ::portal_domain::store::StorageError,
    } };
    ($error:ty: $($source:ty),+ $(,)?) => { $(
        impl From<$source> for $error {
            fn from(error: $source) -> Self {
                $crate::Fault::from(error).into()
            }
        }
    )+ };
}

from_faults!(RequestError);

/// A failure that is not the client's fault.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database or the state backend is unavailable, or password hashing is busy: 503.
    #[error("temporarily unavailable")]
    Unavailable(#[source] Cause),
    /// A bug: 500.
    #[error("internal error")]
    Internal(#[source] Cause),
}

impl Fault {
    /// `Retry-After` of a 503, in seconds.
    pub const RETRY_AFTER_SECONDS: u64 = 2;

    /// A bug.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// Logs the cause, which is not sent to the client.
    pub fn log(&self) {
        match self {
            Self::Unavailable(cause) => {
                let error: &dyn std::error::Error = &**cause;
                tracing::warn!(error, "request failed with 503");
            }
            Self::Internal(cause) => {
                let error: &dyn std::error::Error = &**cause;
                tracing::error!(error, "request failed");
            }
        }
    }
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        match error {
            error @ StorageError::Unavailable(_) => Self::Unavailable(error.into()),
            error => Self::Internal(error.into()),
        }
    }
}

impl From<Crowded> for Fault {
    fn from(error: Crowded) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<StateUnavailable> for Fault {
    fn from(error: StateUnavailable) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<PasswordHashError> for Fault {
    fn from(error: PasswordHashError) -> Self {
        match error {
            error @ PasswordHashError::Busy => Self::Unavailable(error.into()),
            error @ PasswordHashError::Failed(_) => Self::Internal(error.into()),
        }
    }
}
