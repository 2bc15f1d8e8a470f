//! Responses that operations share in the OpenAPI document.

#![expect(dead_code, reason = "read by utoipa's derives alone")]

use utoipa::IntoResponses;

use crate::error::ErrorBody;

/// What can be wrong with any request.
#[derive(IntoResponses)]
pub(crate) enum CommonErrors {
    /// Something failed; its cause is in the log, under the request's id.
    #[response(status = 500)]
    Internal(ErrorBody),
    /// Something behind the portal is out of reach; `Retry-After` says when to try again.
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// What can be wrong with a body.
#[derive(IntoResponses)]
pub(crate) enum BodyErrors {
    /// The body is no JSON, or its fields are not what they have to be.
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// The body did not arrive in time.
    #[response(status = 408)]
    Timeout(ErrorBody),
    /// The body is too long.
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// The body is said to be something other than JSON.
    #[response(status = 415)]
    MediaType(ErrorBody),
}

/// What can be wrong with who asks.
#[derive(IntoResponses)]
pub(crate) enum MemberErrors {
    /// There is no session: sign in.
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// The account is not active, the feature is switched off, or the request may be forged.
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Too many attempts.
#[derive(IntoResponses)]
pub(crate) enum LimitErrors {
    /// There were too many attempts; `Retry-After` says when to try again.
    #[response(status = 429)]
    TooMany(ErrorBody),
}

/// What can go wrong with signing in.
#[derive(IntoResponses)]
pub(crate) enum SignInErrors {
    /// The body is invalid, or address and password fit several organizations
    /// (`MULTIPLE_ACCOUNTS`).
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// Address and password fit no account.
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// The account is not active.
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// The body did not arrive in time.
    #[response(status = 408)]
    Timeout(ErrorBody),
    /// The body is too long.
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// The body is said to be something other than JSON.
    #[response(status = 415)]
    MediaType(ErrorBody),
    /// There were too many attempts; `Retry-After` says when to try again.
    #[response(status = 429)]
    TooMany(ErrorBody),
}

/// What can go wrong with a reset.
#[derive(IntoResponses)]
pub(crate) enum ResetErrors {
    /// The organization offers no password resets.
    #[response(status = 403)]
    Disabled(ErrorBody),
}

/// What can go wrong with an invitation.
#[derive(IntoResponses)]
pub(crate) enum InviteErrors {
    /// The account is disabled.
    #[response(status = 403)]
    Disabled(ErrorBody),
}

/// The thing that is asked for is not there.
#[derive(IntoResponses)]
pub(crate) enum NotFoundErrors {
    /// There is no such thing for who asks.
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// The thing is in a state that does not allow it.
#[derive(IntoResponses)]
pub(crate) enum ConflictErrors {
    /// Its present state does not allow this.
    #[response(status = 409)]
    Conflict(ErrorBody),
}

/// A query that cannot be understood.
#[derive(IntoResponses)]
pub(crate) enum QueryErrors {
    /// A value of the query is unknown.
    #[response(status = 400)]
    Invalid(ErrorBody),
}

/// What the client has is still good.
#[derive(IntoResponses)]
pub(crate) enum NotModified {
    /// The client has this already.
    #[response(status = 304)]
    NotModified,
}
