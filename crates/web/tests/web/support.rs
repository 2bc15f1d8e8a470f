//! Helpers of the test modules.

use chrono::TimeDelta;
use portal_domain::devices::DeviceRecord;
use portal_test_support::{Tenant, TestApp, fixtures};

/// A loanable device that has never reported.
pub(crate) fn record(hostname: &str, name: Option<&str>) -> DeviceRecord {
    DeviceRecord {
        display_name: name.map(|name| name.parse().unwrap()),
        os_version: "Debian 13".parse().unwrap(),
        ..fixtures::device_record(hostname)
    }
}

/// Adds a device, and returns its id.
pub(crate) async fn put(app: &TestApp, tenant: &Tenant, record: DeviceRecord) -> String {
    app.env.advance(TimeDelta::seconds(1));
    app.put_device(tenant, record).await.id.to_string()
}
