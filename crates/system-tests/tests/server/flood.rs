//! A flood from one account and one address, and what other organizations notice of it. By hand, as
//! it measures: `just flood`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portal_demo::DEMO_PASSWORD;
use portal_system_tests::build::released_server;
use portal_system_tests::smtp::{MailEncryption, SmtpServer};
use portal_test_support::program::{Client, Launch, Server, eventually};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::backends::Backends;

/// How often the measurement is made; the median counts.
const RUNS: usize = 3;

/// How long each part of a run takes.
const QUIET: Duration = Duration::from_secs(6);
const FLOOD: Duration = Duration::from_secs(8);

/// By how much the slowest hundredth may take longer than when it is quiet.
const MOST: f64 = 10.0;

/// How long a reset mail may take.
const MAIL: Duration = Duration::from_secs(5);

/// Whose account floods, and from where.
const FLOODER: &str = "lena.vogt@acme.example";
const FLOODING_ADDRESS: &str = "203.0.113.66";

/// Connections of the flood: those of the account, those of the address without a session.
const CONNECTIONS: [usize; 2] = [48, 16];

/// Those at work elsewhere, each with a request every [`PACE`].
const PEOPLE: [&str; 4] = [
    "rosa.delgado@globex.example",
    "marcus.chen@globex.example",
    "priya.nair@globex.example",
    "dana.kowalski@globex.example",
];
const PACE: Duration = Duration::from_millis(100);

/// Every so many requests is a change: fewer than a user may make in a minute.
const CHANGE: usize = 15;

/// A connection that is kept.
struct Connection(BufReader<TcpStream>);

impl Connection {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and reads the whole answer; its status.
    async fn ask(&mut self, request: &str) -> io::Result<u16> {
        self.0.write_all(request.as_bytes()).await?;
        let (mut status, mut length) = (0, 0);
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            }
            if let Some(code) = text.strip_prefix("http/1.1 ") {
                status = code
                    .get(..3)
                    .and_then(|code| code.parse().ok())
                    .unwrap_or(0);
            }
            if let Some(bytes) = text.strip_prefix("content-length: ") {
                length = bytes.parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(status)
    }
}

/// A request of a client, on a connection that is kept.
fn request(client: &Client, method: &str, path: &str, body: &str) -> String {
    let head = client.head(method, path, body.len());
    head.replace("Connection: close\r\n", "") + body
}

fn ticket() -> String {
    json!({ "subject": "Flood", "description": "It makes a noise." }).to_string()
}

fn credentials(email: &str, password: &str) -> String {
    json!({ "email": email, "password": password }).to_string()
}

/// What the account and the address send, over and over.
fn floods(account: &Client, stranger: &Client) -> [Vec<String>; 2] {
    let get = |client, path| request(client, "GET", path, "");
    [
        vec![
            get(account, "/tickets?limit=100"),
            request(account, "POST", "/tickets", &ticket()),
            get(account, "/tickets?q=noise+makes+a&limit=100"),
            get(account, "/devices"),
            get(account, "//tickets"),
        ],
        vec![
            get(stranger, "/branding/support.acme.example"),
            get(stranger, "//sign-in"),
            request(
                stranger,
                "POST",
                "/auth/login",
                &credentials(FLOODER, "wrong"),
            ),
            request(
                stranger,
                "POST",
                "/auth/forgot-password",
                &json!({ "email": FLOODER }).to_string(),
            ),
            // An account's own password, which is never refused for its number alone.
            request(
                stranger,
                "POST",
                "/auth/login",
                &credentials("tomasz.zielinski@acme.example", DEMO_PASSWORD),
            ),
        ],
    ]
}

/// Floods on half of the machine's cores, until stopped; how many requests were answered.
fn flood(
    address: SocketAddr,
    floods: [Vec<String>; 2],
    stop: CancellationToken,
) -> thread::JoinHandle<usize> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads((cores / 2).max(1))
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let answered = Arc::<AtomicUsize>::default();
            let mut tasks = JoinSet::new();
            for (requests, connections) in floods.into_iter().zip(CONNECTIONS) {
                let requests = Arc::new(requests);
                for first in 0..connections {
                    let (requests, answered) = (Arc::clone(&requests), Arc::clone(&answered));
                    let stop = stop.clone();
                    tasks.spawn(async move {
                        let endless = without_rest(address, &requests, first, &answered);
                        stop.run_until_cancelled(endless).await;
                    });
                }
            }
            tasks.join_all().await;
            answered.load(Ordering::Relaxed)
        })
    })
}

