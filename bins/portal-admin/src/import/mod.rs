//! Bulk imports: the whole file is read and checked before anything is written.

mod csv;
mod fields;
mod json;

use std::collections::HashMap;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use indicatif::ProgressBar;
use portal_domain::actors::Operator;
use portal_domain::operation::Operation;
use serde::Serialize;

use crate::context::Context;
use crate::output::Output;
use crate::values::OrganizationArg;

pub(crate) use fields::{Fields, boolean};

/// The arguments of an import.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    of: OrganizationArg,
    /// A CSV file with a header, or a JSON array of objects
    file: PathBuf,
    /// Import the good lines of a file that also has bad ones
    #[arg(long)]
    skip_bad: bool,
}

/// A line of a file.
pub(crate) trait Row: Sized {
    /// The known columns; others are ignored. Case and underscores do not matter, so that the keys
    /// of the API are accepted too.
    const COLUMNS: &'static [&'static str];
    /// The columns that a header must have.
    const REQUIRED: &'static [&'static str];

    /// Reads a line. Every field has to be read before a missing one ends it, so that all problems
    /// are reported.
    fn read(fields: &mut Fields) -> Option<Self>;

    /// The identity of a line; a file must not have it twice.
    fn key(&self) -> String;
}

/// What happened to an imported line.
pub(crate) enum Imported {
    Created,
    Updated,
    Unchanged,
}

/// The number of lines by what happened to them.
#[derive(Debug, Default, Serialize)]
struct Tally {
    created: usize,
    updated: usize,
    unchanged: usize,
    /// Bad lines that were left out.
    skipped: usize,
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

/// Imports a file: all its lines in one transaction, each by `write`.
pub(crate) async fn run<R: Row>(
    context: &Context,
    args: &ImportArgs,
    write: impl AsyncFn(&Operation<'_, Operator>, R) -> anyhow::Result<Imported>,
) -> anyhow::Result<Output> {
    let (rows, skipped) = read(&args.file, args.skip_bad)?;
    let tally = context
        .transact(&args.of, async |op| {
            let mut tally = Tally {
                skipped,
                ..Tally::default()
            };
            for row in progress_bar(rows.len()).wrap_iter(rows.into_iter()) {
                match write(op, row).await? {
                    Imported::Created => tally.created += 1,
                    Imported::Updated => tally.updated += 1,
                    Imported::Unchanged => tally.unchanged += 1,
                }
            }
            Ok(tally)
        })
        .await?;
    Output::record(&tally)
}

fn progress_bar(lines: usize) -> ProgressBar {
    if io::stderr().is_terminal() {
        ProgressBar::new(lines.try_into().unwrap_or(u64::MAX))
    } else {
        ProgressBar::hidden()
    }
}

/// Reads a file: JSON if its name ends in `.json`, else CSV. Bad lines are reported on standard
/// error; they are an error unless `skip_bad`. Returns the good lines and the number of bad ones.
fn read<R: Row>(path: &Path, skip_bad: bool) -> anyhow::Result<(Vec<R>, usize)> {
    let file = path.display();
    let bytes = fs::read(path).with_context(|| format!("{file} cannot be read"))?;
    let is_json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let lines = if is_json {
        json::lines(bytes, R::COLUMNS)
    } else {
        csv::lines(bytes, R::COLUMNS, R::REQUIRED)
    };
    let lines = lines.with_context(|| format!("{file} cannot be imported"))?;
    let total = lines.len();
    let (rows, bad) = check(lines);
    let mut stderr = io::stderr().lock();
    for BadLine { place, problems } in &bad {
        for problem in problems {
            // If standard error is closed, nobody reads it.
            drop(writeln!(stderr, "{place}: {problem}"));
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

/// The known column that a name in a file means.
fn column(name: &str, columns: &[&'static str]) -> Option<&'static str> {
    let normalized = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let name = normalized(name.trim());
    columns
        .iter()
        .copied()
        .find(|column| normalized(column) == name)
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

    fn from_csv(text: &str) -> (Vec<Thing>, Vec<String>) {
        outcome(csv::lines(text.as_bytes(), Thing::COLUMNS, Thing::REQUIRED).unwrap())
    }

    fn from_json(text: &str) -> (Vec<Thing>, Vec<String>) {
        outcome(json::lines(text.as_bytes(), Thing::COLUMNS).unwrap())
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
                "c",
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
                    "line 6: has 1 fields, the header 2",
                    "line 7: thing_name: is missing; count: invalid digit found in string",
                    "line 8: says the same as line 2",
                ]
            );
        }
        let (rows, bad) = from_json(r#"[{"thing_name": "a"}, 7, {"thing_name": ["b"]}, {}]"#);
        assert_eq!(rows, [thing("a", None)]);
        assert_eq!(
            bad,
            [
                "item 2: must be an object",
                "item 3: thing_name: must be a text",
                "item 4: thing_name: is missing",
            ]
        );
    }

    #[test]
    fn an_invalid_header_or_document_is_one_error() {
        for (text, sentence) in [
            ("", "the header lacks thing_name"),
            ("count\n1\n", "the header lacks thing_name"),
            ("\u{0}", "the header lacks thing_name"),
        ] {
            let error = csv::lines(text.as_bytes(), Thing::COLUMNS, Thing::REQUIRED).err();
            assert_eq!(error.unwrap().to_string(), sentence, "{text:?}");
        }
        for text in ["", "{}", "[", "null"] {
            assert!(
                json::lines(text.as_bytes(), Thing::COLUMNS).is_err(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_line_that_is_not_utf_8_is_reported() {
        let text = b"thing_name\na\n\xff\n";
        let lines = csv::lines(text, Thing::COLUMNS, Thing::REQUIRED).unwrap();
        let (rows, bad) = outcome(lines);
        assert_eq!(rows, [thing("a", None)]);
        assert_eq!(bad, ["line 3: is not UTF-8"]);
    }
}
