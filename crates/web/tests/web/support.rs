//! What the test modules share, besides the browser.

use chrono::TimeDelta;
use portal_domain::devices::DeviceRecord;
use portal_test_support::{Tenant, TestApp, fixtures};

/// A device that may be borrowed, and has not been seen.
pub(crate) fn record(hostname: &str, name: Option<&str>) -> DeviceRecord {
    DeviceRecord {
        display_name: name.map(|name| name.parse().unwrap()),
        os_version: "Debian 13".parse().unwrap(),
        ..fixtures::device_record(hostname)
    }
}

/// Adds a device, after all that were added before, and gives its id.
pub(crate) async fn put(app: &TestApp, tenant: &Tenant, record: DeviceRecord) -> String {
    app.env.advance(TimeDelta::seconds(1));
    app.put_device(tenant, record).await.id.to_string()
}
