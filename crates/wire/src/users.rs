//! Users.

use portal_domain::ids::{OrganizationId, UserId};
use portal_domain::organizations::OrganizationName;
use portal_domain::profiles::PortalUser;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Locale, UserRole, UserStatus};

/// A user with their organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "as the wire has them")]
pub struct User {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: UserId,
    /// The organization's id.
    #[schema(value_type = Uuid)]
    pub org_id: OrganizationId,
    /// The organization's name.
    #[schema(example = "Acme")]
    pub org_name: String,
    /// The same as `orgId`.
    #[schema(value_type = Uuid)]
    pub organization_id: OrganizationId,
    /// The same as `orgName`.
    #[schema(example = "Acme")]
    pub organization_name: String,
    /// The email address.
    #[schema(format = Email, example = "ada@acme.example")]
    pub email: String,
    /// The name.
    #[schema(required, example = "Ada Moreno")]
    pub name: Option<String>,
    /// What the user may do.
    pub role: UserRole,
    /// Whether the user gets mails about tickets and loans at all.
    pub receive_notifications: bool,
    /// Whether the user gets mails about their own tickets.
    pub notify_own_tickets: bool,
    /// Whether the user gets mails about tickets in which they take part.
    pub notify_shared_tickets: bool,
    /// Whether the user gets reminders of loans.
    pub notify_loans: bool,
    /// The status.
    pub status: UserStatus,
    /// The chosen language.
    #[schema(required)]
    pub locale: Option<Locale>,
}

impl User {
    /// A user of the organization with this name.
    pub fn new(user: &PortalUser, organization_name: &OrganizationName) -> Self {
        let PortalUser {
            id,
            organization_id,
            email,
            name,
            role,
            notifications,
            status,
            locale,
            last_login_at: _,
            invited_at: _,
            session_version: _,
            has_password: _,
            created_at: _,
            updated_at: _,
        } = user;
        Self {
            id: *id,
            org_id: *organization_id,
            org_name: organization_name.to_string(),
            organization_id: *organization_id,
            organization_name: organization_name.to_string(),
            email: email.to_string(),
            name: name.as_ref().map(ToString::to_string),
            role: UserRole(*role),
            receive_notifications: notifications.enabled,
            notify_own_tickets: notifications.own_tickets,
            notify_shared_tickets: notifications.shared_tickets,
            notify_loans: notifications.loans,
            status: UserStatus(*status),
            locale: locale.map(Locale),
        }
    }
}
