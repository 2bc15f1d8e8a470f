//! The OpenAPI document, compared with the routes.
#![expect(
    clippy::expect_used,
    reason = "a test whose world is not as it has to be fails"
)]

use std::collections::BTreeSet;

use actix_web::http::Method;
use portal_domain::tickets::TicketStatus;
use portal_test_support::{Caller, TestApp};
use serde_json::{Map, Value, json};

use crate::support::endpoints::{World, documented, endpoints};
use crate::support::openapi::{document, example, request_schema, resolved};

/// All objects in a document, however deep.
fn objects<'v>(value: &'v Value, found: &mut Vec<&'v Map<String, Value>>) {
    match value {
        Value::Object(object) => {
            found.push(object);
            object.values().for_each(|value| objects(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| objects(value, found)),
        _ => {}
    }
}

#[actix_web::test]
async fn the_document_is_openapi_3_1() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let version = document["openapi"].as_str().unwrap();
    assert!(version.starts_with("3.1."), "{version}");
    assert!(document["info"]["title"].is_string());
    assert!(document["info"]["version"].is_string());
    assert_eq!(
        document,
        serde_json::to_value(portal_http::openapi(&app.portal)).unwrap()
    );
}

#[actix_web::test]
async fn every_reference_resolves() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let mut all = Vec::new();
    objects(&document, &mut all);
    let references: BTreeSet<_> = all
        .iter()
        .filter_map(|object| object.get("$ref")?.as_str())
        .collect();
    assert!(references.len() > 10);
    for reference in references {
        assert!(resolved(&document, &json!({ "$ref": reference })).is_object());
    }
}

#[actix_web::test]
async fn every_operation_has_summary_parameters_and_responses() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().collect();
    let mut names = BTreeSet::new();
    for (method, path, operation) in documented(&app) {
        let name = operation["operationId"].as_str().expect("an id").to_owned();
        let is_snake = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(is_snake && !name.is_empty(), "{method} {path}: {name}");
        assert!(names.insert(name.clone()), "{name} twice");

        let [tag] = operation["tags"].as_array().expect("tags").as_slice() else {
            panic!("{name}: one tag")
        };
        assert!(tags.iter().any(|known| known["name"] == *tag), "{name}");
        assert!(operation["summary"].is_string(), "{name}");

        let declared: BTreeSet<_> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        let in_path: BTreeSet<_> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(str::to_owned)
            .collect();
        assert_eq!(declared, in_path, "{name}");

        let responses = operation["responses"].as_object().unwrap();
        let successes: Vec<_> = responses.keys().filter(|s| s.starts_with('2')).collect();
        let expected = match name.as_str() {
            // What was added takes another status than what was there already, and a part of a file
            // another than the whole.
            "add_ticket_participant" | "get_ticket_attachment" => 2,
            _ => 1,
        };
        assert_eq!(successes.len(), expected, "{name}");
        for (status, response) in responses {
            let response = resolved(&document, response);
            assert!(response["description"].is_string(), "{name} {status}");
            let schema = response.pointer("/content/application~1json/schema");
            match status.as_str() {
                "304" => assert_eq!(schema, None, "{name} {status}"),
                error if error >= "400" => assert_eq!(
                    schema.expect("a schema")["$ref"],
                    "#/components/schemas/Error",
                    "{name} {status}"
                ),
                // The bytes of a file.
                _ if name == "get_ticket_attachment" => assert_eq!(schema, None, "{status}"),
                _ => {
                    let schema = resolved(&document, schema.expect("a schema"));
                    assert!(schema["properties"].is_object(), "{name} {status}");
                }
            }
        }
        for status in ["500", "503"] {
            assert!(responses.contains_key(status), "{name} {status}");
        }

        let is_public =
            path.starts_with("/branding") || (path.starts_with("/auth/") && path != "/auth/logout");
        let security = operation["security"].as_array();
        assert_eq!(security.is_none(), is_public, "{name}");
        // A client learns from the billing lists whether its session lives, and a session is last used
        // just now: no cached answer tells.
        let is_cached =
            method == "GET" && !["/quotes", "/invoices", "/sessions"].contains(&path.as_str());
        assert_eq!(responses.contains_key("304"), is_cached, "{name}");
        let is_for_members = responses.contains_key("401") && responses.contains_key("403");
        assert!(is_public || is_for_members, "{name}");
    }
    assert_eq!(names.len(), endpoints().len());
}

