//! Extractors whose errors follow the contract.
//!
//! Only [`Authenticated`] refuses a request. The others keep what is wrong until the handler asks,
//! so that "who are you" and "is this enabled" are answered first.

mod field_errors;
mod json;
mod page;
mod path;
mod query;

pub(crate) use field_errors::FieldErrors;
pub(crate) use field_errors::{required, valid};
pub(crate) use json::{EmptyRequest, Json};
pub(crate) use page::PageParams;
pub(crate) use path::PathParams;
pub(crate) use query::Query;

/// The user who is signed in.
pub(crate) type Authenticated = portal_session::Authenticated<crate::error::ApiError>;
