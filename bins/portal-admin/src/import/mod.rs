//! Bulk imports: the whole file is read and checked before anything is written.

mod csv;
mod fields;
mod json;

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use indicatif::{ProgressBar, ProgressBarIter};
use serde::Serialize;

use fields::Fields;
pub(crate) use fields::{FieldReader, boolean};

/// What one line of a file says.
pub(crate) trait Row: Sized {
    /// The columns that mean something; others are ignored. Matched without regard to case and
    /// underscores, so that the keys of the API do as well.
    const COLUMNS: &'static [&'static str];
    /// Those without which no line can be good.
    const REQUIRED: &'static [&'static str];

    /// Reads a line; what is wrong with it is noted in `fields`.
    fn read(fields: &mut FieldReader<'_>) -> Option<Self>;

    /// What tells lines apart; a file that has it twice contradicts itself.
    fn key(&self) -> String;
}

/// The good lines of a file.
pub(crate) struct Import<R> {
    /// The lines, in the order of the file.
    pub(crate) rows: Vec<R>,
    /// How many bad lines were left out.
    pub(crate) skipped: usize,
}

/// What an import did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    /// Lines of which something was created.
    pub(crate) created: usize,
    /// Lines by which something was changed.
    pub(crate) updated: usize,
    /// Lines that said nothing new.
    pub(crate) unchanged: usize,
    /// Bad lines that were left out.
    pub(crate) skipped: usize,
}

/// Where something stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A line of a CSV file, counted from 1, the header included.
    Line(usize),
    /// An element of a JSON array, counted from 1.
    Item(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Item(number) => write!(f, "item {number}"),
        }
    }
}

/// One line as it stands in the file: its fields, or why it has none.
struct RawLine {
    place: Place,
    fields: Result<Fields, String>,
}

/// A line that cannot be used.
#[derive(Debug, PartialEq, Eq)]
struct BadLine {
    place: Place,
    problems: Vec<String>,
}

/// Reads a file: JSON where its name ends so, else CSV. Bad lines are reported on standard error;
/// where there are any, it is an error, unless they are to be skipped.
pub(crate) fn read<R: Row>(path: &Path, skip_bad: bool) -> anyhow::Result<Import<R>> {
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
    let (rows, bad) = sort_out(lines);
    report(&bad);
    ensure!(
        skip_bad || bad.is_empty(),
        "{} of {total} lines of {file} cannot be imported, so nothing was written; --skip-bad \
         leaves them out",
        bad.len()
    );
    Ok(Import {
        rows,
        skipped: bad.len(),
    })
}

fn sort_out<R: Row>(lines: Vec<RawLine>) -> (Vec<R>, Vec<BadLine>) {
    let mut places = HashMap::new();
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for RawLine { place, fields } in lines {
        match fields
            .map_err(|problem| vec![problem])
            .and_then(|fields| fields.read::<R>())
        {
            Ok(row) => match places.insert(row.key(), place) {
                None => rows.push(row),
                Some(first) => {
                    let problems = vec![format!("says the same as {first}")];
                    bad.push(BadLine { place, problems });
                }
            },
            Err(problems) => bad.push(BadLine { place, problems }),
        }
    }
    (rows, bad)
}

fn report(bad: &[BadLine]) {
    let mut out = io::stderr().lock();
    for BadLine { place, problems } in bad {
        for problem in problems {
            // There is nobody to tell when this cannot be written.
            drop(writeln!(out, "{place}: {problem}"));
        }
    }
}

/// Goes through the lines with a progress bar, where somebody sees it.
pub(crate) fn progress<R>(rows: Vec<R>) -> ProgressBarIter<std::vec::IntoIter<R>> {
    let bar = if io::stderr().is_terminal() {
        ProgressBar::new(rows.len().try_into().unwrap_or(u64::MAX))
    } else {
        ProgressBar::hidden()
    };
    bar.wrap_iter(rows.into_iter())
}

/// The known column that a name in a file means.
fn column(name: &str, columns: &[&'static str]) -> Option<&'static str> {
    let squeezed = |name: &str| name.replace('_', "").to_ascii_lowercase();
    columns
        .iter()
        .copied()
        .find(|column| squeezed(column) == squeezed(name.trim()))
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

        fn read(fields: &mut FieldReader<'_>) -> Option<Self> {
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

    fn outcome(lines: Vec<RawLine>) -> (Vec<Thing>, Vec<String>) {
        let (rows, bad) = sort_out(lines);
        let said = |BadLine { place, problems }| format!("{place}: {}", problems.join("; "));
        (rows, bad.into_iter().map(said).collect())
    }

    fn thing(name: &str, count: Option<u8>) -> Thing {
        Thing {
            name: name.to_owned(),
            count,
        }
    }

    #[test]
    fn columns_come_in_any_order_and_in_the_spelling_of_the_api_too() {
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
    fn bad_lines_are_told_by_their_number_in_the_file() {
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
    fn what_is_no_such_file_at_all_is_one_error() {
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
    fn a_line_that_is_not_utf_8_is_bad() {
        let text = b"thing_name\na\n\xff\n";
        let lines = csv::lines(text, Thing::COLUMNS, Thing::REQUIRED).unwrap();
        let (rows, bad) = outcome(lines);
        assert_eq!(rows, [thing("a", None)]);
        assert_eq!(bad, ["line 3: is not UTF-8"]);
    }
}