#[actix_web::test]
async fn every_field_of_a_request_has_an_example_and_the_examples_are_accepted() {
    for endpoint in endpoints() {
        let name = endpoint.operation;
        let world = World::start().await;
        let app = &world.app;
        let document = document(app).await;
        let (_, _, operation) = documented(app)
            .into_iter()
            .find(|(_, _, operation)| operation["operationId"] == name)
            .unwrap();
        let Some(schema) = request_schema(&document, &operation) else {
            // An upload's body is the file.
            let has_none =
                matches!(endpoint.method, Method::GET | Method::DELETE) || name == "create_upload";
            assert!(has_none, "{name} takes no body");
            continue;
        };
        let body = example(schema);
        let ada = app.bearer(&app.acme.ada).await;
        let call = ada.call(endpoint.method.clone(), &world.path(&endpoint));
        let response = call.json(&body).send().await;
        let refused = response.json();
        assert!(refused["details"].is_null(), "{name}: {body} {refused}");
        assert_ne!(refused["error"], "Malformed JSON in request body", "{name}");
    }
}

#[actix_web::test]
async fn required_fields_are_documented_as_required() {
    for endpoint in endpoints() {
        let name = endpoint.operation;
        if name == "add_ticket_participant" {
            // It takes one of two fields, as their descriptions say.
            continue;
        }
        let world = World::start().await;
        let app = &world.app;
        let document = document(app).await;
        let (_, _, operation) = documented(app)
            .into_iter()
            .find(|(_, _, operation)| operation["operationId"] == name)
            .unwrap();
        let Some(schema) = request_schema(&document, &operation) else {
            continue;
        };
        let required: BTreeSet<_> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|field| field.as_str().unwrap().to_owned())
            .collect();
        let ada = app.bearer(&app.acme.ada).await;
        let call = ada.call(endpoint.method.clone(), &world.path(&endpoint));
        let response = call.json(&json!({})).send().await;
        let missing: BTreeSet<_> = response.json()["details"]["fieldErrors"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(field, _)| field.clone())
            .collect();
        assert_eq!(required, missing, "{name}");

        let world = World::start().await;
        let ada = world.app.bearer(&world.app.acme.ada).await;
        let absent = ada.call(endpoint.method.clone(), &world.path(&endpoint));
        let is_refused = absent.send().await.status() == 400;
        let body = &operation["requestBody"];
        assert_eq!(body["required"], is_refused, "{name}");
        assert_eq!(is_refused, !required.is_empty(), "{name}");
    }
}

/// The violations of a schema. It supports the parts of JSON Schema that the document uses.
fn misfits(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let schema = resolved(document, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let tried = choices.iter().map(|one| misfits(document, one, value));
        let best = tried.min_by_key(Vec::len);
        return best.expect("a choice");
    }
    let parts: Vec<_> = match schema["allOf"].as_array() {
        Some(parts) => parts.iter().map(|part| resolved(document, part)).collect(),
        None => vec![schema],
    };
    let types: Vec<_> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec!["object"],
    };
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let mut misfits_here = Vec::new();
    if !types.contains(&found) {
        misfits_here.push(format!("{value} is no {types:?}"));
    }
    for item in value.as_array().into_iter().flatten() {
        misfits_here.extend(misfits(document, &schema["items"], item));
    }
    if let Some(object) = value.as_object() {
        let required = parts.iter().filter_map(|part| part["required"].as_array());
        for key in required.flatten().filter_map(Value::as_str) {
            if !object.contains_key(key) {
                misfits_here.push(format!("{key} is missing"));
            }
        }
        for (key, value) in object {
            let property = parts.iter().find_map(|part| {
                let named = part["properties"].get(key);
                let any = part.get("additionalProperties");
                named.or(any)
            });
            match property {
                Some(property) => misfits_here.extend(misfits(document, property, value)),
                None => misfits_here.push(format!("{key} is not documented")),
            }
        }
    }
    misfits_here
}

