//! Sessions over HTTP: bearer tokens, cookies, CSRF protection.
//!
//! `portal-auth`'s [`Sessions`](portal_auth::Sessions) is the one authority. A bearer token asks
//! it directly; for browsers, `actix-session` signs the cookie, checks it, and asks through
//! [`store::SessionAdapter`]. [`cookies::govern`] decides in one place which cookies an answer
//! carries.

pub mod browser;
mod cookies;
mod csrf;
mod member;
mod store;

pub(crate) use cookies::{ClearCookies, establish, govern, session_middleware};
pub(crate) use csrf::CsrfError;
pub(crate) use csrf::is_allowed_across_origins;
pub(crate) use member::Member;

/// The cookie that holds the signed session token; out of reach of scripts.
pub const SESSION_COOKIE: &str = "breeze_portal_session";

/// The cookie that holds the CSRF token, for scripts to read.
pub const CSRF_COOKIE: &str = "breeze_portal_csrf_token";

/// The header in which scripts send the CSRF token back.
pub const CSRF_HEADER: &str = "x-breeze-csrf";
