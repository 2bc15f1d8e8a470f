//! What the tests of all crates share.
//!
//! [`TestDatabase`] is a database of a test's own, [`ManualEnvironment`] a clock that only the test
//! moves, and [`TestWorld`] two organizations with their users on both, for tests of use cases.
//! [`fixtures`] makes single things on any store. None of these knows of HTTP.
//!
//! With the feature `app`, `TestApp` is a whole portal over such a world, called as its clients
//! call it, and [`program`] starts the server as a process.
//!
//! [`TestFiles`] are the files of one test, in memory, with a scanner.
//!
//! [`TestDatabase`] and [`TestState`] are a database and a state backend of one test: SQLite and
//! memory, unless `TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers, so that a suite runs on
//! either.
//!
//! [`releases`] has the databases of earlier releases, for tests of upgrades.
//!
//! [`properties`] checks what holds for whatever anybody may send.
//!
//! [`Translations`] checks that a crate's translations are complete.
//!
//! This crate is for tests alone: it may depend on everything, and it panics where a test should
//! fail.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::cast_possible_truncation,
    reason = "a test that cannot be set up has to fail"
)]

#[cfg(feature = "app")]
mod app;
mod clock;
mod database;
mod files;
pub mod fixtures;
mod people;
pub mod postgres;
#[cfg(feature = "app")]
pub mod program;
pub mod properties;
pub mod redis;
pub mod releases;
pub mod sqlite;
pub mod state;
mod translations;
mod world;

#[cfg(feature = "app")]
pub use app::{Anonymous, BearerUser, Call, Caller, CookieUser, MailWorld, Response, TestApp};
pub use clock::ManualEnvironment;
pub use database::TestDatabase;
pub use files::{DOUBT_ON_POSTGRES, DOUBT_ON_SQLITE, MALICIOUS, TestFiles};
pub use fixtures::{operator, technician};
pub use people::{PASSWORD, Person, Tenant, cheap_hasher, password_hash};
pub use state::{TestState, session_record};
pub use translations::Translations;
pub use world::TestWorld;
