//! A script, prepared for running: nothing is looked up or parsed while it is measured.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use anyhow::Context as _;
use deadpool_redis::redis::Cmd;
use portal_domain::environment::SystemEnvironment;
use portal_domain::tickets::TicketNumber;
use uuid::Uuid;

use crate::script::{
    Bytes as Recorded, CaseScript, Command, Literal, Query, RequestScript, Script, SqliteQuery,
};

/// A whole script.
pub(super) struct Plan {
    pub(super) postgres: Vec<String>,
    pub(super) redis: Option<String>,
    pub(super) sqlite: Option<String>,
    pub(super) sqlite_setup: Vec<String>,
    pub(super) connections: usize,
    /// The statements of all requests to PostgreSQL, with the types of their parameters.
    pub(super) statements: Vec<(String, Vec<u32>)>,
    cases: Vec<PlannedCase>,
}

struct PlannedCase {
    requests: Vec<PlannedRequest>,
    fresh: usize,
    lanes: Vec<Arc<[Recorded]>>,
}

/// A request.
pub(super) struct PlannedRequest {
    pub(super) status: u16,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Bytes,
    pub(super) steps: Vec<PlannedStep>,
    /// Which of the case's fresh ids are made for this request.
    pub(super) fresh: Range<usize>,
}

/// Commands that are sent together.
pub(super) struct PlannedStep {
    pub(super) awaited: bool,
    pub(super) commands: Vec<PlannedCommand>,
    /// Statements for SQLite instead.
    pub(super) parts: Vec<Part>,
}

/// Statements for SQLite that are run one after another.
pub(super) enum Part {
    /// Outside of transactions that write.
    Reads(Vec<Statement>),
    /// A transaction that writes.
    Writes(Arc<[Statement]>),
}

/// A statement for SQLite, with the number of rows that it has to find.
pub(super) type Statement = (String, Vec<Parameter>, u64);

/// Parts statements where a transaction that writes begins and ends.
fn parts(statements: Vec<Statement>) -> Vec<Part> {
    let (mut parts, mut reads, mut writes) = (Vec::new(), Vec::new(), Vec::new());
    for statement in statements {
        let sql = statement.0.trim_start().to_ascii_uppercase();
        if writes.is_empty() && !sql.starts_with("BEGIN IMMEDIATE") {
            reads.push(statement);
            continue;
        }
        if !reads.is_empty() {
            parts.push(Part::Reads(std::mem::take(&mut reads)));
        }
        writes.push(statement);
        // not the end of a savepoint
        if sql == "COMMIT" || sql == "ROLLBACK" {
            parts.push(Part::Writes(std::mem::take(&mut writes).into()));
        }
    }
    if !reads.is_empty() {
        parts.push(Part::Reads(reads));
    }
    if !writes.is_empty() {
        parts.push(Part::Writes(writes.into()));
    }
    parts
}

pub(super) enum PlannedCommand {
    Query {
        connection: usize,
        login: usize,
        query: PlannedQuery,
    },
    Batch {
        connection: usize,
        login: usize,
        sql: String,
    },
    Redis(Box<Cmd>),
}

impl PlannedCommand {
    /// The request's connection to PostgreSQL that it is sent on, and its login.
    pub(super) const fn connection(&self) -> Option<(usize, usize)> {
        match self {
            Self::Query {
                connection, login, ..
            }
            | Self::Batch {
                connection, login, ..
            } => Some((*connection, *login)),
            Self::Redis(_) => None,
        }
    }
}

pub(super) struct PlannedQuery {
    /// The number of the statement.
    pub(super) statement: usize,
    pub(super) parameters: Vec<Parameter>,
    pub(super) rows: u64,
}

/// A parameter, as it was recorded or as it is made for each request.
pub(super) enum Parameter {
    /// As it was, in PostgreSQL's binary form.
    Bytes(Option<Recorded>),
    /// As it was, for SQLite.
    Literal(Literal),
    /// One of the case's fresh ids.
    Fresh(usize),
    /// What the lane has instead.
    Lane(usize),
    /// Another ticket number.
    Number,
}

/// What is made for one request.
#[derive(Clone)]
pub(super) struct Values {
    pub(super) ids: Vec<Uuid>,
    pub(super) lane: Option<Arc<[Recorded]>>,
}

