//! Watches what the portal sends to its databases for a request, and makes a script of it.
//!
//! For PostgreSQL and Redis the portal works through a [`proxy`] that reads along. It keeps each
//! answer back for a moment, so that what is sent without waiting for an answer is sent before it:
//! that shows what belongs together in one trip. SQLite has no wire; see [`sqlite`].

mod postgres;
pub mod proxy;
mod redis;
pub mod sqlite;

use std::ops::RangeInclusive;
use std::time::Duration;

use portal_domain::environment::{Environment as _, SystemEnvironment};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::client::{Answer, Call, Connection};
use crate::script::{
    Bytes, CaseScript, Command, Literal, Query, RequestScript, Script, SqliteQuery, Step,
};
use proxy::{Event, Recorder, Sent};

/// How long an answer is kept back.
const DELAY: Duration = Duration::from_millis(30);

/// How often requests are sent before they are recorded, so that statements are prepared.
const WARM_UPS: usize = 3;

/// How often they are recorded at least, and at most.
const ROUNDS: RangeInclusive<usize> = 3..=12;

/// The recording with the fewest commands, since work in the background can only add to one.
#[derive(Default)]
struct Quietest {
    rounds: usize,
    fewest: usize,
    /// How many had the fewest.
    agreed: usize,
    case: CaseScript,
}

impl Quietest {
    /// Adds a recording that began at `started`.
    fn add(&mut self, recordings: Vec<Recording>, started: i64) {
        let commands = recordings.iter().map(|recording| recording.commands).sum();
        if self.rounds == 0 || commands < self.fewest {
            self.fewest = commands;
            self.agreed = 0;
            self.case = case(recordings, started);
        }
        self.agreed += usize::from(commands == self.fewest);
        self.rounds += 1;
    }

    /// Whether another recording may still be quieter. It is not expected once two agree: what
    /// comes in between by chance is hardly the same twice.
    fn may_be_quieter(&self) -> bool {
        self.rounds < *ROUNDS.start() || self.agreed < 2 && self.rounds < *ROUNDS.end()
    }
}

/// One request, and what was sent for it.
struct Recording {
    answer: Answer,
    steps: Vec<Step>,
    commands: usize,
}

/// What is sent for requests that follow each other.
pub async fn record(
    recorder: &Recorder,
    port: u16,
    calls: &[Call],
    script: &mut Script,
) -> anyhow::Result<CaseScript> {
    let mut connection = Connection::open(port).await?;
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
            recordings.push(record_one(recorder, &mut connection, call, script).await?);
        }
        quietest.add(recordings, started);
    }
    Ok(quietest.case)
}

async fn record_one(
    recorder: &Recorder,
    connection: &mut Connection,
    call: &Call,
    script: &mut Script,
) -> anyhow::Result<Recording> {
    recorder.begin(DELAY);
    let answer = connection.expect(call).await?;
    let answered = Instant::now();
    // What is sent after the response, such as the end of a transaction that only read.
    sleep(DELAY * 3).await;
    let events = recorder.end();
    let used: Vec<usize> = events
        .iter()
        .filter(|event| event.at <= answered)
        .map(|event| event.connection)
        .collect();
    let events = events
        .into_iter()
        .filter(|event| event.at <= answered || used.contains(&event.connection))
        .filter(|event| !matches!(event.sent, Sent::Preparation))
        .collect();
    Ok(recording(answer, answered, events, script))
}

/// Events that follow each other within half the delay did not wait for each other's answers.
fn recording(
    answer: Answer,
    answered: Instant,
    events: Vec<Event>,
    script: &mut Script,
) -> Recording {
    let mut recording = Recording {
        answer,
        steps: Vec::new(),
        commands: events.len(),
    };
    let mut connections: Vec<usize> = Vec::new();
    let mut last: Option<Instant> = None;
    for event in events {
        let is_new = last.is_none_or(|last| event.at.duration_since(last) > DELAY / 2);
        last = Some(event.at);
        let connection = connections
            .iter()
            .position(|known| *known == event.connection)
            .unwrap_or_else(|| {
                connections.push(event.connection);
                connections.len() - 1
            });
        let command = match event.sent {
            Sent::Preparation => continue,
            Sent::Redis(arguments) => Command::Redis(arguments),
            Sent::Batch { login, sql } => Command::PostgresBatch {
                connection,
                login: script.login(&login),
                sql,
            },
            Sent::Query { login, query } => Command::Postgres {
                connection,
                login: script.login(&login),
                query,
            },
        };
        if is_new || recording.steps.is_empty() {
            recording.steps.push(Step {
                awaited: event.at + DELAY <= answered,
                commands: Vec::new(),
            });
        }
        if let Some(step) = recording.steps.last_mut() {
            step.commands.push(command);
        }
    }
    recording
}

