//! The portal's translations: texts by Fluent, dates and numbers by ICU.
//!
//! A crate with texts keeps them in `locales/<language>/<file>.ftl` and lists the files once, with
//! [`texts!`](crate::texts!). The names of the domain's states come from this crate. A [`Message`] is
//! a text whose language is not known yet, such as an error in a form.
//!
//! # Adding a language
//!
//! Add the variant to [`Locale`] and `locales/<code>/states.ftl` here. The compiler then asks for its
//! arms in `texts.rs`, and for a translation of every file of each crate; the tests name the texts
//! that are missing.

mod dates;
mod labels;
mod message;
mod texts;

pub use dates::{Formats, machine_time};
pub use fluent_bundle::FluentValue;
pub use labels::{client_name, device_status, ticket_priority, ticket_status};
pub use message::Message;
pub use texts::Texts;

/// A language of the portal.
pub use portal_domain::profiles::Locale;

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
