//! Errors of loading demo data.

use std::error::Error;
use std::str::FromStr;

use portal_domain::assets::{CheckinError, CheckoutError, ExtendError};
use portal_domain::branding::BrandingError;
use portal_domain::devices::DeviceError;
use portal_domain::organizations::OrganizationError;
use portal_domain::profiles::UserError;
use portal_domain::store::StorageError;
use portal_domain::tickets::{CloseError, CommentError, TicketError};

/// Why demo data could not be loaded. Of the organization at hand nothing is stored then but its
/// row; loading again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// An organization could not be created.
    #[error("an organization could not be created")]
    Organization(#[from] OrganizationError),
    /// An organization's branding could not be set.
    #[error("a branding could not be set")]
    Branding(#[from] BrandingError),
    /// A user could not be created or disabled.
    #[error("a user could not be set up")]
    User(#[from] UserError),
    /// A device could not be added or changed.
    #[error("a device could not be added")]
    Device(#[from] DeviceError),
    /// The team could not do something with a ticket.
    #[error("a ticket could not be handled")]
    Ticket(#[from] TicketError),
    /// A customer could not answer on a ticket.
    #[error("a customer's answer could not be added")]
    Answer(#[from] CommentError),
    /// A customer could not close a ticket.
    #[error("a ticket could not be closed")]
    Close(#[from] CloseError),
    /// A device could not be lent.
    #[error("a device could not be lent")]
    Checkout(#[from] CheckoutError),
    /// The return of a device could not be moved.
    #[error("the return of a device could not be moved")]
    Extend(#[from] ExtendError),
    /// A device could not be returned.
    #[error("a device could not be returned")]
    Checkin(#[from] CheckinError),
    /// The story holds a text that the domain refuses; a fault of this crate.
    #[error("the demo's text {text:?} is refused")]
    Text {
        /// The text.
        text: &'static str,
        /// The domain's reason.
        #[source]
        reason: Box<dyn Error + Send + Sync>,
    },
    /// The story names somebody or something that it never introduced; a fault of this crate.
    #[error("the demo knows no {0}")]
    Unknown(&'static str),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A text of the story as a value of the domain.
///
/// # Errors
///
/// [`DemoError::Text`] when the domain refuses it.
pub(crate) fn parse<T>(text: &'static str) -> Result<T, DemoError>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    text.parse().map_err(|reason: T::Err| DemoError::Text {
        text,
        reason: reason.into(),
    })
}

/// [`parse`], for what may be absent.
///
/// # Errors
///
/// As [`parse`].
pub(crate) fn parse_some<T>(text: Option<&'static str>) -> Result<Option<T>, DemoError>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    text.map(parse).transpose()
}
