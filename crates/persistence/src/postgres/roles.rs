//! The roles under which the portal works. What each may do is said by the migration
//! `row_level_security`.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Owns the tables.
    Owner,
    /// Works on one organization at a time.
    App,
    /// Works before an organization is known and across all.
    System,
}

impl Role {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "portal_owner",
            Self::App => "portal_app",
            Self::System => "portal_system",
        }
    }
}
