//! The settings of each program.

use clap::Args;

use crate::argon2::Argon2Settings;
use crate::database::DatabaseSettings;
use crate::declared::read;
use crate::error::SettingsError;
use crate::files::FileSettings;
use crate::general::{DeploymentMode, GeneralSettings};
use crate::http::HttpSettings;
use crate::logging::LogSettings;
use crate::mail::MailSettings;
use crate::state::StateSettings;
use crate::variables::Variables;

/// The settings of a program: a clap struct, usually of this crate's groups.
pub trait Settings: Args {
    /// The variables without which production does not start, because their defaults are for
    /// development.
    const REQUIRED_IN_PRODUCTION: &'static [&'static str];

    /// The deployment mode.
    fn mode(&self) -> DeploymentMode;

    /// Checks the rules that span several settings.
    fn check(&self) -> Result<(), SettingsError>;

    /// Reads settings from these variables alone, for tests and for programs that keep their
    /// configuration elsewhere. Host names are resolved and secret files are read.
    ///
    /// # Errors
    ///
    /// The first problem, as a sentence to print.
    fn from_variables(variables: &Variables) -> Result<Self, SettingsError> {
        let settings: Self = read(variables)?;
        if settings.mode().is_production() {
            let mut required = Self::REQUIRED_IN_PRODUCTION.iter();
            if let Some(missing) = required.find(|name| !variables.has(name)) {
                return Err(SettingsError::invalid(missing, "must be set in production"));
            }
        }
        settings.check()?;
        Ok(settings)
    }
}

/// The settings of `portal-server`: all of them.
#[derive(Debug, Clone, Args)]
#[expect(missing_docs, reason = "each group has its own")]
pub struct ServerSettings {
    #[command(flatten)]
    pub general: GeneralSettings,
    #[command(flatten)]
    pub http: HttpSettings,
    #[command(flatten)]
    pub database: DatabaseSettings,
    #[command(flatten)]
    pub state: StateSettings,
    #[command(flatten)]
    pub argon2: Argon2Settings,
    #[command(flatten)]
    pub mail: MailSettings,
    #[command(flatten)]
    pub files: FileSettings,
    #[command(flatten)]
    pub log: LogSettings,
}

impl Settings for ServerSettings {
    const REQUIRED_IN_PRODUCTION: &'static [&'static str] = &[
        "PORTAL_PUBLIC_URL",
        "PORTAL_SECRET_KEY",
        "DATABASE_URL",
        "SMTP_URL",
    ];

    fn mode(&self) -> DeploymentMode {
        self.general.mode
    }

    fn check(&self) -> Result<(), SettingsError> {
        let mode = self.general.mode;
        self.general.check_public_url()?;
        self.http.check(&self.general)?;
        self.database.check()?;
        self.state.check(mode)?;
        self.argon2.check()?;
        self.mail.check(mode)?;
        self.files.check(mode, &self.database)
    }
}

/// The settings of `portal-admin`.
#[derive(Debug, Clone, Args)]
#[expect(missing_docs, reason = "each group has its own")]
pub struct AdminSettings {
    #[command(flatten)]
    pub general: GeneralSettings,
    #[command(flatten)]
    pub database: DatabaseSettings,
    #[command(flatten)]
    pub argon2: Argon2Settings,
    #[command(flatten)]
    pub files: FileSettings,
    #[command(flatten)]
    pub log: LogSettings,
}