#[actix_web::test]
async fn responses_match_their_schemas() {
    for endpoint in endpoints() {
        let name = endpoint.operation;
        let world = World::start().await;
        let app = &world.app;
        let document = document(app).await;
        let (_, _, operation) = documented(app)
            .into_iter()
            .find(|(_, _, operation)| operation["operationId"] == name)
            .unwrap();
        let path = world.path(&endpoint);
        let ada = app.bearer(&app.acme.ada).await;
        let refused = app.anonymous().call(endpoint.method.clone(), &path);
        let done = ada.call(endpoint.method.clone(), &path);
        for response in [endpoint.send(refused).await, endpoint.send(done).await] {
            let status = response.status();
            if (name, status) == ("get_ticket_attachment", 200) {
                assert_eq!(response.text(), "a", "the file's bytes");
                continue;
            }
            let schema = &operation["responses"][status.to_string()]["content"]["application/json"];
            let (schema, body) = (&schema["schema"], response.json());
            let misfits = misfits(&document, schema, &body);
            assert_eq!(misfits, Vec::<String>::new(), "{name} {status}");
        }
    }
}

#[actix_web::test]
async fn validation_error_matches_its_schema() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let ada = app.bearer(&app.acme.ada).await;
    let schema = json!({ "$ref": "#/components/schemas/Error" });
    for body in [json!({}), json!([])] {
        let response = ada.post("/tickets", &body).await;
        assert!(response.json()["details"].is_object());
        let misfits = misfits(&document, &schema, &response.json());
        assert_eq!(misfits, Vec::<String>::new(), "{body}");
    }
}

