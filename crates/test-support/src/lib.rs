//! A whole portal in a test.
//!
//! [`TestApp`] is the app as the server builds it, in this process, over a database of its own and
//! a clock that only the test moves. [`Anonymous`], [`BearerUser`] and [`CookieUser`] call it as
//! the kinds of caller do; mails go to memory, and [`TestApp::settle`] steps the background work.
//!
//! ```
//! use portal_test_support::{Caller as _, TestApp};
//!
//! # actix_web::rt::System::new().block_on(async {
//! let app = TestApp::start().await;
//! let ada = app.bearer(&app.acme.ada).await;
//! assert_eq!(ada.get("/profile").await.status(), 200);
//! # });
//! ```
//!
//! [`TestDatabase`] and [`TestState`] are a database and a state backend of one test: SQLite and
//! memory, unless `TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers, so that a suite runs on
//! either. [`program`] starts the server as a process.
//!
//! [`Translations`] checks that a crate says everything in every language.
//!
//! This crate is for tests alone: it may depend on everything, and it panics where a test should
//! fail.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up has to fail"
)]

mod app;
mod client;
mod clock;
mod database;
pub mod postgres;
pub mod program;
pub mod redis;
pub mod state;
mod translations;
mod world;

pub use app::TestApp;
pub use client::{Anonymous, Answer, BearerUser, Call, Caller, CookieUser};
pub use clock::ManualEnvironment;
pub use database::TestDatabase;
pub use state::{TestState, session_record};
pub use translations::Translations;
pub use world::{PASSWORD, Person, Tenant};
