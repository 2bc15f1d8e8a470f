//! What is in a database, whatever its tables are.

use std::collections::BTreeMap;

use super::TRANSFORMED;

/// A database that can be asked in SQL.
pub trait Inspect {
    /// The first column of each row that a query finds.
    fn query(&self, sql: &str) -> Vec<String>;

    /// The columns of all tables, in order.
    fn columns(&self) -> Vec<Column>;

    /// The values that columns may have where that is a list, as in `CHECK (status IN (…))`, and
    /// those of booleans.
    fn allowed(&self) -> Vec<Allowed>;

    /// All rows of a table, each as one text with the values of these columns.
    fn rows(&self, table: &str, columns: &[&str]) -> Vec<String>;
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The table.
    pub table: String,
    /// The column.
    pub name: String,
    /// Whether it may be NULL.
    pub is_nullable: bool,
}

/// A value that a column may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The value as text.
    pub value: String,
}

/// All that is in a database at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents(BTreeMap<String, Table>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    columns: Vec<String>,
    rows: Vec<String>,
}

impl Contents {
    /// What is in a database now.
    pub fn of(database: &dyn Inspect) -> Self {
        let mut tables = BTreeMap::<String, Vec<String>>::new();
        for Column { table, name, .. } in database.columns() {
            if !TRANSFORMED.contains(&(&table, &name)) {
                tables.entry(table).or_default().push(name);
            }
        }
        let tables = tables.into_iter().map(|(table, columns)| {
            let rows = rows(database, &table, &columns);
            (table, Table { columns, rows })
        });
        Self(tables.collect())
    }

    /// Fails unless a database still has every row, with the same value in every column.
    pub fn assert_kept_in(&self, database: &dyn Inspect) {
        for (name, Table { columns, rows: old }) in &self.0 {
            let mut kept = rows(database, name, columns).into_iter().peekable();
            // Both are sorted.
            let lost = old.iter().filter(|row| {
                while kept.next_if(|kept| kept < *row).is_some() {}
                kept.next_if(|kept| kept == *row).is_none()
            });
            let lost: Vec<_> = lost.collect();
            assert!(
                lost.is_empty(),
                "{} of {} rows of {name} are lost or changed, of which the first is {columns:?}: {}",
                lost.len(),
                old.len(),
                lost[0]
            );
        }
    }
}

fn rows(database: &dyn Inspect, table: &str, columns: &[String]) -> Vec<String> {
    let columns: Vec<_> = columns.iter().map(String::as_str).collect();
    let mut rows = database.rows(table, &columns);
    rows.sort_unstable();
    rows
}

impl dyn Inspect + '_ {
    /// What a database that shall be full of data has no example of: rows of a table, NULL or a
    /// value in a column that may be NULL, and values that a column may have.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        let mut find = |what: String, table: &str, condition: &str| {
            let sql = format!("SELECT CAST(count(*) AS text) FROM {table} WHERE {condition}");
            if self.query(&sql) == ["0"] {
                gaps.push(what);
            }
        };
        for column in self.columns() {
            let Column { table, name, .. } = &column;
            let is_set = format!("{name} IS NOT NULL");
            find(format!("{table}.{name} is set"), table, &is_set);
            if column.is_nullable {
                let is_null = format!("{name} IS NULL");
                find(format!("{table}.{name} is NULL"), table, &is_null);
            }
        }
        for allowed in self.allowed() {
            let Allowed {
                table,
                column,
                value,
            } = &allowed;
            let is_value = format!("CAST({column} AS text) = '{value}'");
            find(format!("{table}.{column} is {value}"), table, &is_value);
        }
        gaps
    }
}
