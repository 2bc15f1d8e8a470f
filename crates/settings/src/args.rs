//! The command-line flags, and loading settings in a real process.

use std::path::Path;

use clap::Args;

use crate::environment::Environment;
use crate::error::SettingsError;
use crate::settings::Settings;
use crate::variables::Variables;

/// The file of variables that development reads from the working directory.
const DOTENV: &str = ".env";

const SECRETS_HELP: &str = "\
Every setting is also an environment variable: --portal-bind is PORTAL_BIND. Secrets have no flag; \
each is read from its variable or from the file that <NAME>_FILE names:
  DATABASE_URL         sqlite://PATH or postgres://... [default: sqlite://data/portal.db]
  DATABASE_SYSTEM_URL  PostgreSQL login for work before a tenant is known [default: DATABASE_URL]
  DATABASE_OWNER_URL   PostgreSQL login for migrations [default: DATABASE_SYSTEM_URL]
  REDIS_URL            redis://... or rediss://... [default: redis://127.0.0.1:6379]
  PORTAL_SECRET_KEY    32 bytes or more [default: random per start in development]
  SMTP_URL             smtp://, smtps:// or smtp+starttls:// [default: mails become files]
In development the file .env is read as well.";

/// The flags for settings that are not secret, to be flattened into a program's own arguments.
///
/// Everything is text here; [`load`](Self::load) merges it with the environment and checks it.
/// Flatten it as the last field: its help heading would take in the arguments that follow.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings", after_help = SECRETS_HELP)]
pub struct SettingsArgs {
    /// What the program runs for: development or production [default: development]
    #[arg(long, value_name = "NAME")]
    pub portal_env: Option<String>,

    /// Listen address [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    pub portal_bind: Option<String>,

    /// Where /metrics is [default: the main listener in development, 127.0.0.1:9090 in production]
    #[arg(long, value_name = "HOST:PORT")]
    pub portal_ops_bind: Option<String>,

    /// The portal's own address [default: `http://127.0.0.1:8080`]
    #[arg(long, value_name = "URL")]
    pub portal_public_url: Option<String>,

    /// Connections to the database at most [default: 16]
    #[arg(long, value_name = "COUNT")]
    pub database_pool_size: Option<String>,

    /// How long to wait for a connection to the database [default: 1500]
    #[arg(long, value_name = "MILLISECONDS")]
    pub database_timeout_ms: Option<String>,

    /// Where sessions and rate limits are: memory or redis [default: memory, redis in production]
    #[arg(long, value_name = "NAME")]
    pub portal_state_backend: Option<String>,

    /// Whether Redis is a cluster [default: false]
    #[arg(long, value_name = "BOOL")]
    pub redis_cluster: Option<String>,

    /// How long to wait for Redis [default: 1000]
    #[arg(long, value_name = "MILLISECONDS")]
    pub redis_timeout_ms: Option<String>,

    /// Memory of one password hash [default: 19456]
    #[arg(long, value_name = "KIB")]
    pub portal_argon2_memory_kib: Option<String>,

    /// Passes of one password hash over its memory [default: 2]
    #[arg(long, value_name = "COUNT")]
    pub portal_argon2_iterations: Option<String>,

    /// Lanes of one password hash [default: 1]
    #[arg(long, value_name = "COUNT")]
    pub portal_argon2_parallelism: Option<String>,

    /// Password hashes that may wait; more are answered with 503 [default: 64]
    #[arg(long, value_name = "COUNT")]
    pub portal_argon2_queue: Option<String>,

    /// Largest request body [default: 1048576]
    #[arg(long, value_name = "BYTES")]
    pub portal_max_body_bytes: Option<String>,

    /// How long a request body may take to arrive [default: 15]
    #[arg(long, value_name = "SECONDS")]
    pub portal_body_timeout_seconds: Option<String>,

    /// How long requests are still taken after a signal to stop [default: 0, 5 in production]
    #[arg(long, value_name = "SECONDS")]
    pub portal_drain_seconds: Option<String>,

    /// Sender of mails, such as `Portal <portal@example.com>`; needed with `SMTP_URL`
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,

    /// Networks of proxies whose X-Forwarded headers count [default: none]
    #[arg(long, value_name = "LIST")]
    pub trusted_proxy_cidrs: Option<String>,

    /// Origins that may call with credentials [default: none]
    #[arg(long, value_name = "LIST")]
    pub cors_allowed_origins: Option<String>,

    /// `SameSite` of the cookies: lax, strict or none [default: lax]
    #[arg(long, value_name = "NAME")]
    pub portal_cookie_same_site: Option<String>,

    /// Whether cookies are Secure even without HTTPS in sight [default: false]
    #[arg(long, value_name = "BOOL")]
    pub portal_cookie_force_secure: Option<String>,

    /// What to log, as a filter such as `info,portal_http=debug` [default: info]
    #[arg(long, value_name = "FILTER")]
    pub portal_log: Option<String>,

    /// How to log: pretty or json [default: pretty, json in production]
    #[arg(long, value_name = "NAME")]
    pub portal_log_format: Option<String>,
}

