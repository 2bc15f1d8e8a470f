//! The fields of a form.

use actix_web::http::StatusCode;
use portal_domain::field::{Field, FieldValue};

use super::problems::FieldProblem;
use crate::i18n::Message;

/// A submitted form with its errors.
#[derive(Clone, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    errors: Vec<(&'static str, Message)>,
    alert: Option<Message>,
}

/// A field is invalid; the form has the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidForm;

/// An error of a field, as a page shows it.
pub(crate) struct FieldError<'f> {
    pub(crate) field: &'static str,
    /// The key of the field's label, by convention.
    pub(crate) label: String,
    pub(crate) message: &'f Message,
}

impl Form {
    /// A form with these fields; the first of a name counts.
    pub(crate) fn new(fields: Vec<(String, String)>) -> Self {
        Self {
            fields,
            ..Self::default()
        }
    }

    /// Fills in a field.
    pub(crate) fn fill(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// Replaces the value of a field.
    pub(crate) fn replace(&mut self, name: &str, value: impl Into<String>) {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.into()));
    }

    /// The value of a field, or the empty string.
    pub(crate) fn value(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field.map_or("", |(_, value)| value.as_str())
    }

    /// All fields, in their order.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Whether a field has this value, as a chosen option does.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.value(name) == value
    }

    /// Whether a box is ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        !self.value(name).is_empty()
    }

    /// The value of a required field.
    pub(crate) fn parse<T>(&mut self, name: &'static str) -> Result<T, InvalidForm>
    where
        T: FieldValue<Error: FieldProblem>,
    {
        let value = self.parse_optional(name)?;
        value.ok_or_else(|| self.add_error(name, Message::new("error-required")))
    }

    /// The value of an optional field.
    pub(crate) fn parse_optional<T>(&mut self, name: &'static str) -> Result<Option<T>, InvalidForm>
    where
        T: FieldValue<Error: FieldProblem>,
    {
        match Field::<T>::of_text(self.value(name)) {
            Field::Invalid(error) => Err(self.add_error(name, error.message())),
            field => Ok(field.valid()),
        }
    }

    /// Adds an error of a field.
    pub(crate) fn add_error(&mut self, name: &'static str, message: Message) -> InvalidForm {
        self.errors.push((name, message));
        InvalidForm
    }

    /// Sets the error of the form as a whole.
    pub(crate) fn add_form_error(&mut self, message: Message) {
        self.alert = Some(message);
    }

    /// The first error of a field.
    pub(crate) fn error(&self, name: &str) -> Option<&Message> {
        let error = self.errors.iter().find(|(field, _)| *field == name);
        error.map(|(_, message)| message)
    }

    /// The status of a list that was searched by this form.
    pub(crate) fn search_status(&self) -> StatusCode {
        if self.errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        }
    }

    /// The error of the form as a whole.
    pub(crate) const fn alert(&self) -> Option<&Message> {
        self.alert.as_ref()
    }

    /// The errors of all fields, in the order in which they were parsed.
    pub(crate) fn errors(&self) -> Vec<FieldError<'_>> {
        let errors = self.errors.iter();
        errors
            .map(|(field, message)| FieldError {
                field,
                label: format!("field-{field}"),
                message,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::tickets::{Subject, TicketPriority};

    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Form::new(fields.iter().map(owned).collect())
    }

    #[test]
    fn valid_field_is_parsed() {
        let mut form = form(&[("subject", "Printer"), ("subject", "Second")]);
        assert_eq!(
            form.parse::<Subject>("subject").unwrap().as_str(),
            "Printer"
        );
        assert_eq!(form.parse_optional::<TicketPriority>("priority"), Ok(None));
        assert!(form.errors().is_empty());
    }

    #[test]
    fn invalid_field_is_kept_with_its_error() {
        let mut form = form(&[("subject", " "), ("priority", "huge")]);
        assert_eq!(form.parse::<Subject>("subject"), Err(InvalidForm));
        assert_eq!(
            form.parse_optional::<TicketPriority>("priority"),
            Err(InvalidForm)
        );
        assert_eq!(form.value("priority"), "huge");
        assert_eq!(form.error("subject").unwrap().key(), "error-required");
        assert_eq!(form.error("priority").unwrap().key(), "error-choice");
        let fields: Vec<_> = form.errors().iter().map(|error| error.field).collect();
        assert_eq!(fields, ["subject", "priority"]);
    }
}
