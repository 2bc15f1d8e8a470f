//! A proxy that reads along, and keeps answers back while something is recorded.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::{postgres, redis};
use crate::script::{Bytes, Query};

/// What was sent, and when.
#[derive(Debug)]
pub struct Event {
    /// When the proxy read it.
    pub at: Instant,
    /// Which connection it was sent on.
    pub connection: usize,
    /// What it was.
    pub sent: Sent,
}

/// What was sent.
#[derive(Debug)]
pub enum Sent {
    /// A prepared statement was run.
    Query {
        /// Who ran it.
        login: String,
        /// The statement.
        query: Query,
    },
    /// Statements without parameters.
    Batch {
        /// Who ran them.
        login: String,
        /// The statements.
        sql: String,
    },
    /// A command of Redis'.
    Redis(Vec<Bytes>),
    /// A statement was prepared or forgotten.
    Preparation,
}

/// What a proxy speaks.
#[derive(Debug, Clone)]
pub enum Protocol {
    /// PostgreSQL's, with the address of a login's database, in which `{login}` is the login.
    Postgres(String),
    /// Redis'.
    Redis,
}

/// Keeps what proxies have read.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    delay: Mutex<Duration>,
    is_recording: AtomicBool,
    connections: AtomicUsize,
    events: Mutex<Vec<Event>>,
}

impl Recorder {
    /// Records from now on, and keeps each answer back for `delay`.
    pub fn begin(&self, delay: Duration) {
        *lock(&self.0.delay) = delay;
        lock(&self.0.events).clear();
        self.0.is_recording.store(true, Ordering::Release);
    }

    /// What was sent since, in order.
    pub fn end(&self) -> Vec<Event> {
        self.0.is_recording.store(false, Ordering::Release);
        *lock(&self.0.delay) = Duration::ZERO;
        std::mem::take(&mut lock(&self.0.events))
    }

    fn add(&self, at: Instant, connection: usize, sent: Sent) {
        if self.0.is_recording.load(Ordering::Acquire) {
            lock(&self.0.events).push(Event {
                at,
                connection,
                sent,
            });
        }
    }

    /// Counts rows for the query on a connection that waits for its answer for the longest time.
    fn add_rows(&self, connection: usize, sent: Instant, rows: u64) {
        let mut events = lock(&self.0.events);
        let waiting = events
            .iter_mut()
            .find(|event| event.connection == connection && event.at == sent);
        if let Some(Event {
            sent: Sent::Query { query, .. },
            ..
        }) = waiting
        {
            query.rows += rows;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A proxy before a server. It ends when it is dropped.
pub struct Proxy {
    /// Where it listens on the loopback interface.
    pub port: u16,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts one.
    pub async fn start(
        recorder: &Recorder,
        server: SocketAddr,
        protocol: Protocol,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let recorder = recorder.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else {
                    continue;
                };
                // A connection without it would add delays of its own.
                drop((client.set_nodelay(true), server.set_nodelay(true)));
                relay(&recorder, client, server, protocol.clone());
            }
        });
        Ok(Self { port, task })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The requests of one connection that wait for their answers.
type Waiting = Arc<Mutex<VecDeque<Instant>>>;

fn relay(recorder: &Recorder, client: TcpStream, server: TcpStream, protocol: Protocol) {
    let connection = recorder.0.connections.fetch_add(1, Ordering::Relaxed);
    let waiting = Waiting::default();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (later, due) = mpsc::unbounded_channel();
    let is_postgres = matches!(protocol, Protocol::Postgres(_));
    tokio::spawn(send_when_due(due, to_client));
    tokio::spawn(read_answers(
        recorder.clone(),
        connection,
        from_server,
        later,
        is_postgres.then(|| Arc::clone(&waiting)),
    ));
    tokio::spawn(read_requests(
        recorder.clone(),
        connection,
        from_client,
        to_server,
        protocol,
        waiting,
    ));
}

async fn read_requests(
    recorder: Recorder,
    connection: usize,
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    protocol: Protocol,
    waiting: Waiting,
) {
    let mut reader = match protocol {
        Protocol::Postgres(address) => Reader::Postgres(postgres::Requests::new(address)),
        Protocol::Redis => Reader::Redis(redis::Requests::default()),
    };
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = client.read(&mut buffer).await {
        let bytes = buffer.get(..length).unwrap_or_default();
        let sent = match &mut reader {
            Reader::Postgres(requests) => requests.read(bytes),
            Reader::Redis(requests) => requests.read(bytes),
        };
        for sent in sent {
            // Each has an instant of its own, by which its rows are found.
            let at = Instant::now();
            lock(&waiting).push_back(at);
            recorder.add(at, connection, sent);
        }
        if server.write_all(bytes).await.is_err() {
            return;
        }
    }
}

enum Reader {
    Postgres(postgres::Requests),
    Redis(redis::Requests),
}

async fn read_answers(
    recorder: Recorder,
    connection: usize,
    mut server: OwnedReadHalf,
    later: mpsc::UnboundedSender<(Instant, Vec<u8>)>,
    waiting: Option<Waiting>,
) {
    let mut answers = postgres::Answers::default();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        let bytes = buffer.get(..length).unwrap_or_default();
        if let Some(waiting) = &waiting {
            for answer in answers.read(bytes) {
                let mut waiting = lock(waiting);
                match answer {
                    postgres::Answer::Row => {
                        if let Some(sent) = waiting.front() {
                            recorder.add_rows(connection, *sent, 1);
                        }
                    }
                    postgres::Answer::Ready => {
                        waiting.pop_front();
                    }
                }
            }
        }
        let due = Instant::now() + *lock(&recorder.0.delay);
        if later.send((due, bytes.to_vec())).is_err() {
            return;
        }
    }
}

async fn send_when_due(
    mut due: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>,
    mut client: OwnedWriteHalf,
) {
    while let Some((at, bytes)) = due.recv().await {
        sleep_until(at).await;
        if client.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
