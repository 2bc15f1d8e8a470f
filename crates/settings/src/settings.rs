//! All settings together, and the rules that span several of them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::argon2::Argon2Settings;
use crate::args::SettingsArgs;
use crate::cookies::CookieSameSite;
use crate::database::DatabaseSettings;
use crate::environment::Environment;
use crate::error::{InvalidValue, SettingsError};
use crate::logging::LogFormat;
use crate::mail::MailSettings;
use crate::network::{Origin, network, origin_url, socket_address};
use crate::parse::{boolean, list, number, seconds};
use crate::state::StateBackend;
use crate::variables::Variables;

/// The fewest bytes of `PORTAL_SECRET_KEY`: as many as the keys derived from it have.
const MIN_SECRET_KEY_BYTES: usize = 32;

const DEFAULT_BIND: SocketAddr = loopback(8080);
const DEFAULT_PRODUCTION_OPS_BIND: SocketAddr = loopback(9090);
const DEFAULT_PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// Everything that is configured, checked. [`Debug`] shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Development or production.
    pub environment: Environment,
    /// Where requests are taken.
    pub bind: SocketAddr,
    /// Where `/metrics` is; none = on the main listener, also where both were given as the same.
    pub ops_bind: Option<SocketAddr>,
    /// The portal's own address: an http or https origin.
    pub public_url: Url,
    /// The database and its logins.
    pub database: DatabaseSettings,
    /// Where sessions and rate limits are.
    pub state: StateBackend,
    /// What keys are derived from, 32 bytes or more; none = make one up, in development only.
    pub secret_key: Option<SecretString>,
    /// What a password hash costs.
    pub argon2: Argon2Settings,
    /// The largest request body in bytes.
    pub max_body_bytes: usize,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// How long requests are still taken after a signal to stop.
    pub drain: Duration,
    /// How mails leave.
    pub mail: MailSettings,
    /// Networks of the proxies whose `X-Forwarded-*` headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that may call with credentials, beside the portal's own.
    pub cors_allowed_origins: Vec<Origin>,
    /// The `SameSite` attribute of cookies.
    pub cookie_same_site: CookieSameSite,
    /// Whether cookies are `Secure` even without HTTPS in sight.
    pub cookie_force_secure: bool,
    /// What is logged, in the filter language of `tracing-subscriber`; not checked here.
    pub log: String,
    /// How the log looks.
    pub log_format: LogFormat,
}

