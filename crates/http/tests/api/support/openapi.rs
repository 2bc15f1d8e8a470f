//! The parts of the OpenAPI document.

use portal_test_support::{Caller as _, TestApp};
use serde_json::Value;

/// The document, as it is served.
pub(crate) async fn document(app: &TestApp) -> Value {
    let response = app.anonymous().get("/openapi.json").await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.header("content-type").as_deref(),
        Some("application/json")
    );
    response.json()
}

/// The target of a `$ref`, or the value itself.
pub(crate) fn resolved<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').expect("within the document");
            let target = document.pointer(pointer);
            target.unwrap_or_else(|| panic!("{reference} does not resolve"))
        }
        None => value,
    }
}

/// The schema of a request's body.
pub(crate) fn request_schema<'v>(document: &'v Value, operation: &'v Value) -> Option<&'v Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    Some(resolved(document, schema))
}

/// A body of the examples of the schema's properties.
pub(crate) fn example(schema: &Value) -> Value {
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
