//! The database and its logins.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use secrecy::SecretString;

use crate::error::{InvalidValue, SettingsError};
use crate::parse::{duration, number};

/// The database and its logins.
///
/// The three addresses are of one kind: with SQLite the same file, with PostgreSQL up to three logins
/// with different rights.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseSettings {
    /// The database: `sqlite://PATH` or `postgres://...`
    #[arg(env = "DATABASE_URL", hide_env_values = true, value_parser = DatabaseUrl::parse)]
    #[arg(default_value = "sqlite://data/portal.db")]
    pub url: DatabaseUrl,

    /// PostgreSQL login for work before a tenant is known, if different
    #[arg(env = "DATABASE_SYSTEM_URL", hide_env_values = true, value_parser = DatabaseUrl::parse)]
    system_url: Option<DatabaseUrl>,

    /// PostgreSQL login for migrations and portal-admin, if different
    #[arg(env = "DATABASE_OWNER_URL", hide_env_values = true, value_parser = DatabaseUrl::parse)]
    owner_url: Option<DatabaseUrl>,

    /// Maximum connections of each pool
    #[arg(env = "DATABASE_POOL_SIZE", value_name = "COUNT")]
    #[arg(default_value = "16", value_parser = number::<usize>(1..=1_000))]
    pub pool_size: usize,

    /// Timeout for a connection, and on PostgreSQL for an answer
    #[arg(
        env = "DATABASE_TIMEOUT_MS",
        value_name = "MILLISECONDS",
        default_value = "1500"
    )]
    #[arg(value_parser = duration(Duration::from_millis, 1..=600_000))]
    pub timeout: Duration,
}

/// The address of a database.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// The path of a SQLite database.
    Sqlite(PathBuf),
    /// The `postgres://` or `postgresql://` address of a server, which may hold a password. Only its
    /// scheme has been checked; the rest is for the driver.
    Postgres(SecretString),
}

impl DatabaseUrl {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        match text.split_once("://") {
            Some(("sqlite", path)) if path.contains(":memory:") || path.contains('?') => {
                Err(InvalidValue::new(
                    "must name a plain SQLite file, not one in memory and without parameters",
                ))
            }
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path))),
            Some(("postgres" | "postgresql", server)) if !server.is_empty() => {
                Ok(Self::Postgres(SecretString::from(text)))
            }
            _ => Err(InvalidValue::new(
                "must start with sqlite:// or postgres:// and go on with a path or a server",
            )),
        }
    }

    /// Checks that `other` can be a login to the same database.
    fn check_login(&self, name: &str, other: &Self) -> Result<(), SettingsError> {
        let reason = match (self, other) {
            (Self::Sqlite(path), Self::Sqlite(other)) if path == other => return Ok(()),
            (Self::Postgres(_), Self::Postgres(_)) => return Ok(()),
            (Self::Sqlite(_), _) => "must be unset, or the same as DATABASE_URL, with SQLite",
            (Self::Postgres(_), Self::Sqlite(_)) => {
                "must be a postgres:// address, as DATABASE_URL is"
            }
        };
        Err(SettingsError::invalid(name, reason))
    }
}

impl DatabaseSettings {
    /// The login for work before a tenant is known: sign-in, tokens, domains, background work.
    pub fn system_url(&self) -> &DatabaseUrl {
        self.system_url.as_ref().unwrap_or(&self.url)
    }

    /// The login that owns the tables: migrations and the operator's commands.
    pub fn owner_url(&self) -> &DatabaseUrl {
        self.owner_url.as_ref().unwrap_or(self.system_url())
    }

    /// Checks the rules that span several settings.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.url
            .check_login("DATABASE_SYSTEM_URL", self.system_url())?;
        self.url.check_login("DATABASE_OWNER_URL", self.owner_url())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::declared::read;

    fn resolve(variables: &[(&str, &str)]) -> Result<DatabaseSettings, String> {
        let variables = variables.iter().copied().collect();
        read(&variables)
            .and_then(|settings: DatabaseSettings| settings.check().map(|()| settings))
            .map_err(|error| error.to_string())
    }

    /// The address in a form that can be compared.
    fn plain(url: &DatabaseUrl) -> &str {
        match url {
            DatabaseUrl::Sqlite(path) => path.to_str().unwrap(),
            DatabaseUrl::Postgres(url) => url.expose_secret(),
        }
    }

    #[test]
    fn defaults() {
        let settings = resolve(&[]).unwrap();
        for url in [&settings.url, settings.system_url(), settings.owner_url()] {
            assert_eq!(plain(url), "data/portal.db");
        }
        assert_eq!(settings.pool_size, 16);
        assert_eq!(settings.timeout, Duration::from_millis(1_500));
    }

    #[test]
    fn sqlite_paths_are_relative_or_absolute() {
        for (url, path) in [
            ("sqlite://data/portal.db", "data/portal.db"),
            ("sqlite:///var/lib/portal.db", "/var/lib/portal.db"),
            ("sqlite://./portal.db", "./portal.db"),
        ] {
            let settings = resolve(&[("DATABASE_URL", url)]).unwrap();
            assert!(matches!(settings.url, DatabaseUrl::Sqlite(_)), "{url}");
            assert_eq!(plain(&settings.url), path);
        }
    }

    #[test]
    fn each_login_defaults_to_the_one_before() {
        let (app, system, owner) = (
            "postgres://app@db/portal",
            "postgresql://system@db/portal",
            "postgres://owner@db/p",
        );
        for (variables, expected) in [
            (vec![("DATABASE_URL", app)], [app, app, app]),
            (
                vec![("DATABASE_URL", app), ("DATABASE_SYSTEM_URL", system)],
                [app, system, system],
            ),
            (
                vec![("DATABASE_URL", app), ("DATABASE_OWNER_URL", owner)],
                [app, app, owner],
            ),
        ] {
            let settings = resolve(&variables).unwrap();
            let found = [&settings.url, settings.system_url(), settings.owner_url()].map(plain);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn logins_to_different_kinds_of_database_are_refused() {
        let postgres = ("DATABASE_URL", "postgres://app@db/portal");
        for (variables, expected) in [
            (
                vec![("DATABASE_SYSTEM_URL", "postgres://system@db/portal")],
                "DATABASE_SYSTEM_URL must be unset, or the same as DATABASE_URL, with SQLite.",
            ),
            (
                vec![("DATABASE_OWNER_URL", "sqlite://other.db")],
                "DATABASE_OWNER_URL must be unset, or the same as DATABASE_URL, with SQLite.",
            ),
            (
                vec![postgres, ("DATABASE_OWNER_URL", "sqlite://other.db")],
                "DATABASE_OWNER_URL must be a postgres:// address, as DATABASE_URL is.",
            ),
        ] {
            assert_eq!(resolve(&variables).unwrap_err(), expected);
        }
        assert!(resolve(&[("DATABASE_OWNER_URL", "sqlite://data/portal.db")]).is_ok());
    }

    #[test]
    fn invalid_addresses_are_refused_without_quoting_them() {
        for url in [
            "mysql://hunter2@db/portal",
            "hunter2",
            "sqlite:hunter2",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://hunter2.db?mode=rwc",
            "postgres://",
        ] {
            let error = resolve(&[("DATABASE_URL", url)]).unwrap_err();
            assert!(error.starts_with("DATABASE_URL must "), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn debug_does_not_print_passwords() {
        let settings = resolve(&[("DATABASE_URL", "postgres://app:hunter2@db/portal")]).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
