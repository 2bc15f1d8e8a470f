//! What only PostgreSQL has to hold: row-level security, round trips, logins, poolers, encryption,
//! migrations, readiness, and outages.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod encryption;
mod logins;
mod migrating;
mod outages;
mod poolers;
mod proxy;
mod readiness;
mod round_trips;
mod row_level_security;
mod world;
