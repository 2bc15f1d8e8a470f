//! What every program of the portal is told.

use clap::{Args, ValueEnum};
use url::Url;

use crate::network::origin_url;

/// What every program of the portal is told.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "General")]
pub struct GeneralSettings {
    /// What the program runs for
    #[arg(env = "PORTAL_ENV", default_value = "development")]
    pub mode: DeploymentMode,

    /// The portal's own address, without a path
    #[arg(env = "PORTAL_PUBLIC_URL", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:8080", value_parser = origin_url)]
    pub public_url: Url,
}

/// What a program runs for; decides defaults and what is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeploymentMode {
    /// On somebody's own machine: everything has a default, `.env` is read.
    Development,
    /// For real users: state is shared, keys are given, mails are sent, demo data is refused.
    Production,
}

impl DeploymentMode {
    /// Whether this is production.
    pub const fn is_production(self) -> bool {
        matches!(self, Self::Production)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declared::read;

    #[test]
    fn the_mode_is_one_of_two_words() {
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
