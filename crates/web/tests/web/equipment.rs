//! Checkout, extension and checkin.

use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::branding::BrandingChanges;
use portal_domain::devices::{self, DeviceChanges, DeviceStatus};
use portal_domain::values::TimeZone;
use portal_test_support::{Caller as _, Response, TestApp};
use serde_json::json;

use crate::browser::Browser;
use crate::start;
use crate::support::{put, record};

const UNKNOWN: &str = "00000000-0000-7000-8000-000000000000";

fn check_out_path(device: &str) -> String {
    format!("/equipment/{device}/check-out")
}

async fn check_out(browser: &Browser, device: &str, typed: &[(&str, &str)]) -> Response {
    let path = check_out_path(device);
    browser.submit(&path, &path, typed).await
}

/// Checks a device out, and returns the path of the loan.
async fn borrow(browser: &Browser, device: &str, typed: &[(&str, &str)]) -> String {
    let response = check_out(browser, device, typed).await;
    assert_eq!(response.status(), 303, "{}", response.text());
    response.header("location").unwrap()
}

async fn deeds(app: &TestApp, action: AuditAction) -> usize {
    let log = app.audit_log(app.acme.id).await;
    log.iter().filter(|entry| entry.action == action).count()
}

#[actix_web::test]
async fn disabled_feature_is_forbidden_for_any_id() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let paths = ["/equipment/loans/zz", "/equipment/zz/check-out"];
    for path in paths {
        assert_eq!(browser.get(path).await.status(), 404, "{path}");
    }
    let changes = BrandingChanges {
        enable_asset_checkout: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    for path in paths {
        assert_eq!(browser.get(path).await.status(), 403, "{path}");
    }
}

#[actix_web::test]
async fn a_device_is_borrowed_kept_longer_and_returned() {
    let app = start().await;
    let device = put(&app, &app.acme, record("pr-1", Some("Projector <1>"))).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/equipment").await;
    assert!(html.contains("Projector &#60;1&#62;"), "{html}");
    assert!(html.contains(&format!("href=\"{}\"", check_out_path(&device))));

    let typed = [
        ("return-date", "2026-02-03"),
        ("condition", "Like new"),
        ("notes", "For the fair\r\nin Basel"),
    ];
    let loan = borrow(&browser, &device, &typed).await;
    let html = browser.page(&loan).await;
    for text in ["Checked out.", "Feb 3, 2026", "Like new", "in Basel"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!browser.page("/equipment").await.contains("Projector"));
    let html = browser.page("/equipment/loans").await;
    assert!(html.contains("Projector") && html.contains("Feb 3, 2026"));
    assert!(!html.contains("Overdue") && !html.contains("Checked out."));
    let html = browser.page("/").await;
    assert!(html.contains(&format!("href=\"{loan}\"")), "{html}");

    assert!(browser.page(&loan).await.contains("value=\"2026-02-03\""));
    let typed = [("return-date", "2026-02-10")];
    let response = browser.submit(&loan, &loan, &typed).await;
    assert_eq!(response.header("location"), Some(loan.clone()));
    let html = browser.page(&loan).await;
    assert!(html.contains("The return date is changed.") && html.contains("Feb 10, 2026"));

    let check_in = format!("{loan}/check-in");
    let typed = [("condition", "A scratch"), ("notes", "On the shelf")];
    let response = browser.submit(&check_in, &check_in, &typed).await;
    assert_eq!(response.header("location"), Some(loan.clone()));
    let html = browser.page(&loan).await;
    for text in ["Thank you", "Like new", "A scratch", "On the shelf"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("check-in") && !html.contains("return-date"));
    let html = browser.page("/equipment/loans").await;
    assert!(html.contains("Nothing on loan") && html.contains("A scratch"));
    assert!(browser.page("/equipment").await.contains("Projector"));
    let response = browser.get(&check_in).await;
    assert_eq!(response.header("location"), Some(loan));
}

#[actix_web::test]
async fn equipment_forms_have_no_required_fields() {
    let app = start().await;
    let device = put(&app, &app.acme, record("pr-1", None)).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let typed = [("return-date", ""), ("condition", " "), ("notes", "")];
    let loan = borrow(&browser, &device, &typed).await;
    assert!(browser.page(&loan).await.contains("No return date"));
    app.env.advance(TimeDelta::days(400));
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    assert!(!browser.page(&loan).await.contains("Overdue"));
}

