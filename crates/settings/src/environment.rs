//! Development or production.

use std::fmt;
use std::str::FromStr;

use crate::error::InvalidValue;
use crate::parse;

/// What the program runs for (`PORTAL_ENV`); decides defaults and what is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Environment {
    /// On somebody's own machine: everything has a default, `.env` is read.
    #[default]
    Development,
    /// For real users: state is shared, keys are given, mails are sent, demo data is refused.
    Production,
}

impl Environment {
    /// Every environment.
    pub const ALL: [Self; 2] = [Self::Development, Self::Production];

    /// The environment as the setting writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }

    /// Whether this is production.
    pub const fn is_production(self) -> bool {
        matches!(self, Self::Production)
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::choice(text, &Self::ALL, Self::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for environment in Environment::ALL {
            assert_eq!(environment.to_string().parse(), Ok(environment));
        }
        assert_eq!(
            "staging".parse::<Environment>().unwrap_err().to_string(),
            "must be one of development, production"
        );
    }
}
