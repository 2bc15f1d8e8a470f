//! The document's schemas, compared by a JSON Schema validator with what the server accepts and
//! returns. (The validator is why this is not among the API's own tests: it needs features of serde
//! with which everything would be compiled again.)

use std::str::FromStr;

use jsonschema::Validator;
use portal_domain::assets::{Condition, LoanNotes};
use portal_domain::profiles::Password;
use portal_domain::tickets::{Description, Subject};
use portal_test_support::{Caller as _, TestApp};
use serde_json::{Value, json};

use crate::support::endpoints::{World, documented, endpoints};
use crate::support::openapi::{document, example, request_schema, resolved};

/// A validator of a schema of the document, including formats.
fn validator(document: &Value, schema: &Value) -> Validator {
    let schema = json!({ "components": document["components"], "allOf": [schema] });
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&schema).expect("a schema")
}

#[actix_web::test]
async fn responses_are_valid_against_their_schemas() {
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
            let content = &operation["responses"][status.to_string()]["content"];
            let Some(schema) = content.get("application/json") else {
                let bytes = content.get("application/octet-stream");
                assert!(bytes.is_some(), "{name} {status}: neither JSON nor a file");
                continue;
            };
            let validator = validator(&document, &schema["schema"]);
            let body = response.json();
            let errors = validator.iter_errors(&body).map(|error| error.to_string());
            let errors: Vec<_> = errors.collect();
            assert_eq!(errors, Vec::<String>::new(), "{name} {status}");
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
        "2026-06-30T23:59:60Z",
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
                let response = call
                    .from_address(&format!("10.0.{high}.{low}"))
                    .send()
                    .await;
                let told = if response.status() == 400 {
                    response.json()
                } else {
                    json!({})
                };
                let case = format!("{name} {field} {sample:.80}: {told}");
                if validator.is_valid(sample) {
                    assert!(told["details"]["fieldErrors"][field].is_null(), "{case}");
                } else {
                    assert_eq!(response.status(), 400, "{case}");
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
async fn a_parameter_of_a_list_is_accepted_if_and_only_if_its_schema_allows_it() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    // Only managers may ask for each scope.
    app.make_manager(&app.acme.ada).await;
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
        let is_enum = is_list || name == "sort" || name == "scope";
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
            let response = ada.get(&format!("/tickets?{name}={query}")).await;
            // White space around a value and several values are fine too.
            let parts: Vec<_> = text.split(',').map(str::trim).collect();
            let is_valid = if is_list {
                parts.iter().all(|part| validator.is_valid(&json!(part)))
            } else {
                validator.is_valid(sample)
            };
            let expected = if is_valid { 200 } else { 400 };
            assert_eq!(response.status(), expected, "{name}={text:.80}");
        }
    }
}
