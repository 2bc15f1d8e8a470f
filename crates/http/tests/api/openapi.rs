//! The OpenAPI document, held against the routes that it speaks of.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose world is not as it has to be fails"
)]

use std::collections::BTreeSet;
use std::str::FromStr;

use actix_web::http::Method;
use jsonschema::Validator;
use portal_domain::assets::{Condition, LoanNotes};
use portal_domain::profiles::Password;
use portal_domain::tickets::{Description, Subject, TicketStatus};
use portal_test_support::{Caller, TestApp};
use serde_json::{Map, Value, json};

use crate::endpoints::{World, documented, endpoints};

async fn document(app: &TestApp) -> Value {
    let answer = app.anonymous().get("/openapi.json").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("application/json")
    );
    answer.json()
}

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

/// What a `$ref` stands for, or the value itself.
fn resolved<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').expect("within the document");
            let target = document.pointer(pointer);
            target.unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
        None => value,
    }
}

/// The schema of a request's body.
fn request_schema<'v>(document: &'v Value, operation: &'v Value) -> Option<&'v Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    Some(resolved(document, schema))
}

/// Holds values against a schema of the document, formats included.
fn validator(document: &Value, schema: &Value) -> Validator {
    let schema = json!({ "components": document["components"], "allOf": [schema] });
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&schema).expect("a schema")
}

/// A body made of the examples that the schema gives for its properties.
fn example(schema: &Value) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let fields = properties.map(|(name, property)| {
        let example = property
            .get("example")
            .or_else(|| property.pointer("/examples/0"));
        let example = example.unwrap_or_else(|| panic!("no example of {name}"));
        (name.clone(), example.clone())
    });
    Value::Object(fields.collect())
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
async fn every_reference_leads_somewhere() {
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
async fn an_operation_says_what_it_is_takes_and_answers() {
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
        assert_eq!(successes.len(), 1, "{name}");
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
        assert_eq!(responses.contains_key("304"), method == "GET", "{name}");
        let is_for_members = responses.contains_key("401") && responses.contains_key("403");
        assert!(is_public || is_for_members, "{name}");
    }
    assert_eq!(names.len(), 24);
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
            let has_none = matches!(endpoint.method, Method::GET | Method::DELETE);
            assert!(has_none, "{name} takes no body");
            continue;
        };
        let body = example(schema);
        let ada = app.bearer(&app.acme.ada).await;
        let call = ada.call(endpoint.method.clone(), &world.path(&endpoint));
        let answer = call.json(&body).send().await;
        let refused = answer.json();
        assert!(refused["details"].is_null(), "{name}: {body} {refused}");
        assert_ne!(refused["error"], "Malformed JSON in request body", "{name}");
    }
}

#[actix_web::test]
async fn what_is_required_is_said_to_be() {
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
        let answer = call.json(&json!({})).send().await;
        let missing: BTreeSet<_> = answer.json()["details"]["fieldErrors"]
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

/// What of a value is not as a schema says. Of JSON Schema it knows what the document uses.
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
async fn answers_are_as_their_schemas_say() {
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
        for answer in [endpoint.send(refused).await, endpoint.send(done).await] {
            let status = answer.status();
            let schema = &operation["responses"][status.to_string()]["content"]["application/json"];
            let (schema, body) = (&schema["schema"], answer.json());
            let misfits = misfits(&document, schema, &body);
            assert_eq!(misfits, Vec::<String>::new(), "{name} {status}");
            let validator = validator(&document, schema);
            let errors: Vec<_> = validator
                .iter_errors(&body)
                .map(|e| e.to_string())
                .collect();
            assert_eq!(errors, Vec::<String>::new(), "{name} {status}");
        }
    }
}

#[actix_web::test]
async fn a_refusal_with_details_is_as_its_schema_says() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let ada = app.bearer(&app.acme.ada).await;
    let schema = json!({ "$ref": "#/components/schemas/Error" });
    for body in [json!({}), json!([])] {
        let answer = ada.post("/tickets", &body).await;
        assert!(answer.json()["details"].is_object());
        let misfits = misfits(&document, &schema, &answer.json());
        assert_eq!(misfits, Vec::<String>::new(), "{body}");
    }
}

