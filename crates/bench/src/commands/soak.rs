//! `soak`: a long time at a part of the highest load.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::{Common, mark};
use crate::backend::Kind;
use crate::cases::Session;
use crate::load::{self, Amount, Lanes};
use crate::seed::{self, Seeded, Sizes};
use crate::server::Server;
use crate::stats::median;

/// The part of the highest rate.
const PART: f64 = 0.7;

/// How much more memory may be used at the end, in MiB.
const GROWTH: f64 = 8.0;

/// How much longer the p99 may be in the last quarter than in the first.
const DRIFT: f64 = 1.25;

/// Options of `soak`.
#[derive(Debug, Clone, Args)]
pub struct SoakArgs {
    /// What all measurements need
    #[command(flatten)]
    pub common: Common,
    /// How long
    #[arg(long, default_value_t = 30.0)]
    pub minutes: f64,
    /// How long each of the windows is whose p99 are compared
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0)]
    pub window: f64,
    /// Connections that send requests
    #[arg(long, default_value_t = 32)]
    pub connections: u32,
}

/// What somebody does who looks after a ticket: five reads and two writes, which leave as much to read
/// as there was.
pub(super) async fn visit(port: u16, seeded: &Seeded) -> anyhow::Result<Lanes> {
    let session = Session::open(port, &seeded.ordinary).await?;
    let ticket = seeded.ordinary.ticket.unwrap_or_default();
    Ok(Lanes::same(vec![
        session.page("/")?,
        session.api("/tickets?limit=50")?,
        session.api(&format!("/tickets/{ticket}"))?,
        session.api("/devices?limit=50")?,
        session.api("/profile")?,
        session.patch("/profile", &json!({ "name": "Ada Moreno" }))?,
        session.patch("/profile", &json!({ "name": "Ada M. Moreno" }))?,
    ]))
}

/// Measures the highest rate, then stays below it.
pub async fn run(arguments: &SoakArgs) -> anyhow::Result<()> {
    let program = arguments.common.program()?;
    for kind in arguments.common.kinds() {
        let servers = arguments.common.servers(kind, 1, 0)?;
        let database = servers.database().await?;
        let seeded = seed::seed(&database, &Sizes::small()).await?;
        let portal = Server::portal(&program, &database.settings(arguments.common.pool)).await?;
        soak(kind, &portal, &seeded, arguments).await?;
    }
    Ok(())
}

async fn soak(
    kind: Kind,
    portal: &Server,
    seeded: &Seeded,
    arguments: &SoakArgs,
) -> anyhow::Result<()> {
    let lanes = visit(portal.port, seeded).await?;
    let window = Duration::from_secs_f64(arguments.window);
    let full = Amount {
        connections: arguments.connections,
        time: window,
        iterations: u64::MAX,
        rate: None,
    };
    let highest = load::run(&[portal.port], &lanes, full).await?.rate;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate of a few thousand"
    )]
    let rate = (highest * PART).max(1.0) as u32;
    let paced = Amount {
        rate: Some(rate),
        ..full
    };
    eprintln!(
        "{}: {rate} visits of seven requests a second, of {highest:.0}",
        kind.label()
    );
    let (started, length) = (
        Instant::now(),
        Duration::from_secs_f64(arguments.minutes * 60.0),
    );
    let (mut p99s, mut failures, mut visits) = (Vec::new(), Vec::new(), 0);
    let mut memories = vec![portal.memory()?];
    while started.elapsed() < length {
        let measured = load::run(&[portal.port], &lanes, paced).await?;
        visits += measured.iterations;
        p99s.push(measured.p99);
        failures.extend(measured.failures);
        memories.push(portal.memory()?);
        eprintln!(
            "{:>5} s: p99 {:.1} ms, {:.0} MiB",
            started.elapsed().as_secs(),
            measured.p99,
            portal.memory()?
        );
    }
    let quarter = p99s.len().div_ceil(4);
    let first = median(p99s.get(..quarter).unwrap_or_default()).unwrap_or_default();
    let last = median(p99s.get(p99s.len() - quarter..).unwrap_or_default()).unwrap_or_default();
    let before = memories.first().copied().unwrap_or_default();
    let after = memories.last().copied().unwrap_or_default();
    println!(
        "### {}: {} minutes at {PART} of the highest load\n\n\
         - {visits} visits of seven requests, {} kinds of failures{}\n\
         - memory: {before:.0} MiB at the start, {after:.0} at the end{}\n\
         - p99 of a visit: {first:.1} ms in the first quarter, {last:.1} in the last{}",
        kind.label(),
        arguments.minutes,
        failures.len(),
        mark(failures.is_empty()),
        mark(after - before <= GROWTH),
        mark(last <= first * DRIFT)
    );
    for failure in failures {
        println!("  - {failure}");
    }
    println!();
    Ok(())
}
