//! Helpers of the test modules. Those that make rows are in `portal-test-support`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part has to fail the test"
)]

pub(crate) mod accounts;
pub(crate) mod cookies;
pub(crate) mod devices;
pub(crate) mod endpoints;
pub(crate) mod openapi;
pub(crate) mod tickets;

use portal_test_support::TestApp;
use serde_json::Value;

/// The id of an object in a response.
pub(crate) fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

/// The audited actions of `acme`'s users, without authentication, in alphabetical order.
pub(crate) async fn audited_actions(app: &TestApp) -> Vec<String> {
    let log = app.audit_log(app.acme.id).await;
    let mut actions: Vec<_> = log.iter().map(|entry| entry.action.to_string()).collect();
    actions.retain(|action| action.starts_with("portal.") && !action.starts_with("portal.auth."));
    actions.sort();
    actions
}
