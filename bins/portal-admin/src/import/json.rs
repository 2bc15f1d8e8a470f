//! JSON imports: an array of flat objects.

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use super::fields::Fields;
use super::{Place, RawLine, column};

/// The elements of the array.
pub(super) fn lines(bytes: &[u8], columns: &[&'static str]) -> anyhow::Result<Vec<RawLine>> {
    let document = serde_json::from_slice(bytes).context("it is not JSON")?;
    let Value::Array(items) = document else {
        bail!("it must be an array");
    };
    let line = |(index, item)| {
        let fields = match item {
            Value::Object(object) => fields(object, columns),
            _ => Err("must be an object".to_owned()),
        };
        RawLine {
            place: Place::Item(index + 1),
            fields,
        }
    };
    Ok(items.into_iter().enumerate().map(line).collect())
}

fn fields(object: Map<String, Value>, columns: &[&'static str]) -> Result<Fields, String> {
    let mut fields = Fields::default();
    for (key, value) in object {
        let Some(column) = column(&key, columns) else {
            continue;
        };
        match value {
            Value::Null => {}
            Value::String(text) => fields.insert(column, text),
            Value::Bool(value) => fields.insert(column, value.to_string()),
            Value::Number(value) => fields.insert(column, value.to_string()),
            Value::Array(_) | Value::Object(_) => {
                return Err(format!("{column}: must be a text"));
            }
        }
    }
    Ok(fields)
}
