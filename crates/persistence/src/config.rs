//! Which database, and how to use it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Which database, and how to use it.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Where it is.
    pub target: Target,
    /// The most connections.
    pub pool_size: usize,
    /// How long to wait for a connection. SQLite waits at least five seconds for its turn to
    /// write, since there is one writer at a time.
    pub timeout: Duration,
}

impl DatabaseConfig {
    /// The least time to wait for a turn to write on SQLite.
    const MIN_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

    /// A database with 16 connections, for each of which one and a half seconds are waited.
    pub const fn new(target: Target) -> Self {
        Self {
            target,
            pool_size: 16,
            timeout: Duration::from_millis(1500),
        }
    }

    /// How long SQLite waits for its turn to write.
    pub(crate) fn busy_timeout(&self) -> Duration {
        self.timeout.max(Self::MIN_BUSY_TIMEOUT)
    }
}

/// Where a database is.
#[derive(Clone)]
pub enum Target {
    /// A file of SQLite's. It is created when there is none, with the folders above it.
    Sqlite(PathBuf),
    /// A server of PostgreSQL's, by its `postgres://` address.
    Postgres(String),
}

/// The address of a server is not shown, since it may hold a password.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.debug_tuple("Postgres").finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let target = Target::Postgres("postgres://portal:hunter2@db/portal".to_owned());
        let config = format!("{:?}", DatabaseConfig::new(target));
        assert!(
            config.contains("Postgres") && !config.contains("hunter2"),
            "{config}"
        );
    }
}
