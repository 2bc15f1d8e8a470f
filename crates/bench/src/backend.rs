//! The databases that a portal works on while it is measured.

use std::net::{AddrParseError, IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};
use portal_system_tests::postgres::PostgresServer;
use portal_system_tests::redis::RedisServer;
use portal_test_support::postgres::{PostgresAddress, PostgresDatabase};
use portal_test_support::redis::RedisAddress;
use tempfile::TempDir;

/// Servers that are there already. Without them, own ones are started on free ports; those of
/// PostgreSQL do not wait for the disk, and have little memory.
#[derive(Debug, Clone, Default, Args)]
pub struct Given {
    /// The address of a PostgreSQL superuser, in whose server databases are made for the time of the
    /// measurement
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// The address of a Redis server, in which keys are left that expire
    #[arg(long, value_name = "URL")]
    pub redis: Option<String>,
}

/// Which databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// PostgreSQL, with state in Redis
    Postgres,
    /// SQLite, with state in memory
    Sqlite,
}

impl Kind {
    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL + Redis",
            Self::Sqlite => "SQLite + memory",
        }
    }
}

/// Servers that run, on which databases can be made.
pub enum Servers {
    /// PostgreSQL and Redis.
    Postgres {
        /// Where PostgreSQL is.
        postgres: PostgresAddress,
        /// Where Redis is.
        redis: RedisAddress,
        /// Those that were started here; they end with this value.
        own: Box<(Option<PostgresServer>, Option<RedisServer>)>,
    },
    /// None.
    Sqlite,
}

impl Servers {
    /// Starts what is not given.
    pub fn start(kind: Kind, given: &Given) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite,
            Kind::Postgres => {
                let own = (
                    given.postgres.is_none().then(PostgresServer::start),
                    given.redis.is_none().then(RedisServer::start),
                );
                let postgres = own.0.as_ref().map(|server| server.address().clone());
                let redis = own.1.as_ref().map(|server| server.address().clone());
                Self::Postgres {
                    postgres: postgres
                        .unwrap_or_else(|| given.postgres.clone().unwrap_or_default().into()),
                    redis: redis.unwrap_or_else(|| given.redis.clone().unwrap_or_default().into()),
                    own: Box::new(own),
                }
            }
        }
    }

    /// Fails where PostgreSQL has fewer connections left.
    pub fn ensure_connections(&self, wanted: usize) -> anyhow::Result<()> {
        let Self::Postgres { postgres, .. } = self else {
            return Ok(());
        };
        let count = "SELECT current_setting('max_connections')::int
                          - current_setting('superuser_reserved_connections')::int
                          - count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'";
        let left = postgres.try_sql("postgres", count);
        let left: i64 = left.map_err(anyhow::Error::msg)?.parse()?;
        anyhow::ensure!(
            usize::try_from(left).is_ok_and(|left| left >= wanted),
            "PostgreSQL has {left} connections left where {wanted} may be opened: raise its \
             max_connections, or lower --pool, of which one user has an eighth"
        );
        Ok(())
    }

    /// A new, migrated database.
    pub async fn database(&self) -> anyhow::Result<BenchDatabase> {
        match self {
            Self::Postgres {
                postgres, redis, ..
            } => Ok(BenchDatabase::Postgres {
                database: PostgresDatabase::create_on(postgres.clone()).await,
                redis: redis.url().to_owned(),
            }),
            Self::Sqlite => {
                let folder = TempDir::new()?;
                let file = folder.path().join("portal.db");
                let database = Database::open(DatabaseConfig::new(Target::Sqlite(file.clone())))?;
                database.migrate().await?;
                Ok(BenchDatabase::Sqlite { file, folder })
            }
        }
    }
}

/// A database, which goes with this value unless it was there before.
pub enum BenchDatabase {
    /// One of PostgreSQL's.
    Postgres {
        /// The database.
        database: PostgresDatabase,
        /// The address of Redis.
        redis: String,
    },
    /// One of SQLite's.
    Sqlite {
        /// Its file.
        file: PathBuf,
        /// The folder that it is in.
        folder: TempDir,
    },
    /// One that stays, by its address: for PostgreSQL, that of a superuser.
    Existing(String),
}

impl BenchDatabase {
    /// The database as an operator uses it.
    pub fn operator(&self) -> anyhow::Result<Database> {
        let target = match self {
            Self::Postgres { database, .. } => Target::Postgres(database.logins()),
            Self::Sqlite { file, .. } => Target::Sqlite(file.clone()),
            Self::Existing(url) => match self.sqlite() {
                Some(file) => Target::Sqlite(file),
                None => Target::Postgres(Logins::single(url)),
            },
        };
        Ok(Database::open(DatabaseConfig {
            access: Access::Operate,
            ..DatabaseConfig::new(target)
        })?)
    }

