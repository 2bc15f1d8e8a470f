//! SQLite.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::web;
use anyhow::Context as _;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ToSql};
use tokio::sync::Semaphore;

use super::plan::{Hop, Parameter, Plan, Values, number};
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

    /// Runs statements in one hop to a blocking thread.
    pub(super) async fn run(&self, hop: Arc<Hop>, values: &Values) -> anyhow::Result<()> {
        let turn = if hop.writes {
            Some(WRITING.acquire().await?)
        } else {
            None
        };
        let mut taken = self.pool.take(async || self.connect()).await?;
        let connection = taken.move_out().context("no connection")?;
        let values = values.clone();
        let (connection, outcome) = web::block(move || {
            // Until it is done, whether or not somebody still waits for it.
            let _turn = turn;
            let outcome = run(&connection, &hop, &values);
            if outcome.is_err() && !connection.is_autocommit() {
                // What it began must not be found by the next.
                drop(connection.execute_batch("ROLLBACK"));
            }
            (connection, outcome)
        })
        .await?;
        taken.put_back(connection);
        outcome
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

fn run(connection: &Connection, hop: &Hop, values: &Values) -> anyhow::Result<()> {
    for (sql, parameters, expected) in &hop.statements {
        let mut statement = connection.prepare_cached(sql)?;
        for (index, parameter) in parameters.iter().enumerate() {
            bind(&mut statement, index + 1, parameter, values)?;
        }
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut found = 0;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                // Texts are copied, as the portal needs them after the hop.
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
