//! Field errors of a validation response.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use validator::{ValidationError, ValidationErrors};

use crate::error::{ApiError, ErrorKind};

/// The fields of a body or query that are not what they have to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ValidationDetails)]
pub(crate) struct FieldErrors {
    /// What is wrong with the body as a whole.
    form_errors: Vec<String>,
    /// What is wrong with each field, by its name.
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
    /// One field with one fault.
    pub(crate) fn of(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// A fault of the body as a whole.
    pub(super) fn of_form(message: impl Into<String>) -> Self {
        Self {
            form_errors: vec![message.into()],
            field_errors: Vec::new(),
        }
    }

    /// Adds a fault of a field.
    pub(crate) fn add(&mut self, field: &str, message: impl Into<String>) {
        let message = message.into();
        match self.field_errors.iter_mut().find(|(name, _)| name == field) {
            Some((_, messages)) => messages.push(message),
            None => self.field_errors.push((field.to_owned(), vec![message])),
        }
    }

    /// Whether a field has a fault.
    pub(super) fn contains(&self, field: &str) -> bool {
        self.field_errors.iter().any(|(name, _)| name == field)
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.form_errors.is_empty() && self.field_errors.is_empty()
    }

    /// Adds what `validator` found, by field name, except for fields known to be at fault.
    pub(super) fn add_validation(&mut self, errors: &ValidationErrors) {
        let mut found: Vec<_> = errors.field_errors().into_iter().collect();
        found.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (field, errors) in found {
            let field = camel_case(&field);
            if self.contains(&field) {
                continue;
            }
            for error in errors {
                self.add(&field, message(error));
            }
        }
    }

    /// All faults in one sentence: `field: message; field: message`.
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

fn message(error: &ValidationError) -> String {
    match (&error.message, error.code.as_ref()) {
        (Some(message), _) => message.clone().into_owned(),
        (None, "required") => "is required".to_owned(),
        (None, code) => format!("is invalid ({code})"),
    }
}

/// A field's name on the wire, which serde makes of the name in Rust.
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

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        ErrorKind::Validation(errors).into()
    }
}

/// For `#[validate(custom(function = "parses::<T>"))]`: the text has to be a `T` of the domain, so
/// that no rule is written twice.
pub(crate) fn parses<T>(text: &str) -> Result<(), ValidationError>
where
    T: FromStr<Err: Display>,
{
    match text.parse::<T>() {
        Ok(_) => Ok(()),
        Err(error) => Err(ValidationError::new("invalid").with_message(error.to_string().into())),
    }
}

/// The value of a field that has to be there.
pub(crate) fn required<T>(field: &'static str, text: Option<&str>) -> Result<T, ApiError>
where
    T: FromStr<Err: Display>,
{
    optional(field, text)?.ok_or_else(|| FieldErrors::of(field, "is required").into())
}

/// The value of a field that may be absent.
pub(crate) fn optional<T>(field: &'static str, text: Option<&str>) -> Result<Option<T>, ApiError>
where
    T: FromStr<Err: Display>,
{
    text.map(|text| {
        text.parse()
            .map_err(|error: T::Err| FieldErrors::of(field, error.to_string()))
    })
    .transpose()
    .map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_every_fault() {
        let mut errors = FieldErrors::of("subject", "is required");
        errors.add("priority", "must be one of low, high");
        errors.add("subject", "must not be blank");
        assert_eq!(
            errors.sentence(),
            "subject: is required; subject: must not be blank; priority: must be one of low, high"
        );
    }

    #[test]
    fn names_are_those_of_the_wire() {
        for (rust, wire) in [
            ("name", "name"),
            ("expected_return_at", "expectedReturnAt"),
            ("a_1b", "a1b"),
        ] {
            assert_eq!(camel_case(rust), wire);
        }
    }
}