#[actix_web::test]
async fn past_return_date_is_rejected_and_the_form_kept() {
    let app = start().await;
    let device = put(&app, &app.acme, record("pr-1", None)).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let long = "x".repeat(101);
    let typed = [
        ("return-date", "2026-01-30"),
        ("condition", &*long),
        ("notes", "For <Basel>"),
    ];
    let response = check_out(&browser, &device, &typed).await;
    assert_eq!(response.status(), 422);
    for text in [
        "This day is over.",
        "Please use at most 100 characters.",
        "value=\"2026-01-30\"",
        "min=\"2026-01-31\"",
        "For &#60;Basel&#62;",
        &long,
    ] {
        assert!(
            response.text().contains(text),
            "{text}: {}",
            response.text()
        );
    }
    let response = check_out(&browser, &device, &[("return-date", "tomorrow")]).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().contains("Please choose a date"));

    let loan = borrow(&browser, &device, &[("return-date", "2026-01-31")]).await;
    for (day, said) in [
        ("2026-01-30", "This day is over."),
        ("", "Please fill this in."),
    ] {
        let response = browser.submit(&loan, &loan, &[("return-date", day)]).await;
        assert_eq!(response.status(), 422);
        // the page's own form comes with the day that was typed
        assert!(response.text().contains(&format!("value=\"{day}\"")));
        assert!(response.text().contains(said), "{}", response.text());
    }
    assert_eq!(deeds(&app, AuditAction::PortalAssetExtend).await, 0);
}

#[actix_web::test]
async fn return_dates_use_the_organizations_time_zone() {
    let app = start().await;
    let device = put(&app, &app.acme, record("pr-1", None)).await;
    let auckland: TimeZone = "Pacific/Auckland".parse().unwrap();
    let tx = app.operator.begin_system().await.unwrap();
    let mut organization = tx.organization(app.acme.id).await.unwrap().unwrap();
    organization.time_zone = auckland;
    tx.update_organization(&organization).await.unwrap();
    tx.commit().await.unwrap();

    // 1 February there
    app.env.advance(TimeDelta::hours(3));
    let browser = Browser::signed_in(&app, &app.acme.ada).await.speaking("de");
    let response = check_out(&browser, &device, &[("return-date", "2026-01-31")]).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().contains("Dieser Tag ist vorbei."));
    let loan = borrow(&browser, &device, &[("return-date", "2026-02-01")]).await;
    let html = browser.page(&loan).await;
    assert!(html.contains("Ausgeliehen.") && html.contains("01.02.2026"));
    assert!(html.contains("datetime=\"2026-02-01T10:59:59Z\""), "{html}");
    let check_in = format!("{loan}/check-in");
    let pages = ["/", "/equipment", "/equipment/loans", &loan, &check_in];
    for (now, is_overdue) in [
        ("2026-02-01T10:59:59Z", false),
        ("2026-02-01T11:00:00Z", true),
    ] {
        app.env.set(now.parse().unwrap());
        for page in pages {
            let html = browser.page(page).await;
            assert_eq!(html.contains("Überfällig"), is_overdue, "{page} at {now}");
        }
    }
    // a day that is over is not offered again
    assert!(!browser.page(&loan).await.contains("value=\"2026-02-01\""));
}

#[actix_web::test]
async fn another_time_of_the_present_return_day_is_no_change() {
    let app = start().await;
    let device = put(&app, &app.acme, record("pr-1", None)).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let loan = borrow(&browser, &device, &[("return-date", "2026-02-03")]).await;
    let id = loan.rsplit('/').next().unwrap();
    let api = app.bearer(&app.acme.ada).await;
    let until = json!({ "expectedReturnAt": "2026-02-03T09:00:13.5Z" });
    let path = format!("/assets/checkouts/{id}");
    assert_eq!(api.patch(&path, &until).await.status(), 200);

    let html = browser.page(&loan).await;
    assert!(html.contains("value=\"2026-02-03\""), "{html}");
    let typed = [("return-date", "2026-02-03")];
    let response = browser.submit_from(&html, &loan, &typed).await;
    assert_eq!(response.status(), 303);
    let html = browser.page(&loan).await;
    assert!(html.contains("datetime=\"2026-02-03T09:00:13Z\""), "{html}");
    assert_eq!(deeds(&app, AuditAction::PortalAssetExtend).await, 1);
}

#[actix_web::test]
async fn double_submission_changes_nothing() {
    let app = start().await;
    let device = put(&app, &app.acme, record("pr-1", None)).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = check_out_path(&device);
    let html = browser.page(&path).await;
    let first = browser.submit_from(&html, &path, &[]).await;
    let second = browser.submit_from(&html, &path, &[]).await;
    let loan = first.header("location").unwrap();
    assert_eq!(second.header("location"), Some(loan.clone()));
    assert_eq!(deeds(&app, AuditAction::PortalAssetCheckout).await, 1);
    // asking again leads to what one has
    let response = browser.get(&path).await;
    assert_eq!(response.header("location"), Some(loan.clone()));

    let html = browser.page(&loan).await;
    for _ in 0..2 {
        let typed = [("return-date", "2026-02-10")];
        let response = browser.submit_from(&html, &loan, &typed).await;
        assert_eq!(response.status(), 303);
    }
    assert_eq!(deeds(&app, AuditAction::PortalAssetExtend).await, 1);

    let path = format!("{loan}/check-in");
    let page = browser.page(&path).await;
    for _ in 0..2 {
        let response = browser.submit_from(&page, &path, &[]).await;
        assert_eq!(response.header("location"), Some(loan.clone()));
    }
    assert_eq!(deeds(&app, AuditAction::PortalAssetCheckin).await, 1);
    // what was returned is not kept longer by a form that was left open
    let response = browser
        .submit_from(&html, &loan, &[("return-date", "2026-02-11")])
        .await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("returned already"));
    // nor does it return what was borrowed anew
    borrow(&browser, &device, &[]).await;
    browser.submit_from(&page, &path, &[]).await;
    assert_eq!(deeds(&app, AuditAction::PortalAssetCheckin).await, 1);
}

