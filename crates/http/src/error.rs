//! Maps every error to a status, a code and a sentence.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use portal_auth::accounts::{
    AcceptInvitationError, AttemptError, ChangePasswordError, OrganizationChoice,
    ResetPasswordError, SignInError,
};
use portal_domain::access::AccessError;
use portal_domain::assets::{CheckinError, CheckoutError, ExtendError};
use portal_domain::branding::Feature;
use portal_domain::profiles::PasswordError;
use portal_domain::tickets::{CommentError, TicketError};
use portal_session::{CsrfError, Fault, RequestError, cookies, from_faults};
use portal_wire::Organization;
use serde::Serialize;

use crate::extract::FieldErrors;

/// Which of two things somebody wanted to do with a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommentChange {
    /// Change it.
    Edit,
    /// Withdraw it.
    Withdraw,
}

/// Everything that a request can be refused for.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.sentence())]
pub(crate) struct ApiError(Box<ErrorKind>);

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum ErrorKind {
    /// The body is no JSON.
    MalformedJson,
    /// Fields of the body or the query are not what they have to be.
    Validation(FieldErrors),
    /// A new password breaks a rule; told bare, so that a person can be shown it.
    WeakPassword {
        /// The field that it came in.
        field: &'static str,
        /// The first rule that it breaks.
        error: PasswordError,
    },
    /// The body is longer than is read.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body is said to be something other than JSON.
    UnsupportedMediaType,
    /// No route has this path.
    RouteNotFound,
    /// Routes have this path, but not with this method.
    MethodNotAllowed {
        /// The methods that they have, as `Allow` lists them.
        allow: String,
    },
    /// There is neither token nor cookie.
    MissingCredentials,
    /// The token or cookie loads no session.
    InvalidSession,
    /// The session is somebody's who may not use the portal.
    NotActive,
    /// Somebody tried to sign in to an account that may not be used.
    SignInNotActive,
    /// The request may have been forged by another site.
    Csrf(CsrfError),
    /// Address and password fit no account.
    InvalidCredentials,
    /// Address and password fit several accounts.
    MultipleAccounts(Vec<OrganizationChoice>),
    /// There were too many attempts.
    RateLimited {
        /// What to say.
        sentence: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// A reset token is not good.
    InvalidResetToken,
    /// The organization offers no password resets.
    PasswordResetDisabled,
    /// An invitation is not good.
    InvalidInvitation,
    /// An invitation is for an account that was shut out.
    AccountDisabled,
    /// An invitation is for an account that has a password.
    AlreadySetUp,
    /// The organization does not offer a feature.
    FeatureDisabled(Feature),
    /// There is no such ticket for this user.
    TicketNotFound,
    /// A closed ticket takes no comments.
    TicketClosed,
    /// Only a resolved ticket can be closed by its submitter.
    TicketNotResolved,
    /// The team has answered since.
    CommentLocked(CommentChange),
    /// There is no such device to be lent or returned.
    AssetNotFound,
    /// Somebody has the device.
    AlreadyCheckedOut,
    /// Nobody has the device.
    NotCheckedOut,
    /// Somebody else has the device.
    NotTheBorrower,
    /// The user has no such loan.
    CheckoutNotFound,
    /// No organization has verified this domain.
    BrandingNotFound,
    /// The present password is another.
    WrongCurrentPassword,
    /// The user signed in too long ago for this.
    RecentSignInRequired,
    /// A failure that is not the client's fault.
    Fault(Fault),
}

impl ErrorKind {
    /// Status, code and sentence.
    fn answer(&self) -> (StatusCode, Option<ErrorCode>, Cow<'static, str>) {
        let (status, code, sentence) = match self {
            Self::Validation(errors) => {
                return (StatusCode::BAD_REQUEST, None, errors.sentence().into());
            }
            Self::WeakPassword { error, .. } => {
                return (StatusCode::BAD_REQUEST, None, error.to_string().into());
            }
            Self::MalformedJson => (400, None, "Malformed JSON in request body"),
            Self::BodyTooLarge => (413, None, "Request body too large"),
            Self::BodyTimeout => (408, None, "Request timed out"),
            Self::UnsupportedMediaType => (415, None, "Content-Type must be application/json"),
            Self::RouteNotFound => (404, None, "Not Found"),
            Self::MethodNotAllowed { .. } => (405, None, "Method not allowed"),
            Self::MissingCredentials => (401, None, "Missing or invalid authorization header"),
            Self::InvalidSession => (401, None, "Invalid or expired session"),
            Self::NotActive | Self::SignInNotActive => (403, None, "Account is not active"),
            Self::Csrf(error) => {
                return (StatusCode::FORBIDDEN, None, error.to_string().into());
            }
            Self::InvalidCredentials => (401, None, "Invalid email or password"),
            Self::MultipleAccounts(_) => (
                400,
                Some(ErrorCode::MultipleAccounts),
                "Multiple portal accounts found for this email. Please provide organization \
                 context.",
            ),
            Self::RateLimited { sentence, .. } => (429, None, *sentence),
            Self::InvalidResetToken => (400, None, "Invalid or expired reset token"),
            Self::PasswordResetDisabled => {
                (403, None, "Password reset is not enabled for this portal")
            }
            Self::InvalidInvitation => (400, None, "Invalid or expired invite"),
            Self::AccountDisabled => (403, None, "This account has been disabled."),
            Self::AlreadySetUp => (
                400,
                None,
                "This account is already set up. Use the login page.",
            ),
            Self::FeatureDisabled(feature) => {
                let (code, sentence) = disabled(*feature);
                (403, code, sentence)
            }
            Self::TicketNotFound => (404, None, "Ticket not found"),
            Self::TicketClosed => (409, Some(ErrorCode::TicketClosed), "Ticket is closed"),
            Self::TicketNotResolved => (
                409,
                Some(ErrorCode::TicketNotResolved),
                "Only a resolved ticket can be closed",
            ),
            Self::CommentLocked(CommentChange::Edit) => (
                409,
                Some(ErrorCode::CommentLocked),
                "This reply can no longer be edited — support has already responded.",
            ),
            Self::CommentLocked(CommentChange::Withdraw) => (
                409,
                Some(ErrorCode::CommentLocked),
                "This reply can no longer be deleted — support has already responded.",
            ),
            Self::AssetNotFound => (404, None, "Asset not found"),
            Self::AlreadyCheckedOut => (409, None, "Asset is already checked out"),
            Self::NotCheckedOut => (400, None, "Asset is not checked out"),
            Self::NotTheBorrower => (
                403,
                None,
                "Only the contact who checked out this asset may check it in",
            ),
            Self::CheckoutNotFound => (404, None, "Checkout not found"),
            Self::BrandingNotFound => (404, None, "Branding not found"),
            Self::WrongCurrentPassword => (
                400,
                Some(ErrorCode::InvalidCredentials),
                "Current password is incorrect",
            ),
            Self::RecentSignInRequired => (
                403,
                Some(ErrorCode::RecentSignInRequired),
                "Please sign in again to change your password",
            ),
            Self::Fault(Fault::Unavailable(_)) => (503, None, "Service temporarily unavailable"),
            Self::Fault(Fault::Internal(_)) => (500, None, "Internal Server Error"),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, code, sentence.into())
    }

    fn sentence(&self) -> Cow<'static, str> {
        self.answer().2
    }

    /// Whether the cookies that the client holds are worth nothing any more.
    fn clears_cookies(&self) -> bool {
        matches!(self, Self::InvalidSession | Self::NotActive)
    }

    fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            Self::MethodNotAllowed { allow } => Some((ALLOW, allow.clone())),
            Self::RateLimited { retry_after, .. } => {
                Some((RETRY_AFTER, retry_after.as_secs().max(1).to_string()))
            }
            Self::Fault(Fault::Unavailable(_)) => {
                Some((RETRY_AFTER, Fault::RETRY_AFTER_SECONDS.to_string()))
            }
            _ => None,
        }
    }

    fn details(&self) -> Option<FieldErrors> {
        match self {
            Self::Validation(errors) => Some(errors.clone()),
            Self::WeakPassword { field, error } => Some(FieldErrors::of(field, error.to_string())),
            _ => None,
        }
    }
}

