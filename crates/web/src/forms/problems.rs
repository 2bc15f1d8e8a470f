//! Translated messages for the domain's value errors.

use portal_domain::ids::InvalidId;
use portal_domain::profiles::{InvalidLocale, Password, PasswordError};
use portal_domain::text::TextError;
use portal_domain::tickets::{
    InvalidSort, InvalidTicketPriority, InvalidTicketScope, InvalidTicketStatus,
};
use portal_domain::values::{InvalidEmailAddress, InvalidSearch, SearchWords};

use crate::i18n::Message;

/// The error of a field's value.
pub(crate) trait FieldProblem {
    /// The message beside the field.
    fn message(self) -> Message;
}

impl FieldProblem for TextError {
    fn message(self) -> Message {
        match self {
            TextError::Blank => Message::new("error-required"),
            TextError::TooLong { max } => Message::new("error-too-long").with("max", max),
            TextError::ControlCharacter => Message::new("error-control-character"),
        }
    }
}

impl FieldProblem for InvalidEmailAddress {
    fn message(self) -> Message {
        Message::new("error-email")
    }
}

impl FieldProblem for PasswordError {
    fn message(self) -> Message {
        match self {
            PasswordError::TooShort => {
                Message::new("error-password-short").with("min", Password::MIN_CHARS)
            }
            PasswordError::TooLong => {
                Message::new("error-too-long").with("max", Password::MAX_CHARS)
            }
            PasswordError::NoLowercase => Message::new("error-password-lowercase"),
            PasswordError::NoUppercase => Message::new("error-password-uppercase"),
            PasswordError::NoNumber => Message::new("error-password-number"),
            PasswordError::ControlCharacter => Message::new("error-control-character"),
            PasswordError::TooCommon => Message::new("error-password-common"),
        }
    }
}

macro_rules! invalid_choices {
    ($($error:ty),+) => { $(
        impl FieldProblem for $error {
            fn message(self) -> Message {
                Message::new("error-choice")
            }
        }
    )+ };
}

invalid_choices!(
    InvalidLocale,
    InvalidTicketPriority,
    InvalidTicketStatus,
    InvalidTicketScope,
    InvalidSort,
    InvalidId
);

impl FieldProblem for InvalidSearch {
    fn message(self) -> Message {
        match self {
            InvalidSearch::TooLong => {
                Message::new("error-too-long").with("max", SearchWords::MAX_CHARS)
            }
            InvalidSearch::Control => Message::new("error-control-character"),
        }
    }
}
