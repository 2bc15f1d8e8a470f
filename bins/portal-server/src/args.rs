//! The command line.

use clap::Parser;
use portal_settings::{ServerSettings, SettingsArgs};

/// The Breeze customer portal.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Load demo data into an empty database, once (not in production)
    #[arg(long)]
    pub(crate) demo: bool,

    /// Check the settings and exit
    #[arg(long)]
    pub(crate) check_config: bool,

    #[command(flatten)]
    pub(crate) settings: SettingsArgs<ServerSettings>,
}
