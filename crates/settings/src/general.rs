//! Settings of every program.

use clap::{Args, ValueEnum};
use url::Url;

use crate::error::SettingsError;
use crate::network::base_url;

/// Settings of every program.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "General")]
pub struct GeneralSettings {
    /// Deployment mode
    #[arg(env = "PORTAL_ENV", default_value = "development")]
    pub mode: DeploymentMode,

    /// The portal's own address, with the path of a client of its own, if any
    #[arg(env = "PORTAL_PUBLIC_URL", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:8080", value_parser = base_url)]
    pub public_url: Url,
}

/// The deployment mode; decides defaults and what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeploymentMode {
    /// On a developer's machine: everything has a default, `.env` is read.
    Development,
    /// For real users: an https address, a database, Redis, a secret key and a mail server are
    /// required, demo data is refused.
    Production,
}

impl GeneralSettings {
    /// Checks the address of a server: cookies, and the links in mails, must not travel unencrypted.
    pub fn check_public_url(&self) -> Result<(), SettingsError> {
        if self.mode.is_production() && self.public_url.scheme() != "https" {
            let reason = "must be an https address in production";
            return Err(SettingsError::invalid("PORTAL_PUBLIC_URL", reason));
        }
        Ok(())
    }
}

impl DeploymentMode {
    /// Whether this is [`Production`](Self::Production).
    pub const fn is_production(self) -> bool {
        matches!(self, Self::Production)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declared::read;

    #[test]
    fn the_mode_is_development_or_production() {
        let mode = |text: &str| {
            let variables = [("PORTAL_ENV", text)].into_iter().collect();
            let general = read::<GeneralSettings>(&variables);
            general
                .map(|general| general.mode)
                .map_err(|error| error.to_string())
        };
        for (text, expected) in [
            ("development", DeploymentMode::Development),
            ("production", DeploymentMode::Production),
            (" Production ", DeploymentMode::Production),
            (" ", DeploymentMode::Development),
        ] {
            assert_eq!(mode(text), Ok(expected), "{text}");
        }
        assert_eq!(
            mode("staging").unwrap_err(),
            "PORTAL_ENV must be one of development, production."
        );
    }
}
