//! Where mails go.

mod files;
mod memory;

use async_trait::async_trait;

use crate::outgoing::OutgoingMail;

pub use files::FileTransport;
pub use memory::MemoryTransport;

/// Carries finished mails on.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Takes a mail over; once this succeeds, it is the transport's to lose.
    ///
    /// The same mail may come again, when noting that it was sent failed.
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError>;
}

/// Why a transport did not take a mail. What it says is kept in the outbox, so it holds no address
/// and nothing of the mail.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The mail's file could not be written.
    #[error("the mail could not be written to a file: {}", .0.kind())]
    File(#[source] std::io::Error),
}
