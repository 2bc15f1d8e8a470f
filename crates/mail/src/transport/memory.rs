//! Keeps mails in memory, for tests.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{DeliveryError, MailTransport};
use crate::outgoing::OutgoingMail;

/// Keeps mails in the order of delivery. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryTransport {
    mails: Arc<Mutex<Vec<OutgoingMail>>>,
}

impl MemoryTransport {
    /// Without any mail.
    pub fn new() -> Self {
        Self::default()
    }

    /// The mails so far.
    pub fn mails(&self) -> Vec<OutgoingMail> {
        self.lock().clone()
    }

    /// Removes and returns the mails so far.
    pub fn take(&self) -> Vec<OutgoingMail> {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<OutgoingMail>> {
        // the list is consistent even if a holder of the lock panicked
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl MailTransport for MemoryTransport {
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError> {
        self.lock().push(mail.clone());
        Ok(())
    }
}