const fn disabled(feature: Feature) -> (Option<ErrorCode>, &'static str) {
    match feature {
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
        Feature::PasswordReset => (None, "Password reset is not enabled for this portal"),
    }
}

/// What a program may act upon.
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
}

/// An error as it is sent.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Error, example = json!({ "error": "Ticket not found" }))]
pub(crate) struct ErrorBody {
    /// A sentence that a person can be shown.
    error: String,
    /// What a program may act upon.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<ErrorCode>,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    details: Option<FieldErrors>,
    /// The organizations to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    organizations: Option<Vec<Organization>>,
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.answer().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, code, sentence) = self.0.answer();
        if let ErrorKind::Fault(fault) = &*self.0 {
            fault.log();
        }
        let organizations = match &*self.0 {
            ErrorKind::MultipleAccounts(choices) => Some(choices.iter().map(choice).collect()),
            _ => None,
        };
        let mut response = HttpResponse::build(status).json(ErrorBody {
            error: sentence.into_owned(),
            code,
            details: self.0.details(),
            organizations,
        });
        if let Some((name, value)) = self.0.header()
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            response.headers_mut().insert(name, value);
        }
        if self.0.clears_cookies() {
            cookies::clear(&mut response);
        }
        response
    }
}

fn choice(choice: &OrganizationChoice) -> Organization {
    Organization {
        id: choice.id,
        name: choice.name.to_string(),
    }
}

impl From<ErrorKind> for ApiError {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        ErrorKind::Fault(fault).into()
    }
}

