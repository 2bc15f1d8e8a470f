//! Signing in, and setting and changing passwords, on a real database and without HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose world is not as it has to be fails"
)]

mod askers;
mod change_password;
mod choice;
mod devices;
mod forgot_password;
mod histories;
mod invitation;
mod outage;
mod rate_limits;
mod reset_password;
mod sign_in;
mod timing;
mod untrusted;
mod world;
