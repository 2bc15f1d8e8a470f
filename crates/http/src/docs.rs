//! Responses and links that operations share in the OpenAPI document.

#![expect(dead_code, reason = "read by utoipa's derives alone")]

use utoipa::IntoResponses;

use crate::error::ErrorBody;

/// Errors of any request.
#[derive(IntoResponses)]
pub(crate) enum CommonErrors {
    /// Internal server error; the cause is logged under the request id
    #[response(status = 500)]
    Internal(ErrorBody),
    /// Service unavailable; retry after `Retry-After`
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// Errors of a body.
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

/// Errors of a file that is uploaded.
#[derive(IntoResponses)]
pub(crate) enum UploadErrors {
    /// A file that is empty, runs when it is opened, or contains malicious software
    #[response(status = 400)]
    Refused(ErrorBody),
    /// Request timeout
    #[response(status = 408)]
    Timeout(ErrorBody),
    /// File too large
    #[response(status = 413)]
    TooLarge(ErrorBody),
}

/// Range after the end of the file
#[derive(IntoResponses)]
#[response(status = 416)]
pub(crate) struct RangeErrors(ErrorBody);

/// Errors of authentication and access.
#[derive(IntoResponses)]
pub(crate) enum AccessErrors {
    /// No live session
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// Account not active, feature disabled, or CSRF check failed
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Too many attempts or requests; retry after `Retry-After`
#[derive(IntoResponses)]
#[response(status = 429)]
pub(crate) struct LimitErrors(ErrorBody);

/// Errors of signing in, besides those of the body.
#[derive(IntoResponses)]
pub(crate) enum SignInErrors {
    /// Invalid request body, or accounts in several organizations (`MULTIPLE_ACCOUNTS`)
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// Invalid credentials
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// Account not active
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// Password resets disabled
#[derive(IntoResponses)]
#[response(status = 403)]
pub(crate) struct ResetErrors(ErrorBody);

/// Account disabled
#[derive(IntoResponses)]
#[response(status = 403)]
pub(crate) struct InviteErrors(ErrorBody);

/// Not found
#[derive(IntoResponses)]
#[response(status = 404)]
pub(crate) struct NotFoundErrors(ErrorBody);

/// Conflict with the current state
#[derive(IntoResponses)]
#[response(status = 409)]
pub(crate) struct ConflictErrors(ErrorBody);

/// Invalid query parameter
#[derive(IntoResponses)]
#[response(status = 400)]
pub(crate) struct QueryErrors(ErrorBody);

/// Not modified
#[derive(IntoResponses)]
#[response(status = 304)]
pub(crate) struct NotModified;

/// The idempotency key was used for another request
#[derive(IntoResponses)]
#[response(status = 422)]
pub(crate) struct RepeatErrors(ErrorBody);

/// The POSTs of signed-in users that ignore an idempotency key: they begin or end sessions.
pub(crate) const NOT_REPEATABLE: &[&str] = &["logout", "change_password"];

/// The operations that need no session.
pub(crate) const PUBLIC: &[&str] = &[
    "get_branding",
    "get_domain_branding",
    "login",
    "forgot_password",
    "reset_password",
    "accept_invite",
];

/// An operation, one that follows it, and where the parameters of that come from.
pub(crate) type Link = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// The links between operations.
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
    (
        "add_ticket_participant",
        "remove_ticket_participant",
        &[
            ("id", "$request.path.id"),
            ("userId", "$response.body#/participant/id"),
        ],
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
    ("list_sessions", "end_session", FIRST),
];

const FIRST: &[(&str, &str)] = &[("id", "$response.body#/data/0/id")];
const NEW_TICKET: &[(&str, &str)] = &[("id", "$response.body#/ticket/id")];
const NEW_COMMENT: &[(&str, &str)] = &[
    ("id", "$request.path.id"),
    ("commentId", "$response.body#/comment/id"),
];
