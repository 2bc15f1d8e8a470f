//! SQLite.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::web;
use anyhow::Context as _;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ToSql};
use tokio::sync::Semaphore;

use super::plan::{Parameter, Part, Plan, Statement, Values, number};
use super::pool::Pool;
use crate::script::Literal;

/// How many statements a connection keeps prepared: all.
const PREPARED: usize = 512;

/// The right to write, of which all workers have one together. Without it writers would wait in
/// SQLite's own way, which sleeps.
static WRITING: Semaphore = Semaphore::const_new(1);

/// A worker's connections to a file.
pub(super) struct Sqlite {
    file: String,
    setup: Vec<String>,
    pool: Rc<Pool<Connection>>,
}

impl Sqlite {
    pub(super) fn new(plan: &Plan) -> Option<Self> {
        Some(Self {
            file: plan.sqlite.clone()?,
            setup: plan.sqlite_setup.clone(),
            pool: Pool::of(plan.connections),
        })
    }

    /// Runs statements that read in the worker's thread, and a transaction that writes in one hop to
    /// a blocking thread, since its commit waits for the disk.
    pub(super) async fn run(&self, parts: &[Part], values: &Values) -> anyhow::Result<()> {
        let mut taken = self.pool.take(async || self.connect()).await?;
        for part in parts {
            let connection = taken.move_out().context("no connection")?;
            let (connection, outcome) = match part {
                Part::Reads(statements) => {
                    let outcome = run(&connection, statements, values);
                    (connection, outcome)
                }
                Part::Writes(statements) => {
                    let turn = WRITING.acquire().await?;
                    let (statements, values) = (Arc::clone(statements), values.clone());
                    web::block(move || {
                        // Until it is done, whether or not somebody still waits for it.
                        let _turn = turn;
                        let outcome = run(&connection, &statements, &values);
                        (connection, outcome)
                    })
                    .await?
                }
            };
            if outcome.is_err() && !connection.is_autocommit() {
                // What it began must not be found by the next.
                drop(connection.execute_batch("ROLLBACK"));
            }
            taken.put_back(connection);
            outcome?;
        }
        Ok(())
    }

    fn connect(&self) -> anyhow::Result<Connection> {
        let connection = Connection::open(&self.file)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        for sql in &self.setup {
            connection.execute_batch(sql)?;
        }
        Ok(connection)
    }
}

fn run(connection: &Connection, statements: &[Statement], values: &Values) -> anyhow::Result<()> {
    for (sql, parameters, expected) in statements {
        let mut statement = connection.prepare_cached(sql)?;
        for (index, parameter) in parameters.iter().enumerate() {
            bind(&mut statement, index + 1, parameter, values)?;
        }
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut found = 0;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                // Texts are copied, as the portal needs them after the transaction.
                std::hint::black_box(match row.get_ref(column)? {
                    ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
                    _ => None,
                });
            }
            found += 1;
        }
        anyhow::ensure!(
            found == *expected,
            "found {found} rows where the portal found {expected}: {sql}"
        );
    }
    Ok(())
}

fn bind(
    statement: &mut rusqlite::CachedStatement<'_>,
    index: usize,
    parameter: &Parameter,
    values: &Values,
) -> anyhow::Result<()> {
    let id;
    let drawn;
    let lane;
    let value: &dyn ToSql = match parameter {
        Parameter::Literal(Literal::Null) => &rusqlite::types::Null,
        Parameter::Literal(Literal::Integer(number)) => number,
        Parameter::Literal(Literal::Real(number)) => number,
        Parameter::Literal(Literal::Text(text)) => text,
        Parameter::Literal(Literal::Blob(bytes)) => &bytes.0,
        Parameter::Fresh(index) => {
            id = values.id(*index).to_string();
            &id
        }
        Parameter::Lane(index) => {
            lane = String::from_utf8_lossy(values.lane(*index)).into_owned();
            &lane
        }
        Parameter::Number => {
            drawn = number().to_string();
            &drawn
        }
        Parameter::Bytes(_) => anyhow::bail!("a parameter of PostgreSQL's"),
    };
    Ok(statement.raw_bind_parameter(index, value)?)
}
