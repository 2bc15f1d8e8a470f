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
    /// Several may be delivered at the same time. The same mail may come again if recording that it
    /// was sent failed.
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError>;

    /// Releases what was kept for the next mails, such as connections, as none follows for now.
    async fn release(&self) {}
}

/// What fails when a mail cannot be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// The way that all mails go. Others would fail as well, so they wait until it works again.
    Server,
    /// This mail; others may be delivered meanwhile.
    Mail,
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
    /// The mail server could not be reached.
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
    /// The mail server did not greet, or not answer our greeting, in time.
    #[error("the mail server did not greet in time")]
    NoGreeting,
    /// What answers does not speak SMTP.
    #[error("the mail server's greeting is not understood")]
    NotSmtp,
    /// The mail server takes no mails from anybody for now, 4xx.
    #[error("the mail server takes no mails for now ({0})")]
    Busy(u16),
    /// The mail server rejected our greeting, mostly because of the name in it, or the connection.
    #[error("the mail server refused our greeting ({0})")]
    Greeting(u16),
    /// The mail server rejected the sender, which all mails have.
    #[error("the mail server refused the sender of our mails ({0})")]
    Sender(u16),
    /// The mail server lacks an extension that its URL or the credentials require.
    #[error("the mail server does not offer {0}")]
    Unsupported(&'static str),
    /// The mail server wants encryption or credentials that its URL does not have.
    #[error("the mail server asks for encryption or credentials ({0})")]
    NotSignedIn(u16),
    /// The mail server rejected the credentials.
    #[error("the mail server does not accept the credentials ({0})")]
    Credentials(u16),
    /// The mail server rejected the mail with a transient error, 4xx (RFC 5321, section 4.2.1).
    #[error("the mail server refused the mail for now ({0})")]
    Temporary(u16),
    /// The mail server rejected the mail with a permanent error, 5xx, after which it is not to be
    /// tried again (RFC 5321, section 4.2.1).
    #[error("the mail server refused the mail ({0})")]
    Permanent(u16),
    /// The mail server took too long over the mail.
    #[error("the mail server did not finish in time")]
    Timeout,
    /// The mail server closed the connection during the mail, or sent an invalid reply.
    #[error("the mail server broke off, or answered what is not understood")]
    Protocol,
}

impl DeliveryError {
    /// What fails.
    pub const fn failing(&self) -> Failing {
        match self {
            Self::File(_)
            | Self::Connection { .. }
            | Self::Tls(_)
            | Self::NoGreeting
            | Self::NotSmtp
            | Self::Busy(_)
            | Self::Greeting(_)
            | Self::Sender(_)
            | Self::Unsupported(_)
            | Self::NotSignedIn(_)
            | Self::Credentials(_) => Failing::Server,
            Self::Temporary(_) | Self::Permanent(_) | Self::Timeout | Self::Protocol => {
                Failing::Mail
            }
        }
    }

    /// Whether the mail is not to be tried again.
    pub const fn is_permanent(&self) -> bool {
        matches!(self, Self::Permanent(_))
    }
}
