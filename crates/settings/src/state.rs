//! The store of sessions and rate limits.

use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use secrecy::SecretString;

use crate::error::{InvalidValue, SettingsError};
use crate::general::DeploymentMode;
use crate::parse::{boolean, duration, server};

/// The store of sessions and rate limits.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "State")]
pub struct StateSettings {
    /// Store of sessions and rate limits; redis in production
    #[arg(env = "PORTAL_STATE_BACKEND")]
    #[arg(
        default_value = "memory",
        default_value_if("mode", "production", "redis")
    )]
    pub backend: StateBackend,

    /// Address of Redis: `redis://...` or `rediss://...`
    #[arg(env = "REDIS_URL", hide_env_values = true, value_parser = redis_url)]
    #[arg(default_value = "redis://127.0.0.1:6379")]
    pub redis_url: SecretString,

    /// Whether Redis is a cluster
    #[arg(env = "REDIS_CLUSTER", value_name = "BOOL")]
    #[arg(default_value = "false", action = ArgAction::Set, value_parser = boolean)]
    pub redis_cluster: bool,

    /// Timeout of one Redis operation
    #[arg(
        env = "REDIS_TIMEOUT_MS",
        value_name = "MILLISECONDS",
        default_value = "1000"
    )]
    #[arg(value_parser = duration(Duration::from_millis, 1..=60_000))]
    pub redis_timeout: Duration,
}

/// A store of sessions and rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StateBackend {
    /// The memory of this process: not shared, lost at a restart; not for production.
    Memory,
    /// A Redis server or cluster, shared by all instances.
    Redis,
}

impl StateSettings {
    /// Checks the rules that span several settings.
    pub fn check(&self, mode: DeploymentMode) -> Result<(), SettingsError> {
        if self.backend == StateBackend::Memory && mode.is_production() {
            let reason = "must be redis in production";
            return Err(SettingsError::invalid("PORTAL_STATE_BACKEND", reason));
        }
        Ok(())
    }
}

fn redis_url(text: &str) -> Result<SecretString, InvalidValue> {
    server(text, &["redis", "rediss"]).ok_or(InvalidValue::new(
        "must be a redis:// or rediss:// address with a host",
    ))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::declared::read;
    use crate::general::GeneralSettings;

    #[derive(Debug, Args)]
    struct Parts {
        #[command(flatten)]
        general: GeneralSettings,
        #[command(flatten)]
        state: StateSettings,
    }

    fn resolve(variables: &[(&str, &str)]) -> Result<StateSettings, String> {
        let variables = variables.iter().copied().collect();
        read(&variables)
            .and_then(|Parts { general, state }| state.check(general.mode).map(|()| state))
            .map_err(|error| error.to_string())
    }

    const PRODUCTION: (&str, &str) = ("PORTAL_ENV", "production");

    #[test]
    fn development_keeps_state_in_memory_unless_told_otherwise() {
        let state = resolve(&[]).unwrap();
        assert_eq!(state.backend, StateBackend::Memory);
        let state = resolve(&[
            ("PORTAL_STATE_BACKEND", "redis"),
            ("REDIS_URL", "rediss://:hunter2@redis.example.com"),
            ("REDIS_CLUSTER", "1"),
            ("REDIS_TIMEOUT_MS", "250"),
        ])
        .unwrap();
        let printed = format!("{state:?}");
        assert!(!printed.contains("hunter2"), "{printed}");
        assert_eq!(state.backend, StateBackend::Redis);
        let url = state.redis_url.expose_secret();
        assert_eq!(url, "rediss://:hunter2@redis.example.com");
        assert!(state.redis_cluster);
        assert_eq!(state.redis_timeout, Duration::from_millis(250));
    }

    #[test]
    fn production_keeps_state_in_redis() {
        let state = resolve(&[PRODUCTION]).unwrap();
        assert_eq!(state.backend, StateBackend::Redis);
        let url = state.redis_url.expose_secret();
        assert_eq!(url, "redis://127.0.0.1:6379");
        assert!(!state.redis_cluster);
        assert_eq!(state.redis_timeout, Duration::from_secs(1));
        assert_eq!(
            resolve(&[PRODUCTION, ("PORTAL_STATE_BACKEND", "memory")]).unwrap_err(),
            "PORTAL_STATE_BACKEND must be redis in production."
        );
    }

    #[test]
    fn invalid_redis_settings_are_refused_even_with_the_memory_store() {
        for (name, value) in [
            ("REDIS_URL", "http://hunter2"),
            ("REDIS_URL", "redis://"),
            ("REDIS_CLUSTER", "hunter2"),
            ("REDIS_TIMEOUT_MS", "0"),
            ("PORTAL_STATE_BACKEND", "hunter2"),
        ] {
            let error = resolve(&[(name, value)]).unwrap_err();
            assert!(error.starts_with(name), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
