//! Keeps mails in memory, for tests.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{DeliveryError, MailTransport};
use crate::outgoing::OutgoingMail;

/// Keeps mails in the order in which they came. Clones share them.
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

    /// The mails so far, which are forgotten.
    pub fn take(&self) -> Vec<OutgoingMail> {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<OutgoingMail>> {
        // a list of whole mails is good whatever happened to who held the lock
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
