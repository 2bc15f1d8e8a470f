//! The log.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use portal_settings::{LogFormat, LogSettings};
use tracing_subscriber::filter::{Directive, LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

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
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = match settings.format {
        LogFormat::Pretty => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(discreet())
        .with(filter)
        .with(lines)
        .init();
    Ok(())
}

/// Keeps what libraries say below `info` out of the log, whatever `PORTAL_LOG` asks for: drivers and
/// transports log parameters and bytes there, which are addresses, passwords and tokens.
fn discreet() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("portal_", LevelFilter::TRACE)
}
