//! What the tests of all crates share.
//!
//! [`TestDatabase`] is a database of a test's own, [`ManualEnvironment`] a clock that only the test
//! moves, and [`TestWorld`] two organizations with their people on both, for tests of use cases.
//! [`fixtures`] makes single things on any store. None of these knows of HTTP.
//!
//! With the feature `app`, `TestApp` is a whole portal over such a world, called as its clients
//! call it.
//!
//! [`servers`] has real servers on free ports, for what needs one: Redis, of which the tests start
//! their own unless `TEST_REDIS_URL` names one, and mail.
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

#[cfg(feature = "app")]
mod app;
mod clock;
mod database;
pub mod fixtures;
mod people;
pub mod servers;
mod translations;
mod world;

#[cfg(feature = "app")]
pub use app::{Anonymous, Answer, BearerUser, Call, Caller, CookieUser, TestApp};
pub use clock::ManualEnvironment;
pub use database::TestDatabase;
pub use people::{PASSWORD, Person, Tenant, cheap_hasher, password_hash};
pub use translations::Translations;
pub use world::{TestWorld, technician};
