//! The log of `--verbose`.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use portal_settings::{LogFormat, LogSettings};
use tracing_subscriber::EnvFilter;

/// Logs to standard error, with the server's filter and format.
pub(crate) fn to_stderr(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.filter).context("PORTAL_LOG is not a filter")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Pretty => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
