//! Where sessions and rate limits are kept.

use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::args::SettingsArgs;
use crate::environment::Environment;
use crate::error::{InvalidValue, SettingsError};
use crate::parse::{self, boolean, milliseconds};
use crate::variables::Variables;

/// The store of sessions and rate limits.
#[derive(Debug, Clone)]
pub enum StateBackend {
    /// In this process: gone with it, shared with nobody; never in production.
    Memory,
    /// In a Redis server or cluster, shared by all instances.
    Redis {
        /// A `redis://` or `rediss://` address, which may hold a password.
        url: SecretString,
        /// Whether the address is one node of a cluster.
        cluster: bool,
        /// How long one step may take.
        timeout: Duration,
    },
}

impl StateBackend {
    pub(crate) fn resolve(
        environment: Environment,
        args: &SettingsArgs,
        variables: &Variables,
    ) -> Result<Self, SettingsError> {
        let kind = variables
            .value(
                "PORTAL_STATE_BACKEND",
                args.portal_state_backend.as_deref(),
                Kind::from_str,
            )?
            .unwrap_or(Kind::default_in(environment));
        // Read even where memory is used, so that a bad value is found at once.
        let redis = Self::Redis {
            url: variables
                .secret("REDIS_URL", redis_url)?
                .unwrap_or_else(|| SecretString::from("redis://127.0.0.1:6379")),
            cluster: variables
                .value("REDIS_CLUSTER", args.redis_cluster.as_deref(), boolean)?
                .unwrap_or(false),
            timeout: variables
                .value(
                    "REDIS_TIMEOUT_MS",
                    args.redis_timeout_ms.as_deref(),
                    milliseconds(1..=60_000),
                )?
                .unwrap_or(Duration::from_secs(1)),
        };
        match (kind, environment) {
            (Kind::Redis, _) => Ok(redis),
            (Kind::Memory, Environment::Development) => Ok(Self::Memory),
            (Kind::Memory, Environment::Production) => Err(SettingsError::Invalid {
                name: "PORTAL_STATE_BACKEND",
                reason: InvalidValue::MemoryInProduction,
            }),
        }
    }
}

fn redis_url(secret: SecretString) -> Result<SecretString, InvalidValue> {
    match Url::parse(secret.expose_secret()) {
        Ok(url) if matches!(url.scheme(), "redis" | "rediss") && url.has_host() => Ok(secret),
        _ => Err(InvalidValue::RedisUrl),
    }
}

/// The word that chooses the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Memory,
    Redis,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Memory, Self::Redis];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis => "redis",
        }
    }

    const fn default_in(environment: Environment) -> Self {
        match environment {
            Environment::Development => Self::Memory,
            Environment::Production => Self::Redis,
        }
    }
}

impl FromStr for Kind {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::choice(text, &Self::ALL, Self::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(
        environment: Environment,
        variables: &[(&str, &str)],
    ) -> Result<StateBackend, String> {
        let variables = variables.iter().copied().collect();
        StateBackend::resolve(environment, &SettingsArgs::default(), &variables)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn development_keeps_state_in_memory_unless_told_otherwise() {
        let state = resolve(Environment::Development, &[]).unwrap();
        assert!(matches!(state, StateBackend::Memory), "{state:?}");
        let state = resolve(
            Environment::Development,
            &[
                ("PORTAL_STATE_BACKEND", "redis"),
                ("REDIS_URL", "rediss://:hunter2@redis.example.com"),
                ("REDIS_CLUSTER", "1"),
                ("REDIS_TIMEOUT_MS", "250"),
            ],
        )
        .unwrap();
        let printed = format!("{state:?}");
        assert!(!printed.contains("hunter2"), "{printed}");
        let StateBackend::Redis {
            url,
            cluster,
            timeout,
        } = state
        else {
            panic!("{printed}")
        };
        assert_eq!(url.expose_secret(), "rediss://:hunter2@redis.example.com");
        assert!(cluster);
        assert_eq!(timeout, Duration::from_millis(250));
    }

    #[test]
    fn production_keeps_state_in_redis() {
        let state = resolve(Environment::Production, &[]).unwrap();
        let StateBackend::Redis {
            url,
            cluster,
            timeout,
        } = state
        else {
            panic!("{state:?}")
        };
        assert_eq!(url.expose_secret(), "redis://127.0.0.1:6379");
        assert!(!cluster);
        assert_eq!(timeout, Duration::from_secs(1));
        assert_eq!(
            resolve(
                Environment::Production,
                &[("PORTAL_STATE_BACKEND", "memory")]
            )
            .unwrap_err(),
            "PORTAL_STATE_BACKEND must be redis in production."
        );
    }

    #[test]
    fn a_bad_value_is_found_even_where_memory_is_used() {
        for (name, value) in [
            ("REDIS_URL", "http://hunter2"),
            ("REDIS_URL", "redis://"),
            ("REDIS_CLUSTER", "hunter2"),
            ("REDIS_TIMEOUT_MS", "0"),
            ("PORTAL_STATE_BACKEND", "hunter2"),
        ] {
            let error = resolve(Environment::Development, &[(name, value)]).unwrap_err();
            assert!(error.starts_with(name), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
