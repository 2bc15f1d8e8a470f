//! Errors of the API: the status, code and message of each.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_RANGE, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use portal_auth::accounts::{
    AcceptInvitationError, AttemptError, ChangePasswordError, NewPasswordError, OrganizationChoice,
    ResetPasswordError, SignInError,
};
use portal_domain::access::AccessError;
use portal_domain::assets::{CheckinError, CheckoutError, ExtendError};
use portal_domain::branding::Feature;
use portal_domain::files::UploadError;
use portal_domain::profiles::PasswordError;
use portal_domain::tickets::{
    CommentError, NotAManager, ParticipantError, SubmitError, TicketError,
};
use portal_session::{Fault, RequestError, UploadFailure, cookies, from_faults};
use portal_wire::Organization;
use serde::Serialize;

use crate::extract::FieldErrors;

/// An error response.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.body.error)]
pub(crate) struct ApiError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    body: ErrorBody,
    header: Option<(HeaderName, HeaderValue)>,
    clears_cookies: bool,
    fault: Option<Fault>,
}

/// The body of an error response.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Error, example = json!({ "error": "Ticket not found" }))]
pub(crate) struct ErrorBody {
    /// A message for people.
    #[schema(value_type = String)]
    error: Cow<'static, str>,
    /// A code for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<ErrorCode>,
    /// The errors of each field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    details: Option<FieldErrors>,
    /// The organizations to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    organizations: Option<Vec<Organization>>,
}

/// A code for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ErrorCode {
    MultipleAccounts,
    InvalidCredentials,
    RecentSignInRequired,
    TicketClosed,
    TicketNotResolved,
    CommentLocked,
    PortalTicketsDisabled,
    PortalSelfServiceDisabled,
    PortalAssetCheckoutDisabled,
    PortalColleaguesDisabled,
    NotAManager,
    FileQuotaExceeded,
    IdempotencyKeyReused,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            status,
            body: ErrorBody {
                error: message.into(),
                code: None,
                details: None,
                organizations: None,
            },
            header: None,
            clears_cookies: false,
            fault: None,
        }))
    }

    fn with_code(mut self, code: ErrorCode) -> Self {
        self.0.body.code = Some(code);
        self
    }

    fn with_details(mut self, details: FieldErrors) -> Self {
        self.0.body.details = Some(details);
        self
    }

    fn too_many(message: &'static str, retry_after: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, message).retry_after(retry_after.as_secs().max(1))
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.0.header = Some((RETRY_AFTER, seconds.into()));
        self
    }

    /// For a client whose session cookies are worthless.
    fn clearing_cookies(mut self) -> Self {
        self.0.clears_cookies = true;
        self
    }

    /// The path is known, but takes only the methods in `allow`.
    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let mut error = Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
        let allow = HeaderValue::from_str(allow).ok();
        error.0.header = allow.map(|allow| (ALLOW, allow));
        error
    }

    /// A new password in `field` breaks a rule. The message does not name the field, so that it
    /// can be shown to the user.
    pub(crate) fn weak_password(field: &str, error: PasswordError) -> Self {
        let details = FieldErrors::of(field, error.to_string());
        Self::new(StatusCode::BAD_REQUEST, error.to_string()).with_details(details)
    }

    fn return_day_over() -> Self {
        FieldErrors::of("expectedReturnAt", "must be today or later").into()
    }

    fn conflict(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, message).with_code(code)
    }

    fn unknown_attachment() -> Self {
        let message = "must be files that you uploaded and that are not attached yet";
        FieldErrors::of("attachmentIds", message).into()
    }

    /// A range of a file begins after its end.
    pub(crate) fn range_not_satisfiable(size: u64) -> Self {
        let mut error = Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "Range not satisfiable");
        let range = HeaderValue::from_str(&format!("bytes */{size}")).ok();
        error.0.header = range.map(|range| (CONTENT_RANGE, range));
        error
    }

    fn not_active() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Account is not active")
    }

    pub(crate) fn invalid_unsubscribe_token() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Invalid unsubscribe link")
    }

    fn not_in_charge() -> Self {
        let message = "Only the submitter or a manager may do this";
        Self::new(StatusCode::FORBIDDEN, message)
    }

    fn disabled(feature: Feature) -> Self {
        let (code, message) = match feature {
            Feature::Tickets => (
                Some(ErrorCode::PortalTicketsDisabled),
                "Ticketing is not enabled for this portal",
            ),
            Feature::SelfService => (
                Some(ErrorCode::PortalSelfServiceDisabled),
                "Self-service device access is not enabled for this portal",
            ),
            Feature::AssetCheckout => (
                Some(ErrorCode::PortalAssetCheckoutDisabled),
                "Asset checkout is not enabled for this portal",
            ),
            Feature::Colleagues => (
                Some(ErrorCode::PortalColleaguesDisabled),
                "The directory of colleagues is not enabled for this portal",
            ),
            Feature::PasswordReset => (None, "Password reset is not enabled for this portal"),
        };
        let mut error = Self::new(StatusCode::FORBIDDEN, message);
        error.0.body.code = code;
        error
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        if let Some(fault) = &self.0.fault {
            fault.log();
        }
        let mut response = HttpResponse::build(self.0.status).json(&self.0.body);
        if let Some((name, value)) = &self.0.header {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        if self.0.clears_cookies {
            cookies::clear(&mut response);
        }
        response
    }
}

