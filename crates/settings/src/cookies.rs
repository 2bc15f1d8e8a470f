//! How cookies are marked.

use std::fmt;
use std::str::FromStr;

use crate::error::InvalidValue;
use crate::parse;

/// The `SameSite` attribute of the portal's cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CookieSameSite {
    /// Sent when somebody follows a link from another site.
    #[default]
    Lax,
    /// Never sent on the way from another site.
    Strict,
    /// Always sent; browsers take it with `Secure` only.
    None,
}

impl CookieSameSite {
    /// Every value of the attribute.
    pub const ALL: [Self; 3] = [Self::Lax, Self::Strict, Self::None];

    /// The value as the setting writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "lax",
            Self::Strict => "strict",
            Self::None => "none",
        }
    }
}

impl fmt::Display for CookieSameSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CookieSameSite {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::choice(text, &Self::ALL, Self::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_what_browsers_write() {
        for value in CookieSameSite::ALL {
            assert_eq!(value.to_string().parse(), Ok(value));
        }
        assert_eq!("Strict".parse(), Ok(CookieSameSite::Strict));
        assert!("loose".parse::<CookieSameSite>().is_err());
    }
}
