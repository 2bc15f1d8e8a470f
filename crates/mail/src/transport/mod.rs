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

/// Carries finished mails on.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Takes a mail over; once this succeeds, it is the transport's to lose.
    ///
    /// The same mail may come again, when noting that it was sent failed.
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError>;

    /// Lets go of what was kept for the next mail, such as a connection: none follows for now.
    async fn release(&self) {}
}

/// Why a transport did not take a mail.
///
/// What it says is kept in the outbox and what it is caused by goes to the log, so neither holds an
/// address, anything of the mail or what a server answered, which tends to repeat both.
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
    /// No secure connection came about, for example because of the server's certificate.
    #[error("no secure connection to the mail server")]
    Tls(#[source] lettre::transport::smtp::Error),
    /// The mail server took too long.
    #[error("the mail server did not finish in time")]
    Timeout,
    /// The mail server lacks an extension that its address or its credentials call for.
    #[error("the mail server does not offer {0}")]
    Unsupported(&'static str),
    /// The mail server did not let us sign in.
    #[error("the mail server does not accept the credentials ({0})")]
    Credentials(u16),
    /// The mail server refused the mail with a code from 400, which means for now (RFC 5321,
    /// section 4.2.1).
    #[error("the mail server refused the mail for now ({0})")]
    Temporary(u16),
    /// The mail server refused the mail with a code from 500, which means for good. It is tried
    /// again nevertheless: the next time, the mailbox may exist, or the server be set right.
    #[error("the mail server refused the mail ({0})")]
    Permanent(u16),
    /// The mail server fell silent in the middle, or said what is not understood.
    #[error("the mail server broke off, or answered what is not understood")]
    Protocol,
}
