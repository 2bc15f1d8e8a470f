//! Configuration of a database.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::postgres::{Address, AddressError};

/// Which database, and how to use it.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Where it is.
    pub target: Target,
    /// What it is used for.
    pub access: Access,
    /// The most connections that work on one organization each. The transactions of an organization
    /// together use a quarter of them at a time, but at least two. On PostgreSQL as many as that
    /// quarter are for what is asked before an organization is known, or across all.
    pub pool_size: usize,
    /// How long to wait for a connection, and on PostgreSQL for each answer too. SQLite waits at
    /// least five seconds for its turn to write, since there is one writer at a time.
    pub timeout: Duration,
    /// How long a migration waits for another process that migrates, and for each table.
    pub migration_patience: Duration,
}

impl DatabaseConfig {
    /// A default of [`migration_patience`](Self::migration_patience).
    pub const MIGRATION_PATIENCE: Duration = Duration::from_mins(5);

    const MIN_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

    /// A database that serves requests with 16 connections and a timeout of 1.5 seconds.
    pub const fn new(target: Target) -> Self {
        Self {
            target,
            access: Access::Serve,
            pool_size: 16,
            timeout: Duration::from_millis(1500),
            migration_patience: Self::MIGRATION_PATIENCE,
        }
    }

    pub(crate) fn busy_timeout(&self) -> Duration {
        self.timeout.max(Self::MIN_BUSY_TIMEOUT)
    }

    pub(crate) fn system_pool_size(&self) -> usize {
        (self.pool_size / 4).max(2)
    }
}

/// What a database is used for: on PostgreSQL, under which roles. SQLite has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Serving requests and background work, with the rights that this needs: organizations are
    /// neither created nor changed.
    Serve,
    /// Everything that an operator does.
    Operate,
}

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Target {
    /// A SQLite file, created with its folders when there is none.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(Logins),
}

/// The addresses of one PostgreSQL database, each with a login.
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
    /// One login for everything, which may take every role: a superuser's, as in development.
    pub fn single(address: impl Into<String>) -> Self {
        let app = address.into();
        Self {
            system: app.clone(),
            owner: app.clone(),
            app,
        }
    }

    /// Checks the addresses as [`Database::open`](crate::Database::open) does.
    ///
    /// # Errors
    ///
    /// The first address that is not valid.
    pub fn check(&self) -> Result<(), AddressError> {
        self.addresses().try_for_each(|address| address.map(|_| ()))
    }

    /// Whether a connection leaves this machine unencrypted.
    pub fn leave_unencrypted(&self) -> bool {
        self.addresses()
            .any(|address| address.is_ok_and(|address| address.leaves_unencrypted()))
    }

    fn addresses(&self) -> impl Iterator<Item = Result<Address, AddressError>> {
        let addresses = [&self.app, &self.system, &self.owner].into_iter();
        addresses.map(|address| Address::parse(address))
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