#[actix_web::test]
async fn every_documented_route_is_there_and_refuses_other_methods() {
    let world = World::start().await;
    let anonymous = world.app.anonymous();
    let mut methods_of = std::collections::BTreeMap::<&str, Vec<Method>>::new();
    let endpoints = endpoints();
    for endpoint in &endpoints {
        let methods = methods_of.entry(endpoint.path).or_default();
        methods.push(endpoint.method.clone());
        let call = anonymous.call(endpoint.method.clone(), &world.path(endpoint));
        let answer = call.send().await;
        assert_ne!(answer.status(), 405, "{}", endpoint.operation);
        let body: Value = serde_json::from_str(answer.text()).unwrap();
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
            let answer = anonymous.call(method.clone(), &path).send().await;
            assert_eq!(
                answer.parts(),
                (405, json!({ "error": "Method not allowed" })),
                "{method} {path}"
            );
            let allow = answer.header("allow").expect("Allow");
            let allow: BTreeSet<_> = allow.split(", ").collect();
            assert_eq!(allow, allowed, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn a_request_across_origins_asks_first_for_every_method_there_is() {
    let app = TestApp::with(|config| {
        config.cors_allowed_origins = vec!["https://app.example".to_owned()];
    })
    .await;
    for (method, path, _) in documented(&app) {
        let answer = app
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
        assert_eq!(answer.status(), 200, "{method} {path}");
        assert_eq!(
            answer.header("access-control-allow-origin").as_deref(),
            Some("https://app.example")
        );
    }
}

/// An absent value is `null`, never a missing key: but for what an answer has now and then.
#[actix_web::test]
async fn the_keys_of_answers_are_always_there() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let answers = schemas
        .iter()
        .filter(|(name, _)| !name.ends_with("Request"))
        .filter(|(name, _)| !["Error", "Success"].contains(&name.as_str()));
    for (name, schema) in answers {
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

/// What stands at the edges of the rules for fields. Left out is where the server is kinder than the
/// document says: white space around an address, letters beyond ASCII or `--` in its domain, CRLF.
fn samples() -> Vec<Value> {
    const TEXTS: &[&str] = &[
        "",
        " ",
        "\t\n",
        "\u{a0}\u{2003}\u{3000}",
        "\u{200b}\u{2060}\u{feff}",
        "\u{ad}",
        "a",
        " a ",
        "é",
        "日本語",
        "👨‍👩‍👧",
        "a\u{200b}",
        "\u{301}",
        "$^\\",
        "a\u{2028}b",
        "\u{fffd}",
        "a\0b",
        "a\u{1b}b",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{9f}b",
        "a\u{a0}b",
        "a\tb",
        "a\nb",
        "a\rb",
        "a\u{b}b",
        "a\u{c}b",
        "a\n",
        "019c1342-6a80-7a52-9c4e-3f1d5b7a8e60",
        "019C1342-6A80-7A52-9C4E-3F1D5B7A8E60",
        "00000000-0000-0000-0000-000000000000",
        "019c13426a807a529c4e3f1d5b7a8e60",
        "{019c1342-6a80-7a52-9c4e-3f1d5b7a8e60}",
        "urn:uuid:019c1342-6a80-7a52-9c4e-3f1d5b7a8e60",
        "019c1342-6a80-7a52-9c4e-3f1d5b7a8e6g",
        "019c1342-6a80-7a52-9c4e-3f1d5b7a8e6",
        "ada@acme.example",
        "Ada.Moreno+it@Acme.EXAMPLE",
        "o'brien_1=x@mail.example.com",
        "ada",
        "ada@",
        "@acme.example",
        "ada@@acme.example",
        "ada@acme",
        "ada@localhost",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada@0x7f.1",
        "ada@acme.example.",
        "ada@-acme.example",
        "ada@acme-.example",
        "ada@ac_me.example",
        "ada@ acme.example",
        "ada @acme.example",
        ".ada@acme.example",
        "ada.@acme.example",
        "a..da@acme.example",
        "\"ada\"@acme.example",
        "Ada <ada@acme.example>",
        "ädä@acme.example",
        "ada@acme.example\0",
        "ada@xn--a.example",
        "2026-02-07T17:00:00Z",
        "2026-02-07T17:00:00.123456789+01:00",
        "2026-02-07T17:00:00-23:59",
        "2016-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-02-07",
        "2026-02-07T17:00:00",
        "2026-02-07T17:00Z",
        "0000-06-01T00:00:00Z",
        "12026-02-07T17:00:00Z",
        "2026-02-07T17:00:00+0100",
        "2026-02-07T24:00:00Z",
        "tomorrow",
        "low",
        "normal",
        "Normal",
        "urgent ",
        "high,low",
        "en",
        "de",
        "DE",
        "fr",
        "Winter-Birds-47",
        "Kü8 Äpfel x",
        "Пароль-для-портала-7",
        "Łódź-kraków-7",
        "ΚΩΔΙΚΌΣ-ά-7",
        "winter-birds-47",
        "WINTER-BIRDS-47",
        "Winter-Birds",
        "Winter-Birds-½",
        "Sh0rt!!",
        "Winter\0Birds-47",
        "Winter\u{2028}Birds-47",
        "kJ0nSLbT4mYc2H8qWvXzR1pE6uF3dA9gN7tB5iKoCsM",
        "kJ0nSLbT4mYc2H8qWvXzR1pE6uF3dA9gN7tB5iKoCs=",
    ];
    let lengths = [
        7, 8, 31, 32, 64, 65, 100, 101, 128, 129, 255, 256, 2_000, 2_001, 5_000, 5_001, 50_000,
        50_001,
    ];
    let mut samples: Vec<_> = TEXTS.iter().map(|text| json!(text)).collect();
    for length in lengths {
        samples.push(json!("é".repeat(length)));
        samples.push(json!(format!("Aa1{}", "x".repeat(length - 3))));
        samples.push(json!(format!("{}@acme.example", "l".repeat(length))));
        let label = "d".repeat(length);
        samples.push(json!(format!("ada@{label}.example")));
    }
    let label = "d".repeat(61);
    for top in ["com", "info"] {
        let longest = format!("{}@{label}.{label}.{label}.{top}", "l".repeat(64));
        samples.push(json!(longest));
    }
    samples.extend([
        json!(null),
        json!(true),
        json!(0),
        json!(1.5),
        json!([]),
        json!(["a"]),
        json!({}),
    ]);
    samples
}

#[actix_web::test]
async fn a_field_is_accepted_if_and_only_if_its_schema_allows_it() {
    let samples = samples();
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
            continue;
        };
        let (ada, path) = (app.bearer(&app.acme.ada).await, world.path(&endpoint));
        let good = example(schema);
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let validator = validator(&document, property);
            for (number, sample) in samples.iter().enumerate() {
                let mut body = good.clone();
                body[field] = sample.clone();
                // Each from an address of its own, as attempts are counted.
                let [high, low] = u16::try_from(number).unwrap().to_be_bytes();
                let call = ada.call(endpoint.method.clone(), &path).json(&body);
                let answer = call
                    .from_address(&format!("10.0.{high}.{low}"))
                    .send()
                    .await;
                let told = if answer.status() == 400 {
                    answer.json()
                } else {
                    json!({})
                };
                let case = format!("{name} {field} {sample:.80}: {told}");
                if validator.is_valid(sample) {
                    assert!(told["details"]["fieldErrors"][field].is_null(), "{case}");
                } else {
                    assert_eq!(answer.status(), 400, "{case}");
                }
            }
        }
    }
}

/// Of each character alone, whether the schema of a field allows it.
fn allowed(document: &Value, schema: &str, field: &str) -> impl Fn(char) -> bool {
    let schema = &document["components"]["schemas"][schema]["properties"][field];
    let validator = validator(document, schema);
    move |c| validator.is_valid(&json!(c.to_string()))
}

fn parses<T: FromStr>(c: char) -> bool {
    c.to_string().parse::<T>().is_ok()
}

#[actix_web::test]
async fn every_character_is_allowed_where_it_is_accepted() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let subject = allowed(&document, "CreateTicketRequest", "subject");
    let description = allowed(&document, "CreateTicketRequest", "description");
    let notes = allowed(&document, "CheckoutAssetRequest", "checkoutNotes");
    let condition = allowed(&document, "CheckoutAssetRequest", "condition");
    for c in '\0'..='\u{ffff}' {
        assert_eq!(subject(c), parses::<Subject>(c), "{c:?}");
        assert_eq!(description(c), parses::<Description>(c), "{c:?}");
        assert_eq!(notes(c), parses::<LoanNotes>(c), "{c:?}");
        assert_eq!(condition(c), parses::<Condition>(c), "{c:?}");
    }
    // Beyond, the document takes what nobody sees for a text; the server does not.
    for c in ['\u{1d173}', '\u{e0020}', '\u{e01ef}'] {
        assert!(subject(c) && !parses::<Subject>(c), "{c:?}");
    }
    for c in ['\u{10000}', '😀', '𝔘', '\u{10ffff}'] {
        assert!(subject(c) && parses::<Subject>(c), "{c:?}");
    }
}

