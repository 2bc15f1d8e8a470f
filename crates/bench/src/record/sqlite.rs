//! What the portal runs on SQLite: the same app in this process, whose connections report their
//! statements.

use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use anyhow::Context as _;
use portal_auth::state::MemoryState;
use portal_auth::{Argon2Params, PasswordHasher, SecretKey, WriteLimits};
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_persistence::{Database, DatabaseConfig, Target};
use portal_session::{HttpConfig, Portal};
use portal_test_support::{ManualEnvironment, TestFiles};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use super::{Quietest, Recording, WARM_UPS};
use crate::client::{Call, Connection};
use crate::script::{Bytes, CaseScript, Command, Literal, SqliteQuery, Step};

/// How long to wait for what is run after a response.
const SETTLING: Duration = Duration::from_millis(50);

/// What was run since it was last taken.
static STATEMENTS: Mutex<Vec<Statement>> = Mutex::new(Vec::new());

struct Statement {
    sql: String,
    expanded: String,
    rows: u64,
}

fn statements<T>(change: impl FnOnce(&mut Vec<Statement>) -> T) -> T {
    change(&mut STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Has all connections of this process that are opened from now on report their statements.
#[expect(unsafe_code, reason = "SQLite calls back for each new connection")]
fn watch_connections() -> rusqlite::Result<()> {
    /// Called by SQLite, with a connection that it has just opened.
    unsafe extern "C" fn opened(
        connection: *mut rusqlite::ffi::sqlite3,
        message: *mut *mut std::ffi::c_char,
        _: *const rusqlite::ffi::sqlite3_api_routines,
    ) -> std::ffi::c_int {
        // SAFETY: SQLite calls this with an open connection, and `watch` opens and closes none.
        unsafe { rusqlite::auto_extension::init_auto_extension(connection, message, watch) }
    }
    // SAFETY: `opened` fulfils what SQLite demands of it, as said there.
    unsafe { rusqlite::auto_extension::register_auto_extension(opened) }
}

#[expect(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the type of rusqlite's callback"
)]
fn watch(connection: rusqlite::Connection) -> rusqlite::Result<()> {
    let events = TraceEventCodes::SQLITE_TRACE_STMT | TraceEventCodes::SQLITE_TRACE_ROW;
    connection.trace_v2(events, Some(note));
    Ok(())
}

fn note(event: TraceEvent<'_>) {
    match event {
        // The statements of triggers are reported as comments.
        TraceEvent::Stmt(statement, text) if !text.starts_with("--") => {
            let sql = statement.sql().into_owned();
            let expanded = statement.expanded_sql().unwrap_or_default();
            statements(|all| {
                all.push(Statement {
                    sql,
                    expanded,
                    rows: 0,
                });
            });
        }
        TraceEvent::Row(statement) => {
            let sql = statement.sql();
            statements(|all| {
                let mut latest = all.iter_mut().rev();
                if let Some(statement) = latest.find(|known| known.sql == sql) {
                    statement.rows += 1;
                }
            });
        }
        _ => {}
    }
}

/// The portal over a SQLite file and with state in memory, in this process.
pub struct WatchedPortal {
    /// Where it listens.
    pub port: u16,
    /// What it has set on its connections, known after the first request.
    pub setup: Vec<String>,
    handle: ServerHandle,
}

