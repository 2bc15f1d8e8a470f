//! `two`: two portals on one database next to one.

use std::time::Duration;

use clap::Args;

use super::Common;
use super::soak::visit;
use crate::backend::Kind;
use crate::load::{self, Amount};
use crate::seed::{self, Sizes};
use crate::server::Server;
use crate::stats::median;

/// Options of `two`.
#[derive(Debug, Clone, Args)]
pub struct TwoArgs {
    /// What all measurements need
    #[command(flatten)]
    pub common: Common,
    /// How often one and two take turns
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// How long each turn takes
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    pub seconds: f64,
    /// Connections that send requests, of which each portal has the same number
    #[arg(long, default_value_t = 32)]
    pub connections: u32,
}

/// Measures both in turns. The connections are spread evenly, as a proxy with round robin would.
pub async fn run(arguments: &TwoArgs) -> anyhow::Result<()> {
    let program = arguments.common.program()?;
    let servers = arguments.common.servers(Kind::Postgres, 2, 0)?;
    let database = servers.database().await?;
    let seeded = seed::seed(&database, &Sizes::small()).await?;
    let settings = database.settings(arguments.common.pool);
    let one = Server::portal(&program, &settings).await?;
    let other = Server::portal(&program, &settings).await?;
    // A session of one is a session of the other.
    let lanes = visit(one.port, &seeded).await?;
    let amount = Amount {
        connections: arguments.connections,
        time: Duration::from_secs_f64(arguments.seconds),
        iterations: u64::MAX,
        rate: None,
    };
    let ports = [one.port, other.port];
    let (alone, both) = (ports.split_at(1).0, &ports[..]);
    for ports in [alone, both] {
        let warm_up = Amount {
            time: amount.time / 4,
            ..amount
        };
        load::run(ports, &lanes, warm_up).await?;
    }
    let mut rows = [("one", alone, Vec::new()), ("two", both, Vec::new())];
    for _ in 0..arguments.rounds {
        for (_, ports, turns) in &mut rows {
            let cpu = one.cpu_seconds()? + other.cpu_seconds()?;
            let measured = load::run(ports, &lanes, amount).await?;
            anyhow::ensure!(measured.failures.is_empty(), "{:?}", measured.failures);
            let cpu = one.cpu_seconds()? + other.cpu_seconds()? - cpu;
            turns.push((measured, cpu));
        }
    }
    println!(
        "### Portals on one PostgreSQL and Redis, {} cores for everything\n\n\
         | portals | visits/s | p50 ms | p99 ms | CPU ms a visit | memory MiB |\n\
         |---|---|---|---|---|---|",
        std::thread::available_parallelism()?
    );
    for (name, ports, turns) in &rows {
        let of = |value: &dyn Fn(&(load::Measured, f64)) -> f64| {
            let values: Vec<f64> = turns.iter().map(value).collect();
            median(&values).unwrap_or_default()
        };
        #[expect(clippy::cast_precision_loss, reason = "not so many visits")]
        let cpu = of(&|(turn, cpu)| cpu * 1e3 / turn.completed.max(1) as f64);
        let mut memory = one.memory()?;
        if ports.len() > 1 {
            memory += other.memory()?;
        }
        println!(
            "| {name} | {:.0} | {:.1} | {:.1} | {cpu:.2} | {memory:.0} |",
            of(&|(turn, _)| turn.rate),
            of(&|(turn, _)| turn.p50),
            of(&|(turn, _)| turn.p99),
        );
    }
    Ok(())
}
