//! Extractors whose errors follow the contract.
//!
//! None of them refuses a request by itself: they hold on to what they found wrong until the
//! handler asks, so that "who are you" and "is this switched on" are answered first.

mod field_errors;
mod json;
mod page;
mod path;
mod query;

pub(crate) use field_errors::FieldErrors;
pub(crate) use field_errors::{optional, parses, required};
pub(crate) use json::{EmptyRequest, Json, read as read_body};
pub(crate) use page::PageParams;
pub(crate) use path::PathParams;
pub(crate) use query::QueryParams;
