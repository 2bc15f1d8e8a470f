//! The audit log: who did what to which resource, written in the transaction of the change.

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
    /// An audited action. Those of customers start with `portal.`.
    pub enum AuditAction: InvalidAuditAction {
        PortalTicketCreate = "portal.ticket.create",
        /// A customer confirmed a resolved ticket.
        PortalTicketClose = "portal.ticket.close",
        PortalTicketCommentCreate = "portal.ticket.comment.create",
        PortalTicketCommentUpdate = "portal.ticket.comment.update",
        PortalTicketCommentDelete = "portal.ticket.comment.delete",
        /// A customer uploaded a file.
        PortalFileUpload = "portal.file.upload",
        PortalTicketParticipantAdd = "portal.ticket.participant.add",
        PortalTicketParticipantRemove = "portal.ticket.participant.remove",
        PortalAssetCheckout = "portal.asset.checkout",
        PortalAssetCheckin = "portal.asset.checkin",
        /// A customer moved the return date of a loan.
        PortalAssetExtend = "portal.asset.extend",
        PortalProfileUpdate = "portal.profile.update",
        PortalProfilePasswordChange = "portal.profile.password.change",
        PortalAuthLogin = "portal.auth.login",
        PortalAuthLoginFailed = "portal.auth.login.failed",
        PortalAuthLogout = "portal.auth.logout",
        /// A user set a new password with a link from a mail.
        PortalAuthPasswordReset = "portal.auth.password.reset",
        PortalAuthInviteAccept = "portal.auth.invite.accept",
        /// The team set a ticket's priority or acknowledged it.
        TicketTriage = "ticket.triage",
        TicketAssign = "ticket.assign",
        TicketReply = "ticket.reply",
        TicketNote = "ticket.note",
        TicketStatus = "ticket.status",
        FileUpload = "file.upload",
        /// The team linked a ticket to another system.
        TicketLink = "ticket.link",
        TicketParticipantAdd = "ticket.participant.add",
        TicketParticipantRemove = "ticket.participant.remove",
        TicketDelete = "ticket.delete",
        /// The team took a device back.
        AssetCheckin = "asset.checkin",
        DeviceCreate = "device.create",
        DeviceUpdate = "device.update",
        OrganizationCreate = "organization.create",
        OrganizationEnable = "organization.enable",
        OrganizationDisable = "organization.disable",
        OrganizationBrandingUpdate = "organization.branding.update",
        OrganizationDomainVerify = "organization.domain.verify",
        UserCreate = "user.create",
        UserInvite = "user.invite",
        UserUpdate = "user.update",
        UserEnable = "user.enable",
        UserDisable = "user.disable",
    }
}

text_enum! {
    /// Whether an action succeeded.
    pub enum AuditResult: InvalidAuditResult {
        Success = "success",
        Failure = "failure",
    }
}

text_enum! {
    /// The kind of actor.
    pub enum ActorType: InvalidActorType {
        /// A portal user.
        User = "user",
        /// The team, an operator, another service or the portal itself.
        System = "system",
    }
}

/// The client that sent a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// Its IP address.
    pub ip_address: Option<IpAddr>,
    /// Its `User-Agent` header.
    pub user_agent: Option<String>,
}

/// An actor as the audit log records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorRecord {
    /// The kind of actor.
    pub kind: ActorType,
    /// The user, if the actor is one.
    pub id: Option<UserId>,
    /// The user's address.
    pub email: Option<String>,
    /// The name of an actor who is not a user.
    pub name: Option<String>,
    /// The client that sent the request.
    pub client: ClientInfo,
}

impl ActorRecord {
    /// An actor who is not a user.
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

/// An actor. [`actors`](crate::actors) has them all.
pub trait Actor: Send + Sync {
    /// The actor as the audit log records it.
    fn record(&self) -> ActorRecord;
}

/// A resource as the audit log records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    kind: &'static str,
    id: String,
    name: Option<String>,
}

impl Resource {
    /// A resource of a kind such as `ticket`, with the name that users know.
    pub fn new(kind: &'static str, id: &impl ToString, name: &impl ToString) -> Self {
        Self {
            name: Some(name.to_string()),
            ..Self::unnamed(kind, id)
        }
    }

    /// A resource without a name.
    pub fn unnamed(kind: &'static str, id: &impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
            name: None,
        }
    }
}

/// An entity that audit entries are about. One that goes by the name of another, such as a comment
/// by its ticket's number, implements it for the pair.
pub trait Audited {
    /// The entity as the audit log records it.
    fn resource(&self) -> Resource;
}

impl<T: Audited> Audited for &T {
    fn resource(&self) -> Resource {
        (*self).resource()
    }
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// The organization whose data was acted on.
    pub organization_id: OrganizationId,
    /// When it was done.
    pub timestamp: DateTime<Utc>,
    /// The kind of actor.
    pub actor_type: ActorType,
    /// The user, if the actor is one.
    pub actor_id: Option<UserId>,
    /// The user's address at that time.
    pub actor_email: Option<String>,
    /// The name of a technician or operator.
    pub actor_name: Option<String>,
    /// What was done.
    pub action: AuditAction,
    /// The kind of resource, such as `ticket`.
    pub resource_type: String,
    /// The id of the resource.
    pub resource_id: String,
    /// The name of the resource.
    pub resource_name: Option<String>,
    /// More about the action; never a secret.
    pub details: Value,
    /// The client's IP address.
    pub ip_address: Option<IpAddr>,
    /// The client's `User-Agent` header.
    pub user_agent: Option<String>,
    /// Whether it succeeded.
    pub result: AuditResult,
}

impl AuditEntry {
    /// An entry for an action that succeeded just now.
    pub fn new(
        env: &dyn Environment,
        organization_id: OrganizationId,
        actor: &dyn Actor,
        action: AuditAction,
        resource: impl Audited,
        details: Value,
    ) -> Self {
        let actor = actor.record();
        let resource = resource.resource();
        Self {
            id: AuditEntryId::generate(env),
            organization_id,
            timestamp: env.now(),
            actor_type: actor.kind,
            actor_id: actor.id,
            actor_email: actor.email,
            actor_name: actor.name,
            action,
            resource_type: resource.kind.to_owned(),
            resource_id: resource.id,
            resource_name: resource.name,
            details,
            ip_address: actor.client.ip_address,
            user_agent: actor.client.user_agent,
            result: AuditResult::Success,
        }
    }

    /// The same entry for an action that failed.
    #[must_use]
    pub fn failed(self) -> Self {
        Self {
            result: AuditResult::Failure,
            ..self
        }
    }
}

/// Selects entries of the audit log.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only this action.
    pub action: Option<AuditAction>,
    /// Only entries since then.
    pub since: Option<DateTime<Utc>>,
}

/// Reads the audit log.
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// The matching entries, newest first, at most `limit`.
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
