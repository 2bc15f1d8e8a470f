//! What only PostgreSQL has to hold: row-level security, round trips, logins, encryption, and outages.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod encryption;
mod logins;
mod outages;
mod proxy;
mod round_trips;
mod row_level_security;
mod world;
