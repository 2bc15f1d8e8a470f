//! `run`: every line next to its limit, and the footprint.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use portal_auth::{Argon2Params, PasswordHasher};
use tempfile::NamedTempFile;

use super::{Common, mark};
use crate::backend::{BenchDatabase, Kind, server_of, through};
use crate::cases::{self, Case, Session, Standard};
use crate::load::{self, Amount, Lanes, Measured};
use crate::pairs::{self, Pair};
use crate::record;
use crate::record::proxy::{Protocol, Proxy, Recorder};
use crate::record::sqlite::WatchedPortal;
use crate::script::Script;
use crate::seed::{self, PASSWORD, Seeded, Sizes};
use crate::server::{Server, own_cpu_seconds};
use crate::stats::median;

/// How often the portal is started to see how long it takes.
const BOOTS: usize = 5;

/// Logins that the portal serves requests under.
const LOGINS: usize = 2;

/// What a page may cost beyond its JSON, and compressing it beyond the page, in microseconds.
const EXTRA: f64 = 150.0;

/// Options of `run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// What all measurements need
    #[command(flatten)]
    pub common: Common,
    /// How often the portal and its limit take turns in each line
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// How long each turn takes at most
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    pub seconds: f64,
    /// How many iterations each turn has at most
    #[arg(long, default_value_t = 200_000)]
    pub iterations: u64,
    /// Connections that send requests
    #[arg(long, default_value_t = 32)]
    pub connections: u32,
    /// Connections that the limit has for each login, shared by its workers; 16 are as many as one
    /// user has of the portal's 128
    #[arg(long, default_value_t = 16)]
    pub limit_connections: usize,
    /// Only lines whose name contains one of these words
    #[arg(long)]
    pub line: Vec<String>,
    /// A file for what was recorded, to look at; that of the last database
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// A file for the tables too
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl RunArgs {
    fn amount(&self) -> Amount {
        Amount {
            connections: self.connections,
            time: Duration::from_secs_f64(self.seconds),
            iterations: self.iterations,
            rate: None,
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.line.is_empty() || self.line.iter().any(|word| name.contains(word))
    }
}

/// A line of the table.
struct Line {
    name: &'static str,
    standard: Standard,
    portal: Side,
    limit: Option<Side>,
    memory: f64,
}

/// A pair, and the CPU time of the server for one iteration of each, in microseconds.
struct Compared {
    pair: Pair,
    cpu: [f64; 2],
}

/// Medians of several turns.
#[derive(Default)]
struct Side {
    rate: f64,
    p50: f64,
    p99: f64,
    /// CPU time of the server for one iteration, in microseconds.
    cpu: f64,
}

/// Measures everything, and prints it.
pub async fn run(arguments: &RunArgs) -> anyhow::Result<()> {
    let program = arguments.common.program()?;
    let mut report = String::new();
    for kind in arguments.common.kinds() {
        let section = on(kind, &program, arguments).await?;
        println!("{section}");
        report.push_str(&section);
        report.push('\n');
    }
    if let Some(file) = &arguments.output {
        fs::write(file, report)?;
    }
    Ok(())
}

async fn on(kind: Kind, program: &Path, arguments: &RunArgs) -> anyhow::Result<String> {
    let limit = LOGINS * arguments.limit_connections;
    let servers = arguments.common.servers(kind, 1, limit)?;
    let database = servers.database().await?;
    let seeded = seed::seed(&database, &Sizes::small()).await?;
    eprintln!("recording what the portal sends …");
    let script = script(program, &database, &seeded, arguments).await?;
    let file = NamedTempFile::new()?;
    fs::write(file.path(), serde_json::to_vec_pretty(&script)?)?;
    if let Some(kept) = &arguments.script {
        fs::copy(file.path(), kept)?;
    }

    let settings = database.settings(arguments.common.pool);
    let mut boots = Vec::new();
    for _ in 0..BOOTS {
        let server = Server::portal(program, &settings).await?;
        boots.push(server.boot.as_secs_f64() * 1e3);
    }
    let portal = Server::portal(program, &settings).await?;
    let idle = portal.memory()?;
    let bare = Server::bare(file.path()).await?;

    let mut lines = Vec::new();
    let cases = cases::all(portal.port, &seeded, arguments.connections).await?;
    for (number, case) in cases.iter().enumerate() {
        if !arguments.wants(case.name) {
            continue;
        }
        eprintln!("{}: {}", kind.label(), case.name);
        let line = match case.standard {
            Standard::Login => measure_login(case, &portal, arguments).await?,
            _ => measure(case, &case.for_bare(number), (&portal, &bare), arguments).await?,
        };
        lines.push(line);
    }
    let latency = if cases
        .iter()
        .any(|it| it.standard == Standard::Login && arguments.wants(it.name))
    {
        Some(reads_beside_logins(&portal, &seeded, arguments).await?)
    } else {
        None
    };
    let mut compared = Vec::new();
    for pair in pairs::all(portal.port, &seeded).await? {
        if arguments.wants(pair.name) {
            eprintln!("{}: {}", kind.label(), pair.name);
            compared.push(compare(pair, &portal, arguments).await?);
        }
    }
    let loaded = memory_under_load(&portal, &seeded, arguments).await?;
    let footprint = Footprint {
        idle,
        loaded,
        boot: median(&boots).unwrap_or_default(),
    };
    Ok(section(
        kind, arguments, &lines, &compared, &footprint, latency,
    ))
}

/// Records all lines but those that have no queries to compare.
async fn script(
    program: &Path,
    database: &BenchDatabase,
    seeded: &Seeded,
    arguments: &RunArgs,
) -> anyhow::Result<Script> {
    let workers = std::thread::available_parallelism()?.get();
    let mut script = Script {
        connections: (arguments.limit_connections / workers).max(1),
        ..Script::default()
    };
    match database {
        BenchDatabase::Postgres {
            database: own,
            redis,
        } => {
            let recorder = Recorder::default();
            let app = own.logins().app;
            let address = app.replace("portal_app@", "{login}@");
            let to_postgres =
                Proxy::start(&recorder, server_of(&app)?, Protocol::Postgres(address)).await?;
            let to_redis = Proxy::start(&recorder, server_of(redis)?, Protocol::Redis).await?;
            let mut settings = database.settings(arguments.common.pool);
            for (name, value) in &mut settings {
                if name.starts_with("DATABASE_") && name.ends_with("_URL") {
                    *value = through(value, to_postgres.port)?;
                } else if name == "REDIS_URL" {
                    *value = through(value, to_redis.port)?;
                }
            }
            // Answers come late while it is recorded.
            settings.push(("DATABASE_TIMEOUT_MS".to_owned(), "10000".to_owned()));
            settings.push(("REDIS_TIMEOUT_MS".to_owned(), "10000".to_owned()));
            script.redis = Some(redis.clone());
            let portal = Server::portal(program, &settings).await?;
            for case in cases::all(portal.port, seeded, arguments.connections).await? {
                let calls = recorded(&case);
                let mut done = record::record(&recorder, portal.port, calls, &mut script).await?;
                done.lanes.clone_from(&case.values);
                script.cases.push(done);
            }
        }
        BenchDatabase::Existing(_) => anyhow::bail!("a database of the bench's own is measured"),
        BenchDatabase::Sqlite { file, .. } => {
            script.sqlite = Some(file.display().to_string());
            let mut portal = WatchedPortal::start(file)?;
            for case in cases::all(portal.port, seeded, arguments.connections).await? {
                let mut done = portal.record(recorded(&case)).await?;
                done.lanes.clone_from(&case.values);
                script.cases.push(done);
            }
            script.sqlite_setup.clone_from(&portal.setup);
            portal.stop().await;
        }
    }
    Ok(script)
}

fn recorded(case: &Case) -> &[crate::client::Call] {
    match case.standard {
        Standard::Login => &[],
        _ => case.first_lane(),
    }
}

/// Lets the portal and its limit take turns.
async fn measure(
    case: &Case,
    for_bare: &Lanes,
    (portal, bare): (&Server, &Server),
    arguments: &RunArgs,
) -> anyhow::Result<Line> {
    let amount = arguments.amount();
    let warm_up = Amount {
        time: amount.time / 4,
        ..amount
    };
    for (server, lanes) in [(portal, &case.lanes), (bare, for_bare)] {
        no_failures(case.name, &load::run(&[server.port], lanes, warm_up).await?)?;
    }
    let (mut portals, mut limits) = (Turns::default(), Turns::default());
    for _ in 0..arguments.rounds {
        portals.take(case.name, portal, &case.lanes, amount).await?;
        limits.take(case.name, bare, for_bare, amount).await?;
    }
    Ok(Line {
        name: case.name,
        standard: case.standard,
        portal: portals.side(),
        limit: Some(limits.side()),
        memory: portal.memory()?,
    })
}

/// Lets a request take turns with the one that it is compared with.
async fn compare(pair: Pair, portal: &Server, arguments: &RunArgs) -> anyhow::Result<Compared> {
    let amount = arguments.amount();
    let warm_up = Amount {
        time: amount.time / 4,
        ..amount
    };
    let [one, other] = &pair.lanes;
    for lanes in [one, other] {
        no_failures(pair.name, &load::run(&[portal.port], lanes, warm_up).await?)?;
    }
    let (mut ones, mut others) = (Turns::default(), Turns::default());
    for _ in 0..arguments.rounds {
        ones.take(pair.name, portal, one, amount).await?;
        others.take(pair.name, portal, other, amount).await?;
    }
    Ok(Compared {
        cpu: [ones.side().cpu, others.side().cpu],
        pair,
    })
}

#[derive(Default)]
struct Turns {
    all: Vec<Measured>,
    /// CPU time of the server for one iteration of each turn, in microseconds.
    cpu: Vec<f64>,
}

impl Turns {
    async fn take(
        &mut self,
        name: &str,
        server: &Server,
        lanes: &Lanes,
        amount: Amount,
    ) -> anyhow::Result<()> {
        let before = server.cpu_seconds()?;
        let measured = load::run(&[server.port], lanes, amount).await?;
        let used = server.cpu_seconds()? - before;
        no_failures(name, &measured)?;
        anyhow::ensure!(
            measured.iterations > 0,
            "{name}: nothing was answered in time; give it more --seconds"
        );
        #[expect(
            clippy::cast_precision_loss,
            reason = "far fewer iterations than a float has whole numbers"
        )]
        self.cpu.push(used * 1e6 / measured.completed as f64);
        self.all.push(measured);
        Ok(())
    }

    fn side(&self) -> Side {
        let of = |value: fn(&Measured) -> f64| {
            let values: Vec<f64> = self.all.iter().map(value).collect();
            median(&values).unwrap_or_default()
        };
        Side {
            rate: of(|turn| turn.rate),
            p50: of(|turn| turn.p50),
            p99: of(|turn| turn.p99),
            cpu: median(&self.cpu).unwrap_or_default(),
        }
    }
}

