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
//! [`servers`] has real servers on free ports, for what needs one: Redis, of which the tests start
//! their own unless `TEST_REDIS_URL` names one, and mail.
//!
//! [`fixtures`] has the databases of earlier releases, for tests of upgrades.
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
pub mod fixtures;
pub mod servers;
mod translations;
mod world;

pub use app::TestApp;
pub use client::{Anonymous, Answer, BearerUser, Call, Caller, CookieUser};
pub use clock::ManualEnvironment;
pub use database::TestDatabase;
pub use translations::Translations;
pub use world::{PASSWORD, Person, Tenant};
