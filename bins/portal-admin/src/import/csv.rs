//! CSV with a header, as spreadsheets write it.

use anyhow::{Context as _, anyhow, bail, ensure};
use csv::{Position, Reader, ReaderBuilder, StringRecord};
use portal_domain::text;

use super::columns::{column, quoted, resolve};
use super::{Fields, Line, Sheet};
use crate::spreadsheet;

/// Characters that separate values, and what they are called; the first is the usual one.
const SEPARATORS: [(u8, &str); 3] = [(b',', "commas"), (b';', "semicolons"), (b'\t', "tabs")];

/// How many lines are looked at for the header.
const MAX_TITLES: usize = 10;

/// The lines after the header. Lines without any value are none.
pub(super) fn read(
    text: &str,
    columns: &[&'static str],
    required: &[&'static str],
) -> anyhow::Result<Sheet> {
    let (given, rest) = separator_line(text);
    let (separator, header) = match given {
        Some(separator) => (separator, header(rest, separator, columns, required)?),
        None => separator_and_header(rest, columns, required)?,
    };
    if let Some(line) = open_quote(rest, separator.into()) {
        bail!(
            "the quote in line {line} is not closed at the end of its value; close it there, and \
             write a quote within a value twice (\"\")"
        );
    }
    let header = header.context("it is empty")?;
    let mut numbers = LineNumbers::new(text, text.len() - rest.len());
    let mut records = reader(rest, separator).into_records();
    let mut before_header = Vec::new();
    for record in &mut records {
        let record = record?;
        let number = numbers.of(&record)?;
        if record.position() == header.position() {
            break;
        }
        if !is_blank(&record) {
            before_header.push(number.to_string());
        }
    }
    let header_line = numbers.number;
    let known = resolve(header.iter(), columns).map_err(|problem| anyhow!(problem))?;
    let missing: Vec<&str> = required
        .iter()
        .copied()
        .filter(|name| !known.contains(&Some(*name)))
        .collect();
    ensure!(
        missing.is_empty(),
        "the header lacks {}; line {header_line} has {}; add or rename a column",
        missing.join(", "),
        found(&header, separator)
    );

    let mut lines = Vec::new();
    let mut used = vec![false; header.len()];
    for record in records {
        let record = record?;
        let number = numbers.of(&record)?;
        if is_blank(&record) {
            continue;
        }
        for (used, value) in used.iter_mut().zip(&record) {
            *used |= !text::trim(value).is_empty();
        }
        lines.push(Line {
            place: format!("line {number}"),
            fields: fields_of(&record, &known),
        });
    }
    let unknown = header.iter().zip(1..).zip(known.iter().zip(used));
    let ignored = unknown.filter_map(|((name, position), (known, used))| match known {
        Some(_) => None,
        None if !text::trim(name).is_empty() => Some(quoted(name)),
        None => used.then(|| format!("column {position}, which has no name")),
    });
    Ok(Sheet {
        lines,
        ignored: ignored.collect(),
        before_header,
    })
}

fn reader(text: &str, separator: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(separator)
        .from_reader(text.as_bytes())
}

/// The separator that a first line like `sep=;` names, as Excel has it, and the text after that.
fn separator_line(text: &str) -> (Option<u8>, &str) {
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let line = line.trim_matches('"').to_ascii_lowercase();
    match line.strip_prefix("sep=").map(str::as_bytes) {
        Some([separator, more @ ..])
            if separator.is_ascii() && more.iter().all(|byte| byte == separator) =>
        {
            (Some(*separator), rest)
        }
        _ => (None, text),
    }
}

/// The separator with which the header has the most known columns, or else the most columns.
fn separator_and_header(
    text: &str,
    columns: &[&'static str],
    required: &[&'static str],
) -> anyhow::Result<(u8, Option<StringRecord>)> {
    let mut best = (0, 0);
    let mut found = (b',', None);
    for (separator, _) in SEPARATORS {
        let Some(header) = header(text, separator, columns, required)? else {
            continue;
        };
        let known = header.iter().filter(|name| column(name, columns).is_some());
        let score = (known.count(), header.len());
        if score > best {
            best = score;
            found = (separator, Some(header));
        }
    }
    Ok(found)
}

/// The first line with the required columns, before which there may be titles; or else the first
/// line with any value.
fn header(
    text: &str,
    separator: u8,
    columns: &[&'static str],
    required: &[&'static str],
) -> anyhow::Result<Option<StringRecord>> {
    let mut first = None;
    let records = reader(text, separator).into_records();
    let is_empty = |record: &csv::Result<StringRecord>| record.as_ref().is_ok_and(is_blank);
    for record in records.filter(|record| !is_empty(record)).take(MAX_TITLES) {
        let record = record?;
        let known: Vec<_> = record.iter().map(|name| column(name, columns)).collect();
        if required.iter().all(|name| known.contains(&Some(*name))) {
            return Ok(Some(record));
        }
        first.get_or_insert(record);
    }
    Ok(first)
}

/// The columns of a header, for a sentence.
fn found(header: &StringRecord, separator: u8) -> String {
    let names = header.iter().filter(|name| !text::trim(name).is_empty());
    let names: Vec<_> = names.map(quoted).collect();
    match (
        &names[..],
        SEPARATORS.iter().find(|(byte, _)| *byte == separator),
    ) {
        ([name], _) => format!("only {name} (separate columns by commas, semicolons or tabs)"),
        (_, Some((_, called))) => format!("{}, separated by {called}", names.join(", ")),
        (_, None) => names.join(", "),
    }
}

/// Whether a line has no value, whatever separates its columns.
fn is_blank(record: &StringRecord) -> bool {
    let mut values = record.iter().flat_map(|value| value.split([',', ';']));
    values.all(|value| text::trim(value).is_empty())
}

/// The fields of a line. Spreadsheets leave out empty values at the end of a line, or add some.
fn fields_of(record: &StringRecord, known: &[Option<&'static str>]) -> Result<Fields, String> {
    let values = record.iter().collect::<Vec<_>>();
    let last = values
        .iter()
        .rposition(|value| !text::trim(value).is_empty());
    let (found, expected) = (last.map_or(0, |last| last + 1), known.len());
    if found > expected {
        return Err(format!(
            "has {found} fields, the header {expected}; a value that contains the separator must \
             stand in quotes"
        ));
    }
    let fields = known.iter().zip(values);
    Ok(fields
        .filter_map(|(column, value)| {
            let value = spreadsheet::restore(text::trim(value));
            Some(((*column)?, value.to_owned()))
        })
        .collect())
}

/// The line of the first quote that opens a value but is not closed at its end.
///
/// The `csv` crate would read on to the next quote or to the end of the file.
fn open_quote(text: &str, separator: char) -> Option<usize> {
    enum At {
        Start,
        Unquoted,
        Quoted,
        Quote,
        AfterQuote,
    }
    let (mut at, mut line, mut opened) = (At::Start, 1, 1);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let ends_line = c == '\n' || (c == '\r' && rest.peek() != Some(&'\n'));
        at = match (at, c) {
            (At::Start, '"') => {
                opened = line;
                At::Quoted
            }
            (At::Quoted, '"') => At::Quote,
            (At::Quoted, _) | (At::Quote, '"') => At::Quoted,
            (_, '\r' | '\n') => At::Start,
            (_, c) if c == separator => At::Start,
            (At::Quote | At::AfterQuote, ' ') => At::AfterQuote,
            (At::Quote | At::AfterQuote, _) => return Some(opened),
            (At::Start | At::Unquoted, _) => At::Unquoted,
        };
        line += usize::from(ends_line);
    }
    matches!(at, At::Quoted).then_some(opened)
}

/// Finds the lines of records. The reader's own numbers are those of the end of the line before,
/// and of the blank lines that follow it.
struct LineNumbers<'t> {
    text: &'t [u8],
    /// Where the records begin.
    start: usize,
    position: usize,
    number: usize,
}

impl<'t> LineNumbers<'t> {
    const fn new(text: &'t str, start: usize) -> Self {
        Self {
            text: text.as_bytes(),
            start,
            position: 0,
            number: 1,
        }
    }

    fn of(&mut self, record: &StringRecord) -> anyhow::Result<usize> {
        let byte = record.position().map_or(0, Position::byte);
        Ok(self.at(usize::try_from(byte)?))
    }

    /// The line of what is at this position of the records, or after the line ends there.
    fn at(&mut self, position: usize) -> usize {
        let position = self.start + position;
        while let Some(byte) = self.text.get(self.position) {
            let is_end = matches!(byte, b'\r' | b'\n');
            if self.position >= position && !is_end {
                break;
            }
            self.position += 1;
            let in_crlf = *byte == b'\r' && self.text.get(self.position) == Some(&b'\n');
            self.number += usize::from(is_end && !in_crlf);
        }
        self.number
    }
}

#[cfg(test)]
mod tests {
    use csv::Writer;
    use portal_test_support::properties::proptest::collection::vec;
    use portal_test_support::properties::proptest::strategy::Strategy as _;
    use portal_test_support::properties::{for_all, text_with};

    use super::*;
    use crate::spreadsheet::neutralize;

    const COLUMNS: &[&str] = &["email", "name"];

    #[test]
    fn any_text_is_read_or_refused() {
        let text = text_with(&[
            "email",
            "name",
            ",",
            ";",
            "\t",
            "\"",
            "\"\"",
            "\r\n",
            "\n",
            "\r",
            "sep=;",
            "=1+1",
            "\0",
            "\u{feff}",
            "ada@acme.example",
            " ",
        ]);
        for_all(3_000, text, |text| {
            if let Ok(sheet) = read(&text, COLUMNS, &["email"]) {
                let lines = text.lines().count() + text.matches('\r').count();
                assert!(sheet.lines.len() <= lines, "{text:?}");
            }
        });
    }

    #[test]
    fn what_an_export_writes_an_import_reads() {
        // What is stored neither begins nor ends with spaces, and each line has its address.
        let value = || {
            let value = text_with(&[
                "a", "\"", ",", ";", "\t", "=", "'", "+", "@", " ", "\n", "é",
            ]);
            value.prop_map(|value| text::trim(&value).to_owned())
        };
        let email = || {
            let is_there = |email: &String| !is_blank(&StringRecord::from(vec![&**email]));
            value().prop_filter("each line has an address", is_there)
        };
        for_all(500, vec((email(), value()), 1..6), |rows| {
            let mut writer = Writer::from_writer(Vec::new());
            writer.write_record(COLUMNS).unwrap();
            for (email, name) in &rows {
                let record = [neutralize(email), neutralize(name)];
                writer
                    .write_record(record.iter().map(|value| value.as_bytes()))
                    .unwrap();
            }
            let written = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let sheet = read(&written, COLUMNS, &["email"]).unwrap();
            let lines = sheet.lines.into_iter();
            let read: Vec<_> = lines.map(|line| line.fields.unwrap()).collect();
            let expected: Vec<Fields> = rows
                .into_iter()
                .map(|(email, name)| [("email", email), ("name", name)].into_iter().collect())
                .collect();
            assert_eq!(read, expected, "{written:?}");
        });
    }
}
