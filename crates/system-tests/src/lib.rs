//! What the tests of this crate need: real servers on free ports of the loopback interface.
//!
//! A server ends with the value that stands for it, and when the process of the tests ends, however
//! that happens.
//!
//! These tests are apart from those of the other crates because they need programs that a machine
//! with Rust does not have. `just test-all` runs them, and runs the suites of the other crates on
//! PostgreSQL and Redis through the program `with-servers`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up has to fail"
)]

pub mod build;
mod certificates;
pub mod chromedriver;
pub mod clamd;
pub mod images;
pub mod mail_servers;
pub mod moto;
pub mod pgbouncer;
pub mod postgres;
mod process;
pub mod redis;
pub mod smtp;
