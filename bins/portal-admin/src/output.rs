//! Output of a command, as a table for people or as JSON for programs.

use std::io::{self, Write};

use comfy_table::{ContentArrangement, Table, presets};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

/// What a command says.
pub(crate) struct Answer(Box<dyn Shown>);

/// What can be shown to a person and to a program.
trait Shown {
    /// One JSON document.
    fn json(&self) -> serde_json::Result<String>;
    /// Text in whole lines.
    fn text(&self) -> serde_json::Result<String>;
}

/// A thing that stands in lists.
pub(crate) trait Listed: Serialize {
    /// The keys, as in the JSON, that a person sees; a program sees all.
    const COLUMNS: &'static [&'static str];
}

impl Answer {
    /// One thing, which a person sees as a line for each field.
    pub(crate) fn record(view: impl Serialize + 'static) -> Self {
        Self::record_without(view, &[])
    }

    /// A [`record`](Self::record) of which a person does not see these keys.
    pub(crate) fn record_without(
        view: impl Serialize + 'static,
        hidden: &'static [&'static str],
    ) -> Self {
        Self(Box::new(Record { view, hidden }))
    }

    /// Things of one kind, in this order, which a person sees as a table.
    pub(crate) fn list<V: Listed + 'static>(views: impl IntoIterator<Item = V>) -> Self {
        Self(Box::new(List(views.into_iter().collect())))
    }

    /// One thing that a person reads more easily than field by field.
    pub(crate) fn prose(view: impl Serialize + 'static, text: String) -> Self {
        Self(Box::new(Prose { view, text }))
    }

    /// Writes it: one JSON document, or text.
    pub(crate) fn write(&self, out: &mut impl Write, json: bool) -> io::Result<()> {
        let text = if json {
            self.0.json()? + "\n"
        } else {
            self.0.text()?
        };
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

struct Record<V> {
    view: V,
    hidden: &'static [&'static str],
}

impl<V: Serialize> Shown for Record<V> {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&self.view)
    }

    fn text(&self) -> serde_json::Result<String> {
        fields(&self.view, self.hidden)
    }
}

struct List<V>(Vec<V>);

impl<V: Listed> Shown for List<V> {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&self.0)
    }

    fn text(&self) -> serde_json::Result<String> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(V::COLUMNS.to_vec());
        for view in &self.0 {
            let view = serde_json::to_value(view)?;
            let cells = V::COLUMNS
                .iter()
                .map(|key| view.get(key).map_or_else(String::new, plain));
            table.add_row(cells.collect::<Vec<_>>());
        }
        Ok(table.trim_fmt() + "\n")
    }
}

struct Prose<V> {
    view: V,
    text: String,
}

impl<V: Serialize> Shown for Prose<V> {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&self.view)
    }

    fn text(&self) -> serde_json::Result<String> {
        Ok(self.text.clone())
    }
}

/// A line for each field of an object but the hidden ones, in their order.
pub(crate) fn fields(view: &impl Serialize, hidden: &[&str]) -> serde_json::Result<String> {
    // By way of the text, since `Value` sorts the fields of an object.
    let fields: IndexMap<String, Value> = serde_json::from_str(&serde_json::to_string(view)?)?;
    let mut lines = String::new();
    for (key, value) in &fields {
        if hidden.contains(&key.as_str()) {
            continue;
        }
        lines.extend([key, ": ", &indented(&plain(value)), "\n"]);
    }
    Ok(lines)
}

/// The text with its later lines set off, so that they cannot be taken for something else.
pub(crate) fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

/// A value as a person reads it: an absent one is a dash.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => harmless(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// The text without anything that would steer the terminal.
pub(crate) fn harmless(text: &str) -> String {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.chars()
        .map(|c| {
            if steers(c) {
                c.escape_default().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
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

    impl Listed for Thing {
        const COLUMNS: &'static [&'static str] = &["name", "note"];
    }

    fn written(answer: &Answer, json: bool) -> String {
        let mut out = Vec::new();
        answer.write(&mut out, json).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_is_a_line_for_each_field_in_their_order() {
        let thing = Thing {
            name: "printer",
            note: None,
            hidden: true,
        };
        let answer = Answer::record(thing);
        assert_eq!(
            written(&answer, false),
            "name: printer\nnote: -\nhidden: true\n"
        );
    }

    #[test]
    fn a_person_does_not_see_hidden_keys_but_a_program_does() {
        let thing = Thing {
            name: "printer",
            note: None,
            hidden: true,
        };
        let answer = Answer::record_without(thing, &["note", "hidden"]);
        assert_eq!(written(&answer, false), "name: printer\n");
        let document: Value = serde_json::from_str(&written(&answer, true)).unwrap();
        assert_eq!(
            document,
            json!({ "name": "printer", "note": null, "hidden": true })
        );
    }

    #[test]
    fn a_list_shows_a_person_its_columns_and_a_program_everything() {
        let thing = Thing {
            name: "printer",
            note: Some("third floor"),
            hidden: true,
        };
        let answer = Answer::list([thing]);
        let text = written(&answer, false);
        assert!(
            text.contains("third floor") && !text.contains("hidden"),
            "{text}"
        );
        let document: Value = serde_json::from_str(&written(&answer, true)).unwrap();
        assert_eq!(
            document,
            json!([{ "name": "printer", "note": "third floor", "hidden": true }])
        );
    }

    #[test]
    fn an_empty_list_is_an_empty_array() {
        let answer = Answer::list::<Thing>([]);
        assert_eq!(written(&answer, true), "[]\n");
    }

    #[test]
    fn a_text_can_neither_steer_the_terminal_nor_forge_a_field() {
        let thing = json!({ "agent": "\u{1b}[2J", "note": "a\nstatus: active" });
        let text = written(&Answer::record(thing), false);
        assert_eq!(text, "agent: \\u{1b}[2J\nnote: a\n  status: active\n");
    }
}
