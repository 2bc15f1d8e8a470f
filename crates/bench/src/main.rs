//! `portal-bench`: see `docs/performance.md`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use portal_bench::backend::BenchDatabase;
use portal_bench::bare;
use portal_bench::commands::{growth, profile, run, soak, two};
use portal_bench::seed::{self, Sizes};

/// Measures the portal.
#[derive(Debug, Parser)]
enum Command {
    /// Every kind of request next to its limit, and the footprint
    Run(run::RunArgs),
    /// What requests cost in a small and in a large database
    Growth(growth::GrowthArgs),
    /// A long time at a part of the highest load
    Soak(soak::SoakArgs),
    /// Two portals on one database next to one
    Two(two::TwoArgs),
    /// Where the CPU of one kind of request goes, by `perf`
    Profile(profile::ProfileArgs),
    /// Fills an empty database as `growth` does, to look at
    Seed {
        /// `sqlite://PATH`, or the address of a PostgreSQL database for a superuser
        database: String,
        #[command(flatten)]
        sizes: Sizes,
    },
    /// The limit: answers requests as a script says; the others start it
    #[command(hide = true)]
    Bare {
        /// The script
        script: PathBuf,
        /// Where to listen on the loopback interface
        #[arg(long)]
        port: u16,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match execute(Command::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "speaks to the person at the terminal")]
            {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Run(arguments) => run::run(&arguments).await,
        Command::Growth(arguments) => growth::run(&arguments).await,
        Command::Soak(arguments) => soak::run(&arguments).await,
        Command::Two(arguments) => two::run(&arguments).await,
        Command::Profile(arguments) => profile::run(&arguments).await,
        Command::Seed { database, sizes } => {
            let database = BenchDatabase::Existing(database);
            let seeded = seed::seed(&database, &sizes).await?;
            #[expect(clippy::print_stdout, reason = "speaks to the person at the terminal")]
            {
                println!("{}", serde_json::to_string_pretty(&seeded)?);
            }
            Ok(())
        }
        Command::Bare { script, port } => {
            let script = serde_json::from_slice(&std::fs::read(script)?)?;
            bare::serve(script, port).await
        }
    }
}
