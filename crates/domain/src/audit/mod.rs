//! The audit log: who did what to which resource, written in the change's transaction.

use std::net::IpAddr;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::access::{Customer, Origin};
use crate::assets::Checkout;
use crate::devices::Device;
use crate::email::EmailAddress;
use crate::enums::text_enum;
use crate::environment::Environment;
use crate::ids::{AuditEntryId, CommentId, OrganizationId, UserId};
use crate::organizations::Organization;
use crate::profiles::PortalUser;
use crate::store::{StorageError, TenantWork};
use crate::tickets::Ticket;

text_enum! {
    /// What was done.
    pub enum AuditAction: InvalidAuditAction {
        /// A customer submitted a ticket.
        PortalTicketCreate = "portal.ticket.create",
        /// A customer confirmed a resolved ticket.
        PortalTicketClose = "portal.ticket.close",
        /// A customer commented on a ticket.
        PortalTicketCommentCreate = "portal.ticket.comment.create",
        /// A customer changed a comment.
        PortalTicketCommentUpdate = "portal.ticket.comment.update",
        /// A customer withdrew a comment.
        PortalTicketCommentDelete = "portal.ticket.comment.delete",
        /// A customer took a device.
        PortalAssetCheckout = "portal.asset.checkout",
        /// A customer returned a device.
        PortalAssetCheckin = "portal.asset.checkin",
        /// A customer moved the date of a return.
        PortalAssetExtend = "portal.asset.extend",
        /// A user changed their profile.
        PortalProfileUpdate = "portal.profile.update",
        /// A user changed their password.
        PortalProfilePasswordChange = "portal.profile.password.change",
        /// A user signed in.
        PortalAuthLogin = "portal.auth.login",
        /// Somebody failed to sign in as this user.
        PortalAuthLoginFailed = "portal.auth.login.failed",
        /// A user signed out.
        PortalAuthLogout = "portal.auth.logout",
        /// A user set a new password by a link.
        PortalAuthPasswordReset = "portal.auth.password.reset",
        /// A user accepted their invitation.
        PortalAuthInviteAccept = "portal.auth.invite.accept",
        /// The team set a ticket's priority or acknowledged it.
        TicketTriage = "ticket.triage",
        /// The team gave a ticket to somebody.
        TicketAssign = "ticket.assign",
        /// The team answered.
        TicketReply = "ticket.reply",
        /// The team left an internal note.
        TicketNote = "ticket.note",
        /// The team moved a ticket to another status.
        TicketStatus = "ticket.status",
        /// The team linked a ticket to another system.
        TicketLink = "ticket.link",
        /// The team deleted a ticket.
        TicketDelete = "ticket.delete",
        /// The team took a device back.
        AssetCheckin = "asset.checkin",
        /// A device was added.
        DeviceCreate = "device.create",
        /// A device was changed.
        DeviceUpdate = "device.update",
        /// An organization was created.
        OrganizationCreate = "organization.create",
        /// An organization was enabled.
        OrganizationEnable = "organization.enable",
        /// An organization was disabled.
        OrganizationDisable = "organization.disable",
        /// An organization's branding or toggles were changed.
        OrganizationBrandingUpdate = "organization.branding.update",
        /// An organization's domain was verified.
        OrganizationDomainVerify = "organization.domain.verify",
        /// A user was created.
        UserCreate = "user.create",
        /// A user was invited again.
        UserInvite = "user.invite",
        /// A user's name or address was changed.
        UserUpdate = "user.update",
        /// A user was enabled.
        UserEnable = "user.enable",
        /// A user was disabled.
        UserDisable = "user.disable",
    }
}

text_enum! {
    /// Whether what was tried was done.
    pub enum AuditResult: InvalidAuditResult {
        /// It was done.
        Success = "success",
        /// It was refused.
        Failure = "failure",
    }
}

text_enum! {
    /// The kind of somebody who acts.
    pub enum ActorType: InvalidActorType {
        /// A portal user.
        User = "user",
        /// The team, an operator or another service.
        System = "system",
    }
}

/// Who acts.
#[derive(Debug, Clone)]
pub enum Actor {
    /// A portal user, from somewhere.
    User {
        /// The user's id.
        id: UserId,
        /// The user's address at that time.
        email: EmailAddress,
        /// Where the request came from.
        origin: Origin,
    },
    /// The team, an operator or another service.
    System,
}

impl Actor {
    /// A portal user who acts from `origin`.
    pub fn user(user: &PortalUser, origin: &Origin) -> Self {
        Self::User {
            id: user.id,
            email: user.email.clone(),
            origin: origin.clone(),
        }
    }
}

impl From<&Customer> for Actor {
    fn from(customer: &Customer) -> Self {
        Self::user(&customer.account.user, &customer.origin)
    }
}