/// Something that does not exist, or not for this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Route,
    Ticket,
    Attachment,
    Colleague,
    Asset,
    Checkout,
    Branding,
    Session,
}

impl From<Missing> for ApiError {
    fn from(missing: Missing) -> Self {
        let message = match missing {
            Missing::Route => "Not Found",
            Missing::Ticket => "Ticket not found",
            Missing::Attachment => "Attachment not found",
            Missing::Colleague => "Colleague not found",
            Missing::Asset => "Asset not found",
            Missing::Checkout => "Checkout not found",
            Missing::Branding => "Branding not found",
            Missing::Session => "Session not found",
        };
        Self::new(StatusCode::NOT_FOUND, message)
    }
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        Self::new(StatusCode::BAD_REQUEST, errors.sentence()).with_details(errors)
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let mut error = match &fault {
            Fault::Unavailable(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "Service temporarily unavailable",
            )
            .retry_after(Fault::RETRY_AFTER_SECONDS),
            Fault::Internal(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        };
        error.0.fault = Some(fault);
        error
    }
}

from_faults!(ApiError);

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> Self {
        let (status, message) = match error {
            RequestError::InvalidSession => return AccessError::SessionEnded.into(),
            RequestError::Fault(fault) => return fault.into(),
            RequestError::Csrf(error) => {
                return Self::new(StatusCode::FORBIDDEN, error.to_string());
            }
            RequestError::TooManyWrites { retry_after } => {
                let message = "Too many requests. Please try again later.";
                return Self::too_many(message, retry_after);
            }
            RequestError::InvalidIdempotencyKey(error) => {
                let message = format!("Idempotency-Key: {error}");
                return Self::new(StatusCode::BAD_REQUEST, message);
            }
            RequestError::ReusedIdempotencyKey => {
                let message = "This Idempotency-Key was used for another request";
                return Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
                    .with_code(ErrorCode::IdempotencyKeyReused);
            }
            RequestError::MissingCredentials => (
                StatusCode::UNAUTHORIZED,
                "Missing or invalid authorization header",
            ),
            RequestError::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Content-Type must be application/json",
            ),
            RequestError::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request body too large"),
            RequestError::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, "Request timed out"),
            RequestError::MalformedBody => {
                (StatusCode::BAD_REQUEST, "Malformed JSON in request body")
            }
        };
        Self::new(status, message)
    }
}

