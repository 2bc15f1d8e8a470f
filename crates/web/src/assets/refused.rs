//! Messages for refused use cases.

use portal_domain::assets::{CheckoutError, ExtendError};

use crate::error::PageError;
use crate::i18n::Message;

impl From<CheckoutError> for PageError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::NotFound => Self::NotFound,
            CheckoutError::AlreadyOut => Self::Refused(Message::new("equipment-taken")),
            CheckoutError::Storage(error) => error.into(),
        }
    }
}

impl From<ExtendError> for PageError {
    fn from(error: ExtendError) -> Self {
        match error {
            ExtendError::NotFound => Self::NotFound,
            ExtendError::NotOut => Self::Refused(Message::new("equipment-returned-already")),
            ExtendError::Storage(error) => error.into(),
        }
    }
}