impl SettingsArgs {
    /// Merges the flags with the environment of this process and, in development, with the file
    /// `.env` of the working directory.
    ///
    /// # Errors
    ///
    /// The first thing found wrong, as a sentence to print before giving up.
    pub fn load(self) -> Result<Settings, SettingsError> {
        self.load_from(Variables::of_process()?, Path::new(DOTENV))
    }

    /// As [`load`](Self::load), with the given variables and file.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    pub fn load_from(self, process: Variables, dotenv: &Path) -> Result<Settings, SettingsError> {
        if self.environment(&process)?.is_production() {
            return self.resolve(&process);
        }
        let variables = process.or(Variables::of_dotenv(dotenv)?);
        if self.environment(&variables)?.is_production() {
            return Err(SettingsError::ProductionInDotenv);
        }
        self.resolve(&variables)
    }

    /// Merges the flags with the given variables and checks the outcome.
    ///
    /// Names are resolved and files of secrets are read, but the process's environment is not
    /// looked at.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    pub fn resolve(self, variables: &Variables) -> Result<Settings, SettingsError> {
        let environment = self.environment(variables)?;
        Settings::resolve(environment, &self, variables)
    }

    fn environment(&self, variables: &Variables) -> Result<Environment, SettingsError> {
        let given = variables.value("PORTAL_ENV", self.portal_env.as_deref(), str::parse)?;
        Ok(given.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::logging::LogFormat;
    use crate::state::StateBackend;

    #[derive(Debug, Parser)]
    struct Program {
        /// Something of the program's own
        #[arg(long)]
        demo: bool,
        #[command(flatten)]
        settings: SettingsArgs,
    }

    #[test]
    fn flags_are_the_variables_in_kebab_case_and_win() {
        let program = Program::try_parse_from([
            "portal",
            "--demo",
            "--portal-bind",
            "127.0.0.1:9000",
            "--redis-cluster=true",
            "--trusted-proxy-cidrs",
            "10.0.0.0/8",
        ])
        .unwrap();
        assert!(program.demo);
        let variables = Variables::from_iter([
            ("PORTAL_BIND", "127.0.0.1:7000"),
            ("PORTAL_LOG", "debug"),
            ("PORTAL_STATE_BACKEND", "redis"),
        ]);
        let settings = program.settings.resolve(&variables).unwrap();
        assert_eq!(settings.bind, "127.0.0.1:9000".parse().unwrap());
        assert_eq!(settings.trusted_proxies, ["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(settings.log, "debug");
        let state = settings.state;
        assert!(
            matches!(state, StateBackend::Redis { cluster: true, .. }),
            "{state:?}"
        );
    }

    #[test]
    fn secrets_have_no_flag() {
        for flag in [
            "--database-url",
            "--redis-url",
            "--smtp-url",
            "--portal-secret-key",
        ] {
            assert!(
                Program::try_parse_from(["portal", flag, "x"]).is_err(),
                "{flag}"
            );
        }
    }

    #[test]
    fn help_names_every_secret_and_has_its_own_heading() {
        let help = Program::command().render_long_help().to_string();
        for name in [
            "DATABASE_URL",
            "DATABASE_SYSTEM_URL",
            "DATABASE_OWNER_URL",
            "REDIS_URL",
            "PORTAL_SECRET_KEY",
            "SMTP_URL",
        ] {
            assert!(help.contains(name), "{name}");
        }
        let (before, settings) = help.split_once("Settings:").unwrap();
        assert!(before.contains("--demo"), "{help}");
        assert!(settings.contains("--portal-bind <HOST:PORT>"), "{help}");
    }

    #[test]
    fn development_reads_dotenv_and_production_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let dotenv = directory.path().join(".env");
        fs::write(&dotenv, "PORTAL_LOG=trace\nPORTAL_LOG_FORMAT=json\n").unwrap();

        let process = Variables::from_iter([("PORTAL_LOG", "warn")]);
        let settings = SettingsArgs::default().load_from(process, &dotenv).unwrap();
        assert_eq!(
            (settings.log.as_str(), settings.log_format),
            ("warn", LogFormat::Json)
        );

        let process = Variables::from_iter([
            ("PORTAL_ENV", "production"),
            ("PORTAL_SECRET_KEY", "0123456789abcdef0123456789abcdef"),
            ("SMTP_URL", "smtp://mail.example.com"),
            ("MAIL_FROM", "portal@example.com"),
        ]);
        let settings = SettingsArgs::default().load_from(process, &dotenv).unwrap();
        assert_eq!(settings.log, "info");
    }

    #[test]
    fn dotenv_cannot_ask_for_production() {
        let directory = tempfile::tempdir().unwrap();
        let dotenv = directory.path().join(".env");
        fs::write(&dotenv, "PORTAL_ENV=production\n").unwrap();
        let error = SettingsArgs::default()
            .load_from(Variables::default(), &dotenv)
            .unwrap_err();
        assert!(
            matches!(error, SettingsError::ProductionInDotenv),
            "{error:?}"
        );
        let process = Variables::from_iter([("PORTAL_ENV", "development")]);
        assert!(SettingsArgs::default().load_from(process, &dotenv).is_ok());
    }
}
