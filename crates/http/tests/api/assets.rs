//! Checkout and checkin of devices.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_domain::devices::DeviceRecord;
use portal_test_support::{Caller, Response, TestApp};
use serde_json::{Value, json};

use crate::support::devices::{hostnames, put, record};
use crate::support::{audited_actions, id};

const UNKNOWN: &str = "00000000-0000-7000-8000-000000000000";

async fn check_in(caller: &impl Caller, device: &str, body: Value) -> Response {
    let path = format!("/assets/{device}/checkin");
    caller.post(&path, &body).await
}

/// The newest of the user's loans.
async fn loan(caller: &impl Caller) -> Value {
    loans(caller).await[0].clone()
}

async fn loans(caller: &impl Caller) -> Vec<Value> {
    let response = caller.get("/assets/checkouts").await;
    assert_eq!(response.status(), 200, "{response:?}");
    response.json()["data"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn available_assets_are_listed_with_every_key() {
    let app = TestApp::start().await;
    let device = DeviceRecord {
        display_name: Some("Projector".parse().unwrap()),
        last_seen_at: "2026-01-31T08:00:00.123456Z".parse().ok(),
        ..record("acme-pr-1")
    };
    let device = put(&app, &app.acme, device).await;
    let list = app.bearer(&app.acme.ada).await.get("/assets").await;
    assert_eq!(
        list.parts(),
        (
            200,
            json!({
                "data": [{
                    "id": device,
                    "hostname": "acme-pr-1",
                    "displayName": "Projector",
                    "osType": "linux",
                    "status": "online",
                    "lastSeenAt": "2026-01-31T08:00:00.123Z",
                }],
                "pagination": { "page": 1, "limit": 50, "total": 1 },
            })
        )
    );
}

#[actix_web::test]
async fn checked_out_device_is_not_listed_until_returned() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let device = put(&app, &app.acme, record("one")).await;
    put(&app, &app.acme, record("two")).await;
    ada.check_out(&device, &json!({})).await;
    for caller in [&ada, &bob] {
        assert_eq!(hostnames(caller, "/assets").await, ["two"]);
    }
    assert_eq!(check_in(&ada, &device, json!({})).await.status(), 200);
    let mut offered = hostnames(&bob, "/assets").await;
    offered.sort();
    assert_eq!(offered, ["one", "two"]);
    bob.check_out(&device, &json!({})).await;
}

#[actix_web::test]
async fn checkout_response_has_every_key() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let body = json!({
        "expectedReturnAt": "2026-02-07T17:00:00.5+01:00",
        "checkoutNotes": "For the fair\r\nin Basel",
        "condition": "Like new",
    });
    let checkout = ada.check_out(&device, &body).await;
    assert_eq!(
        checkout,
        json!({
            "id": id(&checkout),
            "deviceId": device,
            "checkedOutTo": app.acme.ada.id.to_string(),
            "checkedOutAt": "2026-01-31T09:00:00.000Z",
            "expectedReturnAt": "2026-02-07T16:00:00.500Z",
            "checkoutNotes": "For the fair\nin Basel",
            "condition": "Like new",
        })
    );

    let other = put(&app, &app.acme, record("two")).await;
    let bare = ada.check_out(&other.to_uppercase(), &json!({})).await;
    assert_eq!(
        bare,
        json!({
            "id": id(&bare),
            "deviceId": other,
            "checkedOutTo": app.acme.ada.id.to_string(),
            "checkedOutAt": "2026-01-31T09:00:00.000Z",
            "expectedReturnAt": null,
            "checkoutNotes": null,
            "condition": null,
        })
    );
}

