//! The list of an organization's devices.
#![expect(
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

use chrono::{DateTime, TimeDelta, Utc};
use portal_domain::devices::{DeviceRecord, DeviceStatus, OsType};
use portal_test_support::{Caller as _, TestApp};
use serde_json::json;

use crate::support::devices::{hostnames, put, record};

fn moment(minutes: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-01-31T08:00:00Z".parse().unwrap();
    start + TimeDelta::minutes(minutes)
}

#[actix_web::test]
async fn a_device_is_listed_with_every_key() {
    let app = TestApp::start().await;
    let named = DeviceRecord {
        display_name: Some("Ada's notebook".parse().unwrap()),
        os_type: OsType::MacOs,
        os_version: "15.3".parse().unwrap(),
        status: DeviceStatus::Quarantined,
        last_seen_at: Some(moment(5)),
        ..record("acme-lt-1")
    };
    let named = put(&app, &app.acme, named).await;
    let bare = put(&app, &app.acme, record("acme-lt-2")).await;
    let list = app.bearer(&app.acme.ada).await.get("/devices").await;
    assert_eq!(
        list.parts(),
        (
            200,
            json!({
                "data": [
                    {
                        "id": named,
                        "hostname": "acme-lt-1",
                        "displayName": "Ada's notebook",
                        "osType": "macos",
                        "osVersion": "15.3",
                        "status": "quarantined",
                        "lastSeenAt": "2026-01-31T08:05:00.000Z",
                    },
                    {
                        "id": bare,
                        "hostname": "acme-lt-2",
                        "displayName": null,
                        "osType": "linux",
                        "osVersion": "6.12",
                        "status": "online",
                        "lastSeenAt": null,
                    },
                ],
                "pagination": { "page": 1, "limit": 50, "total": 2 },
            })
        )
    );
}

#[actix_web::test]
async fn every_device_status_and_os_is_listed() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let oses = OsType::ALL.iter().cycle();
    for (status, os_type) in DeviceStatus::ALL.iter().zip(oses) {
        let device = DeviceRecord {
            status: *status,
            os_type: *os_type,
            ..record("one")
        };
        put(&app, &app.acme, device).await;
        let shown = ada.get("/devices").await.json()["data"][0].clone();
        assert_eq!(shown["status"], status.as_str());
        assert_eq!(shown["osType"], os_type.as_str());
    }
}

#[actix_web::test]
async fn devices_are_sorted_by_last_seen() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (hostname, minutes) in [
        ("never", None),
        ("oldest", Some(1)),
        ("newest", Some(3)),
        ("middle", Some(2)),
    ] {
        let device = DeviceRecord {
            last_seen_at: minutes.map(moment),
            ..record(hostname)
        };
        put(&app, &app.acme, device).await;
    }
    let expected = ["newest", "middle", "oldest", "never"];
    for path in ["/devices", "/assets"] {
        assert_eq!(hostnames(&ada, path).await, expected, "{path}");
        assert_eq!(
            hostnames(&ada, &format!("{path}?limit=3&page=2")).await,
            ["never"]
        );
    }
}

#[actix_web::test]
async fn order_of_devices_is_total() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for number in 0..7 {
        let seen = DeviceRecord {
            last_seen_at: (number % 2 == 0).then(|| moment(0)),
            ..record(&format!("device-{number}"))
        };
        put(&app, &app.acme, seen).await;
    }
    for path in ["/devices", "/assets"] {
        let whole = hostnames(&ada, path).await;
        let mut paged = Vec::new();
        for page in 1..=4 {
            paged.extend(hostnames(&ada, &format!("{path}?limit=2&page={page}")).await);
        }
        assert_eq!(paged, whole, "{path}");
        assert_eq!(whole.len(), 7);
    }
}

#[actix_web::test]
async fn ephemeral_and_foreign_devices_are_not_listed() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let ephemeral = DeviceRecord {
        is_ephemeral: true,
        ..record("build-7")
    };
    put(&app, &app.acme, ephemeral).await;
    put(&app, &app.globex, record("globex-1")).await;
    for path in ["/devices", "/assets"] {
        assert_eq!(
            ada.get(path).await.parts(),
            (
                200,
                json!({ "data": [], "pagination": { "page": 1, "limit": 50, "total": 0 } })
            ),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn devices_that_cannot_be_lent_are_listed() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let fixed = DeviceRecord {
        is_loanable: false,
        ..record("fixed")
    };
    put(&app, &app.acme, fixed).await;
    let scrapped = DeviceRecord {
        status: DeviceStatus::Decommissioned,
        last_seen_at: Some(moment(0)),
        ..record("scrapped")
    };
    put(&app, &app.acme, scrapped).await;
    assert_eq!(hostnames(&ada, "/devices").await, ["scrapped", "fixed"]);
    assert_eq!(hostnames(&ada, "/assets").await, Vec::<String>::new());
}