from_faults!(ApiError);

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::MissingCredentials => ErrorKind::MissingCredentials.into(),
            RequestError::InvalidSession => ErrorKind::InvalidSession.into(),
            RequestError::Csrf(error) => ErrorKind::Csrf(error).into(),
            RequestError::UnsupportedMediaType => ErrorKind::UnsupportedMediaType.into(),
            RequestError::BodyTooLarge => ErrorKind::BodyTooLarge.into(),
            RequestError::BodyTimeout => ErrorKind::BodyTimeout.into(),
            RequestError::MalformedBody => ErrorKind::MalformedJson.into(),
            RequestError::Fault(fault) => fault.into(),
        }
    }
}

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::SessionEnded => ErrorKind::InvalidSession.into(),
            AccessError::NotActive => ErrorKind::NotActive.into(),
            AccessError::FeatureDisabled(feature) => ErrorKind::FeatureDisabled(feature).into(),
            AccessError::Storage(error) => error.into(),
        }
    }
}

impl ApiError {
    /// What went wrong while somebody proved who they are; `rate_limited` is what to say to those
    /// who tried too often.
    pub(crate) fn from_failure(failure: AttemptError, rate_limited: &'static str) -> Self {
        match failure {
            AttemptError::RateLimited { retry_after } => ErrorKind::RateLimited {
                sentence: rate_limited,
                retry_after,
            }
            .into(),
            AttemptError::State(error) => error.into(),
            AttemptError::Storage(error) => error.into(),
            AttemptError::Password(error) => error.into(),
        }
    }

    pub(crate) fn from_sign_in(error: SignInError) -> Self {
        match error {
            SignInError::InvalidCredentials => ErrorKind::InvalidCredentials.into(),
            SignInError::Ambiguous(choices) => ErrorKind::MultipleAccounts(choices).into(),
            SignInError::NotActive => ErrorKind::SignInNotActive.into(),
            SignInError::Attempt(failure) => {
                Self::from_failure(failure, "Too many login attempts. Please try again later.")
            }
        }
    }

    pub(crate) fn from_reset(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::InvalidToken => ErrorKind::InvalidResetToken.into(),
            ResetPasswordError::Disabled => ErrorKind::PasswordResetDisabled.into(),
            ResetPasswordError::Attempt(failure) => Self::from_failure(
                failure,
                "Too many password reset attempts. Please try again later.",
            ),
        }
    }

    pub(crate) fn from_invitation(error: AcceptInvitationError) -> Self {
        match error {
            AcceptInvitationError::InvalidToken => ErrorKind::InvalidInvitation.into(),
            AcceptInvitationError::Disabled => ErrorKind::AccountDisabled.into(),
            AcceptInvitationError::AlreadySetUp => ErrorKind::AlreadySetUp.into(),
            AcceptInvitationError::Attempt(failure) => {
                Self::from_failure(failure, "Too many attempts. Please try again later.")
            }
        }
    }

    pub(crate) fn from_password_change(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => ErrorKind::WrongCurrentPassword.into(),
            ChangePasswordError::Access(error) => error.into(),
            ChangePasswordError::Attempt(failure) => {
                Self::from_failure(failure, "Too many attempts. Please try again later.")
            }
        }
    }

    pub(crate) fn from_comment(error: CommentError, change: CommentChange) -> Self {
        match error {
            CommentError::NotFound | CommentError::Withdrawn => ErrorKind::TicketNotFound.into(),
            CommentError::TicketClosed(_) => ErrorKind::TicketClosed.into(),
            CommentError::Locked => ErrorKind::CommentLocked(change).into(),
            CommentError::Storage(error) => error.into(),
        }
    }
}

impl From<TicketError> for ApiError {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::NotFound => ErrorKind::TicketNotFound.into(),
            TicketError::InvalidTransition(_) => ErrorKind::TicketNotResolved.into(),
            TicketError::Storage(error) => error.into(),
        }
    }
}

impl From<CheckoutError> for ApiError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::NotFound => ErrorKind::AssetNotFound.into(),
            CheckoutError::AlreadyOut => ErrorKind::AlreadyCheckedOut.into(),
            CheckoutError::Storage(error) => error.into(),
        }
    }
}

impl From<ExtendError> for ApiError {
    fn from(error: ExtendError) -> Self {
        match error {
            ExtendError::NotFound => ErrorKind::CheckoutNotFound.into(),
            ExtendError::NotOut => ErrorKind::NotCheckedOut.into(),
            ExtendError::Storage(error) => error.into(),
        }
    }
}

impl From<CheckinError> for ApiError {
    fn from(error: CheckinError) -> Self {
        match error {
            CheckinError::NotFound => ErrorKind::AssetNotFound.into(),
            CheckinError::NotOut => ErrorKind::NotCheckedOut.into(),
            CheckinError::NotTheBorrower => ErrorKind::NotTheBorrower.into(),
            CheckinError::Storage(error) => error.into(),
        }
    }
}