impl Values {
    pub(super) fn id(&self, index: usize) -> Uuid {
        self.ids.get(index).copied().unwrap_or_default()
    }

    pub(super) fn lane(&self, index: usize) -> &[u8] {
        let lane = self.lane.as_ref().and_then(|lane| lane.get(index));
        lane.map_or(&[], |value| &value.0)
    }
}

/// Another ticket number, as the portal makes them.
pub(super) fn number() -> TicketNumber {
    TicketNumber::generate(&SystemEnvironment)
}

impl Plan {
    pub(super) fn new(script: Script) -> anyhow::Result<Self> {
        let mut statements = Statements::default();
        let cases = script
            .cases
            .into_iter()
            .map(|case| PlannedCase::new(case, &mut statements))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            postgres: script.postgres,
            redis: script.redis,
            sqlite: script.sqlite,
            sqlite_setup: script.sqlite_setup,
            connections: script.connections,
            statements: statements.all,
            cases,
        })
    }

    pub(super) fn request(&self, case: usize, request: usize) -> Option<&PlannedRequest> {
        self.cases.get(case)?.requests.get(request)
    }

    /// How many ids are made for a case.
    pub(super) fn fresh(&self, case: usize) -> usize {
        self.cases.get(case).map_or(0, |case| case.fresh)
    }

    /// What a lane has in place of the first one's values.
    pub(super) fn lane(&self, case: usize, lane: usize) -> Option<Arc<[Recorded]>> {
        self.cases.get(case)?.lanes.get(lane).cloned()
    }
}

/// Numbers the statements of PostgreSQL.
#[derive(Default)]
struct Statements {
    all: Vec<(String, Vec<u32>)>,
    numbers: HashMap<String, usize>,
}

impl Statements {
    fn number(&mut self, sql: String, types: Vec<u32>) -> usize {
        if let Some(number) = self.numbers.get(&sql) {
            return *number;
        }
        self.numbers.insert(sql.clone(), self.all.len());
        self.all.push((sql, types));
        self.all.len() - 1
    }
}

/// Recognizes what is not sent as it was recorded.
struct Varying {
    fresh: Vec<Recorded>,
    lane: Vec<Recorded>,
}

impl Varying {
    fn parameter(&self, sql: &str, value: &[u8]) -> Option<Parameter> {
        if let Some(index) = self.lane.iter().position(|known| known.0 == value) {
            return Some(Parameter::Lane(index));
        }
        let id = match value.len() {
            16 => Uuid::from_slice(value).ok(),
            36 => Uuid::try_parse_ascii(value).ok(),
            _ => None,
        };
        if let Some(id) = id {
            let index = self.fresh.iter().position(|known| known.0 == id.as_bytes());
            return index.map(Parameter::Fresh);
        }
        let is_number = value.len() == TicketNumber::LENGTH
            && value
                .iter()
                .all(|byte| b"234679CDFGHJKMNPQRTVWXYZ".contains(byte));
        (is_number && sql.trim_start().starts_with("INSERT")).then_some(Parameter::Number)
    }
}

impl PlannedCase {
    fn new(case: CaseScript, statements: &mut Statements) -> anyhow::Result<Self> {
        let fresh = case
            .requests
            .iter()
            .flat_map(|request| request.fresh.clone());
        let varying = Varying {
            fresh: fresh.collect(),
            lane: case.lanes.first().cloned().unwrap_or_default(),
        };
        let mut made = 0;
        let mut requests = Vec::new();
        for request in case.requests {
            let fresh = made..made + request.fresh.len();
            made = fresh.end;
            requests.push(PlannedRequest::new(request, fresh, &varying, statements)?);
        }
        Ok(Self {
            requests,
            fresh: made,
            lanes: case.lanes.into_iter().map(Arc::from).collect(),
        })
    }
}

