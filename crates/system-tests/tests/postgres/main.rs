//! What PostgreSQL alone has to hold: the fences between organizations, few round trips, and
//! servers that die.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod encryption;
mod fences;
mod flights;
mod logins;
mod outages;
mod proxy;
mod world;
