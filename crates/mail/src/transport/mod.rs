//! The port to mail transports.

mod files;
mod memory;
pub mod smtp;

use std::io;

use async_trait::async_trait;

use crate::outgoing::OutgoingMail;

pub use files::FileTransport;
pub use memory::MemoryTransport;
pub use smtp::SmtpTransport;

/// Delivers mails.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Delivers a mail, or takes responsibility for it.
    ///
    /// The same mail may come again if recording that it was sent failed.
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError>;

    /// Releases what was kept for the next mail, such as a connection, as none follows for now.
    async fn release(&self) {}
}

/// Why a mail was not delivered.
///
/// Its message is kept in the outbox and its source is logged, so neither holds an address, any
/// part of the mail, or a server's reply, which tends to repeat both.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The mail's file could not be written.
    #[error("the mail could not be written to a file: {}", .0.kind())]
    File(#[source] io::Error),
    /// The mail server could not be reached, or the connection to it broke.
    #[error("no connection to the mail server: {kind}")]
    Connection {
        /// The kind of failure; [`io::ErrorKind::Other`] where none is known.
        kind: io::ErrorKind,
        /// The cause.
        source: lettre::transport::smtp::Error,
    },
    /// No secure connection could be established, for example because of the certificate.
    #[error("no secure connection to the mail server")]
    Tls(#[source] lettre::transport::smtp::Error),
    /// The mail server took too long.
    #[error("the mail server did not finish in time")]
    Timeout,
    /// The mail server lacks an extension that its URL or the credentials require.
    #[error("the mail server does not offer {0}")]
    Unsupported(&'static str),
    /// The mail server rejected the credentials.
    #[error("the mail server does not accept the credentials ({0})")]
    Credentials(u16),
    /// The mail server rejected the mail with a transient error, 4xx (RFC 5321, section 4.2.1).
    #[error("the mail server refused the mail for now ({0})")]
    Temporary(u16),
    /// The mail server rejected the mail with a permanent error, 5xx. It is retried nevertheless:
    /// by then the mailbox may exist, or the server may be reconfigured.
    #[error("the mail server refused the mail ({0})")]
    Permanent(u16),
    /// The mail server closed the connection early, or sent an invalid reply.
    #[error("the mail server broke off, or answered what is not understood")]
    Protocol,
}
