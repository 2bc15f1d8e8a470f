//! The portal's HTTP API: everything under `/api/v1/portal`, the health checks beside it, and
//! the routes of operators and proxies.
//!
//! A handler consists of extractors, one use case of `portal-domain` or `portal-auth`, and a
//! response body, its own or one of `portal-wire`. It reaches an organization's data only through
//! [`Authenticated`](portal_session::Authenticated), whose `read` and `write` check session,
//! account and feature first.
//!
//! # Adding an endpoint
//!
//! 1. Write the use case in `portal-domain`.
//! 2. Add a file to the feature's folder, named after the action. It holds the request type with
//!    its `validator` rules and the schema of each field (`fields`), its conversion into the use
//!    case's input, the response type, and the handler, called `<verb>_<resource>` (which is also
//!    its OpenAPI operation id).
//! 3. Register it in the feature's `routes`; fixed paths come before those with an id. A route
//!    without a session is listed in `docs::PUBLIC`.
//! 4. Add it to the endpoint table in `tests/api/support/endpoints.rs`; a test fails until it is
//!    there.

mod api;
mod assets;
mod auth;
mod billing;
mod branding;
mod caching;
mod colleagues;
mod devices;
mod docs;
mod error;
mod extract;
mod fields;
mod health;
mod normal_path;
mod operations;
mod profile;
mod response_defaults;
mod routes;
mod sessions;
mod success;
mod telemetry;
mod tickets;
mod unsubscribe;
mod uploads;

pub use api::{BoxedApp, PREFIX, app, app_with, openapi};
pub use operations::{RenderMetrics, operations};
pub use routes::is_api_path;

/// Keeps the examples in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
