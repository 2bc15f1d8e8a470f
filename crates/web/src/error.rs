//! Errors of page handlers.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use portal_auth::accounts::Failure;
use portal_auth::{PasswordHashError, StateUnavailable};
use portal_domain::access::AccessError;
use portal_domain::branding::Feature;
use portal_domain::store::StorageError;
use portal_http::browser::{self, BrowserError};

use crate::i18n::Message;

/// A boxed cause, for the log.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// How long a browser is told to wait when something behind the portal is out of reach, in seconds.
const UNAVAILABLE_RETRY_SECONDS: u64 = 2;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// There is no such page, or none for who asks.
    #[error("there is no such page")]
    NotFound,
    /// Nobody has signed in: they are taken to where they can.
    #[error("nobody is signed in")]
    SignedOut,
    /// The session is over: sign in again.
    #[error("the session has ended")]
    SessionEnded,
    /// The user or their organization was shut out.
    #[error("the account is not active")]
    NotActive,
    /// The organization does not offer this part of the portal.
    #[error("the feature is disabled")]
    FeatureDisabled(Feature),
    /// The form was not sent from the page that it was shown on, or long ago.
    #[error("the request may have been forged")]
    Forged,
    /// What was sent is no form, or too long, or too slow.
    #[error("the form cannot be read")]
    Unreadable(StatusCode),
    /// The state of things does not allow it; the message says why.
    #[error("refused")]
    Refused(Message),
    /// There were too many attempts.
    #[error("too many attempts")]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
    },
    /// Something behind the portal is out of reach.
    #[error("something is out of reach")]
    Unavailable(#[source] Cause),
    /// A fault of the program.
    #[error("a fault of the program")]
    Internal(#[source] Cause),
}

/// Left on an answer in place of which a page is shown.
#[derive(Debug, Clone)]
pub(crate) enum Problem {
    /// The page for signing in, and back.
    SignIn {
        /// Whether to say that the session has ended.
        ended: bool,
    },
    /// A page that says what is wrong.
    Say {
        /// The key of the heading.
        title: &'static str,
        /// What is wrong, and what to do.
        text: Message,
    },
}

impl PageError {
    /// What is shown in place of the page.
    fn problem(&self) -> Problem {
        let (title, text) = match self {
            Self::SignedOut => return Problem::SignIn { ended: false },
            Self::SessionEnded => return Problem::SignIn { ended: true },
            Self::NotFound => ("problem-not-found", Message::new("problem-not-found-text")),
            Self::NotActive => (
                "problem-not-active",
                Message::new("problem-not-active-text"),
            ),
            Self::FeatureDisabled(_) => ("problem-disabled", Message::new("problem-disabled-text")),
            Self::Forged => ("problem-forged", Message::new("problem-forged-text")),
            Self::Unreadable(_) => (
                "problem-unreadable",
                Message::new("problem-unreadable-text"),
            ),
            Self::Refused(message) => ("problem-refused", message.clone()),
            Self::RateLimited { retry_after } => {
                ("problem-rate-limited", too_many_attempts(*retry_after))
            }
            Self::Unavailable(_) => (
                "problem-unavailable",
                Message::new("problem-unavailable-text"),
            ),
            Self::Internal(_) => ("problem-internal", Message::new("problem-internal-text")),
        };
        Problem::Say { title, text }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } => Some(retry_after_seconds(*retry_after)),
            Self::Unavailable(_) => Some(UNAVAILABLE_RETRY_SECONDS),
            _ => None,
        }
    }
}

/// What the header `Retry-After` says for a time to wait.
pub(crate) const fn retry_after_seconds(wait: Duration) -> u64 {
    match wait.as_secs() {
        0 => 1,
        seconds => seconds,
    }
}

/// How long somebody has to wait who tried too often.
pub(crate) fn too_many_attempts(retry_after: Duration) -> Message {
    let minutes = retry_after.as_secs().div_ceil(60);
    Message::new("problem-rate-limited-text").with("minutes", minutes)
}

impl Problem {
    /// What is shown where a library refused the request.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let error = match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => PageError::NotFound,
            StatusCode::FORBIDDEN => PageError::Forged,
            _ if status.is_client_error() => PageError::Unreadable(status),
            _ => PageError::Internal(status.to_string().into()),
        };
        error.problem()
    }
}

/// The status, headers and log line; the page itself is made by `errors`, which knows language and
/// brand.
impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignedOut | Self::SessionEnded => StatusCode::UNAUTHORIZED,
            Self::NotActive | Self::FeatureDisabled(_) | Self::Forged => StatusCode::FORBIDDEN,
            Self::Unreadable(status) => *status,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Unavailable(cause) => {
                let error: &dyn std::error::Error = &**cause;
                tracing::warn!(error, "the page could not be made for now");
            }
            Self::Internal(cause) => {
                let error: &dyn std::error::Error = &**cause;
                tracing::error!(error, "the page could not be made");
            }
            _ => {}
        }
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after() {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        let mut response = response.finish();
        response.extensions_mut().insert(self.problem());
        if matches!(self, Self::SessionEnded | Self::NotActive) {
            browser::forget(&mut response);
        }
        response
    }
}

impl From<BrowserError> for PageError {
    fn from(error: BrowserError) -> Self {
        match error {
            BrowserError::SignedOut => Self::SignedOut,
            BrowserError::SessionEnded => Self::SessionEnded,
            BrowserError::Forged => Self::Forged,
            BrowserError::NotAForm => Self::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            BrowserError::NotUtf8 => Self::Unreadable(StatusCode::BAD_REQUEST),
            BrowserError::BodyTooLarge => Self::Unreadable(StatusCode::PAYLOAD_TOO_LARGE),
            BrowserError::BodyTimeout => Self::Unreadable(StatusCode::REQUEST_TIMEOUT),
            BrowserError::Unavailable(cause) => Self::Unavailable(cause),
            BrowserError::Internal(cause) => Self::Internal(cause),
        }
    }
}

impl From<StorageError> for PageError {
    fn from(error: StorageError) -> Self {
        match error {
            error @ StorageError::Unavailable(_) => Self::Unavailable(error.into()),
            error => Self::Internal(error.into()),
        }
    }
}

impl From<StateUnavailable> for PageError {
    fn from(error: StateUnavailable) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<AccessError> for PageError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::SessionEnded => Self::SessionEnded,
            AccessError::NotActive => Self::NotActive,
            AccessError::FeatureDisabled(feature) => Self::FeatureDisabled(feature),
            AccessError::Storage(error) => error.into(),
        }
    }
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::RateLimited { retry_after } => Self::RateLimited { retry_after },
            Failure::State(error) => error.into(),
            Failure::Storage(error) => error.into(),
            Failure::Password(error @ PasswordHashError::Busy) => Self::Unavailable(error.into()),
            Failure::Password(error @ PasswordHashError::Failed(_)) => Self::Internal(error.into()),
        }
    }
}
