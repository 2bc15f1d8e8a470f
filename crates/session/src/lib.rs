//! The request boundary that API and pages share.
//!
//! | module | holds |
//! |---|---|
//! | [`Portal`] | what all handlers share |
//! | [`RequestInfo`] | the client's address, host and scheme, as far as they are trusted |
//! | [`SessionUser`], [`Authenticated`] | the signed-in user, and the only ways to an organization's data |
//! | [`Visitor`] | a browser without a session |
//! | [`DEVICE_COOKIE`] | the tokens of the accounts that a browser has signed in to before |
//! | [`UploadFailure`], [`FileField`] | why a file was not taken, and the files of a form |
//! | [`IDEMPOTENCY_HEADER`] | names a change that may be repeated |
//! | [`body`] | request bodies, within their limits |
//! | [`require_valid_host`] | the middleware that rejects requests without a valid host |
//! | [`RequestError`], [`Fault`] | why a request is rejected here |
//! | [`cookies`] | the middleware that keeps the session and CSRF cookies |
//!
//! `portal-auth`'s [`Sessions`](portal_auth::Sessions) is the one authority on sessions. A bearer
//! token asks it directly; for browsers, `actix-session` carries the token in a signed cookie.
//!
//! # What cannot be forgotten
//!
//! The database is a private field of [`Portal`]. A front end reaches an organization's data through
//! [`SessionUser::read`] and [`Authenticated::write`], which check session, account and feature
//! first. An [`Authenticated`] only comes from a request that passed the CSRF check.

mod authenticated;
pub mod body;
pub mod cookies;
mod csrf;
mod devices;
mod error;
mod forwarded;
mod host;
mod idempotency;
mod multipart;
mod portal;
mod request_info;
mod shares;
mod store;
mod unsubscribe;
mod uploads;
mod visitor;

pub use authenticated::{Authenticated, FrontEndError, SessionUser, end_session, open_session};
pub use csrf::{CsrfError, SubmittedForm, is_cors_allowed};
pub use error::{Fault, RequestError};
pub use host::require_valid_host;
pub use idempotency::IDEMPOTENCY_HEADER;
pub use multipart::FileField;
pub use portal::{HttpConfig, Portal, Readiness};
pub use request_info::RequestInfo;
pub use uploads::UploadFailure;
pub use visitor::Visitor;

/// The cookie with the signed session token, `HttpOnly`.
pub const SESSION_COOKIE: &str = "breeze_portal_session";

/// The cookie with the device tokens of the accounts that a browser has signed in to before, `HttpOnly`.
pub const DEVICE_COOKIE: &str = "breeze_portal_device";

/// The cookie with the CSRF token, readable by scripts.
pub const CSRF_COOKIE: &str = "breeze_portal_csrf_token";

/// The header in which scripts send the CSRF token back.
pub const CSRF_HEADER: &str = "x-breeze-csrf";

/// The hidden field in which forms send the CSRF token back.
pub const CSRF_FIELD: &str = "csrf";

/// Keeps the examples in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
