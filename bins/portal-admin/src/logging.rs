//! What happens underneath, for who asks for it.

use anyhow::Context as _;
use portal_settings::{LogFormat, Settings};
use tracing_subscriber::EnvFilter;

/// Writes the log to standard error, filtered and shaped by the settings of the server's log.
pub(crate) fn to_stderr(settings: &Settings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.log).context("PORTAL_LOG is not a filter")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Pretty => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
