//! The portal's languages: words by Fluent, dates and numbers by ICU.
//!
//! A crate that speaks to people keeps its words in `locales/<language>/<file>.ftl` and names the
//! files once, with [`texts!`](crate::texts!); what the domain's states are called comes along from
//! this crate. A [`Message`] is something to be said whose language is not known yet, such as a
//! mistake in a form.
//!
//! The crate depends on `portal-domain`, for the [`Locale`] and the states.
//!
//! # One more language
//!
//! Add the variant to [`Locale`] and `locales/<code>/states.ftl` here. The compiler then asks for
//! its arms in `texts.rs`, and for a translation of every file of each crate that has some;
//! the tests name the texts that are missing.

mod dates;
mod labels;
mod message;
mod texts;

pub use dates::{Formats, machine_time};
pub use fluent_bundle::FluentValue;
pub use labels::{device_status, ticket_priority, ticket_status};
pub use message::Message;
pub use texts::Texts;

/// A language of the portal.
pub use portal_domain::profiles::Locale;

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
