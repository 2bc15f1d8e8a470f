//! Files in a real S3-compatible store, and scanned by a real `clamd`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

mod s3;
mod scanner;
#[expect(dead_code, reason = "shared with the tests of the OpenAPI document")]
#[path = "../openapi/tools.rs"]
mod tools;
