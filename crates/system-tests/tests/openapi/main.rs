//! The OpenAPI document, as tools take it that know nothing else of the portal: generators of clients,
//! whose clients then call the portal, and schemathesis.
//!
//! What is installed and generated stays under `target/tmp`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

mod portal;
mod rust;
mod schemas;
mod schemathesis;
#[expect(
    dead_code,
    reason = "shared with the tests of the API, which use all of it"
)]
#[path = "../../../http/tests/api/support/mod.rs"]
mod support;
mod tools;
mod typescript;
