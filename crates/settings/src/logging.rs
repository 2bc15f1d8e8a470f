//! What is logged, and how that looks.

use clap::{Args, ValueEnum};

/// What is logged, and how that looks.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub struct LogSettings {
    /// What to log: a `tracing-subscriber` filter
    // It is for the program to parse, which this crate leaves to it with the dependency.
    #[arg(env = "PORTAL_LOG", value_name = "FILTER", default_value = "info")]
    pub filter: String,

    /// How the log looks; json in production
    #[arg(env = "PORTAL_LOG_FORMAT")]
    #[arg(
        default_value = "pretty",
        default_value_if("mode", "production", "json")
    )]
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For a person at a terminal.
    Pretty,
    /// One JSON object per line, for a collector.
    Json,
}
