//! Forms: values, errors, and protection against double submission.
//!
//! A handler parses each field of a [`Form`] into a value of the domain. The form collects the
//! errors, and the page shows it again with everything that was typed.

mod draft;
mod form;
mod idempotency_key;
mod problems;

pub(crate) use draft::Draft;
pub(crate) use form::{Form, InvalidForm};
pub(crate) use idempotency_key::IdempotencyKey;
pub(crate) use problems::FieldProblem;
