//! Bulk imports: the whole file is read and checked before anything is written.

mod columns;
mod csv;
mod decode;
mod fields;
mod json;
mod write;

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::values::OrganizationArg;

pub(crate) use columns::word;
pub(crate) use fields::{Boolean, Fields};
pub(crate) use write::{Imported, run};

/// The arguments of an import.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    pub(crate) of: OrganizationArg,
    /// A CSV file with a header, as spreadsheets write it, or a JSON array of objects
    file: PathBuf,
    /// Import the good lines of a file that also has bad ones
    #[arg(long)]
    skip_bad: bool,
    /// Check and count everything, but write nothing
    #[arg(long)]
    dry_run: bool,
}

/// A line of a file.
pub(crate) trait Row: Sized {
    /// The known columns; others are ignored. They have other names too, see [`columns`].
    const COLUMNS: &'static [&'static str];
    /// The columns that a header must have.
    const REQUIRED: &'static [&'static str];

    /// Reads a line. Every field has to be read before a missing one ends it, so that all problems
    /// are reported.
    fn read(fields: &mut Fields) -> Option<Self>;

    /// The identity of a line; a file must not have it twice.
    fn key(&self) -> String;
}

/// What was read of a file.
#[derive(Default)]
struct Sheet {
    lines: Vec<Line>,
    /// The columns that are not known, for a sentence.
    ignored: Vec<String>,
    /// The numbers of the lines before the header that are not blank, such as titles.
    before_header: Vec<String>,
}

/// A line of a file, before it is checked.
struct Line {
    /// Such as `line 3`.
    place: String,
    /// The fields, or why there are none.
    fields: Result<Fields, String>,
}

/// A line that cannot be imported.
#[derive(Debug)]
struct BadLine {
    place: String,
    problems: Vec<String>,
}

/// Reads a file: JSON if its name ends in `.json`, else CSV. Bad lines are reported on standard
/// error; they are an error unless `skip_bad`. Returns the good lines and the number of bad ones.
fn read<R: Row>(path: &Path, skip_bad: bool) -> anyhow::Result<(Vec<R>, usize)> {
    let file = path.display();
    let bytes = fs::read(path).with_context(|| format!("{file} cannot be read"))?;
    let is_json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let decoded = decode::decode(&bytes).and_then(|(text, guess)| {
        let sheet = if is_json {
            json::read(&text, R::COLUMNS)
        } else {
            csv::read(&text, R::COLUMNS, R::REQUIRED)
        };
        Ok((sheet?, guess))
    });
    let (sheet, guess) = decoded.with_context(|| format!("{file} cannot be imported"))?;
    let Sheet {
        lines,
        ignored,
        before_header,
    } = sheet;
    let total = lines.len();
    let (rows, bad) = check(lines);

    if let Some(encoding) = guess {
        let name = encoding.name();
        say(&format!("{file} is not UTF-8 and was read as {name}"));
    }
    if !before_header.is_empty() {
        let lines = before_header.join(", ");
        say(&format!("ignored lines before the header: {lines}"));
    }
    if !ignored.is_empty() {
        say(&format!("ignored columns: {}", ignored.join(", ")));
    }
    for BadLine { place, problems } in &bad {
        for problem in problems {
            say(&format!("{place}: {problem}"));
        }
    }
    ensure!(
        skip_bad || bad.is_empty(),
        "{} of {total} lines of {file} cannot be imported, so nothing was written; --skip-bad \
         leaves them out",
        bad.len()
    );
    Ok((rows, bad.len()))
}

/// Writes a line to standard error.
fn say(line: &str) {
    // If standard error is closed, nobody reads it.
    drop(writeln!(io::stderr(), "{line}"));
}

