//! The portal's HTTP API: everything under `/api/v1/portal`, and the signs of life beside it.
//!
//! A handler is some fifteen lines: extractors, one use case of `portal-domain` or `portal-auth`,
//! and a wire type, of its own or of `portal-wire`. It reaches an organization's data only through
//! `session::Member`, whose `read` and `write` check session, account and feature on the way.
//! The crate depends on `portal-domain`, `portal-auth` and `portal-wire`, and on no database.
//!
//! # Adding an endpoint
//!
//! 1. Write the use case in `portal-domain`.
//! 2. Make a file in the feature's folder, named after what it does: the request type with its
//!    `validator` rules (each delegates to a value of the domain) and the schema of each field
//!    (`fields`), the answer's type, and the
//!    handler, called `<verb>_<resource>` (its OpenAPI operation id).
//! 3. Register it in the feature's `routes`; fixed paths come before those with an id.
//! 4. Add it to the endpoint table in `tests/api/support/endpoints.rs`, which fails until it is there.

mod answer;
mod api;
mod assets;
mod auth;
mod branding;
mod caching;
mod client;
mod devices;
mod docs;
mod error;
mod extract;
mod fields;
mod health;
mod portal;
mod profile;
mod routes;
mod session;
mod success;
mod telemetry;
mod tickets;

pub use api::{BoxedApp, PREFIX, RenderMetrics, app, app_with, openapi};
pub use portal::{HttpConfig, Portal};
pub use routes::is_api_path;
pub use session::browser;
pub use session::{CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE};
