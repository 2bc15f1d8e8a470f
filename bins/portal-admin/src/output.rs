//! Output of a command: text for people, JSON for programs.

use std::io::{self, Write};

use comfy_table::{ContentArrangement, Table, presets};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

/// The output of a command.
#[derive(Debug)]
pub(crate) struct Output {
    json: String,
    text: Text,
}

/// The form of the text.
#[derive(Debug)]
enum Text {
    /// A line for each key but these.
    Record { hidden: &'static [&'static str] },
    /// A table with these keys as columns.
    Table { columns: &'static [&'static str] },
    /// A text of its own.
    Prose(String),
}

impl Output {
    /// One entity; as text a line for each key.
    pub(crate) fn record(view: &impl Serialize) -> anyhow::Result<Self> {
        Self::record_without(view, &[])
    }

    /// A [`record`](Self::record) whose text leaves out the `hidden` keys.
    pub(crate) fn record_without(
        view: &impl Serialize,
        hidden: &'static [&'static str],
    ) -> anyhow::Result<Self> {
        Self::new(view, Text::Record { hidden })
    }

    /// Entities; as text a table of these keys.
    pub(crate) fn list<V: Serialize>(
        columns: &'static [&'static str],
        views: impl IntoIterator<Item = V>,
    ) -> anyhow::Result<Self> {
        let views: Vec<V> = views.into_iter().collect();
        Self::new(&views, Text::Table { columns })
    }

    /// One entity with a text of its own.
    pub(crate) fn prose(view: &impl Serialize, text: String) -> anyhow::Result<Self> {
        Self::new(view, Text::Prose(text))
    }

    fn new(view: &impl Serialize, text: Text) -> anyhow::Result<Self> {
        let json = serde_json::to_string_pretty(view)? + "\n";
        Ok(Self { json, text })
    }

    /// Writes one JSON document, or text in whole lines.
    pub(crate) fn write(self, out: &mut impl Write, json: bool) -> io::Result<()> {
        let text = if json { self.json } else { self.into_text()? };
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Text in whole lines.
    pub(crate) fn into_text(self) -> serde_json::Result<String> {
        match self.text {
            Text::Record { hidden } => record(&self.json, hidden),
            Text::Table { columns } => table(&self.json, columns),
            Text::Prose(text) => Ok(text),
        }
    }
}

fn record(json: &str, hidden: &[&str]) -> serde_json::Result<String> {
    // An `IndexMap` keeps the order of the keys; `Value` sorts them.
    let fields: IndexMap<String, Value> = serde_json::from_str(json)?;
    let lines = fields
        .iter()
        .filter(|(key, _)| !hidden.contains(&key.as_str()))
        .map(|(key, value)| format!("{key}: {}\n", indented(&plain(value))));
    Ok(lines.collect())
}

fn table(json: &str, columns: &[&str]) -> serde_json::Result<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.to_vec());
    let rows: Vec<Value> = serde_json::from_str(json)?;
    for row in &rows {
        table.add_row(
            columns
                .iter()
                .map(|key| row.get(key).map_or_else(String::new, plain)),
        );
    }
    Ok(table.trim_fmt() + "\n")
}

/// The text with its further lines indented, so that they cannot be taken for a field.
pub(crate) fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

/// A value as text; an absent one is a dash.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => printable(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// The text with control characters escaped, so that it cannot control the terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\n' | '\t') {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Thing {
        name: &'static str,
        note: Option<&'static str>,
        hidden: bool,
    }

    const PRINTER: Thing = Thing {
        name: "printer",
        note: None,
        hidden: true,
    };

    fn written(output: anyhow::Result<Output>, json: bool) -> String {
        let mut out = Vec::new();
        output.unwrap().write(&mut out, json).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_is_a_line_for_each_key_in_order() {
        assert_eq!(
            written(Output::record(&PRINTER), false),
            "name: printer\nnote: -\nhidden: true\n"
        );
    }

    #[test]
    fn hidden_keys_are_in_the_json_but_not_in_the_text() {
        let output = || Output::record_without(&PRINTER, &["note", "hidden"]);
        assert_eq!(written(output(), false), "name: printer\n");
        let document: Value = serde_json::from_str(&written(output(), true)).unwrap();
        assert_eq!(
            document,
            json!({ "name": "printer", "note": null, "hidden": true })
        );
    }

    #[test]
    fn a_list_is_a_table_of_its_columns_and_json_of_everything() {
        let output = || {
            let note = Some("third floor");
            Output::list(&["name", "note"], [Thing { note, ..PRINTER }])
        };
        let text = written(output(), false);
        assert!(
            text.contains("third floor") && !text.contains("hidden"),
            "{text}"
        );
        let document: Value = serde_json::from_str(&written(output(), true)).unwrap();
        assert_eq!(
            document,
            json!([{ "name": "printer", "note": "third floor", "hidden": true }])
        );
    }

    #[test]
    fn an_empty_list_is_an_empty_array() {
        assert_eq!(written(Output::list::<Thing>(&["name"], []), true), "[]\n");
    }

    #[test]
    fn a_text_can_neither_control_the_terminal_nor_forge_a_field() {
        let thing = json!({ "agent": "\u{1b}[2J", "note": "a\nstatus: active" });
        let text = written(Output::record(&thing), false);
        assert_eq!(text, "agent: \\u{1b}[2J\nnote: a\n  status: active\n");
    }
}
