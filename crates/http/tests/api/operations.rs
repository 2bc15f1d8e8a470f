//! Every operation, called by every kind of client.

use portal_test_support::{Caller as _, TestApp};
use serde_json::Value;

use crate::support::endpoints::{By, Endpoint, World, documented, endpoints};

#[actix_web::test]
async fn endpoint_table_matches_the_document() {
    let app = TestApp::start().await;
    let sorted = |mut operations: Vec<(String, String, String)>| {
        operations.sort();
        operations
    };
    let documented = documented(&app).into_iter().map(|(method, path, said)| {
        let operation = said["operationId"].as_str().expect("an id").to_owned();
        (method, path, operation)
    });
    let tested = endpoints().into_iter().map(|endpoint| {
        let Endpoint {
            method,
            path,
            operation,
            ..
        } = endpoint;
        (method.to_string(), path.to_owned(), operation.to_owned())
    });
    assert_eq!(sorted(tested.collect()), sorted(documented.collect()));
}

#[actix_web::test]
async fn each_caller_gets_the_expected_status() {
    for endpoint in endpoints() {
        let name = endpoint.operation;
        let mut found = [0; By::ALL.len()];
        let mut said = Value::Null;
        for (by, status) in By::ALL.into_iter().zip(&mut found) {
            // Each in a portal of their own, as operations change things.
            let world = World::start().await;
            let (app, path) = (&world.app, world.path(&endpoint));
            let call = world.call(by, endpoint.method.clone(), &path).await;
            let response = endpoint.send(call).await;
            *status = response.status();
            if said.is_null() {
                said = documented(app)
                    .into_iter()
                    .find(|(_, _, said)| said["operationId"] == name)
                    .expect("documented")
                    .2;
            }
            let responses = &said["responses"];
            assert!(
                responses[status.to_string()].is_object(),
                "{name}: {status} for {by:?} is not documented"
            );
            if *status >= 400 {
                assert!(!response.error().is_empty(), "{name}");
            }
        }
        assert_eq!(found, endpoint.statuses, "{name}");
    }
}

#[actix_web::test]
async fn cookie_and_bearer_token_allow_the_same() {
    for endpoint in endpoints() {
        let world = World::start().await;
        let app = &world.app;
        let browser = app.cookie(&app.acme.ada).await;
        let call = browser.call(endpoint.method.clone(), &world.path(&endpoint));
        let response = endpoint.send(call).await;
        let [_, by_bearer, ..] = endpoint.statuses;
        assert_eq!(response.status(), by_bearer, "{}", endpoint.operation);
    }
}
