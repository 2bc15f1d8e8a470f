//! The OpenAPI document, as tools take it that know nothing else of the portal: generators of clients,
//! whose clients then call the portal, and schemathesis.
//!
//! What is installed and generated stays under `target/tmp`.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

mod portal;
mod rust;
mod schemathesis;
mod tools;
mod typescript;
