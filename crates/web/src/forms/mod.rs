//! Forms: values, errors, and protection against double submission.
//!
//! A handler takes each field out of a [`Form`] as a value of the domain; what cannot be parsed is
//! noted beside its field, and the page shows the same form again, with everything still in it.

mod draft;
mod form;
mod idempotency_key;
mod problems;

pub(crate) use draft::Draft;
pub(crate) use form::{Form, InvalidForm};
pub(crate) use idempotency_key::IdempotencyKey;
pub(crate) use problems::FieldProblem;
