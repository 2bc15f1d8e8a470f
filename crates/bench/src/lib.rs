//! Measures the portal: its requests against what their queries and the HTTP server could do at
//! best, its growth with the data, and its footprint. `docs/performance.md` says how to read the
//! results.
//!
//! The limit is no copy of the portal's SQL: [`record`] watches what the portal sends for a request,
//! and [`bare`] sends the same over ready connections and answers with a body of the same size.
//!
//! This crate is a tool of developers, and no part of the portal.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "speaks to the person at the terminal"
)]

pub mod backend;
pub mod bare;
pub mod cases;
pub mod client;
pub mod commands;
pub mod load;
pub mod pairs;
pub mod parts;
pub mod plot;
pub mod record;
pub mod script;
pub mod seed;
pub mod server;
pub mod stats;