#[actix_web::test]
async fn a_loan_keeps_both_conditions_and_both_notes() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let named = DeviceRecord {
        display_name: Some("Projector".parse().unwrap()),
        ..record("one")
    };
    let device = put(&app, &app.acme, named).await;
    let body = json!({ "checkoutNotes": "Taken", "condition": "Like new" });
    let checkout = ada.check_out(&device, &body).await;
    app.env.advance(TimeDelta::hours(2));
    let body = json!({ "checkinNotes": "Returned", "condition": "Scratched" });
    assert_eq!(
        check_in(&ada, &device, body).await.parts(),
        (
            200,
            json!({ "checkout": {
                "id": id(&checkout),
                "deviceId": device,
                "checkedInAt": "2026-01-31T11:00:00.000Z",
                "checkinNotes": "Returned",
                "condition": "Scratched",
            } })
        )
    );
    assert_eq!(
        ada.get("/assets/checkouts").await.parts(),
        (
            200,
            json!({
                "data": [{
                    "id": id(&checkout),
                    "deviceId": device,
                    "hostname": "one",
                    "displayName": "Projector",
                    "checkedOutAt": "2026-01-31T09:00:00.000Z",
                    "expectedReturnAt": null,
                    "checkedInAt": "2026-01-31T11:00:00.000Z",
                    "checkoutNotes": "Taken",
                    "checkinNotes": "Returned",
                    "condition": "Like new",
                    "checkinCondition": "Scratched",
                    "overdue": false,
                }],
                "pagination": { "page": 1, "limit": 50, "total": 1 },
            })
        )
    );
}

#[actix_web::test]
async fn checkin_accepts_an_empty_body() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let out = format!("/assets/{device}/checkout");
    let back = format!("/assets/{device}/checkin");
    // With and without saying that the nothing is JSON.
    for is_typed in [false, true] {
        for (path, status) in [(&out, 201), (&back, 200)] {
            let call = ada.call(Method::POST, path);
            let call = if is_typed {
                call.body("application/json", "")
            } else {
                call
            };
            let response = call.send().await;
            assert_eq!(response.status(), status, "{path} {is_typed}");
            assert_eq!(response.json()["checkout"]["condition"], Value::Null);
        }
    }
}

#[actix_web::test]
async fn checkout_of_an_unavailable_device_is_not_found() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let fixed = DeviceRecord {
        is_loanable: false,
        ..record("fixed")
    };
    let names = [
        UNKNOWN.to_owned(),
        "x".to_owned(),
        "%00".to_owned(),
        put(&app, &app.globex, record("globex-1")).await,
        put(&app, &app.acme, fixed).await,
    ];
    for name in names {
        let response = ada.post_empty(&format!("/assets/{name}/checkout")).await;
        assert_eq!(
            response.parts(),
            (404, json!({ "error": "Asset not found" })),
            "{name}"
        );
    }
    assert_eq!(loans(&ada).await, Vec::<Value>::new());
    assert_eq!(audited_actions(&app).await, Vec::<String>::new());
}

#[actix_web::test]
async fn checkout_of_a_checked_out_device_is_a_conflict() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let device = put(&app, &app.acme, record("one")).await;
    ada.check_out(&device, &json!({})).await;
    for caller in [&ada, &bob] {
        let path = format!("/assets/{device}/checkout");
        assert_eq!(
            caller.post_empty(&path).await.parts(),
            (409, json!({ "error": "Asset is already checked out" }))
        );
    }
    assert_eq!(audited_actions(&app).await, ["portal.asset.checkout"]);
}

#[actix_web::test]
async fn checkin_by_another_user_is_forbidden() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let globex = app.bearer(&app.globex.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let idle = put(&app, &app.acme, record("two")).await;
    ada.check_out(&device, &json!({})).await;
    let mine = "Only the contact who checked out this asset may check it in";
    for (caller, device, status, sentence) in [
        (&ada, idle.as_str(), 400, "Asset is not checked out"),
        (&bob, &idle, 400, "Asset is not checked out"),
        (&bob, &device, 403, mine),
        (&globex, &device, 404, "Asset not found"),
        (&ada, UNKNOWN, 404, "Asset not found"),
        (&ada, "x", 404, "Asset not found"),
    ] {
        assert_eq!(
            check_in(caller, device, json!({})).await.parts(),
            (status, json!({ "error": sentence }))
        );
    }
    assert_eq!(loan(&ada).await["checkedInAt"], Value::Null);
    assert_eq!(audited_actions(&app).await, ["portal.asset.checkout"]);
}

