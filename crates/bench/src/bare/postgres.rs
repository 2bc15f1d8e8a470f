//! PostgreSQL.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt as _;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

use super::plan::{Parameter, Plan, PlannedQuery, Values, number};
use super::pool::{Pool, Taken};

/// A worker's connections of one login.
pub(super) struct Login {
    url: String,
    pool: Rc<Pool<Connection>>,
    statements: usize,
}

impl Login {
    pub(super) fn new(url: &str, plan: &Plan) -> Self {
        Self {
            url: url.to_owned(),
            pool: Pool::of(plan.connections),
            statements: plan.statements.len(),
        }
    }

    async fn connect(&self) -> anyhow::Result<Connection> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        // On this worker's thread. An error is that of the query that waits.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Connection {
            client,
            prepared: RefCell::new(vec![None; self.statements]),
        })
    }
}

/// The connections of one request.
#[derive(Default)]
pub(super) struct Held(Vec<Option<Taken<Connection>>>);

impl Held {
    /// Takes a connection for the request, unless it has it already.
    pub(super) async fn take(&mut self, number: usize, login: &Login) -> anyhow::Result<()> {
        if self.0.len() <= number {
            self.0.resize_with(number + 1, || None);
        }
        if let Some(held) = self.0.get_mut(number).filter(|held| held.is_none()) {
            *held = Some(login.pool.take(async || login.connect().await).await?);
        }
        Ok(())
    }

    pub(super) fn get(&self, number: usize) -> anyhow::Result<&Connection> {
        let held = self.0.get(number).and_then(Option::as_ref);
        held.and_then(Taken::get).context("no connection")
    }

    /// None of the connections is used again.
    pub(super) fn spoil(&self) {
        self.0.iter().flatten().for_each(Taken::spoil);
    }
}

pub(super) struct Connection {
    client: Client,
    prepared: RefCell<Vec<Option<Statement>>>,
}

impl Connection {
    pub(super) async fn batch(&self, sql: &str) -> anyhow::Result<()> {
        Ok(self.client.batch_execute(sql).await?)
    }

    pub(super) async fn query(
        &self,
        plan: &Plan,
        query: &PlannedQuery,
        values: &Values,
    ) -> anyhow::Result<()> {
        let statement = self.prepared(plan, query.statement).await?;
        let sent = query
            .parameters
            .iter()
            .map(|parameter| Sent { parameter, values });
        let rows = self.client.query_raw(&statement, sent).await?;
        futures_util::pin_mut!(rows);
        let mut found = 0;
        while let Some(row) = rows.try_next().await? {
            for column in 0..row.len() {
                std::hint::black_box(row.try_get::<_, Option<Decoded>>(column)?);
            }
            found += 1;
        }
        anyhow::ensure!(
            found == query.rows,
            "found {found} rows where the portal found {}: {}",
            query.rows,
            plan.statements
                .get(query.statement)
                .map_or("", |(sql, _)| sql)
        );
        Ok(())
    }

    async fn prepared(&self, plan: &Plan, number: usize) -> anyhow::Result<Statement> {
        let known = self.prepared.borrow().get(number).cloned().flatten();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let (sql, types) = plan.statements.get(number).context("no such statement")?;
        let types: Vec<Type> = types
            .iter()
            .map(|id| Type::from_oid(*id).unwrap_or(Type::UNKNOWN))
            .collect();
        let statement = self.client.prepare_typed(sql, &types).await?;
        if let Some(prepared) = self.prepared.borrow_mut().get_mut(number) {
            *prepared = Some(statement.clone());
        }
        Ok(statement)
    }
}

/// A parameter as it is sent.
#[derive(Debug)]
struct Sent<'a> {
    parameter: &'a Parameter,
    values: &'a Values,
}

impl std::fmt::Debug for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parameter").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values").finish_non_exhaustive()
    }
}

impl ToSql for Sent<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.parameter {
            Parameter::Bytes(None) => return Ok(IsNull::Yes),
            Parameter::Bytes(Some(bytes)) => out.extend_from_slice(&bytes.0),
            Parameter::Fresh(index) if *kind == Type::UUID => {
                out.extend_from_slice(self.values.id(*index).as_bytes());
            }
            Parameter::Fresh(index) => {
                out.extend_from_slice(self.values.id(*index).to_string().as_bytes());
            }
            Parameter::Lane(index) => out.extend_from_slice(self.values.lane(*index)),
            Parameter::Number => out.extend_from_slice(number().as_str().as_bytes()),
            Parameter::Literal(_) => return Err("a parameter of SQLite's".into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column's value as a type of Rust's.
#[expect(dead_code, reason = "decoded, and then not needed")]
enum Decoded {
    Id(Uuid),
    Text(String),
    Instant(DateTime<Utc>),
    Number(i64),
    Truth(bool),
    Json(serde_json::Value),
    Other(Vec<u8>),
}

impl<'a> FromSql<'a> for Decoded {
    fn from_sql(kind: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *kind {
            Type::UUID => Self::Id(Uuid::from_slice(bytes)?),
            Type::TEXT | Type::VARCHAR | Type::NAME => {
                Self::Text(std::str::from_utf8(bytes)?.to_owned())
            }
            Type::TIMESTAMPTZ => {
                // microseconds since 2000
                let micros = i64::from_be_bytes(bytes.try_into()?);
                let epoch = DateTime::from_timestamp(946_684_800, 0).unwrap_or_default();
                Self::Instant(epoch + TimeDelta::microseconds(micros))
            }
            Type::INT8 => Self::Number(i64::from_be_bytes(bytes.try_into()?)),
            Type::INT4 => Self::Number(i32::from_be_bytes(bytes.try_into()?).into()),
            Type::INT2 => Self::Number(i16::from_be_bytes(bytes.try_into()?).into()),
            Type::BOOL => Self::Truth(bytes != [0]),
            Type::JSON => Self::Json(serde_json::from_slice(bytes)?),
            // after the number of its format
            Type::JSONB => Self::Json(serde_json::from_slice(bytes.get(1..).unwrap_or_default())?),
            _ => Self::Other(bytes.to_vec()),
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
