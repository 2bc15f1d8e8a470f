//! CSV (RFC 4180) with a header, in UTF-8.

use anyhow::ensure;
use csv::{Position, ReaderBuilder, StringRecord, Trim};

use super::{Fields, Line, column};

/// The lines after the header. White space around a text is dropped.
pub(super) fn lines(
    bytes: &[u8],
    columns: &[&'static str],
    required: &[&'static str],
) -> anyhow::Result<Vec<Line>> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(Trim::All)
        .from_reader(bytes);
    let header: Vec<Option<&'static str>> = reader
        .byte_headers()?
        .iter()
        .map(|name| column(&String::from_utf8_lossy(name), columns))
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

    let mut lines = Vec::new();
    let (mut rest, mut number) = (bytes.iter().enumerate().peekable(), 1);
    for record in reader.into_byte_records() {
        let record = record?;
        // The reader's position, and its line number with it, is that of the end of the line
        // before: of its line feed, and of the blank lines that follow. So line feeds are counted.
        let start = usize::try_from(record.position().map_or(0, Position::byte))?;
        while let Some((_, byte)) =
            rest.next_if(|(position, byte)| *position < start || matches!(byte, b'\r' | b'\n'))
        {
            number += usize::from(*byte == b'\n');
        }
        let texts = StringRecord::from_byte_record(record).ok();
        lines.push(Line {
            place: format!("line {number}"),
            fields: texts
                .ok_or_else(|| "is not UTF-8".to_owned())
                .and_then(|texts| fields_of(&texts, &header)),
        });
    }
    Ok(lines)
}

fn fields_of(texts: &StringRecord, header: &[Option<&'static str>]) -> Result<Fields, String> {
    let (found, expected) = (texts.len(), header.len());
    if found != expected {
        return Err(format!("has {found} fields, the header {expected}"));
    }
    let fields = header.iter().zip(texts);
    Ok(fields
        .filter_map(|(column, text)| Some(((*column)?, text.to_owned())))
        .collect())
}
