//! The audit log: who did what to which resource, written in the change's transaction.

use std::net::IpAddr;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::enums::text_enum;
use crate::environment::Environment;
use crate::ids::{AuditEntryId, OrganizationId, UserId};
use crate::storage_error::StorageError;
use crate::values::PersonName;

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

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The client's address.
    pub ip_address: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

/// Who acts, in the columns of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorRecord {
    /// What kind of somebody.
    pub kind: ActorType,
    /// Which user, if one.
    pub id: Option<UserId>,
    /// The user's address.
    pub email: Option<String>,
    /// The name of somebody who is not a user.
    pub name: Option<String>,
    /// Where the request came from.
    pub client: ClientInfo,
}

impl ActorRecord {
    /// Somebody who is not a user.
    pub fn system(name: Option<&PersonName>) -> Self {
        Self {
            kind: ActorType::System,
            id: None,
            email: None,
            name: name.map(ToString::to_string),
            client: ClientInfo::default(),
        }
    }
}

/// Somebody who acts. [`actors`](crate::actors) has them all.
pub trait Actor: Send + Sync {
    /// Who they are for the audit log.
    fn record(&self) -> ActorRecord;
}

/// What is acted upon, as the audit log names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    kind: &'static str,
    id: String,
    name: Option<String>,
}

impl Resource {
    /// A resource of a kind such as `ticket`, under the name by which people know it.
    pub fn new(kind: &'static str, id: &impl ToString, name: &impl ToString) -> Self {
        Self {
            name: Some(name.to_string()),
            ..Self::unnamed(kind, id)
        }
    }

    /// A resource that has no name of its own.
    pub fn unnamed(kind: &'static str, id: &impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
            name: None,
        }
    }
}

/// Something that the audit log can name. Features implement it for their entities, and for a pair
/// of references where the entity's name is that of another one.
pub trait Audited {
    /// The resource that the log's entry is about.
    fn resource(&self) -> Resource;
}

impl<T: Audited> Audited for &T {
    fn resource(&self) -> Resource {
        (*self).resource()
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
    /// The name of a technician or operator.
    pub actor_name: Option<String>,
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
        actor: &dyn Actor,
        action: AuditAction,
        resource: impl Audited,
        details: Value,
    ) -> Self {
        let ActorRecord {
            kind: actor_type,
            id: actor_id,
            email: actor_email,
            name: actor_name,
            client,
        } = actor.record();
        let Resource { kind, id, name } = resource.resource();
        let ClientInfo {
            ip_address,
            user_agent,
        } = client;
        Self {
            id: AuditEntryId::generate(env),
            organization_id,
            timestamp: env.now(),
            actor_type,
            actor_id,
            actor_email,
            actor_name,
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