fn no_failures(name: &str, measured: &Measured) -> anyhow::Result<()> {
    anyhow::ensure!(
        measured.failures.is_empty(),
        "{name}: {}",
        measured.failures.join("; ")
    );
    Ok(())
}

/// Logins next to Argon2id alone, on as many threads as there are cores.
async fn measure_login(case: &Case, portal: &Server, arguments: &RunArgs) -> anyhow::Result<Line> {
    let amount = arguments.amount();
    let hasher = PasswordHasher::new(Argon2Params::default())?;
    let hash = hasher.hash(&PASSWORD.into()).await?;
    let mut turns = Turns::default();
    let (mut rates, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        turns.take(case.name, portal, &case.lanes, amount).await?;
        let (hash, time) = (hash.clone(), amount.time);
        let (before, started) = (own_cpu_seconds()?, Instant::now());
        let count = tokio::task::spawn_blocking(move || verifications(&hash, time)).await??;
        rates.push(count / started.elapsed().as_secs_f64());
        cpu.push((own_cpu_seconds()? - before) * 1e6 / count);
    }
    let limit = Side {
        rate: median(&rates).unwrap_or_default(),
        cpu: median(&cpu).unwrap_or_default(),
        ..Side::default()
    };
    Ok(Line {
        name: case.name,
        standard: case.standard,
        portal: turns.side(),
        limit: Some(limit),
        memory: portal.memory()?,
    })
}

