//! Demo data: two organizations with some weeks of history, to look around in.
//!
//! [`load()`] makes everything by the domain's own use cases, as customers, technicians and
//! operators would, so that audit log, time stamps and statuses agree. Dates are relative to the
//! moment of loading: see `clock.rs`.
//!
//! The crate depends on the domain alone and works with any [`Store`](portal_domain::store::Store).
//!
//! # Interrupted and repeated calls
//!
//! Organizations are found by their slugs, and created where missing; then each is seeded in a
//! transaction of its own. So after an interrupted call an organization is either complete or
//! nothing but its row, and the next call seeds those that are empty. One that has users or a
//! branding is left as it is.
//!
//! # Mails
//!
//! The use cases put mails into the outbox. Those of earlier days are marked as sent when they were
//! written, in a last transaction. Today's stay, so that the mail sender has a dozen to deliver,
//! invitations among them. If a call is interrupted before that last transaction, the old mails are
//! delivered too, which is harmless: no address of the demo exists (RFC 2606, section 2).
//!
//! # Changing a story
//!
//! The stories are `stories/*.toml`, in the types of `story.rs`; `seed.rs` turns each event into a
//! use case. A new kind of event is a variant of `story::Event` and an arm there.

mod clock;
mod error;
mod load;
mod report;
mod seed;
mod story;

pub use error::DemoError;
pub use load::load;
pub use report::{DemoReport, DemoSignIn};

/// The password of everybody in the demo who has set up their account.
pub const DEMO_PASSWORD: &str = "Portal-Demo-1";
