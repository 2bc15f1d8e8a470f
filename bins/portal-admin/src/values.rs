//! Argument types of the command line.

use std::str::FromStr;

use clap::Args;
use portal_domain::devices::Hostname;
use portal_domain::ids::{DeviceId, OrganizationId};
use portal_domain::organizations::Slug;
use portal_domain::text::{TextError, trim};

/// A reference to an organization.
#[derive(Debug, Clone)]
pub(crate) enum OrganizationRef {
    Id(OrganizationId),
    Slug(Slug),
}

/// The text is neither an organization's id nor a slug.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("must be an organization's id or slug")]
pub(crate) struct InvalidOrganizationRef;

impl FromStr for OrganizationRef {
    type Err = InvalidOrganizationRef;

    fn from_str(text: &str) -> Result<Self, InvalidOrganizationRef> {
        let id = text.parse().ok().map(Self::Id);
        id.or_else(|| text.parse().ok().map(Self::Slug))
            .ok_or(InvalidOrganizationRef)
    }
}

/// The flag that names an organization.
#[derive(Debug, Args)]
pub(crate) struct OrganizationArg {
    /// The organization: its id or its slug
    #[arg(long = "org", value_name = "ID")]
    pub(crate) organization: OrganizationRef,
}

/// A reference to a device. A text in the form of an id is an id.
#[derive(Debug, Clone)]
pub(crate) enum DeviceRef {
    Id(DeviceId),
    Hostname(Hostname),
}

impl FromStr for DeviceRef {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => text.parse().map(Self::Hostname),
        }
    }
}

/// Parses a text without white space and invisible characters at its ends.
pub(crate) fn trimmed<T: FromStr>(text: &str) -> Result<T, T::Err> {
    trim(text).parse()
}

/// Parses one of a few words, in any case.
pub(crate) fn any_case<T: FromStr>(text: &str) -> Result<T, T::Err> {
    trim(text).to_lowercase().parse()
}

/// A value that can be removed: the empty text is none.
#[derive(Debug, Clone)]
pub(crate) struct Clearable<T>(pub(crate) Option<T>);

impl<T> Clearable<T> {
    pub(crate) fn into_inner(self) -> Option<T> {
        self.0
    }
}

impl<T: FromStr> FromStr for Clearable<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text.is_empty() {
            Ok(Self(None))
        } else {
            text.parse().map(|value| Self(Some(value)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_is_named_by_id_or_slug() {
        let id = "0190b3a4-7c1e-7d2a-8f00-000000000001";
        assert!(matches!(id.parse(), Ok(OrganizationRef::Id(_))));
        assert!(matches!(
            id.to_uppercase().parse(),
            Ok(OrganizationRef::Id(_))
        ));
        assert!(matches!("acme".parse(), Ok(OrganizationRef::Slug(_))));
        assert!("Acme Inc".parse::<OrganizationRef>().is_err());
    }

    #[test]
    fn a_device_is_named_by_id_or_hostname() {
        let id = "0190b3a4-7c1e-7d2a-8f00-000000000001";
        assert!(matches!(id.parse(), Ok(DeviceRef::Id(_))));
        assert!(matches!("lap-01".parse(), Ok(DeviceRef::Hostname(_))));
        assert!("".parse::<DeviceRef>().is_err());
    }

    #[test]
    fn only_an_empty_text_removes_a_value() {
        let parse = |text: &str| text.parse::<Clearable<u8>>().map(|Clearable(value)| value);
        assert_eq!(parse(""), Ok(None));
        assert_eq!(parse("7"), Ok(Some(7)));
        assert!(parse(" ").is_err());
    }
}