/// Separates good lines from bad ones.
fn check<R: Row>(lines: Vec<Line>) -> (Vec<R>, Vec<BadLine>) {
    let mut places = HashMap::new();
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for Line { place, fields } in lines {
        let row = fields
            .map_err(|problem| vec![problem])
            .and_then(Fields::into_row::<R>)
            .and_then(|row| match places.insert(row.key(), place.clone()) {
                None => Ok(row),
                Some(first) => Err(vec![format!("says the same as {first}")]),
            });
        match row {
            Ok(row) => rows.push(row),
            Err(problems) => bad.push(BadLine { place, problems }),
        }
    }
    (rows, bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    struct Thing {
        name: String,
        count: Option<u8>,
    }

    impl Row for Thing {
        const COLUMNS: &'static [&'static str] = &["thing_name", "count"];
        const REQUIRED: &'static [&'static str] = &["thing_name"];

        fn read(fields: &mut Fields) -> Option<Self> {
            let name = fields.required("thing_name");
            let count = fields.optional("count");
            Some(Self { name: name?, count })
        }

        fn key(&self) -> String {
            self.name.to_lowercase()
        }
    }

    fn csv(text: &str) -> anyhow::Result<Sheet> {
        csv::read(text, Thing::COLUMNS, Thing::REQUIRED)
    }

    fn from_csv(text: &str) -> (Vec<Thing>, Vec<String>) {
        outcome(csv(text).unwrap().lines)
    }

    fn from_json(text: &str) -> (Vec<Thing>, Vec<String>) {
        outcome(json::read(text, Thing::COLUMNS).unwrap().lines)
    }

    fn outcome(lines: Vec<Line>) -> (Vec<Thing>, Vec<String>) {
        let (rows, bad) = check(lines);
        let sentence = |BadLine { place, problems }| format!("{place}: {}", problems.join("; "));
        (rows, bad.into_iter().map(sentence).collect())
    }

    fn thing(name: &str, count: Option<u8>) -> Thing {
        Thing {
            name: name.to_owned(),
            count,
        }
    }

    #[test]
    fn columns_are_accepted_in_any_order_and_in_the_apis_spelling() {
        for text in [
            "count,thing_name\n1,a\n,b\n",
            "Count , thingName,colour\n 1 , a ,red\n,b,\n",
            "thing_name,count\r\na,1\r\n\r\n\"b\",\r\n",
            "Thing Name;COUNT\ra;1\rb;\r",
            "\"thing-name\"\t\"count\"\n\"a\"\t\"1\" \nb\n",
            "sep=;\r\nthing_name;count\r\na;1\r\nb;\r\n",
            "\"sep=|\"\nthing_name|count\na|1\nb|\n",
            "\n,,\n\u{a0}thing_name\u{200b},count,\n,,\na\u{a0},1,\n  \n\"\",\" \"\nb,,,,\n",
            "thing_name;a,b,c,d;count\na;;1\nb;;\n",
        ] {
            let expected = (vec![thing("a", Some(1)), thing("b", None)], Vec::new());
            assert_eq!(from_csv(text), expected, "{text:?}");
        }
        let text =
            r#"[{"thing_name": "a", "count": 1, "colour": []}, {"thingName": "b", "count": null}]"#;
        assert_eq!(
            from_json(text),
            (vec![thing("a", Some(1)), thing("b", None)], Vec::new())
        );
    }

    #[test]
    fn bad_lines_are_reported_with_their_line_number() {
        for newline in ["\n", "\r\n"] {
            let text = [
                "thing_name,count",
                "a,1",
                "",
                "\"b\n\",300",
                "c,1,2",
                ",x",
                "A,2",
                "d,4",
            ];
            let (rows, bad) = from_csv(&text.join(newline));
            assert_eq!(rows, [thing("a", Some(1)), thing("d", Some(4))]);
            assert_eq!(
                bad,
                [
                    "line 4: count: number too large to fit in target type",
                    "line 6: has 3 fields, the header 2; a value that contains the separator must \
                     stand in quotes",
                    "line 7: thing_name: is missing; count: invalid digit found in string",
                    "line 8: says the same as line 2",
                ]
            );
        }
        let (rows, bad) = from_json(
            r#"[{"thing_name": "a"}, 7, {"thing_name": ["b"]}, {}, {"count": 2.50, "thing_name": "b"},
                {"thing_name": 18446744073709551615}, {"thing_name": 89390101023584784351},
                {"thing_name": -0}, {"count": null, "thing_name": " "},
                {"thing_name": "c", "thingName": null}, {"x": 1, "thing_name": "c", "x": 1}]"#,
        );
        assert_eq!(
            rows,
            [thing("a", None), thing("18446744073709551615", None)]
        );
        assert_eq!(
            bad,
            [
                "item 2: must be an object",
                "item 3: thing_name: must be a text",
                "item 4: thing_name: is missing",
                "item 5: count: this number must stand in quotes",
                "item 7: thing_name: this number must stand in quotes",
                "item 8: thing_name: this number must stand in quotes",
                "item 10: the columns \"thing_name\" and \"thingName\" are both read as \
                 thing_name; remove or rename one",
                "item 11: has the key \"x\" twice",
            ]
        );
    }

    #[test]
    fn an_invalid_header_or_document_is_one_error() {
        for (text, sentence) in [
            ("", "it is empty"),
            ("\n ,,\n", "it is empty"),
            (
                "count\n1\n",
                "the header lacks thing_name; line 1 has only \"count\" (separate columns by \
                 commas, semicolons or tabs); add or rename a column",
            ),
            (
                "sep=;\n\ncount;Anzahl\n1\n",
                "the header lacks thing_name; line 3 has \"count\", \"Anzahl\", separated by \
                 semicolons; add or rename a column",
            ),
            (
                "thing_name,count,THING-NAME\n",
                "the columns \"thing_name\" and \"THING-NAME\" are both read as thing_name; \
                 remove or rename one",
            ),
        ] {
            let error = csv(text).err().unwrap();
            assert_eq!(error.to_string(), sentence, "{text:?}");
        }
        for text in ["", "{}", "[", "null"] {
            assert!(json::read(text, Thing::COLUMNS).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_at_the_end_of_its_value_is_an_error_of_the_file() {
        for (text, line) in [
            ("thing_name\na\n\"b\nc\nd\n", 3),
            ("thing_name\r\n\"a\r\nb\"\r\n\"c", 4),
            ("sep=;\nthing_name;count\na;\"1\n", 3),
            ("thing_name,count\n\"a,1\n\"b\",2\n", 2),
            ("thing_name,count\na,1\n\"b\"c,2\n", 3),
            ("\"thing_name\na\n", 1),
        ] {
            let error = csv(text).err().unwrap().to_string();
            let start = format!("the quote in line {line} is not closed");
            assert!(error.starts_with(&start), "{text:?}: {error}");
        }
        let text = "thing_name\n\"a \"\"b\"\"\"\n5\"\n\"c\" \n";
        let names = [r#"a "b""#, r#"5""#, "c"].map(|name| thing(name, None));
        assert_eq!(from_csv(text), (Vec::from(names), Vec::new()));
    }

    #[test]
    fn columns_that_are_not_known_are_named_once() {
        let ignored = |sheet: anyhow::Result<Sheet>| sheet.unwrap().ignored;
        assert_eq!(
            ignored(csv("first name,thing_name,,,Note\n,a,,x,y\n,b,,z,\n")),
            ["\"first name\"", "column 4, which has no name", "\"Note\""]
        );
        assert!(ignored(csv("thing_name,,\na,,\n")).is_empty());
        let text = r#"[{"thing_name": "a", "x": []}, {"thing_name": "b", "x": 1, "y": null}]"#;
        assert_eq!(
            ignored(json::read(text, Thing::COLUMNS)),
            ["\"x\"", "\"y\""]
        );
    }

    #[test]
    fn lines_before_the_header_are_told() {
        let text = "Table 1;\n\n\"Devices; 2026\"\nthing_name;count\na;1\n";
        let sheet = csv(text).unwrap();
        assert_eq!(sheet.before_header, ["1", "3"]);
        assert_eq!(outcome(sheet.lines).0, [thing("a", Some(1))]);
    }

    #[test]
    fn formulas_that_an_export_neutralized_are_restored() {
        let text = "thing_name\n'=1+1\n' '=2\n'a\n";
        let names = ["=1+1", "'=2", "'a"].map(|name| thing(name, None));
        assert_eq!(from_csv(text).0, names);
    }
}
