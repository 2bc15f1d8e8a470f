//! Devices and lists of them.

use portal_domain::devices::DeviceRecord;
use portal_test_support::{Caller, Tenant, TestApp};

pub(crate) use portal_test_support::fixtures::device_record as record;

/// Adds or updates a device by hostname, and returns its id.
pub(crate) async fn put(app: &TestApp, tenant: &Tenant, record: DeviceRecord) -> String {
    app.put_device(tenant, record).await.id.to_string()
}

/// The hostnames in a list of devices.
pub(crate) async fn hostnames(caller: &impl Caller, path: &str) -> Vec<String> {
    let response = caller.get(path).await;
    assert_eq!(response.status(), 200, "{path}: {response:?}");
    let body = response.json();
    let names = body["data"].as_array().expect("a list").iter();
    names
        .map(|device| device["hostname"].as_str().expect("a name").to_owned())
        .collect()
}