impl PlannedRequest {
    fn new(
        request: RequestScript,
        fresh: Range<usize>,
        varying: &Varying,
        statements: &mut Statements,
    ) -> anyhow::Result<Self> {
        let mut steps = Vec::new();
        for step in request.steps {
            let (mut commands, mut statements_of_sqlite) = (Vec::new(), Vec::new());
            for command in step.commands {
                match command {
                    Command::Postgres {
                        connection,
                        login,
                        query,
                    } => commands.push(PlannedCommand::Query {
                        connection,
                        login,
                        query: planned(query, varying, statements),
                    }),
                    Command::PostgresBatch {
                        connection,
                        login,
                        sql,
                    } => commands.push(PlannedCommand::Batch {
                        connection,
                        login,
                        sql,
                    }),
                    Command::Redis(arguments) => {
                        let mut command = Cmd::new();
                        for argument in &arguments {
                            command.arg(&argument.0);
                        }
                        commands.push(PlannedCommand::Redis(Box::new(command)));
                    }
                    Command::Sqlite(query) => {
                        statements_of_sqlite.push(planned_for_sqlite(query, varying));
                    }
                }
            }
            steps.push(PlannedStep {
                awaited: step.awaited,
                commands,
                parts: parts(statements_of_sqlite),
            });
        }
        let headers = request
            .headers
            .iter()
            .map(|(name, value)| Ok((name.parse()?, value.parse()?)))
            .collect::<anyhow::Result<_>>()
            .context("a header")?;
        Ok(Self {
            status: request.status,
            headers,
            body: request.body.0.into(),
            steps,
            fresh,
        })
    }
}

fn planned(query: Query, varying: &Varying, statements: &mut Statements) -> PlannedQuery {
    let parameter = |value: Option<Recorded>| {
        let varies = value
            .as_ref()
            .and_then(|value| varying.parameter(&query.sql, &value.0));
        varies.unwrap_or(Parameter::Bytes(value))
    };
    PlannedQuery {
        parameters: query.parameters.into_iter().map(parameter).collect(),
        rows: query.rows,
        statement: statements.number(query.sql.clone(), query.types),
    }
}

fn planned_for_sqlite(query: SqliteQuery, varying: &Varying) -> Statement {
    let parameter = |literal: Literal| {
        let varies = match &literal {
            Literal::Text(text) => varying.parameter(&query.sql, text.as_bytes()),
            _ => None,
        };
        varies.unwrap_or(Parameter::Literal(literal))
    };
    let parameters = query.parameters.into_iter().map(parameter).collect();
    (query.sql, parameters, query.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_transactions_that_write_are_parts_of_their_own() {
        let statements = |sql: &[&str]| -> Vec<Statement> {
            let sql = sql.iter();
            sql.map(|sql| ((*sql).to_owned(), Vec::new(), 0)).collect()
        };
        let parts = parts(statements(&[
            "BEGIN DEFERRED",
            "SELECT 1",
            "ROLLBACK",
            "BEGIN IMMEDIATE",
            "INSERT",
            "SAVEPOINT attempt",
            "ROLLBACK TO SAVEPOINT attempt",
            "COMMIT",
            "SELECT 2",
        ]));
        let lengths: Vec<(bool, usize)> = parts
            .iter()
            .map(|part| match part {
                Part::Reads(statements) => (false, statements.len()),
                Part::Writes(statements) => (true, statements.len()),
            })
            .collect();
        assert_eq!(lengths, [(false, 3), (true, 5), (false, 1)]);
    }

    #[test]
    fn only_what_a_request_makes_varies() {
        let [fresh, other] = [
            "0192f0a0-0000-7000-8000-000000000001",
            "0192f0a0-0000-7000-8000-000000000002",
        ];
        let varying = Varying {
            fresh: vec![Uuid::parse_str(fresh).unwrap().as_bytes().into()],
            lane: vec![Recorded::from("device")],
        };
        let insert = "INSERT INTO tickets VALUES (?)";
        let kind = |sql: &str, value: &str| match varying.parameter(sql, value.as_bytes()) {
            Some(Parameter::Fresh(0)) => "fresh",
            Some(Parameter::Lane(0)) => "lane",
            Some(Parameter::Number) => "number",
            None => "as it was",
            Some(_) => "something else",
        };
        assert_eq!(kind(insert, fresh), "fresh");
        assert_eq!(kind(insert, other), "as it was");
        assert_eq!(kind("SELECT ?", "device"), "lane");
        assert_eq!(kind(insert, "7KQ3MRXD"), "number");
        assert_eq!(kind("SELECT ?", "7KQ3MRXD"), "as it was");
        assert_eq!(kind(insert, "portal"), "as it was");
    }
}