#[actix_web::test]
async fn loan_becomes_overdue_after_its_day_in_the_organizations_time_zone() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    move_to_berlin(&app).await;
    let device = put(&app, &app.acme, record("one")).await;
    // 9:00Z now; the day ends at 23:00Z
    let body = json!({ "expectedReturnAt": "2026-01-31T08:58:00Z" });
    ada.check_out(&device, &body).await;
    for (minutes, overdue) in [(0, false), (14 * 60 - 1, false), (1, true)] {
        app.env.advance(TimeDelta::minutes(minutes));
        assert_eq!(loan(&ada).await["overdue"], overdue, "{minutes}");
    }
    check_in(&ada, &device, json!({})).await;
    assert_eq!(loan(&ada).await["overdue"], false);
}

/// Gives Acme the time zone of Berlin.
async fn move_to_berlin(app: &TestApp) {
    let tx = app.operator.begin_system().await.unwrap();
    let mut organization = tx.organization(app.acme.id).await.unwrap().unwrap();
    organization.time_zone = "Europe/Berlin".parse().unwrap();
    tx.update_organization(&organization).await.unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn return_day_that_is_over_is_rejected() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    move_to_berlin(&app).await;
    let device = put(&app, &app.acme, record("one")).await;
    // Today begins at 23:00Z of the day before.
    let over = json!({ "expectedReturnAt": "2026-01-30T22:59:59Z" });
    let today = json!({ "expectedReturnAt": "2026-01-30T23:00:00Z" });
    let refusal = (
        400,
        json!({
            "error": "expectedReturnAt: must be today or later",
            "details": {
                "formErrors": [],
                "fieldErrors": { "expectedReturnAt": ["must be today or later"] }
            }
        }),
    );
    let refused = ada.post(&format!("/assets/{device}/checkout"), &over).await;
    assert_eq!(refused.parts(), refusal);
    let checkout = ada.check_out(&device, &today).await;
    let path = format!("/assets/checkouts/{}", id(&checkout));
    assert_eq!(ada.patch(&path, &over).await.parts(), refusal);
    assert_eq!(audited_actions(&app).await, ["portal.asset.checkout"]);
    // The date that it has is no change.
    let same = ada.patch(&path, &today).await;
    assert_eq!(same.parts(), (200, json!({ "checkout": loan(&ada).await })));
    assert_eq!(audited_actions(&app).await, ["portal.asset.checkout"]);
}

#[actix_web::test]
async fn own_loans_are_listed_active_first() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    for (hostname, is_back) in [("a", false), ("b", true)] {
        let device = put(&app, &app.acme, record(hostname)).await;
        ada.check_out(&device, &json!({})).await;
        if is_back {
            check_in(&ada, &device, json!({})).await;
        }
        app.env.advance(TimeDelta::minutes(1));
    }
    let device = put(&app, &app.acme, record("bob's")).await;
    bob.check_out(&device, &json!({})).await;
    assert_eq!(hostnames(&ada, "/assets/checkouts").await, ["a", "b"]);
    let second = hostnames(&ada, "/assets/checkouts?limit=1&page=2").await;
    assert_eq!(second, ["b"]);
}

#[actix_web::test]
async fn borrower_extends_the_return_date() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let body = json!({ "expectedReturnAt": "2026-01-31T09:30:00Z", "condition": "New" });
    let checkout = ada.check_out(&device, &body).await;
    app.env.advance(TimeDelta::hours(15));
    assert_eq!(loan(&ada).await["overdue"], true);
    let path = format!("/assets/checkouts/{}", id(&checkout));
    let body = json!({ "expectedReturnAt": "2026-02-14T17:00:00+01:00" });
    let moved = ada.patch(&path, &body).await;
    assert_eq!(
        moved.parts(),
        (
            200,
            json!({ "checkout": {
                "id": id(&checkout),
                "deviceId": device,
                "hostname": "one",
                "displayName": null,
                "checkedOutAt": "2026-01-31T09:00:00.000Z",
                "expectedReturnAt": "2026-02-14T16:00:00.000Z",
                "checkedInAt": null,
                "checkoutNotes": null,
                "checkinNotes": null,
                "condition": "New",
                "checkinCondition": null,
                "overdue": false,
            } })
        )
    );
    assert_eq!(loan(&ada).await, moved.json()["checkout"]);
}

