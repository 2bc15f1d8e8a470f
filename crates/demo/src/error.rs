//! Errors of loading demo data.

use portal_domain::assets::{CheckinError, CheckoutError, ExtendError};
use portal_domain::branding::BrandingError;
use portal_domain::devices::DeviceError;
use portal_domain::files::{InvalidAttachments, UploadError};
use portal_domain::organizations::OrganizationError;
use portal_domain::profiles::UserError;
use portal_domain::store::StorageError;
use portal_domain::tickets::{CommentError, ParticipantError, SubmitError, TicketError};
use portal_domain::values::InvalidTimeZone;

/// Why demo data could not be loaded. The organization at hand is left with nothing but its row, and
/// loading again completes it.
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
    /// A file could not be uploaded.
    #[error("a file could not be uploaded")]
    Upload(#[from] UploadError),
    /// A ticket has too many files; a bug in this crate.
    #[error("a ticket has too many files")]
    Attachments(#[from] InvalidAttachments),
    /// A ticket could not be submitted.
    #[error("a ticket could not be submitted")]
    Submit(#[from] SubmitError),
    /// A ticket could not be changed.
    #[error("a ticket could not be handled")]
    Ticket(#[from] TicketError),
    /// A customer could not answer on a ticket.
    #[error("a customer's answer could not be added")]
    Answer(#[from] CommentError),
    /// A ticket could not be shared with a colleague.
    #[error("a ticket could not be shared")]
    Share(#[from] ParticipantError),
    /// A device could not be lent.
    #[error("a device could not be lent")]
    Checkout(#[from] CheckoutError),
    /// The return of a device could not be moved.
    #[error("the return of a device could not be moved")]
    Extend(#[from] ExtendError),
    /// A device could not be returned.
    #[error("a device could not be returned")]
    Checkin(#[from] CheckinError),
    /// A time zone is not known to the domain.
    #[error("a time zone is not known")]
    TimeZone(#[from] InvalidTimeZone),
    /// A story's file has a mistake; a bug in this crate.
    #[error("the demo's {file} cannot be read")]
    Story {
        /// The file.
        file: &'static str,
        /// The mistake and its place.
        #[source]
        reason: toml::de::Error,
    },
    /// A story names somebody or something that it never introduced; a bug in this crate.
    #[error("the demo has no {0}")]
    Unknown(String),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
