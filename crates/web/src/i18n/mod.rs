//! The portal's languages: words by Fluent, dates and numbers by ICU.
//!
//! A language is a [`Locale`] of the domain, a folder under `locales/` with one file for each
//! feature, and an arm in `texts.rs`. Everything else follows.

mod dates;
mod labels;
mod message;
mod negotiation;
mod texts;

pub(crate) use dates::{Formats, machine_time};
pub(crate) use labels::{device_status, ticket_priority, ticket_status};
pub(crate) use message::Message;
pub(crate) use negotiation::negotiate;
pub(crate) use texts::Texts;

/// A language of the portal.
pub(crate) use portal_domain::profiles::Locale;
