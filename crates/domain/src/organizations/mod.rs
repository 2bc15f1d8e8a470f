//! Organizations: the tenants of the portal.

mod manage;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::audit::{AuditEntry, Audited, Resource};
use crate::enums::text_enum;
use crate::ids::OrganizationId;
use crate::storage_error::StorageError;
use crate::text::text_value;
use crate::values::TimeZone;

pub use manage::{NewOrganization, OrganizationError, create, set_status};

/// An organization: one tenant of the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name for people.
    pub name: OrganizationName,
    /// Its name for commands; unique.
    pub slug: Slug,
    /// Its time zone, which says when its days begin and end.
    pub time_zone: TimeZone,
    /// Whether its users can use the portal.
    pub status: OrganizationStatus,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Audited for Organization {
    fn resource(&self) -> Resource {
        Resource::new("organization", &self.id, &self.name)
    }
}

text_value! {
    /// An organization's name, 1 to 255 characters on one line.
    pub struct OrganizationName(single_line, required, 255);
}

text_enum! {
    /// Whether an organization's users can use the portal.
    pub enum OrganizationStatus: InvalidOrganizationStatus {
        Active = "active",
        /// Nobody can sign in, and existing sessions do not work.
        Disabled = "disabled",
    }
}

text_value! {
    /// A short name for commands: lower-case letters, digits and inner hyphens, at most 63
    /// characters, as a DNS label (RFC 1035, section 2.3.1).
    pub struct Slug(parse_slug) -> InvalidSlug;
}

/// The text is not a slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 63 lower-case letters, digits and inner hyphens")]
pub struct InvalidSlug;

impl Slug {
    /// The maximum length.
    pub const MAX_CHARS: usize = 63;

    /// A slug made from a name, if the name has any ASCII letter or digit.
    pub fn from_name(name: &OrganizationName) -> Option<Self> {
        let name = name.as_str().to_ascii_lowercase();
        let words = name.split(|c: char| !c.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let short: String = words.join("-").chars().take(Self::MAX_CHARS).collect();
        short.trim_end_matches('-').parse().ok()
    }
}

fn parse_slug(text: &str) -> Result<String, InvalidSlug> {
    let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_valid = (1..=Slug::MAX_CHARS).contains(&text.len())
        && text.chars().all(is_legal)
        && !text.starts_with('-')
        && !text.ends_with('-');
    is_valid.then(|| text.to_owned()).ok_or(InvalidSlug)
}

/// Reads organizations.
#[async_trait]
pub trait OrganizationReader: Send + Sync {
    /// One organization.
    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, StorageError>;

    /// The organization with this slug.
    async fn organization_by_slug(&self, slug: &Slug)
    -> Result<Option<Organization>, StorageError>;

    /// All organizations, by name.
    async fn organizations(&self) -> Result<Vec<Organization>, StorageError>;
}

/// Writes organizations.
#[async_trait]
pub trait OrganizationWriter: Send + Sync {
    /// Adds an organization; `false` when its slug is taken.
    async fn add_organization(&self, organization: &Organization) -> Result<bool, StorageError>;

    /// Replaces the row of an organization.
    async fn update_organization(&self, organization: &Organization) -> Result<(), StorageError>;

    /// Raises the session version of all users of an organization, which ends their sessions.
    async fn raise_session_versions(&self, id: OrganizationId) -> Result<(), StorageError>;

    /// Adds an entry to an organization's audit log.
    async fn add_organization_audit_entry(&self, entry: &AuditEntry) -> Result<(), StorageError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_from_the_name() {
        for (name, slug) in [
            ("Acme", Some("acme")),
            ("  Globex & Sons, Ltd. ", Some("globex-sons-ltd")),
            ("Übermut 24", Some("bermut-24")),
            ("東京", None),
        ] {
            let name: OrganizationName = name.parse().unwrap();
            assert_eq!(
                Slug::from_name(&name).as_ref().map(Slug::as_str),
                slug,
                "{name}"
            );
        }
        let long: OrganizationName = "a b ".repeat(50).parse().unwrap();
        let slug = Slug::from_name(&long).unwrap();
        assert!(slug.as_str().len() <= Slug::MAX_CHARS && !slug.as_str().ends_with('-'));
    }

    #[test]
    fn an_invalid_slug_is_rejected() {
        for text in ["", "-a", "a-", "A", "a b", "ä", &"a".repeat(64)] {
            assert_eq!(text.parse::<Slug>(), Err(InvalidSlug), "{text:?}");
        }
    }
}
