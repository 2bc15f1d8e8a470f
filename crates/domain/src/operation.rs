//! The context of a use case.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::audit::{Actor, AuditAction, AuditEntry, Audited};
use crate::environment::Environment;
use crate::ids::OrganizationId;
use crate::notifications::{MailKind, OutboxMail};
use crate::storage_error::StorageError;
use crate::store::{SystemTransaction, TenantTransaction};

/// A transaction, the actor, and the source of time and randomness.
///
/// Its type says who may act: a use case for customers takes an `Operation<'_, Customer>`, and one
/// for any actor an `Operation<'_, impl Actor>`. As it is an [`Environment`] too, a new id is
/// `TicketId::generate(op)`.
pub struct Operation<'t, A, X: ?Sized = dyn TenantTransaction + 't> {
    /// The transaction.
    pub tx: &'t X,
    /// The actor.
    pub by: &'t A,
    env: &'t dyn Environment,
}

/// An operation across organizations.
pub type SystemOperation<'t, A> = Operation<'t, A, dyn SystemTransaction + 't>;

impl<'t, A: Actor, X: ?Sized> Operation<'t, A, X> {
    /// An operation of `by` in the transaction `tx`.
    pub const fn new(tx: &'t X, by: &'t A, env: &'t dyn Environment) -> Self {
        Self { tx, by, env }
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.env.now()
    }

    /// The audit log's entry for a successful action of this operation's actor.
    pub(crate) fn audit_entry(
        &self,
        organization: OrganizationId,
        action: AuditAction,
        resource: impl Audited,
        details: Value,
    ) -> AuditEntry {
        AuditEntry::new(self.env, organization, self.by, action, resource, details)
    }
}

impl<A: Actor> Operation<'_, A> {
    /// The transaction's organization.
    pub fn organization(&self) -> OrganizationId {
        self.tx.scope().organization()
    }

    /// Adds a successful action to the audit log.
    pub async fn audit(
        &self,
        action: AuditAction,
        resource: impl Audited,
        details: Value,
    ) -> Result<(), StorageError> {
        let entry = self.audit_entry(self.organization(), action, resource, details);
        self.tx.add_audit_entry(&entry).await
    }

    /// Adds a mail to the outbox.
    pub async fn mail(&self, kind: MailKind) -> Result<(), StorageError> {
        let mail = OutboxMail::new(self.env, self.organization(), kind);
        self.tx.add_mail(&mail).await
    }
}

impl<A: Actor, X: Sync + ?Sized> Environment for Operation<'_, A, X> {
    fn now(&self) -> DateTime<Utc> {
        self.env.now()
    }

    fn random(&self) -> [u8; 16] {
        self.env.random()
    }
}
