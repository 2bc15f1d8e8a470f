//! CSV (RFC 4180) with a header, in UTF-8.

use anyhow::ensure;
use csv::{ByteRecord, ReaderBuilder, Trim};

use super::fields::Fields;
use super::{Place, RawLine, column};

/// The lines after the header. White space around a text is dropped.
pub(super) fn lines(
    bytes: &[u8],
    columns: &[&'static str],
    required: &[&'static str],
) -> anyhow::Result<Vec<RawLine>> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(Trim::All)
        .from_reader(bytes);
    let header: Vec<Option<&'static str>> = reader
        .byte_headers()?
        .iter()
        .map(|name| {
            std::str::from_utf8(name)
                .ok()
                .and_then(|name| column(name, columns))
        })
        .collect();
    let missing: Vec<&str> = required
        .iter()
        .copied()
        .filter(|name| !header.contains(&Some(*name)))
        .collect();
    ensure!(
        missing.is_empty(),
        "the header lacks {}",
        missing.join(", ")
    );

    let mut numbers = LineNumbers::new(bytes);
    let mut lines = Vec::new();
    for record in reader.into_byte_records() {
        let record = record?;
        let start = record.position().map_or(0, csv::Position::byte);
        let place = Place::Line(numbers.at(usize::try_from(start)?));
        lines.push(RawLine {
            place,
            fields: fields(&record, &header),
        });
    }
    Ok(lines)
}

fn fields(record: &ByteRecord, header: &[Option<&'static str>]) -> Result<Fields, String> {
    if record.len() != header.len() {
        return Err(format!(
            "has {} fields, the header {}",
            record.len(),
            header.len()
        ));
    }
    let mut fields = Fields::default();
    for (column, text) in header.iter().zip(record) {
        let Ok(text) = std::str::from_utf8(text) else {
            return Err("is not UTF-8".to_owned());
        };
        if let Some(column) = column {
            fields.insert(column, text.to_owned());
        }
    }
    Ok(fields)
}

/// Counts lines as an editor does.
///
/// The reader's own count is that of where it stood before it skipped blank lines, or the line
/// feed of a CRLF.
struct LineNumbers<'a> {
    bytes: &'a [u8],
    position: usize,
    number: usize,
}

impl<'a> LineNumbers<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            number: 1,
        }
    }

    /// The number of the line that begins at `start`, or after the ends of lines there. Has to be
    /// called with ever greater positions.
    fn at(&mut self, start: usize) -> usize {
        let rest = self.bytes.iter().enumerate().skip(self.position);
        for (position, byte) in rest {
            if position >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.number += usize::from(*byte == b'\n');
            self.position = position + 1;
        }
        self.number
    }
}
