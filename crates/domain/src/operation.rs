//! What a use case works with: a transaction, who acts in it, and time and randomness.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::audit::{Actor, AuditAction, AuditEntry, Audited};
use crate::environment::Environment;
use crate::ids::OrganizationId;
use crate::notifications::{MailKind, OutboxMail};
use crate::storage_error::StorageError;
use crate::store::{SystemTransaction, TenantTransaction};

/// A transaction, who acts in it, and time and randomness.
///
/// The type says who may act: a use case for customers takes an `Operation<'_, Customer>`, and one
/// that several may run an `Operation<'_, impl Actor>`. It is an [`Environment`] itself, so ids
/// are made by `TicketId::generate(op)`.
pub struct Operation<'t, A, X: ?Sized = dyn TenantTransaction + 't> {
    /// The transaction.
    pub tx: &'t X,
    /// Who acts.
    pub by: &'t A,
    env: &'t dyn Environment,
}

/// An operation across organizations.
pub type SystemOperation<'t, A> = Operation<'t, A, dyn SystemTransaction + 't>;

impl<'t, A: Actor, X: ?Sized> Operation<'t, A, X> {
    /// What `by` does in this transaction.
    pub const fn new(tx: &'t X, by: &'t A, env: &'t dyn Environment) -> Self {
        Self { tx, by, env }
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.env.now()
    }

    /// An entry of the audit log that says what is done here, to be stored in this transaction.
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
    /// The organization on whose data the transaction works.
    pub fn organization(&self) -> OrganizationId {
        self.tx.scope().organization()
    }

    /// Writes to the audit log what was done here to what.
    ///
    /// # Errors
    ///
    /// Those of storage.
    pub async fn audit(
        &self,
        action: AuditAction,
        resource: impl Audited,
        details: Value,
    ) -> Result<(), StorageError> {
        let entry = self.audit_entry(self.organization(), action, resource, details);
        self.tx.add_audit_entry(&entry).await
    }

    /// Writes to the audit log what was tried here and refused.
    ///
    /// # Errors
    ///
    /// Those of storage.
    pub async fn audit_failure(
        &self,
        action: AuditAction,
        resource: impl Audited,
        details: Value,
    ) -> Result<(), StorageError> {
        let entry = self.audit_entry(self.organization(), action, resource, details);
        self.tx.add_audit_entry(&entry.failed()).await
    }

    /// Puts a mail into the outbox.
    ///
    /// # Errors
    ///
    /// Those of storage.
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
