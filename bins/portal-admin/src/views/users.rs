//! Portal users. A password's hash is nowhere near.

use portal_domain::profiles::{Locale, PersonName, PortalUser};
use serde::Serialize;

use super::instant;
use crate::answer::Listed;

/// A portal user.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    id: String,
    org_id: String,
    email: String,
    name: Option<String>,
    status: &'static str,
    receive_notifications: bool,
    locale: Option<&'static str>,
    has_password: bool,
    invited_at: Option<String>,
    last_login_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl Listed for UserView {
    const COLUMNS: &'static [&'static str] = &["email", "name", "status", "lastLoginAt", "id"];
}

impl From<PortalUser> for UserView {
    fn from(user: PortalUser) -> Self {
        let PortalUser {
            id,
            organization_id,
            email,
            name,
            receive_notifications,
            status,
            locale,
            last_login_at,
            invited_at,
            session_version: _,
            has_password,
            created_at,
            updated_at,
        } = user;
        Self {
            id: id.to_string(),
            org_id: organization_id.to_string(),
            email: email.to_string(),
            name: name.map(PersonName::into_string),
            status: status.as_str(),
            receive_notifications,
            locale: locale.map(Locale::as_str),
            has_password,
            invited_at: invited_at.map(instant),
            last_login_at: last_login_at.map(instant),
            created_at: instant(created_at),
            updated_at: instant(updated_at),
        }
    }
}
