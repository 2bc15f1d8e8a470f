//! The list of devices.

use chrono::TimeDelta;
use portal_domain::branding::BrandingChanges;
use portal_domain::devices::{DeviceRecord, DeviceStatus, OsType};
use portal_domain::environment::Environment as _;

use crate::browser::Browser;
use crate::start;
use crate::support::{put, record};

#[actix_web::test]
async fn devices_are_listed() {
    let app = start().await;
    let seen = DeviceRecord {
        status: DeviceStatus::Quarantined,
        os_type: OsType::Windows,
        os_version: "11 24H2".parse().unwrap(),
        last_seen_at: Some(app.env.now() - TimeDelta::hours(2)),
        ..record("acme-lt-1", Some("Ada's <notebook>"))
    };
    put(&app, &app.acme, seen).await;
    put(&app, &app.acme, record("acme-lt-2", None)).await;
    let builder = DeviceRecord {
        is_ephemeral: true,
        ..record("acme-builder", None)
    };
    put(&app, &app.acme, builder).await;
    put(&app, &app.globex, record("globex-lt-1", None)).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/devices").await;
    for text in [
        "Ada&#39;s &#60;notebook&#62;",
        "acme-lt-1",
        "Windows 11 24H2",
        "Quarantined",
        "Debian 13",
        "Not yet",
        "datetime=\"2026-01-31T07:00:00Z\"",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("acme-builder") && !html.contains("globex"));
    assert!(html.find("acme-lt-1") < html.find("acme-lt-2"));
    let html = browser.speaking("de").page("/devices").await;
    assert!(html.contains("In Quarantäne") && html.contains("Noch nie"));
}

#[actix_web::test]
async fn devices_are_searched() {
    let app = start().await;
    put(&app, &app.acme, record("lt-1", Some("Größter Beamer"))).await;
    put(&app, &app.acme, record("lt-2", None)).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/devices?q=+BEAMER+gr%C3%B6%C3%9Fter+").await;
    assert!(
        html.contains("lt-1") && !html.contains("lt-2") && html.contains("One device found"),
        "{html}"
    );
    assert!(html.contains("value=\" BEAMER größter \""), "{html}");
    let html = browser.page("/devices?q=%25").await;
    assert!(html.contains("Nothing found") && !html.contains("lt-1"));
    let response = browser
        .get(&format!("/devices?q={}", "x".repeat(201)))
        .await;
    assert_eq!(response.status(), 400);
    assert!(
        response
            .text()
            .contains("Please use at most 200 characters.")
    );
    assert!(response.text().contains("aria-invalid=\"true\""));
}

#[actix_web::test]
async fn device_pages_keep_the_search() {
    let app = start().await;
    for number in 0..26 {
        put(&app, &app.acme, record(&format!("lt-{number:02}"), None)).await;
    }
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let first = browser.page("/devices?q=lt").await;
    // The same were never seen, so the newest comes first.
    assert!(first.contains("lt-25") && !first.contains("lt-00"));
    assert!(
        first.contains("href=\"/devices?q=lt&#38;page=2\""),
        "{first}"
    );
    let second = browser.page("/devices?q=lt&page=2").await;
    assert!(second.contains("lt-00") && !second.contains("lt-25"));
}

#[actix_web::test]
async fn devices_can_be_disabled() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let changes = BrandingChanges {
        enable_self_service: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    let response = browser.get("/devices").await;
    assert_eq!(response.status(), 403);
    assert!(response.text().contains("This is not available"));
}
