//! A row of a template, and its copies.

use chrono::{DateTime, TimeDelta, Utc};

use crate::script::Literal;

/// How both databases write an instant, and PostgreSQL with fewer digits.
const INSTANT: &str = "%Y-%m-%d %H:%M:%S%.f%#z";

/// How an instant is written so that both databases read it.
const WRITTEN: &str = "%Y-%m-%d %H:%M:%S%.6f+00:00";

/// A row in which ids, names and instants are found.
pub(super) struct Template(Vec<Field>);

enum Field {
    Same(Literal),
    /// A number of seconds and less after the row's own instant.
    Instant(TimeDelta),
    Pieces(Vec<Piece>),
}

enum Piece {
    Text(String),
    Value(usize),
}

impl Template {
    /// `values` are the texts that each copy has others for, wherever they occur; an empty one is
    /// nowhere. Instants are kept relative to `instant`.
    pub(super) fn new(row: Vec<Literal>, values: &[&str], instant: DateTime<Utc>) -> Self {
        let field = |literal| match literal {
            Literal::Text(text) => match DateTime::parse_from_str(&text, INSTANT) {
                Ok(at) => Field::Instant(at.to_utc() - instant),
                Err(_) => Field::Pieces(pieces(&text, values)),
            },
            other => Field::Same(other),
        };
        Self(row.into_iter().map(field).collect())
    }

    /// A copy with other values, at another instant.
    pub(super) fn fields(&self, values: &[&str], instant: DateTime<Utc>) -> Vec<Literal> {
        let field = |field: &Field| match field {
            Field::Same(literal) => literal.clone(),
            Field::Instant(after) => Literal::Text((instant + *after).format(WRITTEN).to_string()),
            Field::Pieces(pieces) => {
                let texts = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => text.as_str(),
                    Piece::Value(index) => values.get(*index).copied().unwrap_or_default(),
                });
                Literal::Text(texts.collect())
            }
        };
        self.0.iter().map(field).collect()
    }
}

/// Cuts a text where one of the values is; the one that begins first, of those the first in order.
fn pieces(text: &str, values: &[&str]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let found = values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_empty())
            .filter_map(|(index, value)| Some((rest.find(value)?, index, value.len())))
            .min();
        let Some((at, index, length)) = found else {
            pieces.push(Piece::Text(rest.to_owned()));
            return pieces;
        };
        let (before, after) = rest.split_at(at);
        pieces.push(Piece::Text(before.to_owned()));
        pieces.push(Piece::Value(index));
        rest = after.split_at(length).1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Literal {
        Literal::Text(text.to_owned())
    }

    #[test]
    fn a_copy_differs_in_values_and_instants_alone() {
        let instant = "2026-01-01T00:00:00Z".parse().unwrap();
        let row = vec![
            text("a-1"),
            text("the number abcd2345, twice: abcd2345"),
            text("2026-01-01 00:00:00+00"),
            text("2026-01-01 01:00:00.500000+00:00"),
            Literal::Null,
            Literal::Integer(1),
        ];
        let template = Template::new(row, &["a-1", "abcd2345", ""], instant);
        let later = "2026-02-01T00:00:00Z".parse().unwrap();
        let expected = vec![
            text("b-2"),
            text("the number wxyz6789, twice: wxyz6789"),
            text("2026-02-01 00:00:00.000000+00:00"),
            text("2026-02-01 01:00:00.500000+00:00"),
            Literal::Null,
            Literal::Integer(1),
        ];
        assert_eq!(template.fields(&["b-2", "wxyz6789", "?"], later), expected);
    }
}
