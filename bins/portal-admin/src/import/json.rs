//! JSON imports: an array of flat objects.

use std::collections::HashSet;
use std::fmt;

use anyhow::anyhow;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::columns::{quoted, resolve};
use super::{Fields, Line, Sheet};

/// The elements of the array.
pub(super) fn read(text: &str, columns: &[&'static str]) -> anyhow::Result<Sheet> {
    let items: Vec<Cell> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            anyhow!("it must be an array")
        } else {
            anyhow!(error).context("it is not JSON")
        }
    })?;
    let mut sheet = Sheet::default();
    for (item, number) in items.into_iter().zip(1..) {
        let fields = match item {
            Cell::Object(cells)
                if !cells.is_empty() && cells.iter().all(|(_, cell)| cell.is_blank()) =>
            {
                continue;
            }
            Cell::Object(cells) => fields(cells, columns, &mut sheet.ignored),
            _ => Err("must be an object".to_owned()),
        };
        let place = format!("item {number}");
        sheet.lines.push(Line { place, fields });
    }
    Ok(sheet)
}

fn fields(
    cells: Vec<(String, Cell)>,
    columns: &[&'static str],
    ignored: &mut Vec<String>,
) -> Result<Fields, String> {
    let mut keys = HashSet::new();
    if let Some((twice, _)) = cells.iter().find(|(key, _)| !keys.insert(key)) {
        return Err(format!("has the key {} twice", quoted(twice)));
    }
    let known = resolve(cells.iter().map(|(key, _)| key.as_str()), columns)?;
    let mut texts = Vec::new();
    for ((key, cell), column) in cells.into_iter().zip(known) {
        let Some(column) = column else {
            let key = quoted(&key);
            if !ignored.contains(&key) {
                ignored.push(key);
            }
            continue;
        };
        match cell {
            Cell::Null => {}
            Cell::Text(text) => texts.push((column, text)),
            Cell::Inexact => return Err(format!("{column}: this number must stand in quotes")),
            Cell::Object(_) | Cell::Array => return Err(format!("{column}: must be a text")),
        }
    }
    Ok(texts.into_iter().collect())
}

/// A value of JSON.
enum Cell {
    Null,
    /// A text, boolean or integer, as it is written.
    Text(String),
    /// A number whose digits the parser does not keep, such as `22.10`.
    Inexact,
    Object(Vec<(String, Self)>),
    Array,
}

impl Cell {
    fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => portal_domain::text::trim(text).is_empty(),
            Self::Inexact | Self::Object(_) | Self::Array => false,
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Cell, E> {
        Ok(Cell::Inexact)
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Cell, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Cell, A::Error> {
        let mut cells = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            cells.push(entry);
        }
        Ok(Cell::Object(cells))
    }
}
