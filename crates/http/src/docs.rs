//! What operations share in the OpenAPI document: responses, and links from one to another.

#![expect(dead_code, reason = "read by utoipa's derives alone")]

use utoipa::IntoResponses;

use crate::error::ErrorBody;

/// What can be wrong with any request.
#[derive(IntoResponses)]
pub(crate) enum CommonErrors {
    /// Internal server error; the log has its cause under the request's id
    #[response(status = 500)]
    Internal(ErrorBody),
    /// Service unavailable; `Retry-After` says when to try again
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// What can be wrong with a body.
#[derive(IntoResponses)]
pub(crate) enum BodyErrors {
    /// Invalid request body
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// Request timeout
    #[response(status = 408)]
    Timeout(ErrorBody),
    /// Request body too large
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// Unsupported media type
    #[response(status = 415)]
    MediaType(ErrorBody),
}

/// What can be wrong with who asks.
#[derive(IntoResponses)]
pub(crate) enum MemberErrors {
    /// No live session
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// Account not active, feature disabled, or CSRF check failed
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Too many attempts.
#[derive(IntoResponses)]
pub(crate) enum LimitErrors {
    /// Too many attempts; `Retry-After` says when to try again
    #[response(status = 429)]
    TooMany(ErrorBody),
}

/// What can go wrong with signing in.
#[derive(IntoResponses)]
pub(crate) enum SignInErrors {
    /// Invalid request body, or an address with accounts in several organizations
    /// (`MULTIPLE_ACCOUNTS`)
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// Invalid credentials
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// Account not active
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// Request timeout
    #[response(status = 408)]
    Timeout(ErrorBody),
    /// Request body too large
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// Unsupported media type
    #[response(status = 415)]
    MediaType(ErrorBody),
    /// Too many attempts; `Retry-After` says when to try again
    #[response(status = 429)]
    TooMany(ErrorBody),
}

/// What can go wrong with a reset.
#[derive(IntoResponses)]
pub(crate) enum ResetErrors {
    /// Password resets disabled
    #[response(status = 403)]
    Disabled(ErrorBody),
}

/// What can go wrong with an invitation.
#[derive(IntoResponses)]
pub(crate) enum InviteErrors {
    /// Account disabled
    #[response(status = 403)]
    Disabled(ErrorBody),
}

/// The thing that is asked for is not there.
#[derive(IntoResponses)]
pub(crate) enum NotFoundErrors {
    /// Not found
    #[response(status = 404)]
    NotFound(ErrorBody),
}

/// The thing is in a state that does not allow it.
#[derive(IntoResponses)]
pub(crate) enum ConflictErrors {
    /// Conflict with the present state
    #[response(status = 409)]
    Conflict(ErrorBody),
}

/// A query that cannot be understood.
#[derive(IntoResponses)]
pub(crate) enum QueryErrors {
    /// Invalid query parameter
    #[response(status = 400)]
    Invalid(ErrorBody),
}

/// What the client has is still good.
#[derive(IntoResponses)]
pub(crate) enum NotModified {
    /// Not modified
    #[response(status = 304)]
    NotModified,
}

/// An operation, one that its answer leads to, and where the parameters of that are found.
pub(crate) type Link = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// The links between operations, by which tools and testers find their way.
pub(crate) const LINKS: &[Link] = &[
    ("create_ticket", "get_ticket", NEW_TICKET),
    ("create_ticket", "create_ticket_comment", NEW_TICKET),
    ("create_ticket", "close_ticket", NEW_TICKET),
    ("list_tickets", "get_ticket", FIRST),
    ("list_tickets", "create_ticket_comment", FIRST),
    ("list_tickets", "close_ticket", FIRST),
    (
        "create_ticket_comment",
        "update_ticket_comment",
        NEW_COMMENT,
    ),
    (
        "create_ticket_comment",
        "delete_ticket_comment",
        NEW_COMMENT,
    ),
    ("list_assets", "checkout_asset", FIRST),
    (
        "checkout_asset",
        "checkin_asset",
        &[("id", "$request.path.id")],
    ),
    (
        "checkout_asset",
        "extend_checkout",
        &[("id", "$response.body#/checkout/id")],
    ),
    (
        "list_checkouts",
        "checkin_asset",
        &[("id", "$response.body#/data/0/deviceId")],
    ),
    ("list_checkouts", "extend_checkout", FIRST),
];

const FIRST: &[(&str, &str)] = &[("id", "$response.body#/data/0/id")];
const NEW_TICKET: &[(&str, &str)] = &[("id", "$response.body#/ticket/id")];
const NEW_COMMENT: &[(&str, &str)] = &[
    ("id", "$request.path.id"),
    ("commentId", "$response.body#/comment/id"),
];
