//! The DNS records that prove who owns a custom domain.
//!
//! [`SystemResolver`] looks TXT records up with the machine's own DNS settings. [`DomainMonitor`]
//! looks up the record of every verified domain once a day and reports those that are gone: whoever
//! registers such a domain next would get the organization's links. It changes nothing by itself.
//!
//! The crate depends on `portal-domain` for the ports; no other crate uses `hickory-resolver`.

mod monitor;
mod resolver;

pub use monitor::DomainMonitor;
pub use resolver::{DnsError, SystemResolver, TxtResolver};

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