impl From<UploadFailure> for ApiError {
    fn from(failure: UploadFailure) -> Self {
        let refusal = match failure {
            UploadFailure::Refused(refusal) => refusal,
            UploadFailure::RateLimited { retry_after } => {
                let message = "Too many files. Please try again later.";
                return Self::too_many(message, retry_after);
            }
            UploadFailure::Request(error) => return error.into(),
        };
        let message = refusal.to_string();
        match refusal {
            UploadError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, message),
            UploadError::QuotaExceeded => Self::conflict(ErrorCode::FileQuotaExceeded, message),
            _ => Self::new(StatusCode::BAD_REQUEST, message),
        }
    }
}

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::SessionEnded => {
                Self::new(StatusCode::UNAUTHORIZED, "Invalid or expired session").clearing_cookies()
            }
            AccessError::NotActive => Self::not_active().clearing_cookies(),
            AccessError::FeatureDisabled(feature) => Self::disabled(feature),
            AccessError::Storage(error) => error.into(),
        }
    }
}

impl ApiError {
    /// `rate_limited` is the message for clients that exceed the limit.
    pub(crate) fn from_failure(failure: AttemptError, rate_limited: &'static str) -> Self {
        match failure {
            AttemptError::RateLimited { retry_after } => Self::too_many(rate_limited, retry_after),
            AttemptError::State(error) => error.into(),
            AttemptError::Storage(error) => error.into(),
            AttemptError::Password(error) => error.into(),
        }
    }

    pub(crate) fn from_sign_in(error: SignInError) -> Self {
        match error {
            SignInError::InvalidCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "Invalid email or password")
            }
            SignInError::Ambiguous(choices) => Self::multiple_accounts(choices),
            SignInError::NotActive => Self::not_active(),
            SignInError::Attempt(failure) => {
                Self::from_failure(failure, "Too many login attempts. Please try again later.")
            }
        }
    }

    fn multiple_accounts(choices: Vec<OrganizationChoice>) -> Self {
        let message = "Multiple portal accounts found for this email. Please provide organization \
                       context.";
        let organizations = choices.into_iter().map(|choice| Organization {
            id: choice.id,
            name: choice.name.into_string(),
        });
        let mut error =
            Self::new(StatusCode::BAD_REQUEST, message).with_code(ErrorCode::MultipleAccounts);
        error.0.body.organizations = Some(organizations.collect());
        error
    }

    pub(crate) fn from_reset(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::InvalidToken => {
                Self::new(StatusCode::BAD_REQUEST, "Invalid or expired reset token")
            }
            ResetPasswordError::Disabled => Self::disabled(Feature::PasswordReset),
            ResetPasswordError::Attempt(failure) => Self::from_failure(
                failure,
                "Too many password reset attempts. Please try again later.",
            ),
        }
    }

    pub(crate) fn from_invitation(error: AcceptInvitationError) -> Self {
        match error {
            AcceptInvitationError::InvalidToken => {
                Self::new(StatusCode::BAD_REQUEST, "Invalid or expired invite")
            }
            AcceptInvitationError::Disabled => {
                Self::new(StatusCode::FORBIDDEN, "This account has been disabled.")
            }
            AcceptInvitationError::AlreadySetUp => Self::new(
                StatusCode::BAD_REQUEST,
                "This account is already set up. Use the login page.",
            ),
            AcceptInvitationError::Attempt(failure) => {
                Self::from_failure(failure, "Too many attempts. Please try again later.")
            }
        }
    }

    pub(crate) fn from_password_change(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => {
                Self::new(StatusCode::BAD_REQUEST, "Current password is incorrect")
                    .with_code(ErrorCode::InvalidCredentials)
            }
            ChangePasswordError::Access(error) => error.into(),
            ChangePasswordError::Attempt(failure) => {
                Self::from_failure(failure, "Too many attempts. Please try again later.")
            }
        }
    }

    pub(crate) fn from_new_password(error: NewPasswordError) -> Self {
        match error {
            NewPasswordError::SignInNotRecent => {
                let message = "Please sign in again to change your password";
                Self::new(StatusCode::FORBIDDEN, message).with_code(ErrorCode::RecentSignInRequired)
            }
            NewPasswordError::Attempt(failure) => {
                Self::from_failure(failure, "Too many attempts. Please try again later.")
            }
        }
    }

    /// The comment was not `changed`: "edited" or "deleted".
    pub(crate) fn from_comment(error: CommentError, changed: &str) -> Self {
        match error {
            CommentError::NotFound | CommentError::Withdrawn => Missing::Ticket.into(),
            CommentError::TicketClosed(_) => {
                Self::conflict(ErrorCode::TicketClosed, "Ticket is closed")
            }
            CommentError::Locked => Self::conflict(
                ErrorCode::CommentLocked,
                format!("This reply can no longer be {changed} — support has already responded."),
            ),
            CommentError::UnknownAttachment => Self::unknown_attachment(),
            CommentError::Storage(error) => error.into(),
        }
    }
}

