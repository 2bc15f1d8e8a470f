//! The program with PostgreSQL, Redis and SMTP: outages under load, restarts behind a proxy.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod backends;
mod departures;
mod flood;
mod load;
mod logs;
mod outages;
mod proxy;
mod restarts;
