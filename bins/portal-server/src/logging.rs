//! The log.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use portal_settings::{LogFormat, LogSettings};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

/// The default levels of crates that log about single requests: any client could fill the log with
/// invalid cookies.
const QUIET: [&str; 2] = ["actix_session=error", "tracing_actix_web=warn"];

/// Starts logging to standard error.
pub(crate) fn init(settings: &LogSettings) -> anyhow::Result<()> {
    let mut filter = EnvFilter::builder()
        .parse(&settings.filter)
        .context("PORTAL_LOG is not a filter such as `info,portal_http=debug`")?;
    for directive in QUIET {
        let directive: Directive = directive.parse()?;
        let named = directive.to_string();
        let target = named.split('=').next().unwrap_or_default();
        if !settings.filter.contains(target) {
            filter = filter.add_directive(directive);
        }
    }
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Pretty => subscriber.with_target(false).init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    Ok(())
}