impl WatchedPortal {
    /// Starts it. Connections of this process report their statements until it is stopped.
    pub fn start(file: &Path) -> anyhow::Result<Self> {
        watch_connections()?;
        let database = Database::open(DatabaseConfig::new(Target::Sqlite(file.to_owned())))?;
        let env: Arc<dyn Environment> = Arc::new(SystemEnvironment);
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let portal = Portal::new(
            Arc::new(database),
            Arc::new(MemoryState::new(Arc::clone(&env))),
            env,
            PasswordHasher::new(Argon2Params::default())?,
            &SecretKey::new(&[7; 32])?,
            HttpConfig {
                // One user makes all changes that are recorded.
                write_limits: WriteLimits::NONE,
                ..HttpConfig::new(format!("http://127.0.0.1:{port}").parse()?)
            },
            TaskTracker::new(),
        );
        let files = TestFiles::new(Arc::new(ManualEnvironment::new()));
        let portal = Data::new(portal.with_files(files.depot()));
        let app = move || {
            let pages = Data::clone(&portal);
            portal_http::app_with(Data::clone(&portal), None, &|config| {
                portal_web::routes(&pages, config);
            })
        };
        let server = HttpServer::new(app)
            .workers(1)
            .disable_signals()
            .listen(listener)?
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self {
            port,
            setup: Vec::new(),
            handle,
        })
    }

    /// What is run for requests that follow each other: all of it in one step.
    pub async fn record(&mut self, calls: &[Call]) -> anyhow::Result<CaseScript> {
        let mut connection = Connection::open(self.port).await?;
        for _ in 0..WARM_UPS {
            for call in calls {
                connection.expect(call).await?;
            }
        }
        let mut quietest = Quietest::default();
        while quietest.may_be_quieter() {
            let started = SystemEnvironment.now().timestamp_millis();
            let mut recordings = Vec::new();
            for call in calls {
                recordings.push(self.record_one(&mut connection, call).await?);
            }
            quietest.add(recordings, started);
        }
        Ok(quietest.case)
    }

    async fn record_one(
        &mut self,
        connection: &mut Connection,
        call: &Call,
    ) -> anyhow::Result<Recording> {
        self.keep_setup(statements(std::mem::take));
        let answer = connection.expect(call).await?;
        sleep(SETTLING).await;
        let run = self.keep_setup(statements(std::mem::take));
        let commands = run
            .into_iter()
            .map(|statement| {
                let parameters = parameters(&statement.sql, &statement.expanded)
                    .with_context(|| format!("the parameters of {}", statement.sql))?;
                Ok(Command::Sqlite(SqliteQuery {
                    sql: statement.sql,
                    parameters,
                    rows: statement.rows,
                }))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Recording {
            answer,
            commands: commands.len(),
            steps: if commands.is_empty() {
                Vec::new()
            } else {
                vec![Step {
                    awaited: true,
                    commands,
                }]
            },
        })
    }

    /// Keeps what was set on a connection apart from what was run for a request.
    fn keep_setup(&mut self, run: Vec<Statement>) -> Vec<Statement> {
        let is_setup = |statement: &Statement| {
            let start = statement.sql.trim_start().get(..6);
            start.is_some_and(|start| start.eq_ignore_ascii_case("pragma"))
        };
        let (setup, run) = run.into_iter().partition::<Vec<_>, _>(is_setup);
        for Statement { sql, .. } in setup {
            let sql = sql.trim().to_owned();
            if !self.setup.contains(&sql) {
                self.setup.push(sql);
            }
        }
        run
    }

    /// Ends it.
    pub async fn stop(self) {
        rusqlite::auto_extension::reset_auto_extension();
        self.handle.stop(false).await;
    }
}

/// The parameters of a statement: what stands in its expanded form for each `?`.
fn parameters(sql: &str, expanded: &str) -> Option<Vec<Literal>> {
    let (mut sql, mut expanded) = (sql, expanded);
    let mut parameters = Vec::new();
    while let Some(mark) = sql.find('?') {
        expanded = expanded.strip_prefix(sql.get(..mark)?)?;
        sql = sql.get(mark + 1..)?;
        let (literal, rest) = literal(expanded)?;
        parameters.push(literal);
        expanded = rest;
    }
    (sql == expanded).then_some(parameters)
}

/// The literal at the beginning of a text, as SQLite writes it, and the rest.
fn literal(text: &str) -> Option<(Literal, &str)> {
    if let Some(rest) = text.strip_prefix("NULL") {
        return Some((Literal::Null, rest));
    }
    if let Some(quoted) = text.strip_prefix('\'') {
        let (value, rest) = quoted_text(quoted)?;
        return Some((Literal::Text(value), rest));
    }
    if let Some(digits) = text.strip_prefix("x'") {
        let (digits, rest) = digits.split_once('\'')?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
        return Some((Literal::Blob(Bytes(bytes.ok()?)), rest));
    }
    let is_of_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let end = text.find(|c| !is_of_number(c)).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let value = match number.parse() {
        Ok(whole) => Literal::Integer(whole),
        Err(_) => Literal::Real(number.parse().ok()?),
    };
    Some((value, rest))
}

/// A text up to the quote that ends it; two quotes are one of its own.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let (mut value, mut rest) = (String::new(), text);
    loop {
        let (part, after) = rest.split_once('\'')?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_from_the_expanded_statement() {
        let sql = "SELECT * FROM t WHERE a = ? AND b IN (?, ?) AND c = ? LIMIT ?";
        let expanded = "SELECT * FROM t WHERE a = 'it''s ? here' AND b IN (NULL, -1.5) AND c = x'0aff' LIMIT 50";
        let expected = vec![
            Literal::Text("it's ? here".to_owned()),
            Literal::Null,
            Literal::Real(-1.5),
            Literal::Blob(Bytes::from(&[0x0a, 0xff])),
            Literal::Integer(50),
        ];
        assert_eq!(parameters(sql, expanded), Some(expected));
        assert_eq!(parameters("COMMIT", "COMMIT"), Some(Vec::new()));
        assert_eq!(parameters("SELECT ?", "SELECT 'open"), None);
    }
}
