//! The domain's errors about single values, as texts in every language.

use portal_domain::email::InvalidEmailAddress;
use portal_domain::profiles::{InvalidLocale, Password, PasswordError};
use portal_domain::text::TextError;
use portal_domain::tickets::{
    InvalidSearch, InvalidSort, InvalidTicketPriority, InvalidTicketStatus, SearchWords,
};

use crate::i18n::Message;

impl From<TextError> for Message {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Blank => Self::new("error-required"),
            TextError::TooLong { max } => Self::new("error-too-long").with("max", max),
            TextError::ControlCharacter => Self::new("error-control-character"),
        }
    }
}

impl From<InvalidEmailAddress> for Message {
    fn from(_: InvalidEmailAddress) -> Self {
        Self::new("error-email")
    }
}

impl From<PasswordError> for Message {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::TooShort => {
                Self::new("error-password-short").with("min", Password::MIN_CHARS)
            }
            PasswordError::TooLong => Self::new("error-too-long").with("max", Password::MAX_CHARS),
            PasswordError::NoLowercase => Self::new("error-password-lowercase"),
            PasswordError::NoUppercase => Self::new("error-password-uppercase"),
            PasswordError::NoNumber => Self::new("error-password-number"),
            PasswordError::ControlCharacter => Self::new("error-control-character"),
            PasswordError::TooCommon => Self::new("error-password-common"),
        }
    }
}

impl From<InvalidLocale> for Message {
    fn from(_: InvalidLocale) -> Self {
        Self::new("error-choice")
    }
}

impl From<InvalidTicketPriority> for Message {
    fn from(_: InvalidTicketPriority) -> Self {
        Self::new("error-choice")
    }
}

impl From<InvalidTicketStatus> for Message {
    fn from(_: InvalidTicketStatus) -> Self {
        Self::new("error-choice")
    }
}

impl From<InvalidSort> for Message {
    fn from(_: InvalidSort) -> Self {
        Self::new("error-choice")
    }
}

impl From<InvalidSearch> for Message {
    fn from(error: InvalidSearch) -> Self {
        match error {
            InvalidSearch::TooLong => {
                Self::new("error-too-long").with("max", SearchWords::MAX_CHARS)
            }
            InvalidSearch::Control => Self::new("error-control-character"),
        }
    }
}
