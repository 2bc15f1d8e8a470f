//! The use cases on a real database, without the layers above.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose world is not as it has to be fails"
)]

mod access;
mod assets;
mod audit;
mod branding;
mod devices;
mod files;
mod models;
mod notifications;
mod organizations;
mod profiles;
mod texts;
mod tickets;
mod untrusted;
