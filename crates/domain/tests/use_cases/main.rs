//! The use cases on a real database, as the layers above call them, without any of these layers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test whose world is not as it has to be fails"
)]

mod tickets;
