//! Demo data: two organizations with some weeks of history, to look around in.
//!
//! [`load()`] brings them in, once. Everything is made by the domain's own use cases, as customers,
//! technicians and operators would make it, so that audit log, time stamps and statuses tell one
//! story. The story is told relative to the moment of loading: see `clock.rs`.
//!
//! This crate depends on the domain alone; which database it fills is the caller's choice.
//!
//! # Loaded once, or completed
//!
//! Organizations are found by their slugs, and created where missing; then each is filled in one
//! transaction of its own. So whatever ends a process half-way, an organization is either full or
//! nothing but its row, and the next call fills those that are empty, also one of the same slug
//! that somebody else has only just created. One that has users or a branding is left as it is.
//!
//! # Mails
//!
//! The use cases put a mail into the outbox for nearly everything that happens. What happened
//! before today was told long ago: these mails are noted as sent when they were written, in a last
//! transaction. Today's stay, so that the mail sender has a dozen to deliver, invitations among
//! them. A process that dies before the last transaction leaves the others to be delivered too,
//! which does no harm: no address of the demo exists (RFC 2606, section 2).
//!
//! # Adding to the story
//!
//! `acme/` and `globex/` hold it as plain data, in the types of `script.rs`; `fill.rs` turns each
//! into calls of use cases. A new kind of event is a variant of `script::Deed` and an arm there.

mod acme;
mod clock;
mod error;
mod fill;
mod globex;
mod load;
mod report;
mod script;

pub use error::DemoError;
pub use load::load;
pub use report::{DemoReport, DemoSignIn};

/// The password of everybody in the demo who has set up their account.
pub const DEMO_PASSWORD: &str = "Portal-Demo-1";
