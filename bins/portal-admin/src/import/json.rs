//! JSON imports: an array of flat objects.

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{Fields, Line, column};

/// The elements of the array.
pub(super) fn lines(bytes: &[u8], columns: &[&'static str]) -> anyhow::Result<Vec<Line>> {
    let document = serde_json::from_slice(bytes).context("it is not JSON")?;
    let Value::Array(items) = document else {
        bail!("it must be an array");
    };
    let lines = items.into_iter().zip(1..).map(|(item, number)| Line {
        place: format!("item {number}"),
        fields: fields(item, columns),
    });
    Ok(lines.collect())
}

fn fields(item: Value, columns: &[&'static str]) -> Result<Fields, String> {
    let Value::Object(object) = item else {
        return Err("must be an object".to_owned());
    };
    let texts = object.into_iter().filter_map(|(key, value)| {
        let column = column(&key, columns)?;
        match value {
            Value::Null => None,
            Value::String(text) => Some(Ok((column, text))),
            Value::Bool(_) | Value::Number(_) => Some(Ok((column, value.to_string()))),
            Value::Array(_) | Value::Object(_) => Some(Err(format!("{column}: must be a text"))),
        }
    });
    texts.collect()
}
