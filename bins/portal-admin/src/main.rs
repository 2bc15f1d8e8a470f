//! The operator's command line: organizations, users, branding, devices, loans, tickets, the audit
//! log and the outbox, over the same rules and database as the server.
//!
//! This crate is wiring and printing only. A command parses its arguments into values of
//! `portal-domain`, so that a bad one is a usage error that names its flag; runs use cases in one
//! transaction; and returns an [`output::Output`], which is printed as text or, with `--json`, as
//! JSON. Nothing else goes to standard output.
//!
//! # Exit status
//!
//! 0 on success; 1 on failure, with one sentence on standard error; 2 on a usage error.
//!
//! # Adding a command
//!
//! Add the variant to its noun's enum in [`commands`] and run a use case in it; add a noun to
//! [`cli::Command`]. What is printed has a type in [`views`]: the API's own body from `portal-wire`,
//! flattened, and the fields that only operators see.

mod cli;
mod commands;
mod context;
mod export;
mod import;
mod logging;
mod operator;
mod output;
mod spreadsheet;
mod values;
mod views;

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use portal_settings::Loaded;

use crate::cli::Cli;
use crate::output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match run(cli).and_then(|output| print(output, json)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, nobody reads it.
            drop(writeln!(io::stderr(), "error: {}", sentence(&error)));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Output> {
    let Loaded { settings, unknown } = cli.settings.load()?;
    logging::to_stderr(&settings.log, cli.verbose)?;
    for variable in &unknown {
        tracing::warn!(variable = variable.name, "{variable}");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot start")?
        .block_on(cli.command.run(settings, cli.operator))
}

fn print(output: Output, json: bool) -> anyhow::Result<()> {
    match output.write(&mut io::stdout().lock(), json) {
        // The reader has seen enough, as in `portal-admin ticket list … | head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("the output cannot be written"),
    }
}

/// An error with its causes, on one line.
fn sentence(error: &anyhow::Error) -> String {
    format!("{error:#}")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