    /// Its file, if it is one of SQLite's.
    pub fn sqlite(&self) -> Option<PathBuf> {
        match self {
            Self::Postgres { .. } => None,
            Self::Sqlite { file, .. } => Some(file.clone()),
            Self::Existing(url) => url.strip_prefix("sqlite://").map(PathBuf::from),
        }
    }

    /// Its address for a superuser, if it is one of PostgreSQL's.
    pub fn superuser(&self) -> Option<String> {
        match self {
            Self::Postgres { database, .. } => Some(database.url()),
            Self::Existing(url) if self.sqlite().is_none() => Some(url.clone()),
            Self::Sqlite { .. } | Self::Existing(_) => None,
        }
    }

    /// The settings of a portal over it, besides where it listens: those of production where they
    /// matter, without limits on what a client writes, and with a pool of so many connections. Mails
    /// stay in the outbox, since nobody takes them at the address of the mail server; handing them
    /// over is not part of a request.
    pub fn settings(&self, pool: usize) -> Vec<(String, String)> {
        let mut settings = vec![
            ("DATABASE_POOL_SIZE", pool.to_string()),
            ("PORTAL_ENV", "development".to_owned()),
            ("PORTAL_LOG_FORMAT", "json".to_owned()),
            ("PORTAL_SECRET_KEY", "7".repeat(64)),
            ("PORTAL_WRITES_PER_MINUTE", "0".to_owned()),
            ("PORTAL_ORG_WRITES_PER_MINUTE", "0".to_owned()),
            ("SMTP_URL", "smtp://127.0.0.1:1".to_owned()),
            ("MAIL_FROM", "Portal <portal@bench.example>".to_owned()),
            // for logins from many addresses
            ("TRUSTED_PROXY_CIDRS", "127.0.0.1/32".to_owned()),
        ];
        match self {
            Self::Postgres { database, redis } => {
                let logins = database.logins();
                settings.extend([
                    ("DATABASE_URL", logins.app),
                    ("DATABASE_SYSTEM_URL", logins.system),
                    ("DATABASE_OWNER_URL", logins.owner),
                    ("PORTAL_STATE_BACKEND", "redis".to_owned()),
                    ("REDIS_URL", redis.clone()),
                ]);
            }
            Self::Sqlite { file, .. } => settings.extend([
                ("DATABASE_URL", format!("sqlite://{}", file.display())),
                ("PORTAL_STATE_BACKEND", "memory".to_owned()),
            ]),
            Self::Existing(url) => settings.push(("DATABASE_URL", url.clone())),
        }
        let named = settings.into_iter();
        named
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// The server's host and port in an address such as `postgres://login@host:port/database`. Without
/// a port it is the usual one of PostgreSQL or Redis.
pub fn server_of(url: &str) -> anyhow::Result<SocketAddr> {
    let (scheme, rest) = url.split_once("://").context("an address with a scheme")?;
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = host.replace("localhost", "127.0.0.1");
    let usual = if scheme.starts_with("redis") {
        6379
    } else {
        5432
    };
    let without_port = || Ok::<_, AddrParseError>((host.parse::<IpAddr>()?, usual).into());
    host.parse()
        .or_else(|_| without_port())
        .with_context(|| format!("`{host}` is no IP address, with or without a port"))
}

/// The same address with another port of the loopback interface in place of the server.
pub fn through(url: &str, port: u16) -> anyhow::Result<String> {
    let (scheme, rest) = url.split_once("://").context("an address with a scheme")?;
    let (login, rest) = match rest.rsplit_once('@') {
        Some((login, rest)) => (format!("{login}@"), rest),
        None => (String::new(), rest),
    };
    let path = rest.find(['/', '?']).and_then(|at| rest.get(at..));
    Ok(format!(
        "{scheme}://{login}127.0.0.1:{port}{}",
        path.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_through_another_port() {
        let url = "postgres://portal_app@127.0.0.1:5432/portal?x=1";
        assert_eq!(server_of(url).unwrap(), "127.0.0.1:5432".parse().unwrap());
        let expected = "postgres://portal_app@127.0.0.1:99/portal?x=1";
        assert_eq!(through(url, 99).unwrap(), expected);
        let redis = "redis://localhost:6379";
        assert_eq!(server_of(redis).unwrap(), "127.0.0.1:6379".parse().unwrap());
        assert_eq!(through(redis, 99).unwrap(), "redis://127.0.0.1:99");
        for (url, expected) in [
            ("postgres://postgres@localhost/postgres", "127.0.0.1:5432"),
            ("postgres://127.0.0.1", "127.0.0.1:5432"),
            ("redis://127.0.0.1", "127.0.0.1:6379"),
        ] {
            assert_eq!(server_of(url).unwrap(), expected.parse().unwrap(), "{url}");
        }
        assert!(server_of("redis://elsewhere").is_err());
    }
}
