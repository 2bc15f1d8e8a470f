//! Borrowing and returning devices.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_domain::devices::{DeviceRecord, DeviceStatus};
use portal_test_support::{Answer, Caller, TestApp};
use serde_json::{Value, json};

use crate::support::devices::{hostnames, put, record};
use crate::support::{audited_actions, id};

const UNKNOWN: &str = "00000000-0000-7000-8000-000000000000";

async fn check_in(caller: &impl Caller, device: &str, body: Value) -> Answer {
    let path = format!("/assets/{device}/checkin");
    caller.post(&path, &body).await
}

/// The newest of the user's loans.
async fn loan(caller: &impl Caller) -> Value {
    loans(caller).await[0].clone()
}

async fn loans(caller: &impl Caller) -> Vec<Value> {
    let answer = caller.get("/assets/checkouts").await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()["data"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn what_can_be_borrowed_is_listed_with_every_key() {
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
async fn a_device_that_is_out_is_not_offered_until_it_is_back() {
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
async fn a_checkout_is_answered_with_every_key() {
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
async fn a_return_without_a_word_is_fine() {
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
            let answer = call.send().await;
            assert_eq!(answer.status(), status, "{path} {is_typed}");
            assert_eq!(answer.json()["checkout"]["condition"], Value::Null);
        }
    }
}

#[actix_web::test]
async fn what_cannot_be_borrowed_is_not_there() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let mut names = vec![UNKNOWN.to_owned(), "x".to_owned(), "%00".to_owned()];
    names.push(put(&app, &app.globex, record("globex-1")).await);
    for unfit in [
        DeviceRecord {
            is_loanable: false,
            ..record("fixed")
        },
        DeviceRecord {
            is_ephemeral: true,
            ..record("build-7")
        },
        DeviceRecord {
            status: DeviceStatus::Decommissioned,
            ..record("scrapped")
        },
    ] {
        names.push(put(&app, &app.acme, unfit).await);
    }
    for name in names {
        let answer = ada.post_empty(&format!("/assets/{name}/checkout")).await;
        assert_eq!(
            answer.parts(),
            (404, json!({ "error": "Asset not found" })),
            "{name}"
        );
    }
    assert_eq!(loans(&ada).await, Vec::<Value>::new());
    assert_eq!(audited_actions(&app).await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_device_is_lent_in_any_state_but_decommissioned() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for status in DeviceStatus::ALL {
        let device = DeviceRecord {
            status: *status,
            ..record(status.as_str())
        };
        let device = put(&app, &app.acme, device).await;
        let expected = match status {
            DeviceStatus::Decommissioned => 404,
            _ => 201,
        };
        let answer = ada.post_empty(&format!("/assets/{device}/checkout")).await;
        assert_eq!(answer.status(), expected, "{status}");
    }
}

#[actix_web::test]
async fn a_taken_device_cannot_be_taken_again() {
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
async fn of_ten_who_ask_at_once_one_gets_the_device() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    let device = put(&app, &app.acme, record("one")).await;
    let path = format!("/assets/{device}/checkout");
    let all = (0..10).map(|number| if number % 2 == 0 { &ada } else { &bob });
    let answers = join_all(all.map(|caller| caller.post_empty(&path))).await;
    let mut statuses: Vec<_> = answers.iter().map(Answer::status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[409; 9]].concat());
    assert_eq!(loans(&ada).await.len() + loans(&bob).await.len(), 1);
    assert_eq!(audited_actions(&app).await, ["portal.asset.checkout"]);
}

#[actix_web::test]
async fn of_many_returns_at_once_one_counts() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    ada.check_out(&device, &json!({})).await;
    let answers = join_all((0..5).map(|_| check_in(&ada, &device, json!({})))).await;
    let mut statuses: Vec<_> = answers.iter().map(Answer::status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400]);
    assert_eq!(
        audited_actions(&app).await,
        ["portal.asset.checkin", "portal.asset.checkout"]
    );
}

#[actix_web::test]
async fn only_the_borrower_returns_what_is_out() {
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
async fn what_may_be_lent_no_longer_can_still_be_returned() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (hostname, unfit) in [
        (
            "fixed",
            DeviceRecord {
                is_loanable: false,
                ..record("fixed")
            },
        ),
        (
            "scrapped",
            DeviceRecord {
                status: DeviceStatus::Decommissioned,
                ..record("scrapped")
            },
        ),
    ] {
        let device = put(&app, &app.acme, record(hostname)).await;
        ada.check_out(&device, &json!({})).await;
        put(&app, &app.acme, unfit).await;
        assert_eq!(check_in(&ada, &device, json!({})).await.status(), 200);
        let again = ada.post_empty(&format!("/assets/{device}/checkout")).await;
        assert_eq!(again.status(), 404, "{hostname}");
    }
}

#[actix_web::test]
async fn a_loan_is_overdue_once_its_time_is_past_until_it_is_over() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let body = json!({ "expectedReturnAt": "2026-01-31T10:00:00Z" });
    ada.check_out(&device, &body).await;
    for (minutes, overdue) in [(0, false), (60, false), (1, true)] {
        app.env.advance(TimeDelta::minutes(minutes));
        assert_eq!(loan(&ada).await["overdue"], overdue, "{minutes}");
    }
    check_in(&ada, &device, json!({})).await;
    assert_eq!(loan(&ada).await["overdue"], false);

    ada.check_out(&device, &json!({})).await;
    app.env.advance(TimeDelta::hours(20));
    assert_eq!(loan(&ada).await["overdue"], false);
}