/// How many times all cores together check a password meanwhile, at least once.
fn verifications(hash: &str, time: Duration) -> anyhow::Result<f64> {
    use argon2::Argon2;
    use argon2::password_hash::PasswordVerifier as _;
    use argon2::password_hash::phc::PasswordHash;

    let cores = std::thread::available_parallelism()?.get();
    let started = Instant::now();
    let counts: anyhow::Result<Vec<u32>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| {
                    let hash = PasswordHash::new(hash)?;
                    let mut count = 0;
                    while count == 0 || started.elapsed() < time {
                        Argon2::default().verify_password(PASSWORD.as_bytes(), &hash)?;
                        count += 1;
                    }
                    Ok::<u32, argon2::password_hash::Error>(count)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                let count = thread.join().ok().context("a thread that panicked")?;
                Ok(count?)
            })
            .collect()
    });
    Ok(f64::from(counts?.iter().sum::<u32>()))
}

/// The p99 of paced reads of the profile, quiet and while others sign in, in milliseconds.
async fn reads_beside_logins(
    portal: &Server,
    seeded: &Seeded,
    arguments: &RunArgs,
) -> anyhow::Result<(f64, f64)> {
    let session = Session::open(portal.port, &seeded.ordinary).await?;
    let reads = Lanes::same(vec![session.api("/profile")?]);
    let paced = Amount {
        connections: 4,
        rate: Some(100),
        ..arguments.amount()
    };
    let logins = cases::logins(seeded)?;
    let (mut quiet, mut busy) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        quiet.push(load::run(&[portal.port], &reads, paced).await?.p99);
        let ports = [portal.port];
        let (read, login) = tokio::join!(
            load::run(&ports, &reads, paced),
            load::run(&ports, &logins, arguments.amount())
        );
        login?;
        busy.push(read?.p99);
    }
    let median = |samples: &[f64]| median(samples).unwrap_or_default();
    Ok((median(&quiet), median(&busy)))
}

