//! Exports to files that spreadsheets and imports read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, ValueEnum};
use csv::Writer;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::output::Output;
use crate::spreadsheet::neutralize;
use crate::values::OrganizationArg;

/// The arguments of an export.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) of: OrganizationArg,
    /// The file to write, which is replaced if it exists [default: standard output]
    file: Option<PathBuf>,
    /// The format [default: json if the file's name ends in .json, else csv]
    #[arg(long)]
    format: Option<Format>,
}

/// A format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Json,
}

/// An entity, by the columns of an import and those that only an export has.
pub(crate) type Record = IndexMap<&'static str, Value>;

/// An export that was written to a file.
#[derive(Debug, Serialize)]
struct Exported {
    exported: usize,
}

/// A point in time as imports read it, to the last digit.
pub(crate) fn time(at: DateTime<Utc>) -> Value {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
}

/// Writes records to the file, or outputs them.
pub(crate) fn run(
    args: &ExportArgs,
    columns: &[&'static str],
    records: &[Record],
) -> anyhow::Result<Output> {
    let is_json = |file: &Path| {
        file.extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("json"))
    };
    let by_name = match &args.file {
        Some(file) if is_json(file) => Format::Json,
        _ => Format::Csv,
    };
    let (mark, text) = match args.format.unwrap_or(by_name) {
        // Excel reads UTF-8 only after a byte order mark.
        Format::Csv => ("\u{feff}", csv(columns, records)?),
        Format::Json => ("", serde_json::to_string_pretty(records)? + "\n"),
    };
    let Some(file) = &args.file else {
        return Output::prose(&records, text);
    };
    fs::write(file, format!("{mark}{text}"))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Output::record(&Exported {
        exported: records.len(),
    })
}

fn csv(columns: &[&'static str], records: &[Record]) -> anyhow::Result<String> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for record in records {
        let values = columns.iter().map(|column| match record.get(column) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => neutralize(text).into_owned(),
            Some(value) => value.to_string(),
        });
        writer.write_record(values)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