#[actix_web::test]
async fn a_letter_counts_in_a_password_in_more_than_one_script() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let schema = &document["components"]["schemas"]["ResetPasswordRequest"]["properties"];
    let validator = validator(&document, &schema["password"]);
    for c in '\u{a0}'..='\u{ffff}' {
        for rest in ["A234567", "a234567"] {
            let password = format!("{c}{rest}");
            let is_accepted = password.parse::<Password>().is_ok();
            let is_allowed = validator.is_valid(&json!(password));
            match c {
                '\u{a0}'..='\u{17f}' | '\u{386}'..='\u{3ce}' | '\u{400}'..='\u{45f}' => {
                    assert_eq!(is_allowed, is_accepted, "{password:?}");
                }
                _ => assert!(!is_allowed || is_accepted, "{password:?}"),
            }
        }
    }
}

#[actix_web::test]
async fn what_is_one_of_a_few_is_a_named_enum() {
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
    assert_eq!(texts("ErrorCode").len(), 9);

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
    assert_eq!(found.len(), 8);
}

#[actix_web::test]
async fn a_parameter_of_a_list_is_accepted_if_and_only_if_its_schema_allows_it() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let ada = app.bearer(&app.acme.ada).await;
    let (_, _, operation) = documented(&app)
        .into_iter()
        .find(|(_, _, operation)| operation["operationId"] == "list_tickets")
        .unwrap();
    for parameter in operation["parameters"].as_array().unwrap() {
        let name = parameter["name"].as_str().unwrap();
        let is_list = parameter["schema"]["type"] == "array";
        let schema = if is_list {
            &parameter["schema"]["items"]
        } else {
            &parameter["schema"]
        };
        assert_eq!(parameter["explode"] == false, is_list, "{name}");
        let is_enum = is_list || name == "sort";
        assert_eq!(parameter["allowEmptyValue"] == true, is_enum, "{name}");
        assert_eq!(ada.get(&format!("/tickets?{name}=")).await.status(), 200);
        let validator = validator(&document, schema);
        let named = resolved(&document, schema)["enum"]
            .as_array()
            .into_iter()
            .flatten();
        for sample in samples().iter().chain(named) {
            // A blank filter is none; what is longer than this is no URI any more.
            let Some(text) = sample
                .as_str()
                .filter(|text| !text.trim().is_empty() && text.len() < 20_000)
            else {
                continue;
            };
            let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let answer = ada.get(&format!("/tickets?{name}={query}")).await;
            // White space around a value and several values are fine too.
            let parts: Vec<_> = text.split(',').map(str::trim).collect();
            let is_valid = match is_list {
                true => parts.iter().all(|part| validator.is_valid(&json!(part))),
                false => validator.is_valid(sample),
            };
            let expected = if is_valid { 200 } else { 400 };
            assert_eq!(answer.status(), expected, "{name}={text:.80}");
        }
    }
}

#[actix_web::test]
async fn a_link_leads_to_an_operation_with_all_that_its_path_needs() {
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
    assert_eq!(count, 13);
}
