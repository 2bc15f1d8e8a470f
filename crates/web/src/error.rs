//! Errors of page handlers.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use portal_auth::accounts::AttemptError;
use portal_domain::access::AccessError;
use portal_domain::branding::Feature;
use portal_domain::files::UploadError;
use portal_session::{Fault, RequestError, UploadFailure, from_faults};

use crate::forms::Draft;
use crate::i18n::Message;

/// The error of a page handler.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// There is no such page for this user.
    #[error("there is no such page")]
    NotFound,
    /// There is no session: redirects to the sign-in page.
    #[error("nobody is signed in")]
    SignedOut,
    /// The session has ended: redirects to the sign-in page.
    #[error("the session has ended")]
    SessionEnded,
    /// The user or their organization is not active.
    #[error("the account is not active")]
    NotActive,
    /// The organization does not offer the feature.
    #[error("the feature is disabled")]
    FeatureDisabled(Feature),
    /// The page does not take this method.
    #[error("the method is not allowed")]
    MethodNotAllowed {
        /// The methods that it takes, as `Allow` lists them.
        allow: &'static str,
    },
    /// The form was opened before somebody signed in or out in another tab.
    #[error("the form is outdated")]
    Outdated(Draft),
    /// The form was sent after the session had ended.
    #[error("the session ended before the form was sent")]
    Unsent(Draft),
    /// The CSRF check failed, or a signed field is invalid.
    #[error("the request may have been forged")]
    Forged,
    /// The body is no form, too large or too slow.
    #[error("the form cannot be read")]
    Unreadable(StatusCode),
    /// A file that a form names is not there any more, or was attached already.
    #[error("a file of the form cannot be attached")]
    UnknownFiles,
    /// The user may not do this, for this reason.
    #[error("the user may not do this")]
    Forbidden(Message),
    /// The current state does not allow it, for this reason.
    #[error("conflict with the current state")]
    Conflict(Message),
    #[error("too many attempts")]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
    },
    /// The user, or all users of the organization together, changed too much. What was typed is
    /// shown again.
    #[error("too many changes")]
    TooManyWrites {
        /// When to try again.
        retry_after: Duration,
    },
    /// A failure that is not the user's fault.
    #[error(transparent)]
    Fault(Fault),
}

impl PageError {
    /// The error of a response that a library made.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Self::NotFound,
            StatusCode::FORBIDDEN => Self::Forged,
            _ if status.is_client_error() => Self::Unreadable(status),
            _ => Self::Fault(Fault::internal(status.to_string())),
        }
    }

    /// The status, and the keys of the error page's heading and text.
    fn parts(&self) -> (StatusCode, &'static str, Message) {
        let (status, title, text) = match self {
            Self::Conflict(message) => {
                return (StatusCode::CONFLICT, "problem-refused", message.clone());
            }
            Self::Forbidden(message) => {
                return (StatusCode::FORBIDDEN, "problem-forbidden", message.clone());
            }
            Self::RateLimited { retry_after } => {
                let text = too_many_attempts(*retry_after);
                return (StatusCode::TOO_MANY_REQUESTS, "problem-rate-limited", text);
            }
            Self::TooManyWrites { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "problem-rate-limited",
                "problem-too-many-changes",
            ),
            Self::SignedOut | Self::SessionEnded => {
                (StatusCode::UNAUTHORIZED, "sign-in", "notice-session-ended")
            }
            Self::Outdated(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "outdated-title",
                "outdated-text",
            ),
            Self::Unsent(_) => (StatusCode::UNAUTHORIZED, "sign-in-title", "unsent-text"),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "problem-not-found",
                "problem-not-found-text",
            ),
            Self::MethodNotAllowed { .. } => (
                StatusCode::METHOD_NOT_ALLOWED,
                "problem-unreadable",
                "problem-unreadable-text",
            ),
            Self::NotActive => (
                StatusCode::FORBIDDEN,
                "problem-not-active",
                "problem-not-active-text",
            ),
            Self::FeatureDisabled(_) => (
                StatusCode::FORBIDDEN,
                "problem-disabled",
                "problem-disabled-text",
            ),
            Self::UnknownFiles => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "problem-refused",
                "files-unknown",
            ),
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "problem-forged",
                "problem-forged-text",
            ),
            Self::Unreadable(status) => (*status, "problem-unreadable", "problem-unreadable-text"),
            Self::Fault(Fault::Unavailable(_)) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "problem-unavailable",
                "problem-unavailable-text",
            ),
            Self::Fault(Fault::Internal(_)) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "problem-internal",
                "problem-internal-text",
            ),
        };
        (status, title, Message::new(text))
    }

    /// The key of the error page's heading, and its text.
    pub(crate) fn explanation(&self) -> (&'static str, Message) {
        let (_, title, text) = self.parts();
        (title, text)
    }

    /// Whether the browser's session cookies are worthless.
    pub(crate) const fn ends_session(&self) -> bool {
        matches!(self, Self::SessionEnded | Self::NotActive | Self::Unsent(_))
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } | Self::TooManyWrites { retry_after } => {
                Some(retry_after_seconds(*retry_after))
            }
            Self::Fault(Fault::Unavailable(_)) => Some(Fault::RETRY_AFTER_SECONDS),
            _ => None,
        }
    }
}

