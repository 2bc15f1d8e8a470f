//! `profile`: where the CPU of one kind of request goes.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::Common;
use crate::cases;
use crate::load::{self, Amount};
use crate::parts::{self, Frame};
use crate::seed::{self, Sizes};
use crate::server::Server;

/// How many samples of a core are taken in a second; no divisor of what the kernel does regularly.
const FREQUENCY: u32 = 997;

/// How many of the functions that take the most time are listed.
const FUNCTIONS: usize = 30;

/// The depth of a stack below which nothing calls anything.
const DEPTH: usize = 4;

/// Options of `profile`.
#[derive(Debug, Clone, Args)]
pub struct ProfileArgs {
    /// What all measurements need
    #[command(flatten)]
    pub common: Common,
    /// The line whose name contains this
    #[arg(long, default_value = "tickets, 50 rows")]
    pub line: String,
    /// How long
    #[arg(long, value_name = "SECONDS", default_value_t = 15.0)]
    pub seconds: f64,
    /// Connections that send requests
    #[arg(long, default_value_t = 32)]
    pub connections: u32,
    /// A folder for what perf records
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    pub data: PathBuf,
}

/// Profiles a portal under load on each database, and prints the parts.
pub async fn run(arguments: &ProfileArgs) -> anyhow::Result<()> {
    let program = arguments.common.program()?;
    fs::create_dir_all(&arguments.data)?;
    for kind in arguments.common.kinds() {
        let servers = arguments.common.servers(kind, 1, 0)?;
        let database = servers.database().await?;
        let seeded = seed::seed(&database, &Sizes::small()).await?;
        let settings = database.settings(arguments.common.pool);
        let portal = Server::portal(&program, &settings).await?;
        let cases = cases::all(portal.port, &seeded, arguments.connections).await?;
        let wanted = cases.iter().find(|it| it.name.contains(&arguments.line));
        let case = wanted.with_context(|| format!("there is no line `{}`", arguments.line))?;
        let time = Duration::from_secs_f64(arguments.seconds);
        let amount = Amount {
            connections: arguments.connections,
            // from before it is recorded until after it
            time: time + Duration::from_secs(3),
            iterations: u64::MAX,
            rate: None,
        };
        let file = arguments.data.join(format!("{kind:?}.perf").to_lowercase());
        let ports = [portal.port];
        let (measured, recorded) = tokio::join!(
            load::run(&ports, &case.lanes, amount),
            record(portal.id(), time, &file)
        );
        recorded?;
        let measured = measured?;
        anyhow::ensure!(measured.failures.is_empty(), "{:?}", measured.failures);
        println!("### {}, {}\n", kind.label(), case.name);
        print(&file)?;
        println!("\nAll of it is in {}.\n", file.display());
    }
    Ok(())
}

/// Has `perf` watch a process that is under load already.
async fn record(process: u32, time: Duration, file: &Path) -> anyhow::Result<()> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut perf = Command::new("perf");
    perf.args(["record", "--quiet", "--call-graph", "fp"])
        .args(["--freq", &FREQUENCY.to_string()])
        .args(["--pid", &process.to_string(), "--output"])
        .arg(file)
        .args(["--", "sleep", &time.as_secs_f64().to_string()])
        .stdin(Stdio::null());
    let status = tokio::task::spawn_blocking(move || perf.status()).await?;
    let status = status.context("perf cannot be started; Debian's package is `linux-perf`")?;
    anyhow::ensure!(status.success(), "perf has failed");
    Ok(())
}

/// Prints the share of each part, and the functions that take the most time themselves.
fn print(file: &Path) -> anyhow::Result<()> {
    let mut script = Command::new("perf")
        .args(["script", "--fields", "ip,sym,dso", "--no-inline", "--input"])
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let output = script.stdout.take().context("no output of perf's")?;
    let (mut parts, mut functions) = (HashMap::new(), HashMap::new());
    let (mut total, mut flat, mut stack) = (0_u32, 0_u32, Vec::new());
    // An empty line ends a sample.
    let lines = BufReader::new(output).lines();
    for line in lines.chain(std::iter::once(Ok(String::new()))) {
        if let Some(frame) = Frame::parse(&line?) {
            stack.push(frame);
        } else if let Some(function) = stack.first() {
            let part = parts::of(&stack);
            *parts.entry(part).or_insert(0_u32) += 1;
            let function = (parts::shortened(&function.symbol), part);
            *functions.entry(function).or_insert(0_u32) += 1;
            total += 1;
            flat += u32::from(stack.len() < DEPTH);
            stack.clear();
        }
    }
    anyhow::ensure!(script.wait()?.success() && total > 0, "perf saw nothing");
    anyhow::ensure!(
        flat < total / 2,
        "perf saw functions, but not who calls them: the portal needs frame pointers, as `just \
         profile` builds it"
    );
    let share = |count: u32| f64::from(count) * 100.0 / f64::from(total);
    println!("| part | % of {total} samples |\n|---|---|");
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (part, count) in parts {
        println!("| {part} | {:.1} |", share(count));
    }
    println!("\n| function | part | % |\n|---|---|---|");
    let mut functions: Vec<_> = functions.into_iter().collect();
    functions.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((function, part), count) in functions.into_iter().take(FUNCTIONS) {
        println!("| `{function}` | {part} | {:.1} |", share(count));
    }
    Ok(())
}
