//! Headers, queries and bodies of any kind: each has an answer that is no fault of the portal's.

use actix_web::http::Method;
use portal_test_support::properties::proptest::collection::vec;
use portal_test_support::properties::proptest::prelude::*;
use portal_test_support::properties::{header_with, samples, text_with};
use portal_test_support::{Caller as _, TestApp};
use serde_json::{Map, Value};

use crate::support::endpoints::{World, endpoints};

/// Any JSON, in which these keys and texts are frequent.
fn json(keys: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let text = || {
        text_with(&[
            "Printer",
            "high",
            "",
            " ",
            "\0",
            "\u{202e}",
            "2026-02-14T17:00:00Z",
        ])
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    let key = prop_oneof![
        4 => known_key(keys),
        1 => text(),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key.clone(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn known_key(keys: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    portal_test_support::properties::proptest::sample::select(keys).prop_map(str::to_owned)
}

#[actix_web::test]
async fn any_json_is_taken_or_refused() {
    let world = World::start().await;
    let app = &world.app;
    let ada = app.bearer(&app.acme.ada).await;
    let bodies = samples(
        40,
        json(&[
            "subject",
            "description",
            "priority",
            "deviceId",
            "onBehalfOf",
            "content",
            "userId",
            "email",
            "expectedReturnAt",
            "condition",
            "name",
            "locale",
            "receiveNotifications",
        ]),
    );
    for endpoint in endpoints() {
        let [anonymous, ..] = endpoint.statuses;
        // Those in front of a session have limits, and signing out would end this one.
        let is_tried = anonymous == 401 && endpoint.operation != "logout";
        if !is_tried || endpoint.method == Method::GET {
            continue;
        }
        let path = world.path(&endpoint);
        for body in &bodies {
            let call = ada.call(endpoint.method.clone(), &path).json(body);
            let response = call.send().await;
            let status = response.status();
            assert!(status < 500, "{} {body}: {response:?}", endpoint.operation);
            assert!(status != 401, "{} {body}: {response:?}", endpoint.operation);
        }
    }
}

#[actix_web::test]
async fn any_query_is_taken_or_refused() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    ada.submit_ticket("Printer").await;
    let query = text_with(&[
        "q=",
        "&",
        "status=",
        "priority=",
        "page=",
        "limit=",
        "scope=",
        "sort=",
        "open",
        "high",
        ",",
        "%00",
        "%ff",
        "%",
        "+",
        "-1",
        "0",
        "99999999999999999999",
        "mine",
        "shared",
        "%F0%9F",
        "created",
    ]);
    for query in samples(150, query) {
        // What cannot stand in a request's target never arrives.
        let query: String = query
            .chars()
            .filter(|c| c.is_ascii_graphic() && !"#\"<>\\^`{|}".contains(*c))
            .collect();
        for path in [
            "/tickets",
            "/devices",
            "/assets",
            "/assets/checkouts",
            "/colleagues",
        ] {
            let response = ada.get(&format!("{path}?{query}")).await;
            let status = response.status();
            assert!(
                [200, 400, 403].contains(&status),
                "{path}?{query}: {response:?}"
            );
        }
    }
}

#[actix_web::test]
async fn any_condition_is_answered_by_the_body_or_by_a_match() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let tag = ada.get("/profile").await.header("etag").unwrap();
    let opaque = tag.strip_prefix("W/").unwrap();
    let values = header_with(&[
        "W/", "w/", "\"", "\"a\"", ",", ", ", "*", "TAG", "W/TAG", ", TAG,",
    ]);
    for value in samples(300, values) {
        let Ok(value) = String::from_utf8(value) else {
            continue;
        };
        let value = value.replace("TAG", opaque);
        // A header that is not ASCII names nothing.
        let mut members = value
            .split(',')
            .map(|member| member.trim_matches([' ', '\t']));
        let is_match = |member: &str| member == "*" || member == tag || member == opaque;
        let expected = if value.is_ascii() && members.any(is_match) {
            304
        } else {
            200
        };
        let call = ada.call(Method::GET, "/profile");
        let response = call.header("if-none-match", &value).send().await;
        assert_eq!(response.status(), expected, "{value}");
        assert_eq!(response.text().is_empty(), expected == 304, "{value}");
    }
}
