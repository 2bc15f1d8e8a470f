//! What can be measured.

pub mod growth;
pub mod run;
pub mod soak;
pub mod two;

use std::path::PathBuf;

use clap::Args;

use crate::backend::{Given, Kind};

/// What all measurements need.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The portal to measure; a debug build shows that everything runs, and no more
    #[arg(
        long,
        value_name = "PROGRAM",
        default_value = "target/release/portal-server"
    )]
    pub server: PathBuf,
    /// Only on these databases
    #[arg(long, value_enum)]
    pub only: Vec<Kind>,
    /// Servers that are there already
    #[command(flatten)]
    pub given: Given,
}

impl Common {
    /// The databases to measure on.
    pub fn kinds(&self) -> Vec<Kind> {
        match self.only.as_slice() {
            [] => vec![Kind::Postgres, Kind::Sqlite],
            some => some.to_vec(),
        }
    }

    /// The portal's program, from wherever it is started.
    pub fn program(&self) -> anyhow::Result<PathBuf> {
        self.server.canonicalize().map_err(|error| {
            anyhow::anyhow!(
                "{} is not there ({error}); `cargo build --release -p portal-server` makes it",
                self.server.display()
            )
        })
    }
}

/// A mark for what misses its target.
const fn mark(is_met: bool) -> &'static str {
    if is_met { "" } else { " ✗" }
}
