//! Extractors of the API.
//!
//! Only [`SessionUser`] and [`Authenticated`] reject a request. The others report their errors when the handler parses
//! them, so that errors of authentication and access come first.

mod field_errors;
mod json;
mod page;
mod path;
mod query;

pub(crate) use field_errors::{FieldErrors, required, valid};
pub(crate) use json::{EmptyRequest, Json};
pub(crate) use page::PageParams;
pub(crate) use path::PathParams;
pub(crate) use query::Query;

/// The signed-in user, who can only read.
pub(crate) type SessionUser = portal_session::SessionUser<crate::error::ApiError>;

/// The signed-in user, whose request passed the CSRF check.
pub(crate) type Authenticated = portal_session::Authenticated<crate::error::ApiError>;
