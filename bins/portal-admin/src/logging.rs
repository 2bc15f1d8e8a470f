//! The log.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use portal_settings::{LogFormat, LogSettings};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// What is told without `--verbose`: why a migration takes its time.
const NEEDED: &str = "portal_persistence::migrations=warn";

/// Logs to standard error in the server's format: with `--verbose` by the server's filter.
pub(crate) fn to_stderr(settings: &LogSettings, verbose: bool) -> anyhow::Result<()> {
    let filter = if verbose { &settings.filter } else { NEEDED };
    let filter = EnvFilter::try_new(filter).context("PORTAL_LOG is not a filter")?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = match settings.format {
        LogFormat::Pretty => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry()
        .with(discreet())
        .with(filter)
        .with(lines)
        .init();
    Ok(())
}

/// Keeps what libraries say below `info` out of the log, as in the server's.
fn discreet() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("portal_", LevelFilter::TRACE)
}
