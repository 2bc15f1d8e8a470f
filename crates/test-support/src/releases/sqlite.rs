//! SQLite files, looked at without the portal's queries.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};

use super::contents::{Allowed, Column, Inspect};

/// A file of SQLite's.
#[derive(Debug, Clone)]
pub struct SqliteFile(PathBuf);

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

impl SqliteFile {
    /// The one at a path, which need not be there yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Runs statements, which must not fail.
    pub fn execute(&self, sql: &str) {
        self.connect().batch_execute(sql).expect("the statements");
    }

    /// The definitions of all tables, indexes, views and triggers.
    pub fn schema(&self) -> Vec<String> {
        self.query("SELECT json_array(type, name, tbl_name, sql) FROM sqlite_master ORDER BY 1")
    }

    /// Whether somebody is writing to it.
    pub fn is_locked(&self) -> bool {
        let begun = self.connect().batch_execute("BEGIN IMMEDIATE; ROLLBACK");
        begun.is_err()
    }

    fn connect(&self) -> SqliteConnection {
        let path = self.0.to_str().expect("a path that is text");
        SqliteConnection::establish(path).expect("a SQLite file")
    }

    fn definitions(&self) -> Vec<(String, String)> {
        self.query(
            "SELECT json_array(name, sql) FROM sqlite_master
             WHERE type = 'table' AND name NOT LIKE 'sqlite|_%' ESCAPE '|' ORDER BY name",
        )
        .iter()
        .map(|line| serde_json::from_str(line).expect("a table"))
        .collect()
    }
}

impl Inspect for SqliteFile {
    fn query(&self, sql: &str) -> Vec<String> {
        let named = format!("WITH answer (line) AS ({sql}) SELECT line FROM answer");
        let lines = diesel::sql_query(&named).load::<Line>(&mut self.connect());
        let lines = lines.unwrap_or_else(|error| panic!("{sql}: {error}"));
        lines.into_iter().map(|Line { line }| line).collect()
    }

    fn columns(&self) -> Vec<Column> {
        let of = |table: String| {
            let sql = format!(
                "SELECT json_array(name, \"notnull\") FROM pragma_table_info('{table}') ORDER BY cid"
            );
            let lines = self.query(&sql).into_iter();
            lines.map(move |line| {
                let (name, not_null): (_, u8) = serde_json::from_str(&line).expect("a column");
                Column {
                    table: table.clone(),
                    name,
                    is_nullable: not_null == 0,
                }
            })
        };
        let tables = self.definitions().into_iter().map(|(table, _)| table);
        tables.flat_map(of).collect()
    }

    fn allowed(&self) -> Vec<Allowed> {
        let definitions: Vec<_> = self.definitions();
        let of = |Column { table, name, .. }: Column| {
            let (_, sql) = definitions.iter().find(|(other, _)| *other == table)?;
            let (before, list) = sql.split_once(&format!("{name} IN ("))?;
            let is_whole_name = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let (list, _) = list.split_once(')')?;
            let values = list.split(',').map(|value| value.trim().trim_matches('\''));
            let allowed = values.map(|value| Allowed {
                table: table.clone(),
                column: name.clone(),
                value: value.to_owned(),
            });
            is_whole_name.then(|| allowed.collect::<Vec<_>>())
        };
        self.columns()
            .into_iter()
            .filter_map(of)
            .flatten()
            .collect()
    }

    fn rows(&self, table: &str, columns: &[&str]) -> Vec<String> {
        let values = columns.iter().map(|column| format!("quote(\"{column}\")"));
        let values = values.collect::<Vec<_>>().join(", ");
        self.query(&format!("SELECT json_array({values}) FROM \"{table}\""))
    }
}
