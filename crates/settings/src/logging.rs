//! The log.

use clap::{Args, ValueEnum};

/// The log's filter and format.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub struct LogSettings {
    /// What to log: a `tracing-subscriber` filter
    // The program parses it, so that this crate need not depend on `tracing-subscriber`.
    #[arg(env = "PORTAL_LOG", value_name = "FILTER", default_value = "info")]
    pub filter: String,

    /// Format of the log; json in production
    #[arg(env = "PORTAL_LOG_FORMAT")]
    #[arg(
        default_value = "pretty",
        default_value_if("mode", "production", "json")
    )]
    pub format: LogFormat,
}

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For reading at a terminal.
    Pretty,
    /// One JSON object per line.
    Json,
}