/// The seconds of `Retry-After`, at least 1.
pub(crate) const fn retry_after_seconds(wait: Duration) -> u64 {
    match wait.as_secs() {
        0 => 1,
        seconds => seconds,
    }
}

/// The message for too many attempts.
pub(crate) fn too_many_attempts(retry_after: Duration) -> Message {
    let minutes = retry_after.as_secs().div_ceil(60);
    Message::new("problem-rate-limited-text").with("minutes", minutes)
}

/// Status, headers and log line. The middleware `errors::render_errors` adds the page.
impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        self.parts().0
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Fault(fault) = self {
            fault.log();
        }
        let mut response = HttpResponse::build(self.status_code());
        if let Self::MethodNotAllowed { allow } = self {
            response.insert_header((ALLOW, *allow));
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.finish()
    }
}

impl From<Fault> for PageError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

from_faults!(PageError);

impl From<RequestError> for PageError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::MissingCredentials => Self::SignedOut,
            RequestError::InvalidSession => Self::SessionEnded,
            RequestError::Csrf(_) => Self::Forged,
            RequestError::UnsupportedMediaType => {
                Self::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            RequestError::MalformedBody | RequestError::InvalidIdempotencyKey(_) => {
                Self::Unreadable(StatusCode::BAD_REQUEST)
            }
            RequestError::BodyTooLarge => Self::Unreadable(StatusCode::PAYLOAD_TOO_LARGE),
            RequestError::BodyTimeout => Self::Unreadable(StatusCode::REQUEST_TIMEOUT),
            RequestError::ReusedIdempotencyKey => {
                Self::Unreadable(StatusCode::UNPROCESSABLE_ENTITY)
            }
            RequestError::TooManyWrites { retry_after } => Self::TooManyWrites { retry_after },
            RequestError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Of one file of a form its [`FileField`](portal_session::FileField) tells.
impl From<UploadFailure> for PageError {
    fn from(failure: UploadFailure) -> Self {
        match failure {
            UploadFailure::Refused(UploadError::TooLarge { .. }) => {
                Self::Unreadable(StatusCode::PAYLOAD_TOO_LARGE)
            }
            UploadFailure::Refused(_) => Self::Unreadable(StatusCode::BAD_REQUEST),
            UploadFailure::RateLimited { retry_after } => Self::RateLimited { retry_after },
            UploadFailure::Request(error) => error.into(),
        }
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

impl From<AttemptError> for PageError {
    fn from(failure: AttemptError) -> Self {
        match failure {
            AttemptError::RateLimited { retry_after } => Self::RateLimited { retry_after },
            AttemptError::State(error) => error.into(),
            AttemptError::Storage(error) => error.into(),
            AttemptError::Password(error) => error.into(),
        }
    }
}