impl Settings for AdminSettings {
    const REQUIRED_IN_PRODUCTION: &'static [&'static str] = &["DATABASE_URL"];

    fn mode(&self) -> DeploymentMode {
        self.general.mode
    }

    fn check(&self) -> Result<(), SettingsError> {
        self.database.check()?;
        self.argon2.check()?;
        // Where the server's files are, so that both find the same.
        self.files
            .check(DeploymentMode::Development, &self.database)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use secrecy::ExposeSecret;

    use super::*;
    use crate::{CookieSameSite, DeploymentMode, LogFormat, StateBackend};

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    const PRODUCTION: [(&str, &str); 7] = [
        ("PORTAL_ENV", "production"),
        ("PORTAL_PUBLIC_URL", "https://portal.example.com"),
        ("DATABASE_URL", "postgres://portal_app@db/portal"),
        ("PORTAL_SECRET_KEY", KEY),
        ("SMTP_URL", "smtps://portal:hunter2@mail.example.com"),
        ("MAIL_FROM", "Portal <portal@example.com>"),
        ("PORTAL_FILES", "s3://files"),
    ];

    fn resolve(variables: &[(&str, &str)]) -> Result<ServerSettings, String> {
        ServerSettings::from_variables(&variables.iter().copied().collect())
            .map_err(|error| error.to_string())
    }

    /// Production as it should be, with one thing changed.
    fn production_with(name: &'static str, value: &'static str) -> Result<ServerSettings, String> {
        resolve(&[&PRODUCTION[..], &[(name, value)]].concat())
    }

    #[test]
    fn defaults_in_development() {
        let settings = resolve(&[]).unwrap();
        assert_eq!(settings.general.mode, DeploymentMode::Development);
        assert_eq!(settings.http.bind.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.http.ops_bind(), None);
        assert_eq!(
            settings.general.public_url.as_str(),
            "http://127.0.0.1:8080/"
        );
        assert_eq!(settings.state.backend, StateBackend::Memory);
        assert!(settings.http.secret_key.is_none());
        assert_eq!(settings.http.max_body_bytes, 1_048_576);
        assert_eq!(settings.http.body_timeout, Duration::from_secs(15));
        assert_eq!(settings.http.writes_per_minute, 60);
        assert_eq!(settings.http.org_writes_per_minute, 600);
        assert_eq!(settings.http.keep_alive, Duration::from_secs(150));
        assert_eq!(settings.http.drain, Duration::ZERO);
        assert!(settings.mail.smtp_url.is_none());
        assert!(settings.http.trusted_proxies.is_empty());
        assert!(settings.http.cors_allowed_origins.is_empty());
        assert_eq!(settings.http.cookie_same_site, CookieSameSite::Lax);
        assert!(!settings.http.cookie_force_secure);
        assert_eq!(settings.log.filter, "info");
        assert_eq!(settings.log.format, LogFormat::Pretty);
    }

    #[test]
    fn defaults_in_production() {
        let settings = resolve(&PRODUCTION).unwrap();
        assert_eq!(settings.general.mode, DeploymentMode::Production);
        assert_eq!(
            settings.http.ops_bind().unwrap().to_string(),
            "127.0.0.1:9090"
        );
        assert_eq!(settings.state.backend, StateBackend::Redis);
        assert_eq!(settings.http.secret_key.unwrap().expose_secret(), KEY);
        assert_eq!(settings.http.drain, Duration::from_secs(5));
        assert!(settings.mail.smtp_url.is_some());
        assert_eq!(settings.log.format, LogFormat::Json);
    }

    #[test]
    fn missing_settings_in_production_are_named() {
        for (name, value, expected) in [
            (
                "PORTAL_STATE_BACKEND",
                "memory",
                "PORTAL_STATE_BACKEND must be redis in production.",
            ),
            (
                "PORTAL_PUBLIC_URL",
                "",
                "PORTAL_PUBLIC_URL must be set in production.",
            ),
            (
                "PORTAL_PUBLIC_URL",
                "http://portal.example.com",
                "PORTAL_PUBLIC_URL must be an https address in production.",
            ),
            (
                "DATABASE_URL",
                "",
                "DATABASE_URL must be set in production.",
            ),
            (
                "PORTAL_SECRET_KEY",
                "",
                "PORTAL_SECRET_KEY must be set in production.",
            ),
            ("SMTP_URL", "", "SMTP_URL must be set in production."),
            ("MAIL_FROM", "", "MAIL_FROM must be set where SMTP_URL is."),
            (
                "PORTAL_FILES",
                "data/files",
                "PORTAL_FILES must be an s3:// address in production, or a folder that all portals \
                 share, with PORTAL_FILES_SHARED=true.",
            ),
        ] {
            assert_eq!(production_with(name, value).unwrap_err(), expected);
        }
    }

    #[test]
    fn an_invalid_value_is_reported_by_its_variable_and_not_quoted() {
        for name in [
            "PORTAL_ENV",
            "PORTAL_BIND",
            "PORTAL_OPS_BIND",
            "PORTAL_PUBLIC_URL",
            "DATABASE_URL",
            "DATABASE_SYSTEM_URL",
            "DATABASE_OWNER_URL",
            "DATABASE_POOL_SIZE",
            "DATABASE_TIMEOUT_MS",
            "PORTAL_STATE_BACKEND",
            "REDIS_URL",
            "REDIS_CLUSTER",
            "REDIS_TIMEOUT_MS",
            "PORTAL_SECRET_KEY",
            "PORTAL_SECRET_KEY_PREVIOUS",
            "PORTAL_SESSION_MAX_DAYS",
            "PORTAL_ARGON2_MEMORY_KIB",
            "PORTAL_ARGON2_ITERATIONS",
            "PORTAL_ARGON2_PARALLELISM",
            "PORTAL_ARGON2_QUEUE",
            "PORTAL_MAX_BODY_BYTES",
            "PORTAL_BODY_TIMEOUT_SECONDS",
            "PORTAL_WRITES_PER_MINUTE",
            "PORTAL_ORG_WRITES_PER_MINUTE",
            "PORTAL_KEEP_ALIVE_SECONDS",
            "PORTAL_DRAIN_SECONDS",
            "SMTP_URL",
            "MAIL_FROM",
            "SMTP_CONNECTIONS",
            "PORTAL_FILES_SHARED",
            "PORTAL_S3_ENDPOINT",
            "PORTAL_FILE_MAX_MB",
            "PORTAL_FILES_QUOTA_MB",
            "PORTAL_FILES_PER_HOUR",
            "CLAMD_URL",
            "TRUSTED_PROXY_CIDRS",
            "CORS_ALLOWED_ORIGINS",
            "PORTAL_COOKIE_SAME_SITE",
            "PORTAL_COOKIE_FORCE_SECURE",
            "PORTAL_LOG_FORMAT",
        ] {
            let error = resolve(&[(name, "hunter2")]).unwrap_err();
            assert!(error.starts_with(&format!("{name} must ")), "{error}");
            assert!(error.ends_with('.'), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_secret_key_shorter_than_32_bytes_is_refused() {
        for (key, accepted) in [
            ("0123456789abcdef0123456789abcde", false),
            (KEY, true),
            ("äöüäöüäöüäöüäöüä", true),
        ] {
            for name in ["PORTAL_SECRET_KEY", "PORTAL_SECRET_KEY_PREVIOUS"] {
                let found = resolve(&[(name, key)]);
                assert_eq!(found.is_ok(), accepted, "{name} {key}");
            }
        }
    }

    #[test]
    fn sessions_have_no_greatest_age_unless_one_is_set() {
        let max_age =
            |variables: &[(&str, &str)]| resolve(variables).unwrap().http.session_max_age();
        assert_eq!(max_age(&[]), None);
        assert_eq!(max_age(&[("PORTAL_SESSION_MAX_DAYS", "0")]), None);
        let month = Duration::from_hours(30 * 24);
        assert_eq!(max_age(&[("PORTAL_SESSION_MAX_DAYS", "30")]), Some(month));
    }

    #[test]
    fn debug_shows_no_secret() {
        let settings = resolve(&[
            ("REDIS_URL", "redis://:hunter2@redis"),
            ("PORTAL_SECRET_KEY", KEY),
            (
                "PORTAL_SECRET_KEY_PREVIOUS",
                "hunter2-hunter2-hunter2-hunter2-hunter2",
            ),
        ]);
        let printed = format!("{:?}", settings.unwrap());
        assert!(
            !printed.contains("hunter2") && !printed.contains(KEY),
            "{printed}"
        );
    }

    #[test]
    fn metrics_at_the_main_address_are_on_the_main_listener() {
        let bind = ("PORTAL_BIND", "127.0.0.1:9000");
        let same = resolve(&[bind, ("PORTAL_OPS_BIND", "127.0.0.1:9000")]).unwrap();
        assert_eq!(same.http.ops_bind(), None);
        let other = resolve(&[bind, ("PORTAL_OPS_BIND", "127.0.0.1:9001")]).unwrap();
        assert_eq!(other.http.ops_bind().unwrap().to_string(), "127.0.0.1:9001");
    }

    #[test]
    fn same_site_none_needs_secure_cookies() {
        let none = ("PORTAL_COOKIE_SAME_SITE", "none");
        let error = resolve(&[none]).unwrap_err();
        assert!(
            error.starts_with("PORTAL_COOKIE_SAME_SITE may be none only"),
            "{error}"
        );
        for cure in [
            ("PORTAL_COOKIE_FORCE_SECURE", "true"),
            ("PORTAL_PUBLIC_URL", "https://portal.example.com"),
        ] {
            let settings = resolve(&[none, cure]).unwrap();
            assert_eq!(
                settings.http.cookie_same_site,
                CookieSameSite::None,
                "{cure:?}"
            );
        }
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let settings = resolve(&[
            ("TRUSTED_PROXY_CIDRS", "10.0.0.0/8, ,::1,,"),
            (
                "CORS_ALLOWED_ORIGINS",
                "https://A.example:443,http://b.example:3000/",
            ),
        ])
        .unwrap();
        let proxies: Vec<String> = settings
            .http
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
        let origins: Vec<&str> = settings
            .http
            .cors_allowed_origins
            .iter()
            .map(String::as_str)
            .collect();
        assert_eq!(origins, ["https://a.example", "http://b.example:3000"]);
    }

    #[test]
    fn a_list_without_entries_is_empty() {
        let settings = resolve(&[("TRUSTED_PROXY_CIDRS", " , ")]).unwrap();
        assert_eq!(settings.http.trusted_proxies, []);
    }

    #[test]
    fn words_are_matched_without_regard_to_case() {
        for (name, value, expected) in [
            ("PORTAL_COOKIE_SAME_SITE", "Strict", "Strict"),
            ("PORTAL_COOKIE_SAME_SITE", "lax", "Lax"),
            ("PORTAL_LOG_FORMAT", " JSON", "Json"),
            ("PORTAL_LOG_FORMAT", "pretty", "Pretty"),
        ] {
            let settings = resolve(&[(name, value)]).unwrap();
            let found = if name == "PORTAL_LOG_FORMAT" {
                format!("{:?}", settings.log.format)
            } else {
                format!("{:?}", settings.http.cookie_same_site)
            };
            assert_eq!(found, expected, "{value}");
        }
        for (name, expected) in [
            ("PORTAL_ENV", "development, production"),
            ("PORTAL_STATE_BACKEND", "memory, redis"),
            ("PORTAL_COOKIE_SAME_SITE", "lax, strict, none"),
            ("PORTAL_LOG_FORMAT", "pretty, json"),
        ] {
            assert_eq!(
                resolve(&[(name, "loose")]).unwrap_err(),
                format!("{name} must be one of {expected}.")
            );
        }
    }

    #[test]
    fn portal_admin_ignores_settings_of_the_server() {
        let resolve = |variables: &[(&str, &str)]| {
            AdminSettings::from_variables(&variables.iter().copied().collect())
        };
        let variables = [("PORTAL_ENV", "production"), ("PORTAL_BIND", "hunter2")];
        assert_eq!(
            resolve(&variables).unwrap_err().to_string(),
            "DATABASE_URL must be set in production."
        );
        let database = ("DATABASE_URL", "postgres://portal_owner@db/portal");
        let settings = resolve(&[&variables[..], &[database]].concat()).unwrap();
        assert!(settings.general.mode.is_production());
        assert_eq!(settings.log.format, LogFormat::Json);
    }
}