impl Settings {
    pub(crate) fn resolve(
        environment: Environment,
        args: &SettingsArgs,
        variables: &Variables,
    ) -> Result<Self, SettingsError> {
        let bind = variables
            .value("PORTAL_BIND", args.portal_bind.as_deref(), socket_address)?
            .unwrap_or(DEFAULT_BIND);
        let ops_bind = variables
            .value(
                "PORTAL_OPS_BIND",
                args.portal_ops_bind.as_deref(),
                socket_address,
            )?
            .or(environment
                .is_production()
                .then_some(DEFAULT_PRODUCTION_OPS_BIND))
            .filter(|ops_bind| *ops_bind != bind);
        let cookie_force_secure = variables
            .value(
                "PORTAL_COOKIE_FORCE_SECURE",
                args.portal_cookie_force_secure.as_deref(),
                boolean,
            )?
            .unwrap_or(false);
        let public_url = public_url(args, variables)?;
        let cookie_same_site = variables
            .value(
                "PORTAL_COOKIE_SAME_SITE",
                args.portal_cookie_same_site.as_deref(),
                str::parse::<CookieSameSite>,
            )?
            .unwrap_or_default();
        check_same_site(cookie_same_site, cookie_force_secure, &public_url)?;
        Ok(Self {
            environment,
            bind,
            ops_bind,
            public_url,
            database: DatabaseSettings::resolve(args, variables)?,
            state: StateBackend::resolve(environment, args, variables)?,
            secret_key: secret_key(environment, variables)?,
            argon2: Argon2Settings::resolve(args, variables)?,
            max_body_bytes: variables
                .value(
                    "PORTAL_MAX_BODY_BYTES",
                    args.portal_max_body_bytes.as_deref(),
                    number(1..=1024 * 1024 * 1024),
                )?
                .unwrap_or(1024 * 1024),
            body_timeout: variables
                .value(
                    "PORTAL_BODY_TIMEOUT_SECONDS",
                    args.portal_body_timeout_seconds.as_deref(),
                    seconds(1..=3_600),
                )?
                .unwrap_or(Duration::from_secs(15)),
            drain: variables
                .value(
                    "PORTAL_DRAIN_SECONDS",
                    args.portal_drain_seconds.as_deref(),
                    seconds(0..=3_600),
                )?
                .unwrap_or(Duration::from_secs(if environment.is_production() {
                    5
                } else {
                    0
                })),
            mail: MailSettings::resolve(environment, args, variables)?,
            trusted_proxies: variables
                .value(
                    "TRUSTED_PROXY_CIDRS",
                    args.trusted_proxy_cidrs.as_deref(),
                    |text| list(text, network),
                )?
                .unwrap_or_default(),
            cors_allowed_origins: variables
                .value(
                    "CORS_ALLOWED_ORIGINS",
                    args.cors_allowed_origins.as_deref(),
                    |text| list(text, str::parse),
                )?
                .unwrap_or_default(),
            cookie_same_site,
            cookie_force_secure,
            log: variables
                .value("PORTAL_LOG", args.portal_log.as_deref(), |text| {
                    Ok(text.to_owned())
                })?
                .unwrap_or_else(|| "info".to_owned()),
            log_format: variables
                .value(
                    "PORTAL_LOG_FORMAT",
                    args.portal_log_format.as_deref(),
                    str::parse,
                )?
                .unwrap_or(LogFormat::default_in(environment)),
        })
    }
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

fn public_url(args: &SettingsArgs, variables: &Variables) -> Result<Url, SettingsError> {
    let name = "PORTAL_PUBLIC_URL";
    match variables.value(name, args.portal_public_url.as_deref(), origin_url)? {
        Some(url) => Ok(url),
        None => {
            origin_url(DEFAULT_PUBLIC_URL).map_err(|reason| SettingsError::Invalid { name, reason })
        }
    }
}

fn secret_key(
    environment: Environment,
    variables: &Variables,
) -> Result<Option<SecretString>, SettingsError> {
    let name = "PORTAL_SECRET_KEY";
    let key = variables.secret(name, |key| {
        if key.expose_secret().len() < MIN_SECRET_KEY_BYTES {
            Err(InvalidValue::TooShort {
                min: MIN_SECRET_KEY_BYTES,
            })
        } else {
            Ok(key)
        }
    })?;
    if key.is_none() && environment.is_production() {
        return Err(SettingsError::Invalid {
            name,
            reason: InvalidValue::MissingInProduction,
        });
    }
    Ok(key)
}

fn check_same_site(
    same_site: CookieSameSite,
    force_secure: bool,
    public_url: &Url,
) -> Result<(), SettingsError> {
    let secure = force_secure || public_url.scheme() == "https";
    if same_site == CookieSameSite::None && !secure {
        return Err(SettingsError::Invalid {
            name: "PORTAL_COOKIE_SAME_SITE",
            reason: InvalidValue::SameSiteNoneInsecure,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::MailTransport;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    const PRODUCTION: [(&str, &str); 4] = [
        ("PORTAL_ENV", "production"),
        ("PORTAL_SECRET_KEY", KEY),
        ("SMTP_URL", "smtps://portal:hunter2@mail.example.com"),
        ("MAIL_FROM", "Portal <portal@example.com>"),
    ];

    fn resolve(variables: &[(&str, &str)]) -> Result<Settings, String> {
        SettingsArgs::default()
            .resolve(&variables.iter().copied().collect())
            .map_err(|error| error.to_string())
    }

    /// Production as it should be, with one thing changed.
    fn production_with(name: &'static str, value: &'static str) -> Result<Settings, String> {
        resolve(&[&PRODUCTION[..], &[(name, value)]].concat())
    }

    #[test]
    fn defaults_in_development() {
        let settings = resolve(&[]).unwrap();
        assert_eq!(settings.environment, Environment::Development);
        assert_eq!(settings.bind.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.ops_bind, None);
        assert_eq!(settings.public_url.as_str(), "http://127.0.0.1:8080/");
        assert!(matches!(settings.state, StateBackend::Memory));
        assert!(settings.secret_key.is_none());
        assert_eq!(settings.max_body_bytes, 1_048_576);
        assert_eq!(settings.body_timeout, Duration::from_secs(15));
        assert_eq!(settings.drain, Duration::ZERO);
        assert!(matches!(settings.mail.transport, MailTransport::Files(_)));
        assert!(settings.trusted_proxies.is_empty());
        assert!(settings.cors_allowed_origins.is_empty());
        assert_eq!(settings.cookie_same_site, CookieSameSite::Lax);
        assert!(!settings.cookie_force_secure);
        assert_eq!(settings.log, "info");
        assert_eq!(settings.log_format, LogFormat::Pretty);
    }

    #[test]
    fn defaults_in_production() {
        let settings = resolve(&PRODUCTION).unwrap();
        assert_eq!(settings.environment, Environment::Production);
        assert_eq!(settings.ops_bind.unwrap().to_string(), "127.0.0.1:9090");
        assert!(matches!(settings.state, StateBackend::Redis { .. }));
        assert_eq!(settings.secret_key.unwrap().expose_secret(), KEY);
        assert_eq!(settings.drain, Duration::from_secs(5));
        assert!(matches!(settings.mail.transport, MailTransport::Smtp(_)));
        assert_eq!(settings.log_format, LogFormat::Json);
    }

    #[test]
    fn production_names_what_it_misses() {
        for (name, value, expected) in [
            (
                "PORTAL_STATE_BACKEND",
                "memory",
                "PORTAL_STATE_BACKEND must be redis in production.",
            ),
            (
                "PORTAL_SECRET_KEY",
                "",
                "PORTAL_SECRET_KEY must be set in production.",
            ),
            ("SMTP_URL", "", "SMTP_URL must be set in production."),
            ("MAIL_FROM", "", "MAIL_FROM must be set where SMTP_URL is."),
        ] {
            assert_eq!(production_with(name, value).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_bad_value_names_its_variable() {
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
            "PORTAL_ARGON2_MEMORY_KIB",
            "PORTAL_ARGON2_ITERATIONS",
            "PORTAL_ARGON2_PARALLELISM",
            "PORTAL_ARGON2_QUEUE",
            "PORTAL_MAX_BODY_BYTES",
            "PORTAL_BODY_TIMEOUT_SECONDS",
            "PORTAL_DRAIN_SECONDS",
            "SMTP_URL",
            "MAIL_FROM",
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
    fn the_secret_key_is_counted_in_bytes() {
        for (key, accepted) in [
            ("0123456789abcdef0123456789abcde", false),
            (KEY, true),
            ("äöüäöüäöüäöüäöüä", true),
        ] {
            let found = resolve(&[("PORTAL_SECRET_KEY", key)]);
            assert_eq!(found.is_ok(), accepted, "{key}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let settings = production_with("REDIS_URL", "redis://:hunter2@redis").unwrap();
        let printed = format!("{settings:?}");
        assert!(
            !printed.contains("hunter2") && !printed.contains(KEY),
            "{printed}"
        );
    }

    #[test]
    fn metrics_at_the_main_address_are_on_the_main_listener() {
        let bind = ("PORTAL_BIND", "127.0.0.1:9000");
        let same = resolve(&[bind, ("PORTAL_OPS_BIND", "127.0.0.1:9000")]).unwrap();
        assert_eq!(same.ops_bind, None);
        let other = resolve(&[bind, ("PORTAL_OPS_BIND", "127.0.0.1:9001")]).unwrap();
        assert_eq!(other.ops_bind.unwrap().to_string(), "127.0.0.1:9001");
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
            assert_eq!(settings.cookie_same_site, CookieSameSite::None, "{cure:?}");
        }
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let settings = resolve(&[
            ("TRUSTED_PROXY_CIDRS", "10.0.0.0/8, ::1"),
            (
                "CORS_ALLOWED_ORIGINS",
                "https://A.example:443,http://b.example:3000/",
            ),
        ])
        .unwrap();
        let proxies: Vec<String> = settings
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
        let origins: Vec<&str> = settings
            .cors_allowed_origins
            .iter()
            .map(Origin::as_str)
            .collect();
        assert_eq!(origins, ["https://a.example", "http://b.example:3000"]);
    }
}