#[actix_web::test]
async fn extending_a_returned_or_foreign_loan_is_rejected() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let globex = app.bearer(&app.globex.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let checkout = ada.check_out(&device, &json!({})).await;
    let body = json!({ "expectedReturnAt": "2026-02-14T17:00:00Z" });
    for (caller, name) in [
        (&bob, id(&checkout)),
        (&globex, id(&checkout)),
        (&ada, UNKNOWN),
        (&ada, "x"),
        (&ada, &device),
    ] {
        let path = format!("/assets/checkouts/{name}");
        assert_eq!(caller.patch(&path, &body).await.status(), 404, "{name}");
    }
    let path = format!("/assets/checkouts/{}", id(&checkout));
    for bad in [
        json!({}),
        json!({ "expectedReturnAt": null }),
        json!({ "expectedReturnAt": "tomorrow" }),
    ] {
        assert_eq!(ada.patch(&path, &bad).await.status(), 400, "{bad}");
    }
    check_in(&ada, &device, json!({})).await;
    let late = ada.patch(&path, &body).await;
    assert_eq!(
        late.parts(),
        (400, json!({ "error": "Asset is not checked out" }))
    );
    assert_eq!(loan(&ada).await["expectedReturnAt"], Value::Null);
    assert_eq!(
        audited_actions(&app).await,
        ["portal.asset.checkin", "portal.asset.checkout"]
    );
}

#[actix_web::test]
async fn timestamps_with_any_offset_are_returned_in_utc() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let checkout = ada.check_out(&device, &json!({})).await;
    let path = format!("/assets/checkouts/{}", id(&checkout));
    let given = "2026-02-07T17:00:00.123456789+23:59";
    let response = ada
        .patch(&path, &json!({ "expectedReturnAt": given }))
        .await;
    assert_eq!(response.status(), 200);
    let kept = "2026-02-06T17:01:00.123Z";
    assert_eq!(response.json()["checkout"]["expectedReturnAt"], kept);
    for given in [
        "2026-02-07T17:00:00",
        "2026-02-30T00:00:00Z",
        "2026-06-15T12:30:60Z",
        "2026-02-07T17:00:00\u{2212}01:00",
        "",
    ] {
        let response = ada
            .patch(&path, &json!({ "expectedReturnAt": given }))
            .await;
        assert_eq!(response.status(), 400, "{given}");
        let fields = &response.json()["details"]["fieldErrors"];
        assert!(fields["expectedReturnAt"].is_array(), "{given}");
    }
    assert_eq!(loan(&ada).await["expectedReturnAt"], kept);
}

#[actix_web::test]
async fn invalid_notes_and_conditions_are_rejected_without_a_change() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let (idle, lent) = (
        put(&app, &app.acme, record("one")).await,
        put(&app, &app.acme, record("two")).await,
    );
    ada.check_out(&lent, &json!({})).await;
    for (notes, condition, field, message) in [
        (
            "🔥".repeat(2_001),
            "New".to_owned(),
            "Notes",
            "must be at most 2000 characters",
        ),
        (
            "N".to_owned(),
            "🔥".repeat(101),
            "condition",
            "must be at most 100 characters",
        ),
        (
            "N".to_owned(),
            "a\nb".to_owned(),
            "condition",
            "must not contain control characters",
        ),
    ] {
        let out = json!({ "checkoutNotes": notes, "condition": condition });
        let out = ada.post(&format!("/assets/{idle}/checkout"), &out).await;
        let back = json!({ "checkinNotes": notes, "condition": condition });
        let back = check_in(&ada, &lent, back).await;
        for (response, prefix) in [(out, "checkout"), (back, "checkin")] {
            let field = field.replace("Notes", &format!("{prefix}Notes"));
            let sentence = format!("{field}: {message}");
            assert_eq!((response.status(), response.error()), (400, sentence));
        }
    }
    assert_eq!(audited_actions(&app).await, ["portal.asset.checkout"]);
}