/// Requests that follow each other, with the ids that were made for each.
fn case(recordings: Vec<Recording>, started: i64) -> CaseScript {
    let mut known: Vec<Bytes> = Vec::new();
    let mut requests = Vec::new();
    for recording in recordings {
        let mut fresh = Vec::new();
        for command in recording.steps.iter().flat_map(|step| &step.commands) {
            for id in ids(command) {
                if is_made_since(id, started) && !known.contains(&Bytes::from(id.as_bytes())) {
                    known.push(id.as_bytes().into());
                    fresh.push(id.as_bytes().into());
                }
            }
        }
        let headers = ["content-type", "content-encoding"];
        requests.push(RequestScript {
            status: recording.answer.status,
            headers: headers
                .iter()
                .filter_map(|name| {
                    let value = recording.answer.header(name)?;
                    Some(((*name).to_owned(), value.to_owned()))
                })
                .collect(),
            body: Bytes(recording.answer.body.to_vec()),
            steps: recording.steps,
            fresh,
        });
    }
    CaseScript {
        requests,
        lanes: Vec::new(),
    }
}

/// The ids among the parameters of a command.
fn ids(command: &Command) -> Vec<Uuid> {
    match command {
        Command::Postgres {
            query: Query { parameters, .. },
            ..
        } => parameters
            .iter()
            .flatten()
            .filter_map(|bytes| Uuid::from_slice(&bytes.0).ok())
            .collect(),
        Command::Sqlite(SqliteQuery { parameters, .. }) => parameters
            .iter()
            .filter_map(|literal| match literal {
                Literal::Text(text) => text.parse().ok(),
                _ => None,
            })
            .collect(),
        Command::PostgresBatch { .. } | Command::Redis(_) => Vec::new(),
    }
}

fn is_made_since(id: Uuid, started: i64) -> bool {
    let made = id.get_timestamp().filter(|_| id.get_version_num() == 7);
    made.is_some_and(|made| {
        let (seconds, nanoseconds) = made.to_unix();
        let milliseconds =
            i64::try_from(seconds).unwrap_or_default() * 1000 + i64::from(nanoseconds / 1_000_000);
        milliseconds >= started
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording_of(commands: usize) -> Vec<Recording> {
        let answer = Answer {
            status: 200,
            headers: hyper::HeaderMap::new(),
            body: commands.to_string().into(),
        };
        vec![Recording {
            answer,
            steps: Vec::new(),
            commands,
        }]
    }

    #[test]
    fn the_quietest_recording_counts_once_two_agree() {
        for (commands, rounds, body) in [
            (&[5, 5, 5, 5][..], 3, "5"),
            (&[7, 9, 5, 6, 5, 5], 5, "5"),
            (&[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4], 12, "5"),
        ] {
            let mut quietest = Quietest::default();
            for commands in commands {
                if quietest.may_be_quieter() {
                    quietest.add(recording_of(*commands), 0);
                }
            }
            assert_eq!(quietest.rounds, rounds, "{commands:?}");
            assert_eq!(quietest.case.requests[0].body, Bytes::from(body));
        }
    }

    fn event(at: Instant, connection: usize, sql: &str) -> Event {
        Event {
            at,
            connection,
            sent: Sent::Batch {
                login: "postgres://app@db/portal".to_owned(),
                sql: sql.to_owned(),
            },
        }
    }

    #[test]
    fn what_did_not_wait_for_an_answer_is_one_step() {
        let start = Instant::now();
        let at = |delays: u32, milliseconds| {
            start + DELAY * delays + Duration::from_millis(milliseconds)
        };
        let events = vec![
            event(at(0, 0), 7, "BEGIN"),
            event(at(0, 1), 7, "SELECT 1"),
            event(at(1, 2), 9, "SELECT 2"),
            event(at(2, 3), 7, "ROLLBACK"),
        ];
        let answer = Answer {
            status: 200,
            headers: hyper::HeaderMap::new(),
            body: hyper::body::Bytes::new(),
        };
        let mut script = Script::default();
        let recording = recording(answer, at(2, 3), events, &mut script);
        let steps: Vec<_> = recording
            .steps
            .iter()
            .map(|step| (step.awaited, step.commands.len()))
            .collect();
        assert_eq!(steps, [(true, 2), (true, 1), (false, 1)]);
        assert!(matches!(
            recording.steps[1].commands[0],
            Command::PostgresBatch {
                connection: 1,
                login: 0,
                ..
            }
        ));
        assert_eq!(script.postgres.len(), 1);
    }
}
