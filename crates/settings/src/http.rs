//! HTTP: listeners, limits, proxies, CORS and cookies.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use ipnet::IpNet;
use secrecy::SecretString;

use crate::error::{InvalidValue, SettingsError};
use crate::general::GeneralSettings;
use crate::network::{network, origin, socket_address};
use crate::parse::{boolean, duration, number};

/// HTTP: listeners, limits, proxies, CORS and cookies.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "HTTP")]
pub struct HttpSettings {
    /// Listen address; a host name is resolved at the start
    #[arg(env = "PORTAL_BIND", value_name = "HOST:PORT", value_parser = socket_address)]
    #[arg(default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,

    /// Address for /metrics and /domains; 127.0.0.1:9090 in production
    #[arg(env = "PORTAL_OPS_BIND", value_name = "HOST:PORT", value_parser = socket_address)]
    #[arg(default_value_if("mode", "production", "127.0.0.1:9090"))]
    ops_bind: Option<SocketAddr>,

    /// Largest request body
    #[arg(
        env = "PORTAL_MAX_BODY_BYTES",
        value_name = "BYTES",
        default_value = "1048576"
    )]
    #[arg(value_parser = number::<usize>(1..=1024 * 1024 * 1024))]
    pub max_body_bytes: usize,

    /// Time for a request body to arrive
    #[arg(
        env = "PORTAL_BODY_TIMEOUT_SECONDS",
        value_name = "SECONDS",
        default_value = "15"
    )]
    #[arg(value_parser = duration(Duration::from_secs, 1..=3_600))]
    pub body_timeout: Duration,

    /// Changes by one user in a minute; 0 is no limit
    #[arg(
        env = "PORTAL_WRITES_PER_MINUTE",
        value_name = "NUMBER",
        default_value = "60"
    )]
    #[arg(value_parser = number::<u32>(0..=10_000))]
    pub writes_per_minute: u32,

    /// Changes by all users of an organization in a minute; 0 is no limit
    #[arg(
        env = "PORTAL_ORG_WRITES_PER_MINUTE",
        value_name = "NUMBER",
        default_value = "600"
    )]
    #[arg(value_parser = number::<u32>(0..=100_000))]
    pub org_writes_per_minute: u32,

    /// Time an idle connection is kept; longer than the proxy keeps its own
    #[arg(
        env = "PORTAL_KEEP_ALIVE_SECONDS",
        value_name = "SECONDS",
        default_value = "150"
    )]
    #[arg(value_parser = duration(Duration::from_secs, 1..=3_600))]
    pub keep_alive: Duration,

    /// Time to go on accepting requests after a stop signal; 5 in production
    #[arg(
        env = "PORTAL_DRAIN_SECONDS",
        value_name = "SECONDS",
        default_value = "0"
    )]
    #[arg(default_value_if("mode", "production", "5"))]
    #[arg(value_parser = duration(Duration::from_secs, 0..=3_600))]
    pub drain: Duration,

    /// At least 32 bytes to derive keys from; random if unset in development
    #[arg(env = "PORTAL_SECRET_KEY", hide_env_values = true, value_parser = secret_key)]
    pub secret_key: Option<SecretString>,

    /// The key before; what it signed is still good
    #[arg(env = "PORTAL_SECRET_KEY_PREVIOUS", hide_env_values = true, value_parser = secret_key)]
    pub previous_secret_key: Option<SecretString>,

    /// Days after which even a session in use ends; 0 for never
    #[arg(
        env = "PORTAL_SESSION_MAX_DAYS",
        value_name = "DAYS",
        default_value = "0"
    )]
    #[arg(value_parser = duration(days, 0..=3_650))]
    session_max_age: Duration,

    /// Networks of proxies whose X-Forwarded headers are trusted
    #[arg(env = "TRUSTED_PROXY_CIDRS", value_name = "LIST", value_parser = network)]
    #[arg(value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,

    /// Other origins than the portal's own that may send credentials
    #[arg(env = "CORS_ALLOWED_ORIGINS", value_name = "LIST", value_parser = origin)]
    #[arg(value_delimiter = ',')]
    pub cors_allowed_origins: Vec<String>,

    /// `SameSite` of the cookies
    #[arg(env = "PORTAL_COOKIE_SAME_SITE", default_value = "lax")]
    pub cookie_same_site: CookieSameSite,

    /// Whether cookies are `Secure` even without HTTPS
    #[arg(
        env = "PORTAL_COOKIE_FORCE_SECURE",
        value_name = "BOOL",
        default_value = "false"
    )]
    #[arg(action = ArgAction::Set, value_parser = boolean)]
    pub cookie_force_secure: bool,
}

/// The `SameSite` attribute of the portal's cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CookieSameSite {
    /// Also sent when somebody follows a link from another site.
    Lax,
    /// Never sent from another site.
    Strict,
    /// Always sent; browsers require `Secure`.
    None,
}

impl HttpSettings {
    /// The listen address of `/metrics`; `None` if that is the main listener.
    pub fn ops_bind(&self) -> Option<SocketAddr> {
        self.ops_bind.filter(|ops_bind| *ops_bind != self.bind)
    }

    /// How long after the sign-in a session ends, however much it is used; `None` for never.
    pub fn session_max_age(&self) -> Option<Duration> {
        Some(self.session_max_age).filter(|age| !age.is_zero())
    }

    /// Checks the rules that span several settings.
    pub fn check(&self, general: &GeneralSettings) -> Result<(), SettingsError> {
        let secure = self.cookie_force_secure || general.public_url.scheme() == "https";
        if self.cookie_same_site == CookieSameSite::None && !secure {
            return Err(SettingsError::invalid(
                "PORTAL_COOKIE_SAME_SITE",
                "may be none only with Secure cookies: set PORTAL_COOKIE_FORCE_SECURE to true or \
                 PORTAL_PUBLIC_URL to an https address",
            ));
        }
        Ok(())
    }
}

const fn days(number: u64) -> Duration {
    Duration::from_hours(24 * number)
}

fn secret_key(text: &str) -> Result<SecretString, InvalidValue> {
    // The length of the derived keys.
    if text.len() < 32 {
        return Err(InvalidValue::new("must be at least 32 bytes long"));
    }
    Ok(SecretString::from(text))
}
