//! Tests of the pages, in one program so that it is linked once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that cannot be set up has to fail"
)]

mod accounts;
mod branding;
mod browser;
mod devices;
mod equipment;
mod files;
mod fixation;
mod forged;
mod headers;
mod home;
mod hosts;
mod injection;
mod methods;
mod problems;
mod profile;
mod sign_in;
mod support;
mod tabs;
mod ticket_access;
mod tickets;
mod translations;
mod write_limits;

use portal_test_support::TestApp;

/// A portal with its pages.
async fn start() -> TestApp {
    TestApp::with_pages(|_| (), portal_web::routes).await
}