impl From<NotAManager> for ApiError {
    fn from(_: NotAManager) -> Self {
        let message = "Only managers of the organization may do this";
        Self::new(StatusCode::FORBIDDEN, message).with_code(ErrorCode::NotAManager)
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        let unknown = |field, message: &str| FieldErrors::of(field, message).into();
        match error {
            SubmitError::NotAManager(error) => error.into(),
            SubmitError::UnknownColleague => {
                unknown("onBehalfOf", "must be an active user of your organization")
            }
            SubmitError::UnknownDevice => {
                unknown("deviceId", "must be a device of your organization")
            }
            SubmitError::UnknownAttachment => Self::unknown_attachment(),
            SubmitError::Deleted => Missing::Ticket.into(),
            SubmitError::Storage(error) => error.into(),
        }
    }
}

impl From<ParticipantError> for ApiError {
    fn from(error: ParticipantError) -> Self {
        match error {
            ParticipantError::NotFound => Missing::Ticket.into(),
            ParticipantError::NotInCharge => Self::not_in_charge(),
            ParticipantError::UnknownColleague => Missing::Colleague.into(),
            ParticipantError::Storage(error) => error.into(),
        }
    }
}

impl From<TicketError> for ApiError {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::NotFound => Missing::Ticket.into(),
            TicketError::NotInCharge => Self::not_in_charge(),
            TicketError::InvalidTransition(_) => Self::conflict(
                ErrorCode::TicketNotResolved,
                "Only a resolved ticket can be closed",
            ),
            TicketError::UnknownAttachment => Self::unknown_attachment(),
            TicketError::Storage(error) => error.into(),
        }
    }
}

impl From<CheckoutError> for ApiError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::NotFound => Missing::Asset.into(),
            CheckoutError::AlreadyOut => {
                Self::new(StatusCode::CONFLICT, "Asset is already checked out")
            }
            CheckoutError::DayOver => Self::return_day_over(),
            CheckoutError::Storage(error) => error.into(),
        }
    }
}

impl From<ExtendError> for ApiError {
    fn from(error: ExtendError) -> Self {
        match error {
            ExtendError::NotFound => Missing::Checkout.into(),
            ExtendError::NotOut => CheckinError::NotOut.into(),
            ExtendError::DayOver => Self::return_day_over(),
            ExtendError::Storage(error) => error.into(),
        }
    }
}

impl From<CheckinError> for ApiError {
    fn from(error: CheckinError) -> Self {
        match error {
            CheckinError::NotFound => Missing::Asset.into(),
            CheckinError::NotOut => Self::new(StatusCode::BAD_REQUEST, "Asset is not checked out"),
            CheckinError::NotTheBorrower => Self::new(
                StatusCode::FORBIDDEN,
                "Only the contact who checked out this asset may check it in",
            ),
            CheckinError::Storage(error) => error.into(),
        }
    }
}