#[actix_web::test]
async fn every_documented_route_exists_and_rejects_other_methods() {
    let world = World::start().await;
    let anonymous = world.app.anonymous();
    let mut methods_of = std::collections::BTreeMap::<&str, Vec<Method>>::new();
    let endpoints = endpoints();
    for endpoint in &endpoints {
        let methods = methods_of.entry(endpoint.path).or_default();
        methods.push(endpoint.method.clone());
        let call = anonymous.call(endpoint.method.clone(), &world.path(endpoint));
        let response = call.send().await;
        assert_ne!(response.status(), 405, "{}", endpoint.operation);
        let body: Value = serde_json::from_str(response.text()).unwrap();
        assert_ne!(body["error"], "Not Found", "{}", endpoint.operation);
    }
    for endpoint in &endpoints {
        let documented = &methods_of[endpoint.path];
        let mut allowed: BTreeSet<_> = documented.iter().map(Method::as_str).collect();
        if allowed.contains("GET") {
            allowed.insert("HEAD");
        }
        for method in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
            Method::TRACE,
            Method::from_bytes(b"PROPFIND").unwrap(),
        ] {
            if allowed.contains(method.as_str()) {
                continue;
            }
            let path = world.path(endpoint);
            let response = anonymous.call(method.clone(), &path).send().await;
            assert_eq!(
                response.parts(),
                (405, json!({ "error": "Method not allowed" })),
                "{method} {path}"
            );
            let allow = response.header("allow").expect("Allow");
            let allow: BTreeSet<_> = allow.split(", ").collect();
            assert_eq!(allow, allowed, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn cors_preflight_allows_every_documented_method() {
    let app = TestApp::with(|config| {
        config.cors_allowed_origins = vec!["https://app.example".to_owned()];
    })
    .await;
    for (method, path, _) in documented(&app) {
        let response = app
            .anonymous()
            .call(Method::OPTIONS, &path)
            .header("origin", "https://app.example")
            .header("access-control-request-method", &method)
            .header(
                "access-control-request-headers",
                "content-type, x-breeze-csrf",
            )
            .send()
            .await;
        assert_eq!(response.status(), 200, "{method} {path}");
        assert_eq!(
            response.header("access-control-allow-origin").as_deref(),
            Some("https://app.example")
        );
    }
}

/// Absent values are `null`, never a missing key, except in errors and the like.
#[actix_web::test]
async fn response_keys_are_required() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let responses = schemas
        .iter()
        .filter(|(name, _)| !name.ends_with("Request"))
        .filter(|(name, _)| !["Error", "Success"].contains(&name.as_str()));
    for (name, schema) in responses {
        let required: BTreeSet<_> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for key in schema["properties"].as_object().into_iter().flatten() {
            assert!(required.contains(key.0.as_str()), "{name}.{}", key.0);
        }
    }
}

#[actix_web::test]
async fn enumerations_are_named_schemas() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let texts = |name: &str| -> Vec<_> {
        let values = schemas[name]["enum"].as_array().expect("an enum");
        values
            .iter()
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        texts("TicketStatus"),
        TicketStatus::ALL
            .iter()
            .map(|s| s.as_str())
            .collect::<Vec<_>>()
    );
    assert_eq!(texts("TicketPriority"), ["low", "normal", "high", "urgent"]);
    assert_eq!(texts("Locale"), ["en", "de"]);
    assert_eq!(texts("TicketScope"), ["mine", "shared", "organization"]);
    assert_eq!(texts("ErrorCode").len(), 13);

    let referenced = |property: &Value| {
        let mut all = Vec::new();
        objects(property, &mut all);
        let mut references = all
            .into_iter()
            .filter_map(|object| object.get("$ref")?.as_str());
        references
            .next()
            .map(|reference| reference.rsplit('/').next().unwrap().to_owned())
    };
    let mut found = BTreeSet::new();
    for (name, schema) in schemas {
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let parts = parts.chain([schema]);
        for (key, property) in parts
            .filter_map(|part| part["properties"].as_object())
            .flatten()
        {
            let of_devices = name == "Device" || name == "Asset";
            let expected = match key.as_str() {
                "status" if of_devices => "DeviceStatus",
                "status" if name == "User" => "UserStatus",
                "status" => "TicketStatus",
                "priority" => "TicketPriority",
                "locale" => "Locale",
                "role" => "UserRole",
                "osType" => "OsType",
                "authorType" => "AuthorType",
                "code" => "ErrorCode",
                _ => continue,
            };
            assert_eq!(
                referenced(property).as_deref(),
                Some(expected),
                "{name}.{key}"
            );
            found.insert(expected);
        }
    }
    assert_eq!(found.len(), 9);
}

#[actix_web::test]
async fn links_provide_all_path_parameters() {
    let app = TestApp::start().await;
    let operations = documented(&app);
    let mut count = 0;
    for (_, _, operation) in &operations {
        for response in operation["responses"].as_object().unwrap().values() {
            for link in response["links"].as_object().into_iter().flatten() {
                let target = &link.1["operationId"];
                let found = operations
                    .iter()
                    .find(|(_, _, one)| one["operationId"] == *target);
                let (_, path, _) = found.unwrap_or_else(|| panic!("{target}"));
                let given: BTreeSet<_> = link.1["parameters"].as_object().unwrap().keys().collect();
                let in_path = path.split('/').filter(|part| part.starts_with('{'));
                let needed: BTreeSet<_> =
                    in_path.map(|part| part.trim_matches(['{', '}'])).collect();
                assert!(
                    given.iter().map(|name| name.as_str()).eq(needed),
                    "{target}"
                );
                count += 1;
            }
        }
    }
    assert_eq!(count, 15);
}
