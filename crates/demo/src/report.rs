//! A summary of what was loaded.

use std::fmt;

use portal_domain::organizations::OrganizationName;
use portal_domain::profiles::UserStatus;
use portal_domain::values::EmailAddress;

/// What [`load()`](crate::load()) found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoReport {
    /// Whether this call loaded anything.
    pub loaded: bool,
    /// The demo's people, as far as they (still) exist; by organization, active ones first.
    pub sign_ins: Vec<DemoSignIn>,
}

/// Somebody of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSignIn {
    /// The organization that they belong to.
    pub organization: OrganizationName,
    /// The address that they sign in with.
    pub email: EmailAddress,
    /// Whether they can sign in, as of now.
    pub status: UserStatus,
    /// What there is to see as them, in a few words.
    pub remark: String,
}

/// As one line, such as `ada@example.com (Example, active): has a ticket of each status`.
impl fmt::Display for DemoSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            organization,
            email,
            status,
            remark,
        } = self;
        write!(f, "{email} ({organization}, {status}): {remark}")
    }
}
