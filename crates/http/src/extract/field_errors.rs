//! Field errors of a validation response.

use portal_domain::field::{Field, FieldValue};
use portal_session::Fault;
use serde::Serialize;
use validator::{ValidationError, ValidationErrors};

use crate::error::ApiError;

/// The errors of a body or query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ValidationDetails)]
pub(crate) struct FieldErrors {
    /// Errors of the body as a whole.
    form_errors: Vec<String>,
    /// Errors of each field, by its name.
    #[serde(serialize_with = "as_map")]
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    field_errors: Vec<(String, Vec<String>)>,
}

fn as_map<S: serde::Serializer>(
    fields: &[(String, Vec<String>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(field, messages)| (field, messages)))
}

impl FieldErrors {
    /// An error of one field.
    pub(crate) fn of(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// An error of the body as a whole.
    pub(super) fn of_form(message: impl Into<String>) -> Self {
        Self {
            form_errors: vec![message.into()],
            field_errors: Vec::new(),
        }
    }

    /// Adds an error of a field.
    pub(crate) fn add(&mut self, field: &str, message: impl Into<String>) {
        let message = message.into();
        match self.field_errors.iter_mut().find(|(name, _)| name == field) {
            Some((_, messages)) => messages.push(message),
            None => self.field_errors.push((field.to_owned(), vec![message])),
        }
    }

    /// All errors in one sentence: `field: message; field: message`.
    pub(crate) fn sentence(&self) -> String {
        let fields = self.field_errors.iter().flat_map(|(field, messages)| {
            messages
                .iter()
                .map(move |message| format!("{field}: {message}"))
        });
        self.form_errors
            .iter()
            .cloned()
            .chain(fields)
            .collect::<Vec<_>>()
            .join("; ")
    }
}

impl From<&ValidationErrors> for FieldErrors {
    fn from(found: &ValidationErrors) -> Self {
        let mut found: Vec<_> = found.field_errors().into_iter().collect();
        found.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut errors = Self::default();
        for (field, of_field) in found {
            for error in of_field {
                let message = match (&error.message, error.code.as_ref()) {
                    (Some(message), _) => message.clone().into_owned(),
                    (None, "required") => "is required".to_owned(),
                    (None, code) => format!("is invalid ({code})"),
                };
                errors.add(&camel_case(&field), message);
            }
        }
        errors
    }
}

/// The name of a field on the wire.
fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// For `#[validate(custom(function = "valid"))]`: a given field must be valid.
pub(crate) fn valid<T: FieldValue>(field: &Field<T>) -> Result<(), ValidationError> {
    match field.problem() {
        None => Ok(()),
        Some(problem) => Err(ValidationError::new("invalid").with_message(problem.into())),
    }
}

/// The value of a field with `#[validate(required)]`.
pub(crate) fn required<T: FieldValue>(field: Field<T>) -> Result<T, ApiError> {
    let value = field.valid();
    value.ok_or_else(|| Fault::internal("a required field was not validated").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_has_every_error() {
        let mut errors = FieldErrors::of("subject", "is required");
        errors.add("priority", "must be one of low, high");
        errors.add("subject", "must not be blank");
        assert_eq!(
            errors.sentence(),
            "subject: is required; subject: must not be blank; priority: must be one of low, high"
        );
    }

    #[test]
    fn names_are_camel_case() {
        for (rust, wire) in [
            ("name", "name"),
            ("expected_return_at", "expectedReturnAt"),
            ("a_1b", "a1b"),
        ] {
            assert_eq!(camel_case(rust), wire);
        }
    }
}