/// The most memory while 64 connections read.
async fn memory_under_load(
    portal: &Server,
    seeded: &Seeded,
    arguments: &RunArgs,
) -> anyhow::Result<f64> {
    let session = Session::open(portal.port, &seeded.ordinary).await?;
    let lanes = Lanes::same(vec![
        session.api("/tickets?limit=50")?,
        session.page("/")?,
        session.api("/devices?limit=50")?,
    ]);
    let amount = Amount {
        connections: 64,
        ..arguments.amount()
    };
    let ports = [portal.port];
    let load = load::run(&ports, &lanes, amount);
    tokio::pin!(load);
    let mut most: f64 = 0.0;
    loop {
        tokio::select! {
            done = &mut load => {
                done?;
                return Ok(most);
            }
            () = tokio::time::sleep(Duration::from_millis(100)) => {
                most = most.max(portal.memory()?);
            }
        }
    }
}

struct Footprint {
    idle: f64,
    loaded: f64,
    boot: f64,
}

fn section(
    kind: Kind,
    arguments: &RunArgs,
    lines: &[Line],
    compared: &[Compared],
    footprint: &Footprint,
    latency: Option<(f64, f64)>,
) -> String {
    let mut text = vec![format!(
        "### {}\n\n\
         | | req/s | limit | ratio | target | p50 ms | p99 ms | limit's p50, p99 | CPU µs | \
         limit's CPU µs | memory MiB |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
        kind.label()
    )];
    for line in lines {
        text.push(row(kind, line));
    }
    let (pool, limit) = (arguments.common.pool, arguments.limit_connections);
    text.push(format!(
        "\n- connections to the database: {pool} of the portal, of which one user has {}; {limit} \
         of the limit for each login\n",
        (pool / 8).max(1)
    ));
    for line in lines {
        if let Standard::PageOf(other) | Standard::CompressedFrom(other) = line.standard
            && let Some(base) = lines.iter().find(|line| line.name == other)
        {
            let extra = line.portal.cpu - base.portal.cpu;
            text.push(format!(
                "- {} costs {extra:.0} µs more CPU than {other}; at most {EXTRA:.0}{}\n",
                line.name,
                mark(extra <= EXTRA)
            ));
        }
    }
    for Compared { pair, cpu } in compared {
        let [one, other] = cpu;
        let ratio = one / other;
        text.push(format!(
            "- {}: {one:.0} µs of CPU, {} {other:.0} µs, that is {ratio:.2} times; at most \
             {:.2}{}\n",
            pair.name,
            pair.base,
            pair.most,
            // by the digits that are shown
            mark((ratio * 100.0).round() <= (pair.most * 100.0).round())
        ));
    }
    if let Some((quiet, busy)) = latency {
        text.push(format!(
            "- p99 of 100 profile reads a second: {quiet:.1} ms, and {busy:.1} ms while 32 \
             connections sign in; under ten times{}\n",
            mark(busy < quiet * 10.0)
        ));
    }
    let Footprint { idle, loaded, boot } = footprint;
    text.push(format!(
        "- memory: {idle:.0} MiB idle, under 40{}; {loaded:.0} MiB with 64 connections, under \
         120{}\n- from start to first answer on an existing database: {boot:.0} ms, under 300{}\n",
        mark(*idle < 40.0),
        mark(*loaded < 120.0),
        mark(*boot < 300.0)
    ));
    text.concat()
}

fn row(kind: Kind, line: &Line) -> String {
    let Side {
        rate,
        p50,
        p99,
        cpu,
    } = line.portal;
    let target = match (line.standard, kind) {
        (Standard::Login, _) => 0.9,
        (Standard::Write, Kind::Sqlite) => 0.7,
        _ => 0.8,
    };
    let limit = line.limit.as_ref();
    let ratio = limit.map_or(0.0, |limit| rate / limit.rate);
    let limits = limit.map_or_else(Default::default, |limit| {
        let latencies = if limit.p50 > 0.0 {
            format!("{:.1}, {:.1}", limit.p50, limit.p99)
        } else {
            String::new()
        };
        (
            format!("{:.0}", limit.rate),
            latencies,
            format!("{:.0}", limit.cpu),
        )
    });
    format!(
        "| {} | {rate:.0} | {} | {ratio:.2}{} | {target:.2} | {p50:.1} | {p99:.1} | {} | {cpu:.0} \
         | {} | {:.0} |\n",
        line.name,
        limits.0,
        mark(ratio >= target),
        limits.1,
        limits.2,
        line.memory
    )
}