async fn without_rest(
    address: SocketAddr,
    requests: &[String],
    first: usize,
    answered: &AtomicUsize,
) {
    let mut requests = requests.iter().cycle().skip(first);
    loop {
        let Ok(mut connection) = Connection::open(address).await else {
            tokio::task::yield_now().await;
            continue;
        };
        for request in requests.by_ref() {
            if connection.ask(request).await.is_err() {
                break;
            }
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What people elsewhere noticed: how long each request took, and the answers that refused one.
#[derive(Default)]
struct Noticed {
    took: Vec<Duration>,
    refused: Vec<u16>,
}

impl Noticed {
    /// The slowest hundredth takes at least this long.
    fn p99(&self) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        took[took.len() * 99 / 100]
    }
}

/// People at work for a time, at their own pace: a slow answer does not make them ask less often.
async fn at_work(address: SocketAddr, people: &[Client], time: Duration) -> Noticed {
    let mut tasks = JoinSet::new();
    for (number, person) in people.iter().enumerate() {
        let requests = [
            request(person, "GET", "/tickets", ""),
            request(person, "GET", "/devices", ""),
            request(person, "GET", "/profile", ""),
            request(person, "GET", "/tickets?q=printer", ""),
        ];
        let change = request(person, "POST", "/tickets", &ticket());
        tasks.spawn(async move {
            let mut noticed = Noticed::default();
            let mut connection = Connection::open(address).await.unwrap();
            let begin = Instant::now();
            for turn in 0.. {
                let due = PACE * (4 * turn + u32::try_from(number).unwrap()) / 4;
                if due > time {
                    break;
                }
                tokio::time::sleep_until((begin + due).into()).await;
                let turn = usize::try_from(turn).unwrap();
                let request = if turn % CHANGE == CHANGE - 1 {
                    &change
                } else {
                    &requests[turn % requests.len()]
                };
                // Since it was due: what was held up by the one before counts too.
                let status = connection.ask(request).await.unwrap();
                noticed.took.push((begin + due).elapsed());
                if status >= 400 {
                    noticed.refused.push(status);
                }
            }
            noticed
        });
    }
    let mut all = Noticed::default();
    for noticed in tasks.join_all().await {
        all.took.extend(noticed.took);
        all.refused.extend(noticed.refused);
    }
    all
}

/// How long a reset mail takes that somebody elsewhere asks for.
async fn reset(server: &Server, mails: &SmtpServer, email: &str, number: usize) -> Duration {
    let arrived = || {
        mails
            .mails()
            .iter()
            .filter(|mail| mail.to == [email])
            .count()
    };
    let before = arrived();
    let visitor = server.client().coming_from(format!("198.51.100.{number}"));
    let start = Instant::now();
    let body = json!({ "email": email });
    let asked = visitor.post("/auth/forgot-password", &body);
    asked.await.unwrap().expect(200);
    eventually("the reset mail", async || {
        (arrived() > before).then_some(())
    })
    .await;
    start.elapsed()
}

/// The recipe is run for what this prints.
#[expect(clippy::print_stdout, reason = "it is the result")]
fn report(line: &str) {
    println!("{line}");
}

/// Floods a portal several times, and asserts what others may notice of it.
async fn others_notice_nothing(launch: Launch, on: &str) {
    let mails = SmtpServer::start(MailEncryption::None, None);
    mails.delay(Duration::from_millis(50));
    let launch = launch
        .set("SMTP_URL", mails.url())
        .set("MAIL_FROM", "portal@breeze.example")
        .set("PORTAL_WRITES_PER_MINUTE", "60")
        .set("PORTAL_ORG_WRITES_PER_MINUTE", "600")
        .set("PORTAL_ARGON2_MEMORY_KIB", "19456")
        .set("PORTAL_ARGON2_ITERATIONS", "2");
    let server = launch.start().await;
    let address = server.address();
    let mut people = Vec::new();
    for email in PEOPLE {
        people.push(server.signed_in(email).await);
    }
    let account = server.signed_in(FLOODER).await;
    let stranger = server.client().coming_from(FLOODING_ADDRESS.to_owned());
    at_work(address, &people, Duration::from_secs(1)).await;

    let mut ratios = Vec::new();
    for run in 1..=RUNS {
        let quiet = at_work(address, &people, QUIET).await;
        let stop = CancellationToken::new();
        let flooding = flood(address, floods(&account, &stranger), stop.clone());
        let person = PEOPLE[run % PEOPLE.len()];
        let (flooded, mail) = tokio::join!(
            at_work(address, &people, FLOOD),
            reset(&server, &mails, person, run)
        );
        stop.cancel();
        let answered = flooding.join().unwrap();
        let ratio = flooded.p99().as_secs_f64() / quiet.p99().as_secs_f64();
        report(&format!(
            "{on}, run {run}: p99 {:.1?} quiet, {:.1?} in a flood of {} requests a second \
             ({ratio:.1} times); a reset mail after {mail:.1?}",
            quiet.p99(),
            flooded.p99(),
            answered / usize::try_from(FLOOD.as_secs()).unwrap(),
        ));
        let refused = [quiet.refused, flooded.refused].concat();
        assert_eq!(refused, [0; 0], "nobody else is refused");
        assert!(mail < MAIL, "a reset mail after {mail:?}");
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[RUNS / 2];
    report(&format!("{on}: {median:.1} times, the median of {RUNS}"));
    assert!(median < MOST, "{ratios:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, for a minute: just flood"]
async fn others_notice_nothing_of_a_flood_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch::new(released_server(), folder.path()).argument("--demo");
    others_notice_nothing(launch, "SQLite and memory").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, for a minute: just flood"]
async fn others_notice_nothing_of_a_flood_on_postgresql_and_redis() {
    let backends = Backends::start().await;
    let launch = backends.launch().program(released_server());
    others_notice_nothing(launch, "PostgreSQL and Redis").await;
}
