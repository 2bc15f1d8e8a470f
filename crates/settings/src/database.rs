//! Which database, and how to reach it.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::args::SettingsArgs;
use crate::error::{InvalidValue, SettingsError};
use crate::parse::{milliseconds, number};
use crate::variables::Variables;

/// The database and its logins.
///
/// The three addresses are of one kind. With SQLite they are the same file; with PostgreSQL they
/// may be three logins with different rights.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// Serves requests.
    pub url: DatabaseUrl,
    /// Does the work before a tenant is known: signing in, tokens, domains, background work.
    pub system_url: DatabaseUrl,
    /// Owns the tables: migrations, and the operator's commands.
    pub owner_url: DatabaseUrl,
    /// Connections of each pool at most.
    pub pool_size: usize,
    /// How long to wait for a connection.
    pub timeout: Duration,
}

/// Where a database is.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// The file of an embedded SQLite database; relative to the working directory unless absolute.
    Sqlite(PathBuf),
    /// The `postgres://` or `postgresql://` address of a server, which may hold a password. Only
    /// its scheme has been checked: the driver knows many forms.
    Postgres(SecretString),
}

impl DatabaseUrl {
    fn parse(secret: SecretString) -> Result<Self, InvalidValue> {
        let text = secret.expose_secret();
        if let Some(path) = text.strip_prefix("sqlite://") {
            return match path {
                "" => Err(InvalidValue::DatabaseUrl),
                _ if path.contains(":memory:") || path.contains('?') => {
                    Err(InvalidValue::SqlitePath)
                }
                _ => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        let server = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"));
        match server {
            None | Some("") => Err(InvalidValue::DatabaseUrl),
            Some(_) => Ok(Self::Postgres(secret)),
        }
    }

    /// Checks that `further` can serve the same database as this one.
    fn check_login(&self, name: &'static str, further: &Self) -> Result<(), SettingsError> {
        let reason = match (self, further) {
            (Self::Sqlite(main), Self::Sqlite(other)) if main == other => return Ok(()),
            (Self::Postgres(_), Self::Postgres(_)) => return Ok(()),
            (Self::Sqlite(_), _) => InvalidValue::SqliteLogin,
            (Self::Postgres(_), Self::Sqlite(_)) => InvalidValue::PostgresLogin,
        };
        Err(SettingsError::Invalid { name, reason })
    }
}

impl DatabaseSettings {
    pub(crate) fn resolve(
        args: &SettingsArgs,
        variables: &Variables,
    ) -> Result<Self, SettingsError> {
        let url = variables
            .secret("DATABASE_URL", DatabaseUrl::parse)?
            .unwrap_or_else(|| DatabaseUrl::Sqlite(PathBuf::from("data/portal.db")));
        let system_url = variables
            .secret("DATABASE_SYSTEM_URL", DatabaseUrl::parse)?
            .unwrap_or_else(|| url.clone());
        url.check_login("DATABASE_SYSTEM_URL", &system_url)?;
        let owner_url = variables
            .secret("DATABASE_OWNER_URL", DatabaseUrl::parse)?
            .unwrap_or_else(|| system_url.clone());
        url.check_login("DATABASE_OWNER_URL", &owner_url)?;
        let pool_size = variables
            .value(
                "DATABASE_POOL_SIZE",
                args.database_pool_size.as_deref(),
                number(1..=1_000),
            )?
            .unwrap_or(16);
        let timeout = variables
            .value(
                "DATABASE_TIMEOUT_MS",
                args.database_timeout_ms.as_deref(),
                milliseconds(1..=600_000),
            )?
            .unwrap_or(Duration::from_millis(1_500));
        Ok(Self {
            url,
            system_url,
            owner_url,
            pool_size,
            timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(variables: &[(&str, &str)]) -> Result<DatabaseSettings, String> {
        let variables = variables.iter().copied().collect();
        DatabaseSettings::resolve(&SettingsArgs::default(), &variables)
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
        for url in [&settings.url, &settings.system_url, &settings.owner_url] {
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
            let found = [&settings.url, &settings.system_url, &settings.owner_url].map(plain);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn logins_are_of_one_kind() {
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
    fn bad_addresses_are_refused_without_quoting_them() {
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
    fn passwords_are_not_printed() {
        let settings = resolve(&[("DATABASE_URL", "postgres://app:hunter2@db/portal")]).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
