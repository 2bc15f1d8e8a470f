//! Organizations: the tenants of the portal.

mod manage;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::audit::{Audited, Resource};
use crate::enums::text_enum;
use crate::ids::OrganizationId;
use crate::storage_error::StorageError;
use crate::text::text_value;
use crate::values::TimeZone;

pub use manage::{NewOrganization, OrganizationError, create, set_status};

/// A company whose people use the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name as people write it.
    pub name: OrganizationName,
    /// Its name as commands write it; unique.
    pub slug: Slug,
    /// Where its days begin and end.
    pub time_zone: TimeZone,
    /// Whether its people can use the portal.
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
    /// Whether an organization's people can use the portal.
    pub enum OrganizationStatus: InvalidOrganizationStatus {
        /// They can.
        Active = "active",
        /// Nobody can sign in, and every session has stopped working.
        Disabled = "disabled",
    }
}

text_value! {
    /// A short name for use in commands: lower-case letters, digits and inner hyphens, at most 63.
    pub struct Slug(parse_slug) -> InvalidSlug;
}

/// The text is no slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 63 lower-case letters, digits and inner hyphens")]
pub struct InvalidSlug;

impl Slug {
    /// The most characters.
    pub const MAX_CHARS: usize = 63;

    /// The slug that suits a name best, if the name has any letter or digit of ASCII.
    pub fn from_name(name: &OrganizationName) -> Option<Self> {
        let words: String = name
            .as_str()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    ' '
                }
            })
            .collect();
        let joined = words.split_whitespace().collect::<Vec<_>>().join("-");
        let short: String = joined.chars().take(Self::MAX_CHARS).collect();
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

    /// Adds an entry to the audit log of an organization.
    async fn add_organization_audit_entry(
        &self,
        entry: &crate::audit::AuditEntry,
    ) -> Result<(), StorageError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_follows_from_the_name() {
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
    fn a_slug_has_one_spelling() {
        for text in ["", "-a", "a-", "A", "a b", "ä", &"a".repeat(64)] {
            assert_eq!(text.parse::<Slug>(), Err(InvalidSlug), "{text:?}");
        }
    }
}
