//! What can be measured.

pub mod growth;
pub mod profile;
pub mod run;
pub mod soak;
pub mod two;

use std::path::PathBuf;

use clap::Args;

use crate::backend::{Given, Kind, Servers};

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
    /// The portal's `DATABASE_POOL_SIZE`; one user has an eighth of it
    #[arg(long, value_name = "CONNECTIONS", default_value_t = 128)]
    pub pool: usize,
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

    /// Starts the databases for so many portals at a time, where nothing is given, and sees to it
    /// that they and `others` get all the connections that they may open.
    pub fn servers(&self, kind: Kind, portals: usize, others: usize) -> anyhow::Result<Servers> {
        let servers = Servers::start(kind, &self.given);
        servers.ensure_connections(portals * connections_of_a_portal(self.pool) + others)?;
        Ok(servers)
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

/// As many as `docs/operations.md` says: for requests, for work across organizations, for `/readyz`.
fn connections_of_a_portal(pool: usize) -> usize {
    pool + (pool / 4).max(2) + 2
}

/// A mark for what misses its target.
const fn mark(is_met: bool) -> &'static str {
    if is_met { "" } else { " ✗" }
}