/// What is acted upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    kind: &'static str,
    id: String,
    name: Option<String>,
}

impl Resource {
    /// A ticket, named by its number.
    pub fn ticket(ticket: &Ticket) -> Self {
        let name = Some(ticket.number.to_string());
        Self {
            kind: "ticket",
            id: ticket.id.to_string(),
            name,
        }
    }

    /// A comment on a ticket, named by the ticket's number.
    pub fn comment(id: CommentId, ticket: &Ticket) -> Self {
        let name = Some(ticket.number.to_string());
        Self {
            kind: "ticket_comment",
            id: id.to_string(),
            name,
        }
    }

    /// A checkout, named by its device's hostname.
    pub fn checkout(checkout: &Checkout, device: &Device) -> Self {
        let name = Some(device.hostname.to_string());
        Self {
            kind: "asset_checkout",
            id: checkout.id.to_string(),
            name,
        }
    }

    /// A device, named by its hostname.
    pub fn device(device: &Device) -> Self {
        let name = Some(device.hostname.to_string());
        Self {
            kind: "device",
            id: device.id.to_string(),
            name,
        }
    }

    /// A portal user, named by their address.
    pub fn user(user: &PortalUser) -> Self {
        let name = Some(user.email.to_string());
        Self {
            kind: "portal_user",
            id: user.id.to_string(),
            name,
        }
    }

    /// An organization.
    pub fn organization(organization: &Organization) -> Self {
        let name = Some(organization.name.to_string());
        Self {
            kind: "organization",
            id: organization.id.to_string(),
            name,
        }
    }

    /// An organization's branding.
    pub fn branding(organization: OrganizationId) -> Self {
        Self {
            kind: "portal_branding",
            id: organization.to_string(),
            name: None,
        }
    }
}

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// The organization on whose data somebody acted.
    pub organization_id: OrganizationId,
    /// When.
    pub timestamp: DateTime<Utc>,
    /// What kind of somebody acted.
    pub actor_type: ActorType,
    /// Which user, if one.
    pub actor_id: Option<UserId>,
    /// The user's address at that time.
    pub actor_email: Option<String>,
    /// What was done.
    pub action: AuditAction,
    /// The kind of thing that it was done to, such as `ticket`.
    pub resource_type: String,
    /// The id of that thing.
    pub resource_id: String,
    /// What people call that thing.
    pub resource_name: Option<String>,
    /// More about the deed; never anything secret.
    pub details: Value,
    /// Where the request came from.
    pub ip_address: Option<IpAddr>,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// Whether it was done.
    pub result: AuditResult,
}

impl AuditEntry {
    /// An entry, as of now, of something that was done.
    pub fn new(
        env: &dyn Environment,
        organization_id: OrganizationId,
        actor: &Actor,
        action: AuditAction,
        resource: Resource,
        details: Value,
    ) -> Self {
        let (actor_type, actor_id, actor_email, origin) = match actor {
            Actor::User { id, email, origin } => (
                ActorType::User,
                Some(*id),
                Some(email.to_string()),
                origin.clone(),
            ),
            Actor::System => (ActorType::System, None, None, Origin::default()),
        };
        let Resource { kind, id, name } = resource;
        let Origin {
            ip_address,
            user_agent,
        } = origin;
        Self {
            id: AuditEntryId::generate(env),
            organization_id,
            timestamp: env.now(),
            actor_type,
            actor_id,
            actor_email,
            action,
            resource_type: kind.to_owned(),
            resource_id: id,
            resource_name: name,
            details,
            ip_address,
            user_agent,
            result: AuditResult::Success,
        }
    }

    /// The same entry for something that was tried and refused.
    #[must_use]
    pub fn failed(self) -> Self {
        Self {
            result: AuditResult::Failure,
            ..self
        }
    }
}

/// Writes an entry for what `actor` did in this transaction.
///
/// # Errors
///
/// Those of storage.
pub async fn record(
    work: &dyn TenantWork,
    env: &dyn Environment,
    actor: &Actor,
    action: AuditAction,
    resource: Resource,
    details: Value,
) -> Result<(), StorageError> {
    let organization = work.scope().organization();
    let entry = AuditEntry::new(env, organization, actor, action, resource, details);
    work.add_audit_entry(&entry).await
}

/// Which entries of the audit log are asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this action only.
    pub action: Option<AuditAction>,
    /// Not older than this.
    pub since: Option<DateTime<Utc>>,
}

/// Reads the audit log.
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// The newest entries that match, newest first, at most `limit`.
    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StorageError>;
}

/// Writes the audit log.
#[async_trait]
pub trait AuditWriter: Send + Sync {
    /// Adds an entry.
    async fn add_audit_entry(&self, entry: &AuditEntry) -> Result<(), StorageError>;
}
