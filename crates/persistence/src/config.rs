//! Configuration of a database.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Which database, and how to use it.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Where it is.
    pub target: Target,
    /// What it is used for.
    pub access: Access,
    /// The most connections that work on one organization. On PostgreSQL a quarter as many, but at
    /// least two, are for what is asked before an organization is known, or across all.
    pub pool_size: usize,
    /// How long to wait for a connection, and on PostgreSQL for each answer too. SQLite waits at
    /// least five seconds for its turn to write, since there is one writer at a time.
    pub timeout: Duration,
}

impl DatabaseConfig {
    /// The least time to wait for a turn to write on SQLite.
    const MIN_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

    /// A database that serves requests with 16 connections, for each of which one and a half
    /// seconds are waited.
    pub const fn new(target: Target) -> Self {
        Self {
            target,
            access: Access::Serve,
            pool_size: 16,
            timeout: Duration::from_millis(1500),
        }
    }

    /// How long SQLite waits for its turn to write.
    pub(crate) fn busy_timeout(&self) -> Duration {
        self.timeout.max(Self::MIN_BUSY_TIMEOUT)
    }

    /// The most connections that work across organizations.
    pub(crate) const fn system_pool_size(&self) -> usize {
        let quarter = self.pool_size / 4;
        if quarter < 2 { 2 } else { quarter }
    }
}

/// What a database is used for. On PostgreSQL this decides what it allows; SQLite has one user, who
/// may do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Serving requests and what goes on beside them, with no right that this does not need.
    /// Organizations are neither created nor changed.
    Serve,
    /// Everything that an operator does.
    Operate,
}

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Target {
    /// A file of SQLite's. It is created when there is none, with the folders above it.
    Sqlite(PathBuf),
    /// A server of PostgreSQL's.
    Postgres(Logins),
}

/// The addresses at which one database of PostgreSQL's is reached, each with a login.
///
/// An address is `postgres://LOGIN:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE`, as `psql` takes it.
/// With `sslmode=require` or `sslmode=verify-full` connections are encrypted, and the server has to
/// show a certificate for its name by a public authority, or by one of those in the PEM file that
/// `sslrootcert` names.
#[derive(Clone)]
pub struct Logins {
    /// Works on one organization at a time, as `portal_app`.
    pub app: String,
    /// Works before an organization is known and across all, as `portal_system`.
    pub system: String,
    /// Changes the schema, and works as an operator, as `portal_owner`.
    pub owner: String,
}

impl Logins {
    /// One login for everything, which has to be allowed to take every role: a superuser's, as in
    /// development.
    pub fn single(address: impl Into<String>) -> Self {
        let app = address.into();
        Self {
            system: app.clone(),
            owner: app.clone(),
            app,
        }
    }
}

/// Addresses are not shown, since they may hold passwords.
impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let target = Target::Postgres(Logins::single("postgres://portal:hunter2@db/portal"));
        let config = format!("{:?}", DatabaseConfig::new(target));
        assert!(
            config.contains("Postgres") && !config.contains("hunter2"),
            "{config}"
        );
    }
}
