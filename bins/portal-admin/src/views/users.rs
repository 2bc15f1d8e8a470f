//! Portal users, without their password hashes.

use portal_domain::organizations::Organization;
use portal_domain::profiles::PortalUser;
use portal_wire::{Timestamp, User};
use serde::Serialize;

use crate::output::Output;

/// A portal user, with the history of the account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    #[serde(flatten)]
    user: User,
    has_password: bool,
    invited_at: Option<Timestamp>,
    last_login_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl UserView {
    /// The columns of a table.
    pub(crate) const COLUMNS: &'static [&'static str] =
        &["email", "name", "role", "status", "lastLoginAt", "id"];

    /// A user of the organization.
    pub(crate) fn new(user: &PortalUser, organization: &Organization) -> Self {
        Self {
            user: User::new(user, &organization.name),
            has_password: user.has_password,
            invited_at: user.invited_at.map(Timestamp),
            last_login_at: user.last_login_at.map(Timestamp),
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        }
    }

    /// The output of one user.
    pub(crate) fn output(&self) -> anyhow::Result<Output> {
        // The API's other names of `orgId` and `orgName`.
        Output::record_without(self, &["organizationId", "organizationName"])
    }
}