#[actix_web::test]
async fn loans_still_out_come_first_and_only_the_users_own() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let bob = app.bearer(&app.acme.bob).await;
    for (hostname, is_back) in [("a", false), ("b", true), ("c", false), ("d", true)] {
        let device = put(&app, &app.acme, record(hostname)).await;
        ada.check_out(&device, &json!({})).await;
        if is_back {
            check_in(&ada, &device, json!({})).await;
        }
        app.env.advance(TimeDelta::minutes(1));
    }
    let device = put(&app, &app.acme, record("bob's")).await;
    bob.check_out(&device, &json!({})).await;
    let names = hostnames(&ada, "/assets/checkouts").await;
    assert_eq!(names, ["c", "a", "d", "b"]);
    let mut paged = Vec::new();
    for page in 1..=4 {
        let path = format!("/assets/checkouts?limit=1&page={page}");
        paged.extend(hostnames(&ada, &path).await);
    }
    assert_eq!(paged, names);
}

#[actix_web::test]
async fn the_borrower_moves_the_date_of_return() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let body = json!({ "expectedReturnAt": "2026-01-31T09:30:00Z", "condition": "New" });
    let checkout = ada.check_out(&device, &body).await;
    app.env.advance(TimeDelta::hours(1));
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
async fn a_date_of_return_is_moved_by_the_borrower_of_what_is_out_only() {
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
async fn an_instant_may_have_any_offset_and_any_year_that_can_be_written() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let checkout = ada.check_out(&device, &json!({})).await;
    let path = format!("/assets/checkouts/{}", id(&checkout));
    for (given, kept) in [
        ("2026-02-07T17:00:00Z", Some("2026-02-07T17:00:00.000Z")),
        ("2026-02-07t17:00:00z", Some("2026-02-07T17:00:00.000Z")),
        (
            "2026-02-07T17:00:00.123456789+23:59",
            Some("2026-02-06T17:01:00.123Z"),
        ),
        (
            "2026-02-07T17:00:00-00:00",
            Some("2026-02-07T17:00:00.000Z"),
        ),
        ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00.000Z")),
        (
            "9999-12-31T23:59:59.999999Z",
            Some("9999-12-31T23:59:59.999Z"),
        ),
        ("0001-01-01T00:00:00+00:01", None),
        ("9999-12-31T23:59:59-00:01", None),
        ("0000-06-01T00:00:00Z", None),
        ("10000-01-01T00:00:00Z", None),
        ("-0001-01-01T00:00:00Z", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-02-07T25:00:00Z", None),
        ("2026-02-07T17:00:00", None),
        ("2026-02-07", None),
        ("1770480000", None),
        ("", None),
        ("2026-02-07T17:00:00Z\0", None),
    ] {
        let answer = ada
            .patch(&path, &json!({ "expectedReturnAt": given }))
            .await;
        if let Some(kept) = kept {
            assert_eq!(answer.status(), 200, "{given}");
            assert_eq!(answer.json()["checkout"]["expectedReturnAt"], kept);
            assert_eq!(loan(&ada).await["expectedReturnAt"], kept, "{given}");
        } else {
            assert_eq!(answer.status(), 400, "{given}");
            let fields = &answer.json()["details"]["fieldErrors"];
            assert!(fields["expectedReturnAt"].is_array(), "{given}");
        }
    }
}

#[actix_web::test]
async fn notes_and_conditions_have_their_limits() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (notes, condition, is_good) in [
        ("🔥".repeat(2_000), "🔥".repeat(100), true),
        (String::new(), String::new(), true),
        ("a\tb\nc".to_owned(), "New".to_owned(), true),
        ("🔥".repeat(2_001), "New".to_owned(), false),
        ("N".to_owned(), "🔥".repeat(101), false),
        ("a\0b".to_owned(), "New".to_owned(), false),
        ("N".to_owned(), "a\nb".to_owned(), false),
    ] {
        let device = put(&app, &app.acme, record("one")).await;
        let out = json!({ "checkoutNotes": notes, "condition": condition });
        let answer = ada.post(&format!("/assets/{device}/checkout"), &out).await;
        assert_eq!(answer.status(), if is_good { 201 } else { 400 });
        if !is_good {
            ada.check_out(&device, &json!({})).await;
        }
        let back = json!({ "checkinNotes": notes, "condition": condition });
        let answer = check_in(&ada, &device, back).await;
        assert_eq!(answer.status(), if is_good { 200 } else { 400 });
        if is_good {
            assert_eq!(answer.json()["checkout"]["checkinNotes"], notes);
        } else {
            check_in(&ada, &device, json!({})).await;
        }
    }
}

#[actix_web::test]
async fn what_customers_do_with_assets_is_in_the_audit_log() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let device = put(&app, &app.acme, record("one")).await;
    let checkout = ada.check_out(&device, &json!({})).await;
    let body = json!({ "expectedReturnAt": "2026-02-14T17:00:00Z" });
    ada.patch(&format!("/assets/checkouts/{}", id(&checkout)), &body)
        .await;
    check_in(&ada, &device, json!({ "checkinNotes": "private" })).await;
    let log = app.audit_log(app.acme.id).await;
    let mut of_assets: Vec<_> = log
        .iter()
        .rev()
        .filter(|entry| entry.action.as_str().starts_with("portal.asset."))
        .collect();
    of_assets.sort_by_key(|entry| entry.action.as_str());
    let actions: Vec<_> = of_assets
        .iter()
        .map(|entry| entry.action.as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "portal.asset.checkin",
            "portal.asset.checkout",
            "portal.asset.extend"
        ]
    );
    for entry in of_assets {
        assert_eq!(entry.resource_type, "asset_checkout");
        assert_eq!(entry.resource_id, id(&checkout));
        assert_eq!(entry.details, json!({ "deviceId": device }));
        assert_eq!(entry.actor_id, Some(app.acme.ada.id));
        assert_eq!(entry.actor_email.as_deref(), Some("ada@acme.example"));
    }
}