#[actix_web::test]
async fn concurrent_checkout_by_another_user_is_a_conflict() {
    let app = start().await;
    let device = put(&app, &app.acme, record("pr-1", None)).await;
    let ada = Browser::signed_in(&app, &app.acme.ada).await;
    let bob = Browser::signed_in(&app, &app.acme.bob).await;
    let path = check_out_path(&device);
    let html = ada.page(&path).await;
    let loan = borrow(&bob, &device, &[]).await;
    let response = ada.submit_from(&html, &path, &[]).await;
    assert_eq!(response.status(), 409);
    assert!(
        response
            .text()
            .contains("Somebody else has checked this out.")
    );
    assert_eq!(ada.get(&path).await.status(), 409);

    let form = bob.page(&loan).await;
    let check_in = format!("{loan}/check-in");
    for path in [&loan, &check_in] {
        assert_eq!(ada.get(path).await.status(), 404, "{path}");
        let csrf = crate::browser::hidden_fields(&html, &check_out_path(&device));
        let csrf = csrf.iter().find(|(name, _)| name == "csrf").unwrap();
        let fields = [("csrf", &*csrf.1), ("return-date", "2026-02-10")];
        assert_eq!(ada.post(path, &fields).await.status(), 404, "{path}");
    }
    assert!(!ada.page("/equipment/loans").await.contains("pr-1"));
    let response = bob
        .submit_from(&form, &loan, &[("return-date", "2026-02-10")])
        .await;
    assert_eq!(response.status(), 303);
}

#[actix_web::test]
async fn unavailable_device_is_not_found() {
    let app = start().await;
    let own = devices::DeviceRecord {
        is_loanable: false,
        ..record("own", None)
    };
    let own = put(&app, &app.acme, own).await;
    let foreign = put(&app, &app.globex, record("globex-1", None)).await;
    let retired = put(&app, &app.acme, record("retired", None)).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = check_out_path(&retired);
    let form = browser.page(&path).await;
    app.operate(&app.acme, async |op| {
        let changes = DeviceChanges {
            status: Some(DeviceStatus::Decommissioned),
            ..DeviceChanges::default()
        };
        devices::update(op, &"retired".parse().unwrap(), changes).await
    })
    .await;
    assert!(
        browser
            .page("/equipment")
            .await
            .contains("Nothing is available")
    );
    let response = browser.submit_from(&form, &path, &[]).await;
    assert_eq!(response.status(), 404);
    for device in [&*own, &*foreign, &*retired, UNKNOWN, "nonsense"] {
        let response = browser.get(&check_out_path(device)).await;
        assert_eq!(response.status(), 404, "{device}");
    }
    for loan in [UNKNOWN, "nonsense"] {
        let response = browser.get(&format!("/equipment/loans/{loan}")).await;
        assert_eq!(response.status(), 404, "{loan}");
    }
}

#[actix_web::test]
async fn returned_loans_are_paginated() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    for number in 0..22 {
        let device = put(&app, &app.acme, record(&format!("pr-{number:02}"), None)).await;
        let loan = borrow(&browser, &device, &[]).await;
        if number > 0 {
            let check_in = format!("{loan}/check-in");
            browser.submit(&check_in, &check_in, &[]).await;
        }
    }
    let first = browser.page("/equipment/loans").await;
    // what is out comes first, be it the oldest
    assert!(first.contains("pr-00") && first.contains("pr-21") && !first.contains("pr-01"));
    assert!(first.find("pr-00") < first.find("pr-21"));
    let second = browser.page("/equipment/loans?page=2").await;
    assert!(second.contains("pr-01") && !second.contains("pr-00"));
    assert!(!second.contains("Nothing on loan"), "{second}");
    for (path, last) in [
        ("/equipment/loans?page=9", "/equipment/loans?page=2"),
        ("/equipment?page=9", "/equipment?page=2"),
    ] {
        let response = browser.get(path).await;
        assert_eq!(response.header("location").as_deref(), Some(last));
    }
}

#[actix_web::test]
async fn equipment_can_be_disabled() {
    let app = start().await;
    let device = put(&app, &app.acme, record("pr-1", None)).await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let path = check_out_path(&device);
    let form = browser.page(&path).await;
    let changes = BrandingChanges {
        enable_asset_checkout: Some(false),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
    for page in ["/equipment", "/equipment/loans", &path] {
        let response = browser.get(page).await;
        assert_eq!(response.status(), 403, "{page}");
        assert!(response.text().contains("This is not available"));
        assert!(!response.text().contains("href=\"/equipment\""));
    }
    let response = browser.submit_from(&form, &path, &[]).await;
    assert_eq!(response.status(), 403);
}
