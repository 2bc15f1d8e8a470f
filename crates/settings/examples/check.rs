//! Tells whether the portal would start with the settings at hand, and shows them without secrets.
//!
//! Try `PORTAL_LOG=debug cargo run -p portal-settings --example check -- --portal-bind localhost:9000`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is all it does"
)]

use std::process::ExitCode;

use clap::Parser;
use portal_settings::{ServerSettings, SettingsArgs};

#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    settings: SettingsArgs<ServerSettings>,
}

fn main() -> ExitCode {
    match Arguments::parse().settings.load() {
        Ok(loaded) => {
            println!("{:#?}", loaded.settings);
            for unknown in loaded.unknown {
                eprintln!("{unknown}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
